"""A pretend micro-controller on a pseudo-terminal, so that a real Klipper host runs without hardware.

Written from Klipper's documentation alone: https://www.klipper3d.org/Protocol.html (blocks, VLQ, CRC, data
dictionary) and https://www.klipper3d.org/MCU_Commands.html (what the commands mean).
"""
