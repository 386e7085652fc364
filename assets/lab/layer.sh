#!/bin/sh
# Builds the layer above a disk image that has an MPI installed. It is left in TARGET/upper.
#
#   layer.sh openmpi|mpich BASE TARGET
#
# Expects to be root in a mount namespace of its own, as image.sh does. Needs no network: what it installs is in BASE.
set -eu
mpi=$1 base=$2 layer=$3 target=$3/root

case $mpi in
openmpi) packages="openmpi-bin python3-mpi4py" ;;
# Without mpi4py: Debian's is linked with Open MPI on 64-bit machines and would bring that along.
mpich) packages="mpich" ;;
esac

apt() {
    chroot "$target" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
        apt-get -q -y "$@"
}

mkdir -p "$layer/upper" "$layer/work" "$target"
mount -t overlay overlay -o "lowerdir=$base,upperdir=$layer/upper,workdir=$layer/work" "$target"
mount -t proc proc "$target/proc"
printf '#!/bin/sh\nexit 101\n' >"$target/usr/sbin/policy-rc.d"
chmod 755 "$target/usr/sbin/policy-rc.d"

echo "== installing $packages"
apt update
# shellcheck disable=SC2086  # a list of words
apt install $packages

rm -f "$target/usr/sbin/policy-rc.d"
rm -rf "$target"/var/lib/apt/lists/* "$target"/var/cache/apt/*.bin "$target"/var/log/*.log "$target"/var/log/apt
touch "$target/etc/.updated" "$target/var/.updated"
umount "$target/proc" "$target"
