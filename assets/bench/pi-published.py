"""Pi as the published cluster programs compute it: rank 0 only gives out slices, and a worker that has answered is idle
until its next slice arrives. Terms, slices and lines are those of pi.py, so that only the scheme differs.

    mpirun -n 8 python3 pi-published.py --slices 64 --slice-size 1000000
"""

from pi import leibniz
from pictl_slices import run

run("pi-published", leibniz, ahead=1, helps=False)
