"""`python launch.py ARGUMENTS`: PrusaLink as it is, which believes its printer on the pins of a Raspberry Pi: there it
does not wait eight seconds for the printer to boot.

Run by the Python of .venv-prusalink; imports nothing of the project.
"""

import sys

from prusa.link.__main__ import main
from prusa.link.serial.serial_adapter import SerialAdapter

if __name__ == "__main__":
    SerialAdapter.is_rpi_port = staticmethod(lambda _port: True)
    sys.exit(main())
