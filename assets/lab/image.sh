#!/bin/sh
# Builds the disk image (a directory) that all nodes of a virtual cluster share as their lower layer: a Debian that
# looks like a fresh Raspberry Pi OS Lite to whoever logs in.
#
#   image.sh SUITE MIRROR TARGET
#
# A line "== PHASE" begins a phase; everything else is the output of the tools. Expects to be root in a mount
# namespace of its own, so that nothing stays mounted when it is killed.
set -eu
suite=$1 mirror=$2 target=$3
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
assets=$(dirname "$0")

PACKAGES="systemd systemd-sysv dbus openssh-server openssh-client sudo python3 iproute2 iputils-ping
    avahi-daemon avahi-utils libnss-mdns procps"
OFFLINE="openmpi-bin mpich python3-mpi4py"

phase() { echo "== $*"; }

apt() {
    chroot "$target" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL="$LC_ALL" \
        DEBIAN_FRONTEND="$DEBIAN_FRONTEND" ${http_proxy:+"http_proxy=$http_proxy"} \
        apt-get -q -y --no-install-recommends "$@"
}

# For the build and for the nodes: no manuals (they are a third of the time), and no fsync (a power loss here is a
# SIGKILL, which loses no page that was written).
configure_dpkg() {
    cat >"$target/etc/dpkg/dpkg.cfg.d/pictl-lab" <<END
force-unsafe-io
path-exclude=/usr/share/doc/*
path-exclude=/usr/share/man/*
path-exclude=/usr/share/locale/*
END
}

# A package source that needs no network: the archives of everything the base lacks, and a hand-made index.
offline_repository() {
    repository=$target/opt/pictl-lab/apt
    mkdir -p "$repository"
    apt clean
    # shellcheck disable=SC2086  # a list of words
    apt --download-only install $OFFLINE
    mv "$target"/var/cache/apt/archives/*.deb "$repository/"
    (cd "$repository" && for deb in *.deb; do
        dpkg-deb -f "$deb"
        echo "Filename: ./$deb"
        echo "Size: $(stat -c %s "$deb")"
        echo "SHA256: $(sha256sum "$deb" | cut -d' ' -f1)"
        echo
    done >Packages)
    rm -rf "$target"/etc/apt/sources.list.d/*
    echo 'deb [trusted=yes] file:/opt/pictl-lab/apt ./' >"$target/etc/apt/sources.list"
}

configure() {
    # What a first boot makes anew. `card` is what a copied card would carry instead (lab up --cloned).
    card=$target/opt/pictl-lab/card
    mkdir -p "$card"
    rm -f "$target"/etc/ssh/ssh_host_*_key* "$target/var/lib/dbus/machine-id"
    : >"$target/etc/machine-id"
    chroot "$target" ssh-keygen -q -A
    mv "$target"/etc/ssh/ssh_host_*_key* "$card/"
    tr -d - </proc/sys/kernel/random/uuid >"$card/machine-id"

    # Names come from /etc/hosts and mDNS. A node has no DNS, and asking for it must not wait.
    : >"$target/etc/resolv.conf"
    sed -i 's/^hosts:.*/hosts: files mdns4_minimal [NOTFOUND=return]/' "$target/etc/nsswitch.conf"

    printf 'PasswordAuthentication yes\nUseDNS no\n' >"$target/etc/ssh/sshd_config.d/50-pictl-lab.conf"

    # Units that cost boot time or wake up during a benchmark, and that nothing here needs.
    for unit in console-getty.service getty.target systemd-udev-trigger.service \
        systemd-timesyncd.service apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer \
        e2scrub_all.timer e2scrub_reap.service fstrim.timer systemd-tmpfiles-clean.timer; do
        ln -sf /dev/null "$target/etc/systemd/system/$unit"
    done
    ln -sf /lib/systemd/system/multi-user.target "$target/etc/systemd/system/default.target"
}

# The parts of a Raspberry Pi that Debian does not have.
install_board() {
    install -m 755 "$assets/vcgencmd" "$target/usr/bin/vcgencmd"
    install -D -m 755 "$assets/thermal.py" "$target/usr/libexec/pictl-lab/thermal.py"
    install -m 644 "$assets/pictl-lab-thermal.service" "$target/etc/systemd/system/"
    ln -sf ../pictl-lab-thermal.service "$target/etc/systemd/system/multi-user.target.wants/"
    # Sensors answer from the first login on, also before the model has made its first step.
    cat >"$target/usr/lib/tmpfiles.d/pictl-lab.conf" <<END
d /run/pictl-lab 0755 root root -
f /run/pictl-lab/sensors 0644 root root - 45.0 600000000 0.8500 0x0
END
}

phase "debootstrap of $suite from $mirror"
debootstrap --variant=minbase "$suite" "$target" "$mirror"
configure_dpkg
mount -t proc proc "$target/proc"
# While packages are installed here: no service is started inside the chroot.
printf '#!/bin/sh\nexit 101\n' >"$target/usr/sbin/policy-rc.d"
chmod 755 "$target/usr/sbin/policy-rc.d"

phase "installing packages"
apt update
# shellcheck disable=SC2086  # a list of words
apt install $PACKAGES

phase "fetching packages for the offline repository"
offline_repository

phase "configuring"
configure
install_board
umount "$target/proc"
rm -f "$target/usr/sbin/policy-rc.d"
rm -rf "$target"/var/lib/apt/lists/* "$target"/var/cache/apt/*.bin "$target"/var/log/*.log "$target"/var/log/apt
# Newer than /usr, or the first boot of every node rebuilds the linker's cache and the like.
touch "$target/etc/.updated" "$target/var/.updated"
