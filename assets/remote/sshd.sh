# The beginning of scripts that change sshd's configuration: one of them runs at a time, and sshd reloads.
PATH=$PATH:/usr/sbin:/sbin
# An earlier one can still be at work after its connection was lost.
exec 9</etc/ssh
if command -v flock >/dev/null; then flock -w 50 9; fi
# sshd -t needs this directory, which is missing when systemd starts sshd for each connection.
[ -d /run/sshd ] || mkdir -m 755 /run/sshd

reload() {
  sshd -t
  if [ -d /run/systemd/system ] && systemctl is-active --quiet ssh.service; then systemctl reload ssh.service
  elif [ -r /run/sshd.pid ]; then kill -HUP "$(cat /run/sshd.pid)"
  # systemd's socket starts sshd for each connection: the next one reads the files.
  elif [ -d /run/systemd/system ] && systemctl is-active --quiet ssh.socket; then :
  else
    echo "found no sshd to reload" >&2
    return 1
  fi
}

