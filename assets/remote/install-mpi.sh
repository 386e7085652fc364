# install-mpi PACKAGE… (root): installs MPI and mpi4py from the distribution; apt's lines are the progress.
export LC_ALL=C DEBIAN_FRONTEND=noninteractive
set -eu
packages=$*
# Another apt (upgrades at the first boot) can hold the lock for minutes.
apt="apt-get -y -q -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 -o APT::Color=0"
# shellcheck disable=SC2086 # both are lists
{
  $apt update </dev/null
  $apt install --no-install-recommends $packages </dev/null
}
echo "installed $packages"
