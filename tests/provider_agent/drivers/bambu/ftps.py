"""`python ftps.py PORT FOLDER CODE CERTIFICATE`: a real FTPS server, TLS from the first byte, as these printers have.

Run by the Python of .venv-bambu, which has pyftpdlib; imports nothing of the project.
"""

import sys

from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import TLS_FTPHandler
from pyftpdlib.servers import FTPServer


class Implicit(TLS_FTPHandler):
    """Greets once the line is secured."""

    tls_control_required = True
    tls_data_required = True

    def handle(self) -> None:
        self.secure_connection(self.ssl_context or self.get_ssl_context())

    def handle_ssl_established(self) -> None:
        super().handle()


def main(port: int, folder: str, code: str, certificate: str) -> None:
    """Serve for ever."""
    authorizer = DummyAuthorizer()
    authorizer.add_user("bblp", code, folder, perm="elradfmw")
    Implicit.authorizer = authorizer
    Implicit.certfile = certificate
    FTPServer(("127.0.0.1", port), Implicit).serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
