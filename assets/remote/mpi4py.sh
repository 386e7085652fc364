# mpi4py MPI COMPILER TRY PACKAGE… (root): builds mpi4py for an MPI that the distribution has none for, with this compiler of it,
# which is in these packages; lines of apt and pip are the progress. It stands in a folder of its own, which the system's Python
# searches for as long as the cluster uses this MPI. What was built earlier is used again. Where it cannot be built, the reason is
# left for `facts` with TRY, and that is no error: MPI works without it.
mpi=$1 compiler=$2 try=$3
shift 3
umask 022
python=/usr/bin/python3
folder=/usr/local/lib/pictl
log=$(mktemp)
# shellcheck disable=SC2154 # apt.sh has set it
trap 'rm -f "$errors" "$log" "$log.ok"' EXIT

give_up() {
  mkdir -p "$folder"
  echo "$mpi $try $1" >"$folder/mpi4py-failed"
  echo "mpi4py was not built: $1"
  exit 0
}
# Its last line that names an error, without the path in front of it.
why() { grep -iE '^E: |error' "$log" | tail -n 1 | cut -c 1-200 | tr -cd '\040-\176'; }
# followed COMMAND…: its output is progress, and stays in the log.
followed() {
  rm -f "$log.ok"
  if "$@" 2>&1; then : >"$log.ok"; fi | tee "$log"
  [ -e "$log.ok" ]
}
use() {
  site=$("$python" -I -c 'import site; print(site.getsitepackages()[0])')
  mkdir -p "$site"
  echo "$place" >"$site/pictl-mpi4py.pth"
  # As every program finds it.
  found=$("$python" -I -c 'from mpi4py import rc; rc.initialize = False
from mpi4py import MPI; print(MPI.__file__)' 2>"$log") || give_up "Python cannot load it: $(tail -n 1 "$log" | cut -c 1-200)"
  case $found in
    "$place"/*) ;;
    *) give_up "another mpi4py comes before it: ${found%/*}; remove that" ;;
  esac
  rm -f "$folder/mpi4py-failed"
  echo "mpi4py $found"
  exit 0
}

[ -x "$python" ] || give_up "there is no Python on this node"
version=$("$python" -I -c 'import sys; print("%d.%d" % sys.version_info[:2])')
place=$folder/$mpi/python$version
[ ! -e "$place/mpi4py" ] || use

followed installed "$@" || give_up "the packages that it needs cannot be installed ($(why)): $*"
# The version that the distribution has; it fits the distribution's Python.
wanted=$(apt-cache show python3-mpi4py 2>/dev/null | sed -n 's/^Version: \([0-9][0-9.]*[0-9]\).*/==\1/p' | head -n 1)
rm -rf "$place.new"
echo "building mpi4py$wanted, which takes minutes"
# -O1: it takes half of the time that -O2 takes, on boards on which that is minutes.
MPICC=$compiler CFLAGS=-O1 followed "$python" -m pip install --disable-pip-version-check --no-cache-dir --no-deps \
  --no-build-isolation --no-binary mpi4py --target "$place.new" "mpi4py$wanted" ||
  give_up "pip could not build mpi4py$wanted ($(why))"
rm -rf "$place"
mv "$place.new" "$place"
use
