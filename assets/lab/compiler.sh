#!/bin/sh
# Builds the layer above an image with an MPI that has a C compiler for it. It is left in TARGET/upper.
#
#   compiler.sh SUITE MIRROR LOWER openmpi|mpich TARGET
#
# With MPICH there is mpi4py too, built of its source from PyPI: Debian's package is linked with Open MPI on 64-bit
# machines, and with MPICH on 32-bit Raspberry Pis from trixie on, for which this layer stands.
#
# LOWER is what mount wants as lowerdir. Expects to be root in a mount namespace of its own, as image.sh does, and the
# network: the nodes' offline repository has no compiler, as a fresh Raspberry Pi OS Lite has none for MPI.
set -eu
suite=$1 mirror=$2 lower=$3 mpi=$4 layer=$5 target=$5/root

inside() {
    chroot "$target" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
        ${http_proxy:+"http_proxy=$http_proxy"} "$@"
}

apt() { inside apt-get -q -y --no-install-recommends "$@"; }

# The version that the distribution has. Without optimisation: what is tried here is not how fast Python calls MPI.
mpi4py() {
    apt install python3-dev python3-pip python3-setuptools python3-wheel cython3
    cp /etc/ssl/certs/ca-certificates.crt "$target/tmp/"
    # shellcheck disable=SC2016 # for the inner shell
    inside sh -euc 'version=$(apt-cache show python3-mpi4py | sed -n "s/^Version: \([0-9.]*\).*/\1/p" | head -n 1)
        MPICC=mpicc.mpich CFLAGS=-O0 pip --cert /tmp/ca-certificates.crt install --quiet --break-system-packages \
            --no-cache-dir --root-user-action ignore --no-build-isolation --no-binary mpi4py "mpi4py==$version"
        rm /tmp/ca-certificates.crt'
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
apt install gcc libc6-dev "lib$mpi-dev"
[ "$mpi" = openmpi ] || { echo "== building mpi4py for MPICH"; mpi4py; }
mv "$layer/sources.list" "$target/etc/apt/"
mv "$layer/nsswitch.conf" "$target/etc/"
: >"$target/etc/resolv.conf"

rm -f "$target/usr/sbin/policy-rc.d"
apt clean
rm -rf "$target"/var/lib/apt/lists/* "$target"/var/cache/apt/*.bin "$target"/var/log/*.log "$target"/var/log/apt
touch "$target/etc/.updated" "$target/var/.updated"
umount "$target/proc" "$target"
