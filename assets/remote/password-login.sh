# password-login off|confirm|back|on (root): enables or disables password login. `off` writes a drop-in, and has it deleted
# again after 60 seconds unless `confirm` comes, because a login by key was proved meanwhile. `back` and `on` delete it at
# once. Prints `password-login no|yes|unknown`, as sshd's whole configuration says. 5: sshd ignores the drop-in.
export LC_ALL=C
set -eu
file=/etc/ssh/sshd_config.d/00-pictl-password-login.conf
state=/run/pictl-password-login
unit=pictl-password-login-back
disarm() {
  if [ -d /run/systemd/system ]; then systemctl stop "$unit.timer" 2>/dev/null || true; fi
  if [ -r "$state" ] && read -r pid <"$state" && [ "$pid" != - ]; then kill -- "-$pid" 2>/dev/null || true; fi
  rm -f "$state"
}
arm() {
  # What enables it again must not depend on this login: neither on its connection nor on its shell.
  back="rm -f $file $state; sshd -t && { systemctl reload ssh.service || kill -HUP \$(cat /run/sshd.pid); }"
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
setting() {
  sshd -T 2>/dev/null | awk '
    $1 == "passwordauthentication" || $1 == "kbdinteractiveauthentication" { if (now != "yes") now = $2 }
    END { print "password-login", (now == "" ? "unknown" : now) }'
}
# write LINE: the drop-in, with this as its first line.
write() {
  printf '%s\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n' "$1" >"$file.pictl"
  chmod 644 "$file.pictl"
  sync "$file.pictl"
  mv -f "$file.pictl" "$file"
}

case $1 in
  off)
    if [ ! -d "${file%/*}" ]; then
      echo "sshd does not read sshd_config.d" >&2
      exit 5
    fi
    disarm
    arm
    write "# Written by pictl, and taken away in a minute unless a login by key works."
    if [ "$(setting)" != "password-login no" ]; then
      rm -f "$file"
      disarm
      echo "sshd ignores $file: its configuration does not include sshd_config.d, or sets the same option before that" >&2
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
    write "# Written by pictl: logins by key only. \`pictl keys passwords on\` takes this file away."
    # The minute can have ended while this was written.
    reload
    ;;
  back | on)
    disarm
    if [ -e "$file" ]; then
      rm -f "$file"
      reload
    fi
    ;;
esac
setting
