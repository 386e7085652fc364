# password-login off|confirm|back|on USER BACKUP (root): enables or disables password login. `off` writes a drop-in, and has it
# deleted again after 60 seconds unless `confirm` comes, because a login by key was proved meanwhile. `back` does that at once, and
# `on` deletes it whenever it was written. A file that was there is saved below BACKUP. Prints `password-login no|yes|unknown`, as
# sshd's whole configuration says for USER, and after `confirm` the line `still NAME… because LINES` when `Match` blocks accept
# passwords of other users.
# 5: sshd would still accept passwords of USER. 7: sshd does not accept its configuration, and nothing was changed.
export LC_ALL=C
set -eu
file=/etc/ssh/sshd_config.d/00-pictl-password-login.conf
state=/run/pictl-password-login
unit=pictl-password-login-back
# What takes it back: a drop-in that was there for good is there again.
take_back="if [ -e $state.was ]; then mv -f $state.was $file; else rm -f $file; fi; rm -f $state"
disarm() {
  if [ -d /run/systemd/system ]; then systemctl stop "$unit.timer" 2>/dev/null || true; fi
  if [ -r "$state" ] && read -r pid <"$state" && [ "$pid" != - ]; then kill -- "-$pid" 2>/dev/null || true; fi
  rm -f "$state"
}
arm() {
  # What enables it again must not depend on this login: neither on its connection nor on its shell.
  back="$take_back; sshd -t || exit
    if systemctl is-active --quiet ssh.socket; then systemctl reset-failed ssh.service; systemctl try-restart ssh.service
    else systemctl reload ssh.service || kill -HUP \$(cat /run/sshd.pid)
    fi"
  if [ -d /run/systemd/system ] && command -v systemd-run >/dev/null; then
    systemd-run --quiet --collect --on-active=60 --timer-property=AccuracySec=1s --unit="$unit" \
      --setenv=PATH="$PATH" /bin/sh -c "$back"
    echo - >"$state"
  else
    # shellcheck disable=SC2016 # for the inner shell
    setsid sh -c 'echo $$ >"$1"; sleep 60; '"$back" back "$state" </dev/null >/dev/null 2>&1 9<&- &
    until [ -s "$state" ]; do sleep 0.1; done
  fi
}
# effective [OPTION…]: whether passwords are accepted by `sshd -T OPTION…`; of root ($name) another setting counts as well.
effective() {
  sshd -T "$@" 2>/dev/null | awk -v user="${name-}" '
    $1 == "passwordauthentication" || $1 == "kbdinteractiveauthentication" { if (now != "yes") now = $2 }
    $1 == "permitrootlogin" { root = $2 }
    END { print (now == "" ? "unknown" : user == "root" && root != "yes" ? "no" : now) }'
}
# setting USER: what sshd does with the passwords of this user, who connects from where this login comes from.
setting() {
  name=$1
  from=${SSH_CONNECTION%% *}
  at=${SSH_CONNECTION#* * } port=${SSH_CONNECTION##* }
  spec="user=$1,host=$from,addr=$from,laddr=${at% *},lport=$port"
  [ -n "$from" ] || spec="user=$1,host=localhost,addr=127.0.0.1,laddr=127.0.0.1,lport=22"
  effective -C "$spec"
}
# allowed BLOCKS: where other files allow passwords, `FILE line N (Match …)` each: in `Match` blocks (1), or outside of them (0).
allowed() {
  for config in /etc/ssh/sshd_config /etc/ssh/sshd_config.d/*.conf; do
    [ "$config" = "$file" ] || [ ! -r "$config" ] || awk -v blocks="$1" '
      { line = $0; sub(/^[ \t]+/, "", line); sub(/[ \t]*#.*/, "", line); words = line; gsub(/[="]/, " ", words)
        split(words, word); key = tolower(word[1]) }
      key == "match" { block = " (" line ")" }
      key ~ /^(password|kbdinteractive|challengeresponse)authentication$/ && tolower(word[2]) == "yes" && (block != "") == blocks {
        print FILENAME " line " FNR block }' "$config"
  done
}
# list LINES: the first three, in one line.
list() { printf '%s\n' "$1" | head -n 3 | awk 'NR > 1 { printf "; " } { printf "%s", $0 }'; }
# still USER: other users whose passwords sshd accepts nevertheless; only `Match` blocks can do that.
still() {
  getent passwd | awk -F : '$3 == 0 || ($3 >= 1000 && $3 < 60000) { print $1 }' | head -n 100 | while read -r other; do
    if [ "$other" != "$1" ] && [ "$(setting "$other")" = yes ]; then printf '%s ' "$other"; fi
  done
}
# write LINE…: the drop-in, with these as its first lines.
write() {
  printf '%s\n' "$@" 'PasswordAuthentication no' 'KbdInteractiveAuthentication no' >"$file.pictl"
  chmod 644 "$file.pictl"
  sync "$file.pictl"
  mv -f "$file.pictl" "$file"
}

what=$1 user=$2
saves_in "$3"
: "${SSH_CONNECTION=}"
case $what in
  off)
    understood
    if [ ! -d "${file%/*}" ]; then
      echo "sshd does not read sshd_config.d: that folder is missing" >&2
      exit 5
    fi
    save "$file"
    disarm
    if grep -qs 'logins by key only' "$file"; then cp -p "$file" "$state.was"; fi
    arm
    write "# Written by pictl, and taken away in a minute unless a login by key works."
    if [ "$(setting "$user")" != no ]; then
      because=$(if [ "$(name='' effective)" = no ]; then allowed 1; else allowed 0; fi)
      disarm
      eval "$take_back"
      if ! grep -qiE '^[[:space:]]*Include[[:space:]].*/sshd_config\.d/' /etc/ssh/sshd_config; then
        echo "sshd ignores $file: /etc/ssh/sshd_config does not include that folder" >&2
      else
        echo "sshd would still accept passwords of $user, because of $(list "$because")" >&2
      fi
      exit 5
    fi
    reload
    ;;
  confirm)
    if [ ! -e "$file" ] || [ ! -e "$state" ]; then
      echo "the minute was over: logins by password are possible again" >&2
      exit 3
    fi
    disarm
    set -- "# Written by pictl: logins by key only. \`pictl keys passwords on\` takes this file away."
    because=$(allowed 1) others=
    [ -z "$because" ] || others=$(still "$user") others=${others% }
    if [ -n "$others" ]; then
      echo "still $others because of $(list "$because")"
      set -- "$@" "# Still accepted: passwords of $others, because of $(list "$because")"
    fi
    write "$@"
    rm -f "$state.was"
    # The minute can have ended while this was written.
    reload
    ;;
  back)
    # Only what waits for `confirm` is taken back.
    if [ -e "$state" ]; then
      disarm
      eval "$take_back"
      reload
    fi
    understood
    ;;
  on)
    disarm
    rm -f "$state.was"
    if [ -e "$file" ]; then
      save "$file"
      rm -f "$file"
      reload
    fi
    understood
    ;;
esac
printf 'password-login %s\n' "$(setting "$user")"
