"""Latency and bandwidth between each two ranks: half of the round trip of a small message, and bytes a second
of large ones. One pair at a time, so that pairs do not disturb each other; each message must come back as it was sent.

    mpirun -n 4 --map-by node python3 pingpong.py

With one rank a node this measures the network; ranks of the same node exchange by its memory.
"""

import itertools
import os
import statistics
import time

from mpi4py import MPI

from pictl_progress import say

comm = MPI.COMM_WORLD
rank, size = comm.rank, comm.size
# Kinds of messages.
ORDER, ANSWER, ROUNDS, DATA = range(4)
# Messages of a pair's first and of its second measurement.
SMALL, WARM_UP, OFTEN = 8, 50, 500
LARGE, ENOUGH = (1 << 20, 4 << 20), 0.25


def wait_for(source, tag):
    """The next such message. MPI's own waiting would keep a core busy that another rank can need for its messages."""
    while not comm.iprobe(source, tag):
        time.sleep(0.001)
    return comm.recv(source=source, tag=tag)


def there_and_back(peer, length, rounds):
    """Seconds of each round, or None when a message came back changed. The other one echoes as long."""
    comm.send((length, rounds), dest=peer, tag=ROUNDS)
    sent, got = bytearray(os.urandom(length)), bytearray(length)
    times, whole = [], True
    for number in range(rounds):
        sent[:8] = number.to_bytes(8, "little")
        start = time.perf_counter()
        comm.Send([sent, MPI.BYTE], dest=peer, tag=DATA)
        comm.Recv([got, MPI.BYTE], source=peer, tag=DATA)
        times.append(time.perf_counter() - start)
        whole = whole and got == sent
        got[:8] = bytes(8 * [0xFF])
    return times if whole else None


def echo(peer):
    """Sends back what comes, until there are no more rounds."""
    while (order := comm.recv(source=peer, tag=ROUNDS)) is not None:
        length, rounds = order
        data = bytearray(length)
        for _ in range(rounds):
            comm.Recv([data, MPI.BYTE], source=peer, tag=DATA)
            comm.Send([data, MPI.BYTE], dest=peer, tag=DATA)


def measure(peer):
    """Latency (median and least, in seconds) and bandwidth in bytes a second; None when a message was damaged."""
    there_and_back(peer, SMALL, WARM_UP)
    small = there_and_back(peer, SMALL, OFTEN)
    bandwidth = 0.0
    for length in LARGE:
        # The first one is a warm-up too, and says how many there is time for.
        first = there_and_back(peer, length, 1)
        large = first and there_and_back(peer, length, min(max(int(ENOUGH / first[0]), 3), 20))
        if not large or not small:
            return None
        bandwidth = max(bandwidth, 2 * length / statistics.median(large))
    return statistics.median(small) / 2, min(small) / 2, bandwidth


def pair(number, peer):
    """This rank's part of a pair that it leads: measures, and reports the figures."""
    say("assign", r=rank, slice=number)
    start = time.perf_counter()
    found = measure(peer)
    comm.send(None, dest=peer, tag=ROUNDS)
    if found:
        latency, least, bandwidth = found
        say("pair", r=rank, to=peer, l=round(latency, 9), b=round(bandwidth), least=round(least, 9))
    else:
        say("note", text=f"a message between ranks {rank} and {peer} came back changed")
    say("slice", r=rank, slice=number, s=round(time.perf_counter() - start, 6), v=int(bool(found)))
    return found


def control(pairs):
    """Rank 0: has one pair measured after the other. What each found."""
    found = []
    for number, (a, b) in enumerate(pairs):
        comm.send((None, a), dest=b, tag=ORDER)
        if a == 0:
            found.append(pair(number, b))
        else:
            comm.send((number, b), dest=a, tag=ORDER)
            found.append(wait_for(a, ANSWER))
    for other in range(1, size):
        comm.send(None, dest=other, tag=ORDER)
    return found


def work():
    """Every other rank: leads pairs and echoes, as rank 0 orders."""
    while (order := wait_for(0, ORDER)) is not None:
        number, peer = order
        if number is None:
            echo(peer)
        else:
            comm.send(pair(number, peer), dest=0, tag=ANSWER)


pairs = list(itertools.combinations(range(size), 2))
if rank == 0:
    say("begin", size=size, slices=len(pairs), slice_size=LARGE[-1], program="pingpong", v=1)
say("host", r=rank, host=MPI.Get_processor_name())
start = time.perf_counter()
if rank == 0:
    found = [what for what in control(pairs) if what]
    if found:
        latencies, least, bandwidths = zip(*found)
        middle = statistics.median
        say("note", text=f"latency {middle(latencies) * 1e6:.1f} us (fastest {min(least) * 1e6:.1f}), "
            f"bandwidth {middle(bandwidths) / 1e6:.1f} MB/s, in the middle of {len(found)} pairs")
    say("result", value=len(found), s=round(time.perf_counter() - start, 6))
else:
    work()
say("done", r=rank)
# All ranks end together: with MPICH over UCX a rank that ends alone can wait for ever for one that ended before.
comm.barrier()
