"""What the measuring scripts share: figures beside what they must be, and measuring in turns."""

import os
import re
import statistics
import sys
from pathlib import Path

# Where what `just` builds in release is; the programs of `examples` are beside it.
PICTL = Path(os.environ.get("PICTL_BIN", Path(__file__).resolve().parent.parent / "target/release/pictl"))

rows = []


def row(case, what, figure, must, good):
    """Prints a line of the table as soon as it is known."""
    rows.append(good)
    load = os.getloadavg()[0]
    print(f"{case:9} {what:66} {figure:>18} {must:>9}  {'ok ' if good else 'NOT'}  load {load:.1f}", flush=True)


def note(text):
    print(f"{'':9}   {text}", flush=True)


def in_turns(rounds, *turns):
    """The results of each turn, round by round; the order changes from round to round."""
    results = [[] for _ in turns]
    order = list(range(len(turns)))
    for _ in range(rounds):
        for which in order:
            results[which].append(turns[which]())
        order.reverse()
    return results


def ratio(these, those):
    return statistics.median(a / b for a, b in zip(these, those))


def environment(home):
    return {"HOME": str(home), "PATH": os.environ["PATH"], "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}


def begin(text, cases, builder):
    """The cases that were asked for on the command line, or all; prints what machine this is."""
    if {"-h", "--help"} & set(sys.argv):
        print(text)
        sys.exit()
    chosen = sys.argv[1:] or list(cases)
    if unknown := [case for case in chosen if case not in cases]:
        sys.exit(f"no case {unknown[0]}; there are: {' '.join(cases)}")
    if not PICTL.exists():
        sys.exit(f"there is no {PICTL}: {builder} builds it")
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    print(f"{os.cpu_count()} processors, {model[1] if model else os.uname().machine}")
    return [case for case in cases if case in chosen]


def end():
    sys.exit(0 if all(rows) else f"{rows.count(False)} of {len(rows)} figures are not what they must be")
