# The beginning of scripts that change sshd's configuration: one of them runs at a time, and sshd reloads.
PATH=$PATH:/usr/sbin:/sbin
# An earlier one can still be at work after its connection was lost.
exec 9</etc/ssh
if command -v flock >/dev/null; then
  flock -w 50 9 || { echo "another pictl is at work on sshd's configuration" >&2; exit 1; }
fi
# sshd -t needs this directory, which is missing when systemd starts sshd for each connection.
[ -d /run/sshd ] || mkdir -m 755 /run/sshd

# understood: sshd understands its configuration; otherwise ends with 7, and sshd's own message.
understood() {
  said=$(sshd -t 2>&1) || {
    echo "sshd does not accept its configuration: $(printf '%s\n' "$said" | grep -v 'terminating, ' | tail -n 1)" >&2
    exit 7
  }
}
active() { [ -d /run/systemd/system ] && systemctl is-active --quiet "$1"; }
reload() {
  understood
  # A service that systemd's socket has started cannot reload: it would lose the socket. Where it starts again, or is started by
  # the next connection, it reads the files; sessions stay open.
  if active ssh.socket; then
    # systemd counts starts, and refuses the sixth within ten seconds.
    systemctl reset-failed ssh.service 2>/dev/null || true
    if active ssh.service; then systemctl try-restart ssh.service; fi
  elif active ssh.service; then systemctl reload ssh.service
  elif [ -r /run/sshd.pid ] && kill -HUP "$(cat /run/sshd.pid)" 2>/dev/null; then :
  else
    echo "found no sshd to reload" >&2
    return 1
  fi
}

