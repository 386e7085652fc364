"""Starts a program of this folder, so that it and all that it starts find Python's own modules and the system's packages:

    /usr/bin/python3 -I start.py [-m mpi4py] pi.py --slices 64 --slice-size 1000000

A file like random.py or mpi4py.py in the folder that a launcher starts in, or a PYTHONPATH, would otherwise come first. With
`-m mpi4py`, an exception that is not caught on one rank ends the job, which would otherwise wait for ever.
"""

import os
import runpy
import site
import sys

folder = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, folder)
# What the user has installed comes last: it adds packages that the system does not have, and replaces none.
site.addsitedir(site.getusersitepackages())
for name in [name for name in os.environ if name.startswith("PYTHON")]:
    del os.environ[name]

words = sys.argv[1:]
by_mpi4py = words[:2] == ["-m", "mpi4py"]
if by_mpi4py:
    del words[:2]
program = os.path.join(folder, words[0])
if by_mpi4py:
    sys.argv[1:] = [program, *words[1:]]
    runpy.run_module("mpi4py", run_name="__main__", alter_sys=True)
else:
    sys.argv[:] = [program, *words[1:]]
    runpy.run_path(program, run_name="__main__")
