"""Gives slices of work to the ranks of an MPI job, and reports its progress to pictl.

    from pictl_slices import run
    run("pi", leibniz)      # leibniz(first, last): the sum of the terms first to last - 1

Rank 0 gives out the slices and works too: it computes in short pieces and checks for answers between them. Each other
rank has its next slice before it finishes one, so that no rank waits for the network. Fast ranks do more slices.
"""

import argparse
import sys
import time

from mpi4py import MPI

from pictl_progress import say

comm = MPI.COMM_WORLD
rank, size = comm.rank, comm.size
# Seconds between two checks for messages by rank 0, and between two lines that only report how far a slice is.
PIECE, NEWS = 0.01, 0.25


class Slice:
    """One slice in work: its terms, computed piece by piece."""

    terms_per_second = 1e5  # a low guess for the first piece, measured from then on

    def __init__(self, number, length, compute):
        self.number, self.length, self.compute = number, length, compute
        self.done, self.value, self.seconds = 0, 0, 0.0
        self.reported = time.perf_counter()
        say("assign", r=rank, slice=number)

    def work(self):
        """Computes one piece; true when that was the last."""
        terms = min(max(100, int(Slice.terms_per_second * PIECE)), self.length - self.done)
        first = self.number * self.length + self.done
        start = time.perf_counter()
        self.value += self.compute(first, first + terms)
        end = time.perf_counter()
        self.done += terms
        self.seconds += end - start
        Slice.terms_per_second = terms / max(end - start, 1e-9)
        if self.done == self.length:
            say("slice", r=rank, slice=self.number, s=round(self.seconds, 6), v=self.value)
            return True
        if end - self.reported >= NEWS:
            self.reported = end
            say("part", r=rank, slice=self.number, f=round(self.done / self.length, 3))
        return False


def control(slices, length, compute, ahead, helps):
    """Rank 0: gives out slices, works if it `helps`, adds up."""
    handed, finished, total = 0, 0, 0
    working = set(range(1, size))

    def hand_to(worker):
        nonlocal handed
        if handed < slices:
            comm.send(handed, dest=worker)
            handed += 1
        elif worker in working:
            comm.send(None, dest=worker)
            working.remove(worker)

    for worker in [*range(1, size)] * ahead:
        hand_to(worker)
    mine = None
    status = MPI.Status()
    while finished < slices:
        if helps and mine is None and handed < slices:
            mine = Slice(handed, length, compute)
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


def work(length, compute):
    """Every other rank: computes its slices, while the next one is already under way to it."""
    while (number := comm.recv(source=0)) is not None:
        piece = Slice(number, length, compute)
        while not piece.work():
            pass
        comm.send(piece.value, dest=0)


def run(program, compute, slices=64, slice_size=1_000_000, ahead=2, helps=True):
    """Adds up compute(first, last) over all slices, as the command line says.

    ahead: slices that a worker has been sent and not answered. helps: whether rank 0 computes too.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("--slices", type=int, default=slices)
    parser.add_argument("--slice-size", type=int, default=slice_size)
    args = parser.parse_args()
    if size == 1 and not helps:
        say("note", text=f"{program}: rank 0 does not compute; start it with at least 2 ranks")
        sys.exit(2)
    if rank == 0:
        say("begin", size=size, slices=args.slices, slice_size=args.slice_size, program=program, v=1)
    say("host", r=rank, host=MPI.Get_processor_name())
    # Ranks connect when they first send each other something. That is not part of the work.
    comm.barrier()
    start = time.perf_counter()
    if rank == 0:
        value = control(args.slices, args.slice_size, compute, ahead, helps)
        say("result", value=value, s=round(time.perf_counter() - start, 6))
    else:
        work(args.slice_size, compute)
    say("done", r=rank)
    # All ranks end together: with MPICH over UCX a rank that ends alone can wait for ever for one that ended before.
    comm.barrier()
