# set-hostname NAME BACKUP (root): names the node for now and for every boot; prints `hostname NAME` as read back. What it
# overwrites is saved below BACKUP.
export LC_ALL=C
set -eu
name=$1
saves_in "$2"
save /etc/hostname
# hostnamectl can also clear the pretty name there.
save /etc/machine-info
if [ -d /run/systemd/system ] && command -v hostnamectl >/dev/null; then
  hostnamectl set-hostname "$name"
else
  printf '%s\n' "$name" >/etc/hostname.pictl
  mv -f /etc/hostname.pictl /etc/hostname
  printf '%s' "$name" >/proc/sys/kernel/hostname
fi

# cloud-init would restore the old name at the next boot, and the old /etc/hosts with it. What Raspberry Pi Imager
# writes into user-data outranks cloud.cfg.d, so both are changed.
if [ -d /etc/cloud/cloud.cfg.d ]; then
  config=/etc/cloud/cloud.cfg.d/99-pictl.cfg
  save "$config"
  printf '# Written by pictl: names are kept as set up.\npreserve_hostname: true\nmanage_etc_hosts: false\n' >"$config.pictl"
  chmod 644 "$config.pictl"
  mv -f "$config.pictl" "$config"
fi
for data in /boot/firmware/user-data /boot/user-data; do
  if [ -w "$data" ] && grep -Eq '^(hostname|manage_etc_hosts):' "$data"; then
    save "$data"
    # It can hold the hash of a password: the new file has the owner and mode of the old one before it has content.
    cp -p "$data" "$data.pictl"
    sed -e "s/^hostname:.*/hostname: $name/" -e 's/^manage_etc_hosts:.*/manage_etc_hosts: false/' "$data" >"$data.pictl"
    sync "$data.pictl"
    mv -f "$data.pictl" "$data"
  fi
done

# Announces the new name by mDNS; otherwise the old one stays until the next boot.
if systemctl is-active --quiet avahi-daemon 2>/dev/null; then
  systemctl restart avahi-daemon || echo "could not restart avahi-daemon; it still announces the old name" >&2
fi
printf 'hostname %s\n' "$(cat /proc/sys/kernel/hostname)"
