"""A ppserver as ppsum.py starts it on a node: ADDRESS WORKERS NUMBER, and the secret by standard input.

Parallel Python runs any code from anybody who knows the secret, and has a public default. So this secret is generated for one
run and is never on a command line, and the server listens at the cluster's address only. It ends with the
connection that started it.

Prints `ready PORT VERSION HOST`, and before that `preparing HOST` if this node has no Parallel Python yet.
"""

import os

import pictl_ppft

pictl_ppft.use(lambda: print("preparing", os.uname().nodename, flush=True))

import socket
import sys
import threading

import ppft
from ppft.server.__main__ import create_network_server

address, workers, number = sys.argv[1:4]
secret = sys.stdin.readline().strip()
if len(secret) < 32:
    sys.exit("no secret")
# Its workers look for modules in the folder that they are started in before all others.
os.chdir(os.path.dirname(os.path.abspath(__file__)))
# Its workers inherit this, so a job knows on which server it ran.
os.environ["PPSUM_SERVER"] = number
with socket.socket() as free:
    free.bind((address, 0))
    port = free.getsockname()[1]
server = create_network_server(["-i", address, "-p", str(port), "-w", workers, "-s", secret, "-t", "60"])


def follow():
    """Ends with the one who started it."""
    sys.stdin.read()
    server.destroy()
    os._exit(0)


threading.Thread(target=follow, daemon=True).start()
print("ready", port, ppft.__version__, os.uname().nodename, flush=True)
server.listen()
