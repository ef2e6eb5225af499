"""A pretend MK3S on a pseudo-terminal, so that a real PrusaLink runs without hardware: it answers what PrusaLink
asks on the serial line, heats, counts checksums and line numbers, and pauses, stops and breaks as it is told.
"""
