"""HPL (Linpack) as part of hpcc: starts hpcc on this rank, and reports its progress from the file that it writes.

    mpirun -n 16 python3 hpl.py --size 20480 --block 256 --grid 4x4 --estimate 600

hpcc measures memory and network first; HPL is its last and by far its longest part. HPL itself reports no
progress: its share of the slices, and how fast they pass, follow from the estimate of its seconds.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import time

from pictl_progress import say
from pictl_rank import rank, size

# Parts of hpcc before HPL.
PARTS = 15
# The part of the summary that is printed: what decides about the result, and what else people ask for.
KEYS = """Success HPL_N HPL_NB HPL_nprow HPL_npcol HPL_Tflops HPL_time CommWorldProcs
StarDGEMM_Gflops StarSTREAM_Triad PTRANS_GBs MPIRandomAccess_GUPs MPIFFT_Gflops
MaxPingPongLatency_usec MinPingPongBandwidth_GBytes""".split()

INPUT = """HPLinpack benchmark input file
written by pictl
HPL.out      output file name (if any)
8            device out (6=stdout,7=stderr,file)
1            # of problems sizes (N)
{size}       Ns
1            # of NBs
{block}      NBs
0            PMAP process mapping (0=Row-,1=Column-major)
1            # of process grids (P x Q)
{rows}       Ps
{columns}    Qs
16.0         threshold
1            # of panel fact
2            PFACTs (0=left, 1=Crout, 2=Right)
1            # of recursive stopping criterium
4            NBMINs (>= 1)
1            # of panels in recursion
2            NDIVs
1            # of recursive panel fact.
1            RFACTs (0=left, 1=Crout, 2=Right)
1            # of broadcast
1            BCASTs (0=1rg,1=1rM,2=2rg,3=2rM,4=Lng,5=LnM)
1            # of lookahead depth
1            DEPTHs (>=0)
2            SWAP (0=bin-exch,1=long,2=mix)
64           swapping threshold
0            L1 in (0=transposed,1=no-transposed) form
0            U  in (0=transposed,1=no-transposed) form
1            Equilibration (0=no,1=yes)
8            memory alignment in double (> 0)
##### This line (no. 32) is ignored (it serves as a separator). ######
0            Number of additional problem sizes for PTRANS
0            values of N
0            number of additional blocking sizes for PTRANS
0            values of NB
"""


class Watch:
    """Reads hpcc's file as it grows. Slices 0 to 14 are the parts before HPL, the rest is HPL's."""

    def __init__(self, estimate, others):
        self.estimate = max(estimate, 1)
        self.hpl_slices = min(max(round(PARTS * estimate / max(others, 1)), 1), 85)
        self.slices = PARTS + self.hpl_slices
        self.file, self.rest, self.lines = None, "", []
        self.done, self.since, self.hpl_since, self.reported = 0, time.monotonic(), None, 0.0

    def look(self):
        """Reads what is new in the file, and reports it."""
        if self.file is None and os.path.exists("hpccoutf.txt"):
            self.file = open("hpccoutf.txt", encoding="utf-8", errors="replace")
        *lines, self.rest = (self.rest + (self.file.read() if self.file else "")).split("\n")
        for line in lines:
            self.lines.append(line)
            if line.startswith("Begin of HPL section"):
                self.finish(PARTS)
                self.hpl_since = time.monotonic()
            elif line.startswith("End of HPL section"):
                self.finish(self.slices)
            elif re.match(r"End of \w+ section", line) and self.hpl_since is None:
                self.finish(min(self.done + 1, PARTS))
        if self.done < self.slices:
            self.guess()

    def guess(self):
        """Reports the slices of HPL that should be done by now, but never the last one; and progress in the other parts."""
        now = time.monotonic()
        if self.hpl_since is None:
            share = (now - self.since) / (now - self.since + 30)
        else:
            exact = min((now - self.hpl_since) / self.estimate * self.hpl_slices, self.hpl_slices - 0.01)
            self.finish(PARTS + int(exact))
            share = exact % 1
        # A run that is silent for long is ended. That must not happen because an estimate was low, only when it was far off.
        if now - self.reported >= 5 and now - self.since < 3 * self.estimate + 600:
            self.reported = now
            say("part", r=rank, slice=self.done, f=round(share, 3))

    def finish(self, done):
        """Slices up to this one are done; those that were done at once share their time."""
        if done <= self.done:
            return
        now = time.monotonic()
        each = (now - self.since) / (done - self.done)
        for number in range(self.done, done):
            say("slice", r=rank, slice=number, s=round(each, 3))
        self.done, self.since = done, now
        if done < self.slices:
            say("assign", r=rank, slice=done)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=int, required=True)
    parser.add_argument("--block", type=int, required=True)
    parser.add_argument("--grid", required=True)
    parser.add_argument("--estimate", type=float, default=60.0, help="seconds that HPL should take")
    parser.add_argument("--others", type=float, default=60.0, help="seconds that the parts before it should take")
    args = parser.parse_args()
    rows, columns = map(int, args.grid.split("x"))
    say("host", r=rank, host=os.uname().nodename)
    # With fewer ranks hpcc computes something small instead, and calls that a success.
    if rows * columns > size:
        sys.exit(f"a grid of {args.grid} needs {rows * columns} ranks, and there are {size}")
    hpcc = shutil.which("hpcc") or sys.exit(f"{os.uname().nodename} has no hpcc")

    # A folder that goes away with the run; rank 0 reads and writes there. hpcc would append to an old file.
    folder = os.path.expanduser(f"~/.pictl/runs/{os.environ.get('PICTL_RUN', 'by-hand')}/hpl")
    os.makedirs(folder, exist_ok=True)
    os.chdir(folder)
    watch = None
    if rank == 0:
        if os.path.exists("hpccoutf.txt"):
            os.remove("hpccoutf.txt")
        with open("hpccinf.txt", "w", encoding="ascii") as file:
            file.write(INPUT.format(size=args.size, block=args.block, rows=rows, columns=columns))
        watch = Watch(args.estimate, args.others)
        say("begin", size=size, slices=watch.slices, slice_size=0, program="hpl", v=1)
        say("assign", r=rank, slice=0)
    # One rank a core: each with as many threads as there are cores was 66 times slower. Hydra talks to the program by a
    # file descriptor that it must inherit.
    one = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    process = subprocess.Popen([hpcc], env={**os.environ, **one}, close_fds=False)
    while watch:
        try:
            process.wait(timeout=0.25)
            break
        except subprocess.TimeoutExpired:
            watch.look()
    status = process.wait()
    if watch:
        watch.look()
        tell_result(watch.lines)
    if status != 0:
        sys.exit(status if status > 0 else 128 - status)
    say("done", r=rank)


def tell_result(lines):
    """Tells HPL's own words about its result, by which it is judged, and the result."""
    summary = {}
    for line in lines:
        key, _, value = line.partition("=")
        if key in KEYS:
            summary[key] = value
        if key in KEYS or re.match(r"W[RC]\S+\s+\d+\s", line) or line.startswith("||Ax-b||"):
            say("note", text=line)
    if "HPL_Tflops" in summary:
        say("result", value=float(summary["HPL_Tflops"]) * 1e3, s=float(summary.get("HPL_time", 0)))
    else:
        print("hpcc wrote no result", file=sys.stderr, flush=True)


main()
