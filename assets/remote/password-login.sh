# password-login off|confirm|back|on (root): whether sshd lets in by password. `off` writes a drop-in and has it taken away
# again after 60 seconds, unless `confirm` says that a login by key was proved meanwhile; `back` takes it away at once, as
# `on` does. Prints `password-login no|yes|unknown`, as sshd's whole configuration has it. 5: sshd does not heed the drop-in.
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
  # The way back must not need anything of this login: neither its connection nor its shell.
  back="rm -f $file $state; sshd -t && { systemctl reload ssh.service || kill -HUP \$(cat /run/sshd.pid); }"
  if [ -d /run/systemd/system ] && command -v systemd-run >/dev/null; then
    systemd-run --quiet --collect --on-active=60 --timer-property=AccuracySec=1s --unit="$unit" \
      --setenv=PATH="$PATH" /bin/sh -c "$back"
    echo - >"$state"
  else
    # shellcheck disable=SC2016 # the inner shell is to expand it
    setsid sh -c 'echo $$ >"$1"; sleep 60; '"$back" back "$state" </dev/null >/dev/null 2>&1 9<&- &
    until [ -s "$state" ]; do sleep 0.1; done
  fi
}
told() {
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
      echo "sshd there reads no sshd_config.d" >&2
      exit 5
    fi
    disarm
    arm
    write "# Written by pictl, and taken away in a minute unless a login by key works."
    if [ "$(told)" != "password-login no" ]; then
      rm -f "$file"
      disarm
      echo "sshd does not heed $file: its own configuration has no Include of sshd_config.d, or says otherwise before it" >&2
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
    # The minute may have ended while this was done.
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
told
