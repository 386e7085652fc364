#!/bin/sh
# Builds the layer above an image with Open MPI that has a C compiler for it. It is left in TARGET/upper.
#
#   compiler.sh SUITE MIRROR LOWER TARGET
#
# LOWER is what mount wants as lowerdir. Expects to be root in a mount namespace of its own, as image.sh does, and the
# network: the nodes' offline repository has no compiler, as a fresh Raspberry Pi OS Lite has none for MPI.
set -eu
suite=$1 mirror=$2 lower=$3 layer=$4 target=$4/root

apt() {
    chroot "$target" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
        ${http_proxy:+"http_proxy=$http_proxy"} apt-get -q -y --no-install-recommends "$@"
}

mkdir -p "$layer/upper" "$layer/work" "$target"
mount -t overlay overlay -o "lowerdir=$lower,upperdir=$layer/upper,workdir=$layer/work" "$target"
mount -t proc proc "$target/proc"
printf '#!/bin/sh\nexit 101\n' >"$target/usr/sbin/policy-rc.d"
chmod 755 "$target/usr/sbin/policy-rc.d"

echo "== installing a C compiler from $mirror"
# The nodes' own source and their lack of DNS come back below.
cp "$target/etc/apt/sources.list" "$target/etc/nsswitch.conf" "$layer/"
sed -i 's/^hosts:.*/hosts: files dns/' "$target/etc/nsswitch.conf"
echo "deb $mirror $suite main" >"$target/etc/apt/sources.list"
cat /etc/resolv.conf >"$target/etc/resolv.conf"
apt update
apt install gcc libc6-dev libopenmpi-dev
mv "$layer/sources.list" "$target/etc/apt/"
mv "$layer/nsswitch.conf" "$target/etc/"
: >"$target/etc/resolv.conf"

rm -f "$target/usr/sbin/policy-rc.d"
apt clean
rm -rf "$target"/var/lib/apt/lists/* "$target"/var/cache/apt/*.bin "$target"/var/log/*.log "$target"/var/log/apt
touch "$target/etc/.updated" "$target/var/.updated"
umount "$target/proc" "$target"
