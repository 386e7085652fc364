"""Finds Parallel Python (ppft); where the distribution has none, in a virtual environment of pictl's own.

    import pictl_ppft
    pictl_ppft.use(report)
    import ppft
"""

import importlib.util
import os
import subprocess
import sys

VENV = os.path.expanduser("~/.pictl/venv")
PYTHON = f"{VENV}/bin/python3"
# Only this wheel, wherever it comes from.
WHEEL = "ppft==1.7.8 --hash=sha256:d3e0e395215b14afc3dd5adfc032ccecfda2d4ed50dc7ded076cd1d215442843\n"


def use(report):
    """Returns when ppft can be imported: at once, or after this program has restarted with the Python that has it.

    Calls `report` before work that takes a while: who waits for this program must not take it for lost.
    """
    if importlib.util.find_spec("ppft"):
        return
    if sys.prefix == VENV or not has_ppft():
        report()
        make()
    folder, program = os.path.split(os.path.abspath(sys.argv[0]))
    os.execv(PYTHON, [PYTHON, "-I", f"{folder}/start.py", program, *sys.argv[1:]])


def has_ppft():
    """Whether the virtual environment is there and complete."""
    if not os.path.exists(PYTHON):
        return False
    return subprocess.run([PYTHON, "-I", "-c", "import ppft"], stderr=subprocess.DEVNULL).returncode == 0


def make():
    """Makes the virtual environment."""
    wanted = f"{VENV}/wanted"
    os.makedirs(os.path.dirname(VENV), exist_ok=True)
    run("/usr/bin/python3", "-I", "-m", "venv", "--clear", VENV)
    with open(wanted, "w", encoding="ascii") as file:
        file.write(WHEEL)
    quiet = ["--quiet", "--disable-pip-version-check"]
    run(PYTHON, "-I", "-m", "pip", *quiet, "install", "--no-deps", "--require-hashes", "-r", wanted)


def run(*command):
    """Runs a command, or ends with what to do when it fails."""
    made = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if made.returncode != 0:
        said = " ".join(made.stdout.split())[:200]
        sys.exit(
            f"{os.uname().nodename} has no Parallel Python and could not get it: pictl exec -- sudo apt-get install -y "
            f"python3-ppft, or where Debian has none (bookworm) python3-venv, with access to PyPI ({said})"
        )
