# install-mpi PACKAGE… (root): installs MPI, the package of its launcher first, and mpi4py from the distribution; apt's lines are
# the progress. Then the commands mpirun, mpiexec and mpicc are those of this MPI, also where another one is installed. Runs
# detached: apt that is cut off leaves packages behind that are not configured, and then every later apt fails. What an earlier
# one left like that is finished first. Another apt (upgrades at the first boot) is waited for.
export LC_ALL=C DEBIAN_FRONTEND=noninteractive
set -eu
packages=$*
# Nobody can answer questions about changed configuration files: the present ones stay.
keep="--force-confdef --force-confold"
apt="apt-get -y -q -o Dpkg::Use-Pty=0 -o APT::Color=0 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold"
errors=$(mktemp)
trap 'rm -f "$errors"' EXIT

# patiently COMMAND…: and again while another apt or dpkg holds a lock, for at most 25 minutes.
patiently() {
  waited=0
  while :; do
    status=0
    "$@" </dev/null 2>"$errors" || status=$?
    if [ "$status" != 0 ] && [ "$waited" -lt 1500 ] && held=$(grep -m 1 -E 'Could not get lock|lock was locked by' "$errors"); then
      [ $((waited % 30)) != 0 ] || echo "waiting for another apt: ${held#E: }"
      sleep 2
      waited=$((waited + 2))
    else
      cat "$errors" >&2
      return "$status"
    fi
  done
}

# dpkg knows what it did not finish, and so does the journal that it leaves when it is killed.
if [ -n "$(dpkg --audit 2>&1)" ] || [ -n "$(ls /var/lib/dpkg/updates 2>/dev/null)" ]; then
  echo "dpkg was interrupted on this node: finishing what it began"
  # Packages whose dependencies are not unpacked yet stay as they are here, and apt completes them below.
  # shellcheck disable=SC2086 # a list
  patiently dpkg $keep --configure -a || echo "dpkg could not finish everything"
fi
# shellcheck disable=SC2086 # lists
{
  patiently $apt update
  # Of what dpkg was just unpacking, files are missing.
  broken=$(dpkg-query -W -f='${db:Status-Abbrev} ${binary:Package}\n' | awk '$1 ~ /R/ || $1 ~ /^.H/ { print $2 }')
  [ -z "$broken" ] || patiently $apt install --fix-broken --reinstall $broken
  apt-get check >/dev/null 2>&1 </dev/null || patiently $apt --fix-broken install
  patiently $apt install --no-install-recommends $packages
}
# Debian's names end in that of the MPI: mpirun.mpich, mpicc.openmpi.
mpi=${1%-bin}
for group in $(update-alternatives --get-selections | sed -n 's/^\(mpi\|mpirun\|mpi-[^ ]*-linux-[^ ]*\) .*/\1/p'); do
  choice=$(update-alternatives --list "$group" | grep -F "$mpi" | head -n 1) || :
  [ -z "$choice" ] || update-alternatives --set "$group" "$choice" </dev/null
done
echo "installed $packages"
