#!/bin/sh
# Boots one node of a virtual cluster. Expects to be root in a mount namespace of its own: what is mounted here goes
# with the processes. From the environment:
#
#   NODE    directory with the node's disk and board    NETNS     path of the node's network namespace
#   LOWER   lower layers of the disk (a:b)              MACHINE   name for systemd-nspawn
#   LOGIN   name of the user                            HIDE      host directories that a node must not see
#   SUDO    nopasswd or password                        CLONED    yes: host keys and machine-id of a cloned SD card
#
# The password of the user is the first line of standard input; it is only used at the first boot.
set -eu

IFS= read -r password
exec </dev/null

first_boot() {
    echo raspberrypi >"$root/etc/hostname"
    printf '127.0.0.1\tlocalhost\n::1\t\tlocalhost ip6-localhost ip6-loopback\n\n127.0.1.1\traspberrypi\n' >"$root/etc/hosts"
    if [ "$CLONED" = yes ]; then
        cp -p "$root"/opt/pictl-lab/card/ssh_host_*_key* "$root/etc/ssh/"
        cp "$root/opt/pictl-lab/card/machine-id" "$root/etc/machine-id"
    else
        chroot "$root" ssh-keygen -q -A
        tr -d - </proc/sys/kernel/random/uuid >"$root/etc/machine-id"
    fi
    chroot "$root" useradd --create-home --shell /bin/bash --groups sudo,video "$LOGIN"
    printf '%s:%s\n' "$LOGIN" "$password" | chroot "$root" chpasswd
    if [ "$SUDO" = nopasswd ]; then
        echo "$LOGIN ALL=(ALL) NOPASSWD: ALL" >"$root/etc/sudoers.d/010_pi-nopasswd"
        chmod 440 "$root/etc/sudoers.d/010_pi-nopasswd"
    fi
}

root=$NODE/root
if [ ! -e "$NODE/prepared" ]; then
    rm -rf "$NODE/upper" "$NODE/work"
    mkdir -p "$NODE/upper" "$NODE/work" "$root"
fi
mount -t overlay overlay -o "lowerdir=$LOWER,upperdir=$NODE/upper,workdir=$NODE/work" "$root"
if [ ! -e "$NODE/prepared" ]; then
    first_boot
    : >"$NODE/prepared"
fi

# systemd-nspawn leaves lock files there when it is killed; these go with the mount namespace.
mkdir -p /run/systemd/nspawn
mount -t tmpfs tmpfs /run/systemd/nspawn

set -- --quiet --register=no --keep-unit --boot --machine="$MACHINE" --directory="$root" \
    --capability=CAP_NET_ADMIN \
    --link-journal=no --resolv-conf=off --timezone=off --bind-ro="$NODE/firmware:/sys/firmware"
for path in $HIDE; do
    set -- "$@" --tmpfs="$path:ro"
done
# Both systemd 252 and 257 boot with a plain cgroup2 tree, whatever hierarchy the host has. Its top group also has the CPU time
# of the node, which the thermal model reads.
export SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1
# From inside the namespace, because with --network-namespace-path /sys would show the host's network interfaces.
# With --keep-unit it leaves a reboot to its caller; its exit status is 133 then.
status=133
while [ "$status" = 133 ]; do
    status=0
    nsenter --net="$NETNS" systemd-nspawn "$@" || status=$?
done
exit "$status"
