"""Adds up the primes below slices * slice size with Parallel Python: a ppserver on every node, and this client, which only
gives out jobs.

    python3 -I start.py ppsum.py --slices 64 --slice-size 10000 --here 10.0.0.31 --server 10.0.0.31:4 --server pi@10.0.0.32:4

Servers are [USER@]ADDRESS:WORKERS; SSH starts all but the one at the address of this machine. It does not use MPI.
"""

import os

import pictl_ppft
from pictl_progress import say


def preparing(host):
    """Reports what takes a minute on a slow node, and happens once."""
    say("note", text=f"{host} makes a virtual environment for Parallel Python; this is done once")


pictl_ppft.use(lambda: preparing(os.uname().nodename))

import argparse
import contextlib
import io
import queue
import secrets
import subprocess
import sys
import threading
import time

import ppft

import pictl_primes

START_SCRIPT, SERVER = ".pictl/bench/start.py", "ppsum_server.py"
# For a node to make its virtual environment, and for its workers to be there.
START, CONNECT = 240, 30


def primes_sum(number, first, last):
    """The job: the sum of the primes from first to last - 1, with where it was done and how long it took.

    Its source goes to the workers. They import what it uses, and look for modules where ppsum_server.py does.
    """
    start = time.perf_counter()
    total = sum(filter(pictl_primes.is_prime, range(first, last)))
    return number, total, time.perf_counter() - start, int(os.environ["PPSUM_SERVER"])


class Server:
    """A ppserver on a node."""

    def __init__(self, number, word, here):
        self.number = number
        self.target, _, self.workers = word.rpartition(":")
        self.address = self.target.rpartition("@")[2]
        self.host = self.address
        words = ["/usr/bin/python3", "-I", START_SCRIPT, SERVER, self.address, self.workers, str(number)]
        if self.address == here:
            self.process = self.start(words, cwd=os.path.expanduser("~"))
        else:
            # The mark by which pictl finds what a run left behind.
            mark = f"PICTL_RUN={os.environ.get('PICTL_RUN', 'by-hand')}"
            safe = ["-T", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes", "-o", "ConnectTimeout=10"]
            alive = ["-o", "ServerAliveInterval=5", "-o", "ServerAliveCountMax=3"]
            self.process = self.start(["ssh", *safe, *alive, self.target, "exec", "env", mark, *words])

    def start(self, words, cwd=None):
        return subprocess.Popen(words, cwd=cwd, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ready(self, secret):
        """Gives it the secret and waits until it listens. The name by which Parallel Python knows it."""
        try:
            self.process.stdin.write(f"{secret}\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # its own output says why
        late = threading.Event()

        def give_up():
            late.set()
            self.process.kill()

        limit = threading.Timer(START, give_up)
        limit.start()
        said = self.process.stdout.readline().split()
        if said[:1] == ["preparing"]:
            preparing(said[1])
            said = self.process.stdout.readline().split()
        limit.cancel()
        if late.is_set():
            sys.exit(f"the ppserver at {self.address} was not ready within {START} s")
        if len(said) != 4 or said[0] != "ready":
            # Its own last lines are already on standard error.
            sys.exit(self.process.wait() or 1)
        _, port, version, self.host = said
        if version != ppft.__version__:
            sys.exit(f"{self.host} has Parallel Python {version} and {os.uname().nodename} {ppft.__version__}: choose nodes "
                     "of one OS release with --nodes")
        return f"{self.address}:{port}"

    def end(self):
        self.process.stdin.close()
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()


def connect(servers):
    """A client that computes nothing itself, once all servers know it."""
    secret = secrets.token_hex(32)
    names = [server.ready(secret) for server in servers]
    client = ppft.Server(ncpus=0, ppservers=tuple(names), secret=secret)
    limit = time.monotonic() + CONNECT
    while missing := [name for name in names if not client.get_active_nodes().get(name)]:
        if time.monotonic() > limit:
            sys.exit(f"the ppserver at {missing[0]} does not answer")
        time.sleep(0.02)
    return client


def wait_for(answers, servers):
    """The next answer. Jobs of a server that ended go to the others, as long as there is one."""
    while True:
        try:
            return answers.get(timeout=1)
        except queue.Empty:
            if all(server.process.poll() is not None for server in servers):
                sys.exit("no ppserver is left")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--slices", type=int, default=64)
    parser.add_argument("--slice-size", type=int, default=10_000)
    parser.add_argument("--here", default="")
    parser.add_argument("--server", action="append", required=True)
    args = parser.parse_args()
    servers = [Server(number, word, args.here) for number, word in enumerate(args.server)]
    client = connect(servers)
    say("begin", size=len(servers), slices=args.slices, slice_size=args.slice_size, program="ppsum", v=1)
    for server in servers:
        say("host", r=server.number, host=server.host)

    # Answers come in threads of Parallel Python; lines must come from one.
    answers = queue.Queue()
    start = time.perf_counter()
    for number in range(args.slices):
        share = (number, number * args.slice_size, (number + 1) * args.slice_size)
        client.submit(primes_sum, share, modules=("os", "time", "pictl_primes"), callback=answers.put)
    total = 0
    for _ in range(args.slices):
        answer = wait_for(answers, servers)
        if answer is None:
            sys.exit("a job failed on its server")
        number, part, seconds, where = answer
        total += part
        say("slice", r=where, slice=number, s=round(seconds, 6), v=part)
    seconds = time.perf_counter() - start
    table = io.StringIO()
    with contextlib.redirect_stdout(table):
        client.print_stats()
    for line in filter(None, table.getvalue().splitlines()):
        say("note", text=line)
    say("result", value=total, s=round(seconds, 6))
    for server in servers:
        if server.process.poll() is None:
            say("done", r=server.number)
        server.end()


main()
