"""A real MQTT broker with TLS and a real FTPS server, with the pretend printer behind them."""

from __future__ import annotations

import datetime as dt
import getpass
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.processes import accepts, eventually, free_port
from tests.provider_agent.drivers.bambu.printer import Printer
from tests.provider_agent.drivers.installed import program
from tests.provider_agent.drivers.rigs import UP_S, Software

DEVICE, CODE = "01S00TEST0000001", "12345678"
BROKER = """
listener {port} 127.0.0.1
user {user}
allow_anonymous false
password_file {home}/passwords
certfile {home}/certificate.pem
keyfile {home}/key.pem
"""


class Bambu(Software):
    """Three things that make one printer: broker, storage, and who answers."""

    def __init__(self, home: Path) -> None:
        self.port, self.ftps_port = free_port(), free_port()
        super().__init__(home, f"https://127.0.0.1:{self.port}", CODE)
        self._mosquitto = _mosquitto()
        self._python = program(".venv-bambu", "python")
        self.home, self.card = home, home / "card"
        self.certificate = self.certify()
        (home / "broker.conf").write_text(BROKER.format(port=self.port, user=getpass.getuser(), home=home))
        passwords = shutil.which("mosquitto_passwd") or "mosquitto_passwd"
        subprocess.run([passwords, "-b", "-c", home / "passwords", "bblp", CODE], check=True, timeout=30)
        self.card.mkdir()
        self.printer: Printer | None = None
        self.prints: list[str] = []
        """How each print that it ever began stands: what no printer tells."""

    def certify(self) -> str:
        """Make a certificate of its own; the SHA-256 of it."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, DEVICE)])
        now = dt.datetime.now(dt.UTC)
        made = (
            x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
            .not_valid_before(now)
            .not_valid_after(now + dt.timedelta(days=2))
            .sign(key, hashes.SHA256())
        )
        pem = made.public_bytes(serialization.Encoding.PEM)
        secret = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        (self.home / "certificate.pem").write_bytes(pem)
        (self.home / "key.pem").write_bytes(secret)
        (self.home / "both.pem").write_bytes(secret + pem)
        return made.fingerprint(hashes.SHA256()).hex()

    def up(self) -> None:
        """Start what does not run."""
        self.start("broker", self._mosquitto, "-c", self.home / "broker.conf")
        ftps = (self._python, Path(__file__).with_name("ftps.py"))
        self.start("ftps", *ftps, self.ftps_port, self.card, CODE, self.home / "both.pem")
        for port in (self.port, self.ftps_port):
            eventually(lambda port=port: accepts(port), UP_S)
        if self.printer is None:
            self.printer = Printer(self.port, DEVICE, CODE, self.card, self.prints)

    def kill(self, *names: str) -> None:
        self._switch_off()
        super().kill(*names)

    def calm(self) -> None:
        """With an empty card and a printer that has just been switched on."""
        self._switch_off()
        for found in self.card.iterdir():
            found.unlink()
        self.up()

    def close(self) -> None:
        self.kill()
        super().close()

    def _switch_off(self) -> None:
        if self.printer is not None:
            self.printer.off()
            self.printer = None


def _mosquitto() -> str:
    found = shutil.which("mosquitto", path=f"{os.environ['PATH']}:/usr/sbin")
    if found is None:
        pytest.skip("mosquitto is not installed: apt-get install mosquitto")
    return found
