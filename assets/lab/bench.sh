#!/bin/sh
# Builds the layer above one with a C compiler (compiler.sh) that has what some benchmarks want besides: HPL (in hpcc), a
# fast BLAS and Parallel Python. It is left in TARGET/upper.
#
#   bench.sh SUITE MIRROR LOWER openmpi|mpich TARGET
#
# LOWER is what mount wants as lowerdir. Expects to be root in a mount namespace of its own, as image.sh does, and the
# network: the nodes' offline repository has none of this.
set -eu
suite=$1 mirror=$2 lower=$3 mpi=$4 layer=$5 target=$5/root

inside() {
    chroot "$target" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
        ${http_proxy:+"http_proxy=$http_proxy"} ${https_proxy:+"https_proxy=$https_proxy"} "$@"
}
apt() { inside apt-get -q -y --no-install-recommends "$@"; }

# Raspberry Pi OS has the package index of Python at hand and a node of a lab has no network: its wheels lie here, and pip
# looks for them nowhere else.
wheels=/opt/pictl-lab/wheels
parallel_python() {
    if [ "$suite" != bookworm ]; then
        apt install python3-ppft
        return
    fi
    apt install python3-venv
    inside python3 -m venv /tmp/pip
    # As this machine trusts them; an image has no certificates.
    cp /etc/ssl/certs/ca-certificates.crt "$target/tmp/"
    inside /tmp/pip/bin/pip --cert /tmp/ca-certificates.crt download --no-deps --dest "$wheels" ppft==1.7.8
    printf '[global]\nno-index = true\nfind-links = %s\n' "$wheels" >"$target/etc/pip.conf"
}

# Debian links hpcc with Open MPI on 64-bit machines and with MPICH on 32-bit ones. A 64-bit machine with MPICH has to make
# its own; the layer below has a C compiler.
hpcc_for_mpich() {
    apt install make libopenblas-pthread-dev
    inside sh -euc 'cd /tmp && apt-get -q source --download-only --tar-only hpcc
        tar -xf hpcc_*.orig.tar.* && cd hpcc-*/
        cat >hpl/Make.lab && make -s arch=lab && install -m 755 hpcc /usr/local/bin/' <<'END'
SHELL = /bin/sh
CD = cd
CP = cp
LN_S = ln -s
MKDIR = mkdir
RM = /bin/rm -f
TOUCH = touch
ARCH = lab
TOPdir = ../../..
INCdir = $(TOPdir)/include
BINdir = $(TOPdir)/bin/$(ARCH)
LIBdir = $(TOPdir)/lib/$(ARCH)
HPLlib = $(LIBdir)/libhpl.a
LAlib = -lopenblas
F2CDEFS = -DAdd_ -DF77_INTEGER=int -DStringSunStyle
HPL_INCLUDES = -I$(INCdir) -I$(INCdir)/$(ARCH)
HPL_LIBS = $(HPLlib) $(LAlib) -lm
HPL_OPTS = -DHPL_CALL_CBLAS
HPL_DEFS = $(F2CDEFS) $(HPL_OPTS) $(HPL_INCLUDES)
CC = mpicc.mpich
CCNOOPT = $(HPL_DEFS)
CCFLAGS = $(HPL_DEFS) -O2 -std=gnu99 -fcommon -Wno-error
LINKER = mpicc.mpich
LINKFLAGS = $(CCFLAGS)
ARCHIVER = ar
ARFLAGS = r
RANLIB = echo
END
}

mkdir -p "$layer/upper" "$layer/work" "$target"
mount -t overlay overlay -o "lowerdir=$lower,upperdir=$layer/upper,workdir=$layer/work" "$target"
mount -t proc proc "$target/proc"
mount --bind /dev "$target/dev"
printf '#!/bin/sh\nexit 101\n' >"$target/usr/sbin/policy-rc.d"
chmod 755 "$target/usr/sbin/policy-rc.d"

# The nodes' own source and their lack of DNS come back below.
cp "$target/etc/apt/sources.list" "$target/etc/nsswitch.conf" "$layer/"
sed -i 's/^hosts:.*/hosts: files dns/' "$target/etc/nsswitch.conf"
printf 'deb %s %s main\n' "$mirror" "$suite" >"$target/etc/apt/sources.list"
printf 'deb-src %s %s main\n' "$mirror" "$suite" >>"$target/etc/apt/sources.list"
cat /etc/resolv.conf >"$target/etc/resolv.conf"

echo "== installing what benchmarks need from $mirror"
apt update
parallel_python
case $mpi in
openmpi) apt install hpcc libopenblas0-pthread ;;
mpich)
    echo "== making hpcc for MPICH"
    hpcc_for_mpich
    ;;
esac

mv "$layer/sources.list" "$target/etc/apt/"
mv "$layer/nsswitch.conf" "$target/etc/"
: >"$target/etc/resolv.conf"
rm -f "$target/usr/sbin/policy-rc.d"
apt clean
rm -rf "$target"/tmp/* "$target"/var/lib/apt/lists/* "$target"/var/cache/apt/*.bin "$target"/var/log/*.log "$target"/var/log/apt
touch "$target/etc/.updated" "$target/var/.updated"
umount "$target/dev" "$target/proc" "$target"
