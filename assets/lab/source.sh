#!/bin/sh
# Builds the layer above a C compiler for MPICH in which mpi4py is not installed, and its source waits where pip finds it without
# a network, as the packages of MPI wait for apt. It is left in TARGET/upper.
#
#   source.sh SUITE MIRROR LOWER mpich TARGET
#
# LOWER is what mount wants as lowerdir. Expects to be root in a mount namespace of its own, as image.sh does, and the network.
set -eu
lower=$3 layer=$5 target=$5/root

inside() {
    chroot "$target" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
        ${http_proxy:+"http_proxy=$http_proxy"} "$@"
}

mkdir -p "$layer/upper" "$layer/work" "$target"
mount -t overlay overlay -o "lowerdir=$lower,upperdir=$layer/upper,workdir=$layer/work" "$target"
mount -t proc proc "$target/proc"

echo "== fetching the source of mpi4py"
cp "$target/etc/nsswitch.conf" "$layer/"
sed -i 's/^hosts:.*/hosts: files dns/' "$target/etc/nsswitch.conf"
cat /etc/resolv.conf >"$target/etc/resolv.conf"
cp /etc/ssl/certs/ca-certificates.crt "$target/tmp/"
# shellcheck disable=SC2016 # for the inner shell
inside sh -euc 'version=$(python3 -c "import importlib.metadata as m; print(m.version(\"mpi4py\"))")
    pip --cert /tmp/ca-certificates.crt download --quiet --no-cache-dir --no-deps --no-build-isolation \
        --no-binary mpi4py --dest /opt/pictl-lab/pip "mpi4py==$version"
    rm -r /usr/local/lib/python3*/dist-packages/mpi4py*
    rm /tmp/ca-certificates.crt'
printf '[global]\nno-index = true\nfind-links = /opt/pictl-lab/pip\n' >"$target/etc/pip.conf"
mv "$layer/nsswitch.conf" "$target/etc/"
: >"$target/etc/resolv.conf"

touch "$target/etc/.updated" "$target/var/.updated"
umount "$target/proc" "$target"
