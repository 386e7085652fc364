#!/usr/bin/python3
"""Runs a command for which the system refuses one call, as a security policy or an emulator does.

    tests/refuse.py CALL ERRNO COMMAND…       CALL: connect, sendto, or bind_device (setsockopt with SO_BINDTODEVICE)
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
NUMBER, THIRD = 0, 16 + 2 * 8  # of the call, and of the low half of its third argument, in seccomp_data
SO_BINDTODEVICE = 25
CALLS = {
    "x86_64": {"connect": 42, "sendto": 44, "bind_device": 54},
    "aarch64": {"connect": 203, "sendto": 206, "bind_device": 208},
}


def steps(call, number):
    refuse = (RETURN, 0, 0, ERRNO | getattr(errno, number))
    allow = (RETURN, 0, 0, ALLOW)
    of = CALLS[platform.machine()][call]
    if call == "bind_device":
        yield from [(LOAD, 0, 0, NUMBER), (EQUAL, 0, 3, of), (LOAD, 0, 0, THIRD), (EQUAL, 0, 1, SO_BINDTODEVICE)]
    else:
        yield from [(LOAD, 0, 0, NUMBER), (EQUAL, 0, 1, of)]
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
