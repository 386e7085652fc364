#!/usr/bin/python3
"""Temperature, clock and throttle flags of a virtual Raspberry Pi, from the CPU time that its own processes use.

Once a second the temperature goes a step from where it is towards `idle + rise * load`, exponentially, and
/run/pictl-lab/sensors gets one line: temperature in C, ARM clock in Hz, volts, flags (for vcgencmd).
/run/pictl-lab/override may pin values: `temp=83 throttled=0x50005` (`pictl lab set`).
"""

import math
import os
import time

RUN = "/run/pictl-lab"
CPU_STAT = "/sys/fs/cgroup/cpu.stat"  # of this node alone: a node sees its own control group as the top
MODEL = "/sys/firmware/devicetree/base/model"

# Model: temperature when idle and its rise at full load (C), lowest and highest clock (MHz), soft limit (C).
# Bare boards in a still room; limits as in Raspberry Pi's "frequency management" documentation.
BOARDS = {
    "Raspberry Pi 3 Model B Plus": (46.0, 36.0, 600, 1400, 60.0),
    "Raspberry Pi 4 Model B": (43.0, 38.0, 600, 1800, None),
    "Raspberry Pi 5 Model B": (48.0, 39.0, 1500, 2400, None),
}
TIME_CONSTANT = 30.0  # seconds; a bare board is nearer to 100, which is longer than a demonstration
THROTTLE, LIMIT = 80.0, 85.0
CAPPED, THROTTLED, SOFT = 0x2, 0x4, 0x8  # the same bits 16 places higher say "has occurred since boot"


def cpu_seconds():
    with open(CPU_STAT) as stat:
        return int(stat.readline().split()[1]) / 1e6  # usage_usec


def overrides():
    try:
        with open(RUN + "/override") as file:
            return dict(word.split("=", 1) for word in file.read().split())
    except OSError:
        return {}


def board():
    with open(MODEL) as file:
        model = file.read()
    return next(v for k, v in BOARDS.items() if model.startswith(k))


def flags_and_clock(temp, load, low, high, soft):
    flags, clock = 0, high if load > 0.05 else low
    if soft and temp >= soft:
        flags |= SOFT
        clock = min(clock, 1200)
    if temp >= THROTTLE:  # from here on slower and slower until the limit
        flags |= THROTTLED
        hot = min(1.0, (temp - THROTTLE) / (LIMIT - THROTTLE))
        clock = min(clock, high - hot * (high - low))
    if temp >= LIMIT:
        flags |= CAPPED
    return flags, clock


def main():
    idle, rise, low, high, soft = board()
    temp, occurred = idle, 0
    cores = os.cpu_count()
    then, used = time.monotonic(), cpu_seconds()
    while True:
        time.sleep(1)
        now, use = time.monotonic(), cpu_seconds()
        load = min(1.0, (use - used) / (now - then) / cores)
        temp += (idle + rise * load - temp) * (1 - math.exp((then - now) / TIME_CONSTANT))
        then, used = now, use

        pinned = overrides()
        temp = float(pinned.get("temp", temp))
        flags, clock = flags_and_clock(temp, load, low, high, soft)
        occurred |= flags << 16
        throttled = pinned.get("throttled", hex(occurred | flags))
        clock = float(pinned.get("clock", clock))
        volts = float(pinned.get("volts", 0.87 if clock > low else 0.85))
        with open(RUN + "/sensors.new", "w") as file:
            file.write(f"{temp:.1f} {clock * 1e6:.0f} {volts:.4f} {throttled}\n")
        os.rename(RUN + "/sensors.new", RUN + "/sensors")


main()
