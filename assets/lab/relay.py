#!/usr/bin/python3
"""Cables with a delay, for kernels without netem: `relay.py MICROSECONDS NODE...`.

Every node's cable is cut in two: NODE.a is the end towards the node, NODE.b the end at the switch (tap devices of this
network namespace). What comes from a node is held back for the given time; what goes to it passes at once.
"""

import collections
import fcntl
import os
import select
import struct
import sys
import time

TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454CA, 0x0002, 0x1000  # linux/if_tun.h
FRAME = 65536
WAITING = 10000  # frames; more are dropped, as by a full queue


def tap(name):
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP | IFF_NO_PI))
    return device


def send(device, frame):
    try:
        os.write(device, frame)
    except OSError:
        pass  # the cable is out


def main():
    delay = int(sys.argv[1]) / 1e6
    other, from_node = {}, set()
    for node in sys.argv[2:]:
        a, b = tap(node + ".a"), tap(node + ".b")
        other[a], other[b] = b, a
        from_node.add(a)

    held = collections.deque()  # (time to send, device, frame), in order, for the delay is the same for all
    while True:
        wait = max(0.0, held[0][0] - time.monotonic()) if held else None
        ready, _, _ = select.select(other, [], [], wait)
        now = time.monotonic()
        for device in ready:
            try:
                frame = os.read(device, FRAME)
            except OSError:
                continue
            if device not in from_node:
                send(other[device], frame)
            elif len(held) < WAITING:
                held.append((now + delay, other[device], frame))
        while held and held[0][0] <= now:
            _, device, frame = held.popleft()
            send(device, frame)


main()
