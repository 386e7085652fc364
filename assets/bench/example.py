"""The published first test of a cluster: every rank does the same small sum by itself and takes the time of it.

    mpirun -n 4 python3 example.py

No work is shared, so more ranks do not make it faster: what it shows is that they all compute the same, and how far
the times lie apart. The three results are printed within the time taken, as in the published script.
"""

import timeit

from mpi4py import MPI

from pictl_progress import say

comm = MPI.COMM_WORLD

if comm.rank == 0:
    say("begin", size=comm.size, slices=0, slice_size=0, program="example", v=1)
say("host", r=comm.rank, host=MPI.Get_processor_name())
start = timeit.default_timer()
a = 4_000_000
print(a)
b = 12 + 5
print(b)
c = b * a
print(c)
seconds = timeit.default_timer() - start

# All products added up: one rank with another result would show.
answers = comm.gather((seconds, c), root=0)
if comm.rank == 0:
    times = [seconds for seconds, _ in answers]
    say("note", text=f"each rank by itself: {min(times):.6f} s to {max(times):.6f} s")
    say("result", value=sum(product for _, product in answers), s=round(max(times), 6))
say("done", r=comm.rank)
