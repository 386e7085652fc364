"""The first thing that is run on a new cluster: every rank prints the name of its host.

    mpirun -n 8 python3 hostname.py

It does not use MPI, so it shows what the launcher does by itself: whether it reaches every node, and where it puts the
ranks.
"""

import os

from pictl_progress import say
from pictl_rank import rank, size

host = os.uname().nodename
if rank == 0:
    say("begin", size=size, slices=0, slice_size=0, program="hostname", v=1)
say("host", r=rank, host=host)
print(host, flush=True)
say("done", r=rank)
