#!/bin/sh
# Builds the layer above a disk image that has an MPI and mpi4py installed. It is left in TARGET/upper.
#
#   layer.sh openmpi|mpich SUITE MIRROR BASE TARGET
#
# A line "== PHASE" begins a phase. Expects to be root in a mount namespace of its own, as image.sh does.
set -eu
mpi=$1 suite=$2 mirror=$3 base=$4 layer=$5

# mount_above LOWER UPPER: a file system above LOWER whose changes go to UPPER/upper, mounted at UPPER/root.
mount_above() {
    mkdir -p "$2/upper" "$2/work" "$2/root"
    mount -t overlay overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" "$2/root"
    mount -t proc proc "$2/root/proc"
    printf '#!/bin/sh\nexit 101\n' >"$2/root/usr/sbin/policy-rc.d"
    chmod 755 "$2/root/usr/sbin/policy-rc.d"
}

# inside ROOT COMMAND...
inside() {
    root=$1
    shift
    chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
        ${http_proxy:+"http_proxy=$http_proxy"} "$@"
}

apt() {
    root=$1
    shift
    inside "$root" apt-get -q -y --no-install-recommends "$@"
}

# Debian's mpi4py is linked with its default MPI, which is Open MPI on most machines. One for MPICH is made from the same
# source, above the layer in a file system that is thrown away.
mpi4py_for_mpich() {
    workshop=$layer/workshop
    mount_above "$target" "$workshop"
    cp /etc/resolv.conf /etc/hosts "$workshop/root/etc/"
    sed -i 's/^hosts:.*/hosts: files dns/' "$workshop/root/etc/nsswitch.conf"
    printf 'deb %s %s main\ndeb-src %s %s main\n' "$mirror" "$suite" "$mirror" "$suite" >"$workshop/root/etc/apt/sources.list"
    apt "$workshop/root" update
    apt "$workshop/root" install gcc libc6-dev python3-dev python3-setuptools cython3 libmpich-dev
    inside "$workshop/root" sh -ec '
        cd /tmp
        apt-get -q source --download-only mpi4py
        mkdir mpi4py
        tar -xf mpi4py_*.orig.tar.* -C mpi4py --strip-components=1
        cd mpi4py
        CFLAGS=-O1 python3 setup.py --quiet build --mpicc=/usr/bin/mpicc.mpich
        mkdir /tmp/made
        cp -r build/lib*/mpi4py /tmp/made/'
    for packages in "$target"/usr/local/lib/python3.*/dist-packages; do
        cp -r "$workshop/root/tmp/made/mpi4py" "$packages/"
    done
    umount "$workshop/root/proc" "$workshop/root"
}

target=$layer/root
mount_above "$base" "$layer"
echo "== installing $mpi"
apt "$target" update
case $mpi in
openmpi) apt "$target" install openmpi-bin python3-mpi4py ;;
mpich)
    apt "$target" install mpich
    echo "== building mpi4py for MPICH"
    mpi4py_for_mpich
    ;;
esac
rm -f "$target/usr/sbin/policy-rc.d"
rm -rf "$target"/var/lib/apt/lists/* "$target"/var/cache/apt/*.bin "$target"/var/log/*.log "$target"/var/log/apt
touch "$target/etc/.updated" "$target/var/.updated"
umount "$target/proc" "$target"
