"""Says who runs where: proves that the launcher reaches every node and that mpi4py belongs to it."""

from mpi4py import MPI

from pictl_progress import say

comm = MPI.COMM_WORLD
if comm.rank == 0:
    say("begin", size=comm.size, slices=0, slice_size=0, program="hello", v=1)
say("host", r=comm.rank, host=MPI.Get_processor_name())
# One number around through every rank: the data connections work too, not only the launcher's.
total = comm.allreduce(comm.rank)
if comm.rank == 0:
    say("result", value=total, s=0.0)
say("done", r=comm.rank)
