# facts [mpi [prefix=DIR] MPI=PROGRAM=OWN…]
# facts keys [names] [root]
# What this node is, and the contents of the files that setup writes, in one round trip. Prints `key value` lines, ended by
# `end facts`. Changes nothing and needs no rights. `mpi` adds those of the given launchers that are installed: PROGRAM of the
# distribution, and OWN in the folders that an MPI is usually installed to and in DIR. `keys` is for work on keys: only what that
# needs, with as few processes as possible; then `names` adds /etc/hosts, and `root` whether sudo works.
export LC_ALL=C
say() { printf '%s %s\n' "$1" "$2"; }
# line KEY FILE: the first line of a file, without a process; NUL bytes at the end of device tree strings are dropped.
line() {
  [ -r "$2" ] || return 1
  text=
  { IFS= read -r text || [ -n "$text" ]; } <"$2" && say "$1" "$text"
}
# file KEY PATH MODE BASE64: `- -` when it is not there, `! REASON` when it cannot be read.
file() {
  if [ ! -e "$2" ]; then
    if [ -e "${2%/*}" ] && [ ! -d "${2%/*}" ]; then say file "$1 $2 ! no-folder"
    else say file "$1 $2 - -"
    fi
  # A fifo would not come to an end.
  elif [ ! -f "$2" ]; then say file "$1 $2 ! not-a-file"
  elif [ ! -r "$2" ]; then say file "$1 $2 ! unreadable"
  else
    about=$(stat -L -c '%a %s' "$2")
    if [ "${about#* }" -gt 262144 ]; then say file "$1 $2 ! too-large"
    else say file "$1 $2 ${about% *} $(base64 -w 0 <"$2")."
    fi
  fi
}
wants() { [ -z "$part" ] || case " $part " in *" $1 "*) ;; *) false ;; esac; }

part=$* launchers=
if [ "${1-}" = mpi ]; then
  shift
  part="" launchers=$*
fi
say facts 1
# The clock, here and at the end: when each was printed is known on the other side to half of a round trip.
if [ -n "$part" ]; then say part "$part"; else say now "$(date +%s%3N)"; fi
line hostname /proc/sys/kernel/hostname
line static_hostname /etc/hostname
line machine_id /etc/machine-id
line boot_id /proc/sys/kernel/random/boot_id
while IFS='=' read -r key value; do
  case $key in
    PRETTY_NAME) say os "$value" ;;
    VERSION_CODENAME) say codename "$value" ;;
  esac
done </etc/os-release
# uid=1000(pi) gid=1000(pi) …
id=$(id)
uid=${id#uid=} uid=${uid%%"("*} user=${id#*"("} user=${user%%")"*}
say user "$user"
say uid "$uid"
say home "$HOME"
# sshd sets it; sudo, which resets it, plays no part here.
[ -z "${SHELL-}" ] || say shell "$SHELL"
if wants root; then
  if [ "$uid" = 0 ]; then say sudo root
  elif ! command -v sudo >/dev/null; then say sudo missing
  # The program that scripts of root's are for: rules can differ from command to command.
  elif text=$(sudo -n /bin/sh -c : 2>&1); then say sudo no_password
  else
    case $text in
      *"must have a tty"*) say sudo wants_terminal ;;
      *) say sudo password ;;
    esac
  fi
fi
# mode MODE OWNER PATH: sshd ignores keys that others than the owner could have put there.
stat -L -c 'mode %a %u %n' "$HOME" "$HOME/.ssh" 2>/dev/null
wants names && file hosts /etc/hosts
file authorized_keys "$HOME/.ssh/authorized_keys"
file known_hosts "$HOME/.ssh/known_hosts"
file public_key "$HOME/.ssh/id_ed25519.pub"
file next_key "$HOME/.ssh/id_ed25519.new.pub"
file old_keys "$HOME/.ssh/id_ed25519.pub.old"
drop_in=/etc/ssh/sshd_config.d/00-pictl-password-login.conf
file password_login "$drop_in"
# Whether it is what counts, sshd knows, and only root can ask.
if [ -e "$drop_in" ] && wants root; then
  ask="sudo -n"
  [ "$uid" != 0 ] || ask=
  from=${SSH_CONNECTION%% *} spec="user=$user,host=localhost,addr=127.0.0.1"
  [ -z "$from" ] || spec="user=$user,host=$from,addr=$from"
  if setting=$($ask /usr/sbin/sshd -T -C "$spec,laddr=127.0.0.1,lport=22" 2>/dev/null); then
    case $setting in
      *"passwordauthentication yes"* | *"kbdinteractiveauthentication yes"*) say passwords accepted ;;
      *) say passwords refused ;;
    esac
  fi
fi
for key in /etc/ssh/ssh_host_*_key.pub; do
  [ -r "$key" ] && read -r kind base64 _ <"$key" && say host_key "$kind $base64"
done
if [ -n "$part" ]; then
  say end facts
  exit 0
fi

say arch "$(dpkg --print-architecture 2>/dev/null || uname -m)"
line model /proc/device-tree/model || line model /sys/firmware/devicetree/base/model
line serial /proc/device-tree/serial-number || line serial /sys/firmware/devicetree/base/serial-number
say cores "$(getconf _NPROCESSORS_ONLN)"
while read -r key value _; do
  case $key in
    MemTotal:) say mem_total_kib "$value" ;;
    MemAvailable:) say mem_available_kib "$value"; break ;;
  esac
done </proc/meminfo
# Swap that is this node's own: a container sees the swap of its host here, but not the file or device.
[ -r /proc/swaps ] && while read -r name _ size _; do
  case $name in /*) [ -e "$name" ] && say swap "$name $size" ;; esac
done </proc/swaps
ip -o addr show 2>/dev/null | while read -r _ name family cidr _; do
  case $family in inet | inet6) [ "$name" = lo ] || say address "$name $cidr" ;; esac
done
# eth0@if5: <BROADCAST,…> … link/ether dc:a6:32:01:02:03 brd …; an interface that is down counts too: it may answer one day.
ip -o link show 2>/dev/null | while read -r _ name rest; do
  mac=${rest#*link/ether }
  [ "$mac" = "$rest" ] || say mac "${name%%[@:]*} ${mac%% *}"
done
# with PREFIX COMMAND…: as the ranks of an MPI in a folder of its own find its libraries; without a PREFIX as everywhere.
with() {
  place=$1
  shift
  if [ -z "$place" ]; then "$@"; else env OPAL_PREFIX="$place" LD_LIBRARY_PATH="$place/lib:$place/lib64" "$@"; fi
}
# version PREFIX PROGRAM: what it prints of itself. A version is in the first lines, on a line of its own or not.
version() { with "$1" timeout 5 "$2" --version 2>/dev/null </dev/null | head -n 3 | tr -s ' \n' ' '; }
prefix=
case ${launchers%% *} in prefix=*) prefix=${launchers%% *} prefix=${prefix#prefix=} launchers=${launchers#* } ;; esac
case $prefix in [~]/*) prefix=$HOME/${prefix#?/} ;; esac
for launcher in $launchers; do
  program=${launcher#*=}
  path=$(command -v "${program%=*}") || continue
  say mpi "${launcher%%=*} $path $(version '' "$path")"
done
# places: folders that an MPI can be in, or their bin: the one that was asked for, those in PATH, those that the start files of
# shells name (PATH at the end of .bashrc is not that of this shell), and the usual ones. Nothing of them is executed here.
places() {
  set +f
  printf '%s\n' "$prefix"
  printf '%s\n' "$PATH" | tr : '\n'
  set -- "$HOME/.bashrc" "$HOME/.bash_profile" "$HOME/.bash_login" "$HOME/.profile" "$HOME/.bash_aliases" "$HOME/.zshenv" \
    "$HOME/.zshrc" "$HOME/.zprofile" "$HOME/.config/fish/config.fish" "$HOME/.cshrc" /etc/environment /etc/profile \
    /etc/profile.d/*.sh /etc/bash.bashrc
  for file; do
    if [ -f "$file" ] && [ -r "$file" ]; then head -c 65536 "$file" && echo; fi
  done | tr -d '\000' | sed -E "/^[[:space:]]*#/d; s,[$]([{]HOME[}]|HOME),$HOME,g; s,(^|[^[:alnum:]/])~/,\\1$HOME/,g" |
    tr -s "[:space:]:;=\"'(){}<>&|,\`\$" '\n' | grep '^/' | head -n 200
  set -- "$HOME/mpi-install" "$HOME/.local" "$HOME"/mpi* "$HOME"/MPI* "$HOME"/openmpi* "$HOME"/mpich* "$HOME"/opt/* \
    /usr/local /usr/local/mpi* /usr/local/openmpi* /usr/local/mpich* /opt /opt/* /opt/*/* /usr/lib64/openmpi /usr/lib64/mpich \
    /usr/lib64/mpi/gcc/* /software/* /clusterfs /clusterfs/*
  printf '%s\n' "$@"
}
known=' ' first=
# What start files name is no pattern.
set -f
for place in $(case $HOME in *[!A-Za-z0-9._+@/-]*) ;; *) places ;; esac); do
  place=${place%/} place=${place%/bin}
  # Patterns that fit nothing, and what no launcher could pass on.
  case $place in '' | /usr | *[!A-Za-z0-9._+@/-]*) continue ;; esac
  case $known in *" $place "*) continue ;; esac
  known="$known$place "
  for launcher in $launchers; do
    path=$place/bin/${launcher##*=}
    if ! { [ -f "$path" ] && [ -x "$path" ]; }; then continue; fi
    # A link to the distribution's, or to one that was found.
    real=$(readlink -f "$path")
    case $real in /usr/bin/* | /bin/*) continue ;; esac
    case $known in *" ${launcher%%=*}=$real "*) continue ;; esac
    known="$known${launcher%%=*}=$real "
    said=$(version '' "$path")
    [ -n "$said" ] || said=$(version "$place" "$path")
    [ -n "$said" ] || continue
    say mpi "${launcher%%=*} $path $said"
    first=${first:-$place}
  done
  [ "${#known}" -lt 20000 ] || break
done
set +f
# Whose program the command `mpirun` is, where Debian's alternatives decide.
[ -L /etc/alternatives/mpirun ] && say mpirun "$(readlink /etc/alternatives/mpirun)"
if [ -x /usr/bin/python3 ]; then
  # -I: neither a file in the home directory nor PYTHONPATH comes before Python's own modules. The user's packages come last,
  # as in start.py.
  mpi4py() {
    with "$1" /usr/bin/python3 -I -c '
import site
site.addsitedir(site.getusersitepackages())
import importlib.metadata, mpi4py
mpi4py.rc.initialize = False
from mpi4py import MPI
print(importlib.metadata.version("mpi4py"), MPI.Get_library_version().splitlines()[0])' 2>/dev/null
  }
  # One of an MPI in a folder of its own may find its library only as ranks do.
  if mpi4py=$(mpi4py '') || { [ -n "$first" ] && mpi4py=$(mpi4py "$first"); }; then say mpi4py "$mpi4py"; fi
fi
line mpi4py_failed /usr/local/lib/pictl/mpi4py-failed
# hpcc LIBRARY BLAS: the MPI library that it is linked with, and the file of its linear algebra.
if hpcc=$(command -v hpcc); then
  libraries=$(ldd "$hpcc" 2>/dev/null)
  mpi=$(printf '%s\n' "$libraries" | sed -nE 's/.*(libmpi(ch)?\.so[^ ]*) => .*/\1/p' | head -n 1)
  blas=$(printf '%s\n' "$libraries" | sed -n 's/.*lib[a-z]*blas[^ ]* => \([^ ]*\).*/\1/p' | head -n 1)
  say hpcc "${mpi:-unknown} $(readlink -f "${blas:-/}")"
fi
command -v vcgencmd >/dev/null && say throttled "$(vcgencmd get_throttled 2>/dev/null)"
line kernel /proc/sys/kernel/osrelease
line governor /sys/devices/system/cpu/cpufreq/policy0/scaling_governor
[ -d /etc/cloud ] && [ ! -e /etc/cloud/cloud-init.disabled ] && say cloud_init yes
file machinefile "$HOME/machinefile"
say now_end "$(date +%s%3N)"
say end facts
