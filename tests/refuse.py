#!/usr/bin/python3
"""Runs a command for which the system refuses one call, as a security policy or an emulator does.

    tests/refuse.py CALL ERRNO COMMAND…       CALL: connect, sendto (to an address), netlink (a socket of that kind), or bind_device
                                              (setsockopt with SO_BINDTODEVICE)
"""

import ctypes
import errno
import os
import platform
import struct
import sys

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2  # linux/prctl.h, linux/seccomp.h
ALLOW, ERRNO = 0x7FFF0000, 0x00050000
LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06  # BPF_LD|BPF_W|BPF_ABS, BPF_JMP|BPF_JEQ|BPF_K, BPF_RET|BPF_K
NUMBER = 0  # where it is in seccomp_data; the arguments follow
AF_NETLINK, SO_BINDTODEVICE = 16, 25
CALLS = {
    "x86_64": {"connect": 42, "sendto": 44, "netlink": 41, "bind_device": 54},
    "aarch64": {"connect": 203, "sendto": 206, "netlink": 198, "bind_device": 208},
}


def argument(n):
    """Where the low half of the call's argument N is; the first is 0."""
    return 16 + n * 8


def steps(call, number):
    refuse = (RETURN, 0, 0, ERRNO | getattr(errno, number))
    allow = (RETURN, 0, 0, ALLOW)
    of = CALLS[platform.machine()][call]
    if call in ("connect", "sendto"):
        # Not what is for the kernel (netlink): 12 is the length of its addresses, and nothing is sent to one.
        at, value, jumps = argument(2 if call == "connect" else 4), 12 if call == "connect" else 0, (1, 0)
    else:
        at, value = (argument(0), AF_NETLINK) if call == "netlink" else (argument(2), SO_BINDTODEVICE)
        jumps = (0, 1)
    yield from [(LOAD, 0, 0, NUMBER), (EQUAL, 0, 3, of), (LOAD, 0, 0, at), (EQUAL, *jumps, value)]
    yield from [refuse, allow]


def main():
    call, number, *command = sys.argv[1:]
    program = [struct.pack("HBBI", *step) for step in steps(call, number)]
    code = ctypes.create_string_buffer(b"".join(program))
    filter = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(program), ctypes.addressof(code)))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, filter):
        sys.exit(f"seccomp: {os.strerror(ctypes.get_errno())}")
    os.execvp(command[0], command)


main()
