# install-mpi PACKAGE… (root): installs MPI, the package of its launcher first, and mpi4py from the distribution; apt's lines are
# the progress. Then the commands mpirun, mpiexec and mpicc are those of this MPI, also where another one is installed, and so is
# the mpi4py that Python finds first.
installed "$@"
# Debian's names end in that of the MPI: mpirun.mpich, mpicc.openmpi.
mpi=${1%-bin}
for group in $(update-alternatives --get-selections | sed -n 's/^\(mpi\|mpirun\|mpi-[^ ]*-linux-[^ ]*\) .*/\1/p'); do
  choice=$(update-alternatives --list "$group" | grep -F "$mpi" | head -n 1) || :
  [ -z "$choice" ] || update-alternatives --set "$group" "$choice" </dev/null
done
# An mpi4py that was built for another MPI (see mpi4py.sh) is not found any more. It stays where it is.
for way in /usr/local/lib/python3*/dist-packages/pictl-mpi4py.pth; do
  if [ -e "$way" ] && ! grep -q "/$mpi/" "$way"; then rm "$way"; fi
done
echo "installed $*"
