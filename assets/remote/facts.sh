# facts: what this node is and what stands in the files that setup cares for, in one round trip.
# Prints `key value` lines, ended by `end facts`. Changes nothing and needs no rights.
export LC_ALL=C
say() { printf '%s %s\n' "$1" "$2"; }

say facts 1
say now "$(date +%s%3N)"
say hostname "$(cat /proc/sys/kernel/hostname)"
say static_hostname "$(head -n 1 /etc/hostname 2>/dev/null)"
[ -r /etc/machine-id ] && say machine_id "$(cat /etc/machine-id)"
while IFS='=' read -r key value; do
  case $key in
    PRETTY_NAME) say os "$value" ;;
    VERSION_CODENAME) say codename "$value" ;;
  esac
done </etc/os-release
say arch "$(dpkg --print-architecture 2>/dev/null || uname -m)"
for file in /proc/device-tree/model /sys/firmware/devicetree/base/model; do
  [ -r "$file" ] && say model "$(tr -d '\000' <"$file")" && break
done
for file in /proc/device-tree/serial-number /sys/firmware/devicetree/base/serial-number; do
  [ -r "$file" ] && say serial "$(tr -d '\000' <"$file")" && break
done
say cores "$(getconf _NPROCESSORS_ONLN)"
while read -r key value _; do
  case $key in
    MemTotal:) say mem_total_kib "$value" ;;
    MemAvailable:) say mem_available_kib "$value"; break ;;
  esac
done </proc/meminfo
say user "$(id -un)"
say uid "$(id -u)"
say home "$HOME"
if [ "$(id -u)" = 0 ]; then say sudo root
elif ! command -v sudo >/dev/null; then say sudo missing
elif sudo -n true 2>/dev/null; then say sudo no_password
else say sudo password
fi
ip -o addr show 2>/dev/null | while read -r _ name family cidr _; do
  case $family in inet | inet6) [ "$name" = lo ] || say address "$name $cidr" ;; esac
done
for launcher in mpirun.openmpi mpiexec.hydra; do
  path=$(command -v "$launcher") || continue
  case $launcher in
    mpirun.openmpi) say mpi "openmpi $path $("$path" --version 2>/dev/null | head -n 1)" ;;
    mpiexec.hydra) say mpi "mpich $path $("$path" --version 2>/dev/null | grep -m 1 Version: | tr -s ' ')" ;;
  esac
done
if [ -x /usr/bin/python3 ]; then
  mpi4py=$(/usr/bin/python3 -c '
import importlib.metadata, mpi4py
mpi4py.rc.initialize = False
from mpi4py import MPI
print(importlib.metadata.version("mpi4py"), MPI.Get_library_version().splitlines()[0])' 2>/dev/null) && say mpi4py "$mpi4py"
fi
# hpcc FAMILY BLAS: the MPI that it is linked with, and the file of its linear algebra.
if hpcc=$(command -v hpcc); then
  libraries=$(ldd "$hpcc" 2>/dev/null)
  family=unknown
  case $libraries in
    *libmpi.so.40*) family=openmpi ;;
    *libmpich.so* | *libmpi.so.12*) family=mpich ;;
  esac
  blas=$(printf '%s\n' "$libraries" | sed -n 's/.*lib[a-z]*blas[^ ]* => \([^ ]*\).*/\1/p' | head -n 1)
  say hpcc "$family $(readlink -f "${blas:-/}")"
fi
command -v vcgencmd >/dev/null && say throttled "$(vcgencmd get_throttled 2>/dev/null)"
read -r kernel </proc/sys/kernel/osrelease && say kernel "$kernel"
governor=/sys/devices/system/cpu/cpufreq/policy0/scaling_governor
[ -r "$governor" ] && say governor "$(cat "$governor")"
[ -d /etc/cloud ] && [ ! -e /etc/cloud/cloud-init.disabled ] && say cloud_init yes

# file KEY PATH MODE BASE64: `- -` when it is not there, `! REASON` when it cannot be read.
file() {
  if [ ! -e "$2" ]; then say file "$1 $2 - -"
  elif [ ! -r "$2" ]; then say file "$1 $2 ! unreadable"
  elif [ "$(stat -L -c %s "$2")" -gt 262144 ]; then say file "$1 $2 ! too-large"
  else say file "$1 $2 $(stat -L -c %a "$2") $(base64 -w 0 <"$2")."
  fi
}
file hosts /etc/hosts
file authorized_keys "$HOME/.ssh/authorized_keys"
file known_hosts "$HOME/.ssh/known_hosts"
file public_key "$HOME/.ssh/id_ed25519.pub"
file machinefile "$HOME/machinefile"
for key in /etc/ssh/ssh_host_*_key.pub; do
  [ -r "$key" ] && read -r kind base64 _ <"$key" && say host_key "$kind $base64"
done
say end facts
