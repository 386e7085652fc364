# set-hostname NAME (root): names the node for now and for every boot; prints `hostname NAME` as read back.
export LC_ALL=C
set -eu
name=$1
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
  printf '# Written by pictl: names are kept as set up.\npreserve_hostname: true\nmanage_etc_hosts: false\n' \
    >/etc/cloud/cloud.cfg.d/99-pictl.cfg
fi
for data in /boot/firmware/user-data /boot/user-data; do
  if [ -w "$data" ] && grep -Eq '^(hostname|manage_etc_hosts):' "$data"; then
    cp -p "$data" "$data.before-pictl"
    (umask 077 && : >"$data.pictl")
    sed -e "s/^hostname:.*/hostname: $name/" -e 's/^manage_etc_hosts:.*/manage_etc_hosts: false/' \
      "$data.before-pictl" >"$data.pictl"
    # It may hold the hash of a password: its owner and mode stay as they were.
    chown --reference="$data" "$data.pictl" 2>/dev/null || :
    chmod --reference="$data" "$data.pictl" 2>/dev/null || :
    mv -f "$data.pictl" "$data"
  fi
done

# Announces the new name by mDNS; otherwise the old one stays until the next boot.
if systemctl is-active --quiet avahi-daemon 2>/dev/null; then
  systemctl restart avahi-daemon || echo "could not restart avahi-daemon; it still announces the old name" >&2
fi
printf 'hostname %s\n' "$(cat /proc/sys/kernel/hostname)"
