"""Reports the progress of a program to pictl: one line an event, one write a line.

    from pictl_progress import say
    say("slice", r=rank, slice=17, s=0.412)

prints ``@pictl {"e":"slice","r":3,"slice":17,"s":0.412} 5f3a`` and a newline. The last field is the CRC-16/CCITT-FALSE
of the JSON's bytes: launchers tag lines wrongly and splice them, so a line must name its rank and show that it is complete.
Print at most 20 lines a second and rank, and never run Python with ``-u``: it writes each argument of `print` by itself.
"""

import binascii
import json


def say(event, **fields):
    """Prints one event of the protocol; of 20 to 512 bytes, as the readers expect."""
    text = json.dumps({"e": event, **fields}, separators=(",", ":"))
    print(f"@pictl {text} {binascii.crc_hqx(text.encode(), 0xFFFF):04x}", flush=True)
