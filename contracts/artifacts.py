"""The committed build and the deployments: ABI, bytecode, addresses, and the errors by name."""

import json
from dataclasses import asdict, dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError
from eth_utils.crypto import keccak

from protocol.units import address_of

ROOT = Path(__file__).parents[1]
BUILD = Path(__file__).parent / "build"
DEPLOYMENTS = Path(__file__).parent / "deployments"
CONTRACTS = ("PrintEscrow", "ProvenanceAnchor")

Abi = list[dict[str, Any]]


class UnknownContract(Exception):
    """The build has no contract of this name."""


class UnknownDeployment(Exception):
    """No deployment is written for this chain."""


class DeploymentDamaged(Exception):
    """A deployment file that describes no deployment."""


class UnknownErrorData(Exception):
    """Revert data that is no error of our contracts."""


@dataclass(frozen=True)
class Deployment:
    """Where the contracts stand on one chain.

    Addresses are checksummed; `block` is the first to read logs from; `publisher` is who anchors.
    """

    chain_id: int
    escrow: str
    anchor: str
    block: int
    publisher: str | None = None


@dataclass(frozen=True)
class ErrorAbi:
    """A custom error: its name, and the names and types of its arguments."""

    name: str
    arguments: tuple[str, ...]
    types: tuple[str, ...]

    @property
    def selector(self) -> bytes:
        """The first 4 bytes of the revert data."""
        return keccak(text=f"{self.name}({','.join(self.types)})")[:4]


@dataclass(frozen=True)
class ContractError:
    """A custom error with its values: ints, addresses in EIP-55 form, digests as bytes."""

    name: str
    args: dict[str, Any]

    def __str__(self) -> str:
        values = (
            f"{key}={'0x' + value.hex() if isinstance(value, bytes) else value}"
            for key, value in self.args.items()
        )
        return f"{self.name}({', '.join(values)})"


@cache
def _artifact(name: str) -> dict[str, Any]:
    path = BUILD / f"{name}.json"
    if name not in CONTRACTS or not path.is_file():
        raise UnknownContract(
            f"contracts/build has no {name}: there are {', '.join(CONTRACTS)}; run make contracts."
        )
    artifact: dict[str, Any] = json.loads(path.read_text())
    return artifact


def abi(name: str) -> Abi:
    """The ABI of a contract. Raises UnknownContract."""
    entries: Abi = _artifact(name)["abi"]
    return entries


def bytecode(name: str) -> str:
    """The creation code of a contract as 0x text. Raises UnknownContract."""
    return str(_artifact(name)["bytecode"])


def is_build(name: str, code: bytes) -> bool:
    """Whether `code`, as found on a chain, is this build of the contract, whatever its immutables hold.

    Raises UnknownContract.
    """
    built = bytes.fromhex(str(_artifact(name)["deployed_bytecode"])[2:])
    return len(code) == len(built) and _without_immutables(name, code) == _without_immutables(name, built)


def immutables(name: str, code: bytes) -> dict[str, set[bytes]]:
    """What the immutables of a build of the contract hold in `code`, by name. Raises UnknownContract."""
    found: dict[str, set[bytes]] = {}
    for place in _artifact(name)["immutables"]:
        start, length = place["start"], place["length"]
        found.setdefault(place["name"], set()).add(code[start : start + length])
    return found


def _without_immutables(name: str, code: bytes) -> bytes:
    blank = bytearray(code)
    for place in _artifact(name)["immutables"]:
        start, length = place["start"], place["length"]
        blank[start : start + length] = bytes(length)
    return bytes(blank)


def sources_changed() -> list[str]:
    """Names of the sources in which this tree and the build differ, imports that are not installed apart."""
    own = {path.relative_to(ROOT).as_posix() for path in ROOT.glob("contracts/src/**/*.sol")}
    named = _checksums()
    here = {name for name in {*own, *named} if (ROOT / name).is_file()}
    known = {name for name in named if name in here or name.startswith("contracts/")}
    found = {name: sha256((ROOT / name).read_bytes()).hexdigest() for name in here}
    return sorted(name for name in here | known if found.get(name) != named.get(name))


def sources_missing() -> list[str]:
    """Sources of the build that are not installed here: other people's, that ours import."""
    return [name for name in _checksums() if not (ROOT / name).is_file()]


def _checksums() -> dict[str, str]:
    pairs = (line.split("  ") for line in (BUILD / "sources.sha256").read_text().splitlines())
    return {name: checksum for checksum, name in pairs}


def deployment_path(chain_id: int, folder: Path | None = None) -> Path:
    """The file of a chain's deployment; without a folder, that of the repository."""
    return (folder or DEPLOYMENTS) / f"{chain_id}.json"


def deployment(chain_id: int, path: Path | None = None) -> Deployment:
    """The deployment on a chain, from the folder `path` or the repository's own.

    Raises UnknownDeployment or DeploymentDamaged.
    """
    file = deployment_path(chain_id, path)
    if not file.is_file():
        raise UnknownDeployment(
            f"No contracts are known on chain {chain_id} ({file.name}): run python -m contracts.deploy."
        )
    return deployment_read(file)


def deployment_read(file: Path) -> Deployment:
    """The deployment that a file describes. Raises DeploymentDamaged."""
    try:
        return Deployment(**json.loads(file.read_text()))
    except (ValueError, TypeError) as error:
        raise DeploymentDamaged(f"{file.name} describes no deployment ({error}): restore it.") from error


def deployment_write(found: Deployment, path: Path | None = None) -> Path:
    """Write a deployment to the folder `path` or the repository's own, replacing the file. Returns it."""
    return json_write(deployment_path(found.chain_id, path), asdict(found))


def json_write(file: Path, value: object) -> Path:
    """Write a file whole or not at all, making its folder. Returns it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_suffix(".new")
    fresh.write_text(json.dumps(value, indent=2) + "\n")
    return fresh.replace(file)


@cache
def error_selectors() -> dict[bytes, ErrorAbi]:
    """Every custom error of the contracts by its 4-byte selector."""
    entries = [entry for name in CONTRACTS for entry in abi(name) if entry["type"] == "error"]
    errors = [
        ErrorAbi(
            entry["name"],
            tuple(i["name"] for i in entry["inputs"]),
            tuple(i["type"] for i in entry["inputs"]),
        )
        for entry in entries
    ]
    return {error.selector: error for error in errors}


def decode_error(data: bytes) -> ContractError:
    """Name the custom error in revert data and decode its values.

    A bare selector, as `isAwardable` answers, gives the name with no values. Raises UnknownErrorData.
    """
    error = error_selectors().get(data[:4])
    if error is None:
        raise UnknownErrorData(
            f"0x{data[:4].hex()} is no error of PrintEscrow or ProvenanceAnchor: is it our contract?"
        )
    if len(data) == 4:
        return ContractError(error.name, {})
    try:
        values = decode(error.types, data[4:])
    except DecodingError as problem:
        raise UnknownErrorData(
            f"The values of {error.name} cannot be decoded from 0x{data[4:].hex()}."
        ) from problem
    typed = [
        address_of(value) if kind == "address" else value
        for kind, value in zip(error.types, values, strict=True)
    ]
    return ContractError(error.name, dict(zip(error.arguments, typed, strict=True)))
