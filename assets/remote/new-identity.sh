# new-identity make|take|back BACKUP [keys] [machine-id] (root): gives a node with a cloned SD card an identity of its own.
# `make` generates host keys of the same kinds as those of sshd, beside them, and changes nothing else; it prints
# `host_key KIND BASE64` for each. `take` saves the old files in BACKUP and puts those keys in place, and a new machine-id with
# what DHCP clients derive from it. sshd uses the new keys at once; sessions stay open. `back` undoes `take`. Both
# print the `host_key`s that sshd has then, and `machine_id ID`.
export LC_ALL=C
set -eu
what=$1 backup=$2
shift 2
saves_in "$backup"
fresh=/etc/ssh/pictl-new
umask 077
# print_keys DIR: the public host keys there.
print_keys() {
  for key in "$1"/ssh_host_*_key.pub; do
    [ -r "$key" ] && read -r kind base64 _ <"$key" && printf 'host_key %s %s\n' "$kind" "$base64"
  done
}
# put FROM TO: replaces TO, completely or not at all.
put() {
  cp -p "$1" "$2.pictl"
  sync "$2.pictl"
  mv -f "$2.pictl" "$2"
}
DERIVED="/var/lib/dhcpcd/duid /var/lib/dhcpcd5/duid /etc/dhcpcd.duid /var/lib/NetworkManager/secret_key"

case $what in
  make)
    understood
    # Keys that an earlier attempt left were never shown to anybody.
    rm -rf "$fresh"
    mkdir "$fresh"
    for old in /etc/ssh/ssh_host_*_key; do
      kind=${old#/etc/ssh/ssh_host_} kind=${kind%_key}
      ssh-keygen -q -t "$kind" -N '' -C "root@$(cat /proc/sys/kernel/hostname)" -f "$fresh/${old##*/}" </dev/null
      ssh-keygen -y -P '' -f "$fresh/${old##*/}" </dev/null >/dev/null
      chmod 644 "$fresh/${old##*/}.pub"
    done
    print_keys "$fresh"
    exit 0
    ;;
  take)
    for want in "$@"; do
      case $want in
        keys)
          for new in "$fresh"/ssh_host_*_key; do
            save "/etc/ssh/${new##*/}"
            save "/etc/ssh/${new##*/}.pub"
          done
          for new in "$fresh"/ssh_host_*_key; do
            put "$new" "/etc/ssh/${new##*/}"
            put "$new.pub" "/etc/ssh/${new##*/}.pub"
          done
          ;;
        machine-id)
          save /etc/machine-id
          tr -d - </proc/sys/kernel/random/uuid >/etc/machine-id.new
          chmod 444 /etc/machine-id.new
          put /etc/machine-id.new /etc/machine-id
          rm -f /etc/machine-id.new
          if [ -f /var/lib/dbus/machine-id ] && [ ! -L /var/lib/dbus/machine-id ]; then
            save /var/lib/dbus/machine-id
            put /etc/machine-id /var/lib/dbus/machine-id
          fi
          # DHCP clients derive these again from the new machine-id when the network comes up next.
          for file in $DERIVED; do
            save "$file"
            rm -f "$file"
          done
          ;;
      esac
    done
    reload
    rm -rf "$fresh"
    ;;
  back)
    for file in /etc/machine-id /var/lib/dbus/machine-id $DERIVED; do
      [ ! -e "$backup$file" ] || put "$backup$file" "$file"
    done
    for old in "$backup"/etc/ssh/ssh_host_*_key*; do
      [ ! -e "$old" ] || put "$old" "/etc/ssh/${old##*/}"
    done
    reload
    ;;
esac
print_keys /etc/ssh
printf 'machine_id %s\n' "$(cat /etc/machine-id)"
