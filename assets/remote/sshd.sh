# Goes before scripts that change what sshd does: one of them at a time on a node, and sshd takes up what they changed.
PATH=$PATH:/usr/sbin:/sbin
# An earlier one may still be at work although nobody hears it any more.
exec 9</etc/ssh
if command -v flock >/dev/null; then flock -w 50 9; fi
# sshd -t wants the directory, which is not there when systemd starts sshd for each connection.
[ -d /run/sshd ] || mkdir -m 755 /run/sshd

reload() {
  sshd -t
  if [ -d /run/systemd/system ] && systemctl is-active --quiet ssh.service; then systemctl reload ssh.service
  elif [ -r /run/sshd.pid ]; then kill -HUP "$(cat /run/sshd.pid)"
  # Started for each connection by systemd's socket: the next one reads the files.
  elif [ -d /run/systemd/system ] && systemctl is-active --quiet ssh.socket; then :
  else
    echo "no sshd to reload was found" >&2
    return 1
  fi
}

