"""Computes pi by Leibniz's series, 4 * (1 - 1/3 + 1/5 - ...), in slices that the ranks take one after another.

    mpirun -n 8 python3 pi.py --slices 64 --slice-size 1000000

Rank 0 hands out the slices and works too: it computes in short pieces and looks for answers between them. Each other
rank has the next slice in hand before it finishes one, so that nobody waits for the network. Fast ranks do more slices.
"""

import argparse
import time

from mpi4py import MPI

from pictl_progress import say

comm = MPI.COMM_WORLD
rank, size = comm.rank, comm.size
# Seconds between two looks for messages by rank 0, and between two lines that only say how far a slice is.
PIECE, NEWS = 0.01, 0.25


def leibniz(first, last):
    """The sum of the terms first to last - 1."""
    total = 0.0
    sign = 4.0 if first % 2 == 0 else -4.0
    for k in range(first, last):
        total += sign / (2 * k + 1)
        sign = -sign
    return total


class Slice:
    """One slice in work: its terms, computed piece by piece."""

    terms_per_second = 2e6  # a guess for the first piece, measured from then on

    def __init__(self, number, length):
        self.number, self.length = number, length
        self.done, self.value, self.seconds = 0, 0.0, 0.0
        self.told = time.perf_counter()
        say("assign", r=rank, slice=number)

    def work(self):
        """Computes one piece; true when that was the last."""
        terms = min(max(1000, int(Slice.terms_per_second * PIECE)), self.length - self.done)
        first = self.number * self.length + self.done
        start = time.perf_counter()
        self.value += leibniz(first, first + terms)
        end = time.perf_counter()
        self.done += terms
        self.seconds += end - start
        Slice.terms_per_second = terms / max(end - start, 1e-9)
        if self.done == self.length:
            say("slice", r=rank, slice=self.number, s=round(self.seconds, 6), v=self.value)
            return True
        if end - self.told >= NEWS:
            self.told = end
            say("part", r=rank, slice=self.number, f=round(self.done / self.length, 3))
        return False


def control(slices, length):
    """Rank 0: hands out, works, adds up."""
    handed, finished, total = 0, 0, 0.0
    working = set(range(1, size))

    def hand_to(worker):
        nonlocal handed
        if handed < slices:
            comm.send(handed, dest=worker)
            handed += 1
        elif worker in working:
            comm.send(None, dest=worker)
            working.remove(worker)

    for worker in [*range(1, size)] * 2:
        hand_to(worker)
    mine = None
    status = MPI.Status()
    while finished < slices:
        if mine is None and handed < slices:
            mine = Slice(handed, length)
            handed += 1
        if mine is None or comm.iprobe():
            total += comm.recv(status=status)
            finished += 1
            hand_to(status.source)
        elif mine.work():
            total += mine.value
            finished += 1
            mine = None
    return total


def work(length):
    """Every other rank: computes what it is given, with the next slice already on its way."""
    while (number := comm.recv(source=0)) is not None:
        piece = Slice(number, length)
        while not piece.work():
            pass
        comm.send(piece.value, dest=0)


parser = argparse.ArgumentParser(description="pi by Leibniz's series in slices")
parser.add_argument("--slices", type=int, default=64)
parser.add_argument("--slice-size", type=int, default=1_000_000)
args = parser.parse_args()

if rank == 0:
    say("begin", size=size, slices=args.slices, slice_size=args.slice_size, program="pi", v=1)
say("host", r=rank, host=MPI.Get_processor_name())
start = time.perf_counter()
if rank == 0:
    value = control(args.slices, args.slice_size)
    say("result", value=value, s=round(time.perf_counter() - start, 6))
else:
    work(args.slice_size)
say("done", r=rank)
