"""Rank 0 scatters the numbers 1, 2, 3, ... in equal parts, every rank adds up its own, and the sums are gathered.

    mpirun -n 8 python3 scatter.py --slice-size 10000

Each part is shown as a slice. The numbers travel as Python objects, so this measures MPI and pickle, not arithmetic.
"""

import argparse
import time

from mpi4py import MPI

from pictl_progress import say

comm = MPI.COMM_WORLD
rank, size = comm.rank, comm.size

parser = argparse.ArgumentParser(description="a sum by scatter and gather")
parser.add_argument("--slice-size", type=int, default=10_000, help="numbers for each rank")
length = parser.parse_args().slice_size

if rank == 0:
    say("begin", size=size, slices=size, slice_size=length, program="scatter", v=1)
say("host", r=rank, host=MPI.Get_processor_name())
start = time.perf_counter()
parts = [list(range(r * length + 1, (r + 1) * length + 1)) for r in range(size)] if rank == 0 else None
part = comm.scatter(parts, root=0)
say("assign", r=rank, slice=rank)
begun = time.perf_counter()
mine = sum(part)
say("slice", r=rank, slice=rank, s=round(time.perf_counter() - begun, 6), v=mine)
sums = comm.gather(mine, root=0)
if rank == 0:
    say("result", value=sum(sums), s=round(time.perf_counter() - start, 6))
say("done", r=rank)
