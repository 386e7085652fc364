"""Says who runs where: proves that the launcher reaches every node and that mpi4py belongs to it."""

from mpi4py import MPI

import pictl_rank
from pictl_progress import say

comm = MPI.COMM_WORLD
if comm.rank == 0:
    say("begin", size=comm.size, slices=0, slice_size=0, program="hello", v=1)
say("host", r=comm.rank, host=MPI.Get_processor_name())
# Which MPI this is. The launcher's count of this rank: with another MPI every rank would call itself 0.
say("mpi", r=pictl_rank.rank, size=comm.size, library=MPI.Get_library_version().split("\n")[0][:100])
# One number around through every rank: the data connections work too, not only the launcher's.
total = comm.allreduce(comm.rank)
if comm.rank == 0:
    say("result", value=total, s=0.0)
say("done", r=comm.rank)
