"""Which format a file has, told by its content; its name is not looked at."""

import re
from typing import Final

from marketplace.designs.mesh import stl
from marketplace.designs.mesh.formats import refusals
from marketplace.designs.mesh.formats.model import Format

FOREIGN: Final = (
    (b"<!doctype", "a web page: the download link probably led to a page, not to the file"),
    (b"<html", "a web page: the download link probably led to a page, not to the file"),
    (b"<?xml", "an XML document"),
    (b"<svg", "a drawing (SVG)"),
    (b"\x1f\x8b", "a compressed archive (gzip)"),
    (b"7z\xbc\xaf", "a compressed archive (7-Zip)"),
    (b"Rar!", "a compressed archive (RAR)"),
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"),
    (b"; ", "G-code: upload the model, the provider slices it"),
    (b"G28", "G-code: upload the model, the provider slices it"),
)
BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
COMMENT_LINES: Final = re.compile(rb"(?:[ \t]*(?:#[^\r\n]*)?[\r\n]+)*+")
OBJ_LINE: Final = re.compile(
    rb"^[ \t]*(?:v[ \t]+[-+.\dnNiI]|f[ \t]+-?\d|(?:mtllib|o|g|usemtl|vn|vt)[ \t])", re.MULTILINE
)
OBJ_VERTEX: Final = re.compile(rb"^[ \t]*v[ \t]+\S", re.MULTILINE)


def format_of(data: bytes) -> Format:
    """The format of a file's bytes. Raises ModelRefused for what is none, or two at once."""
    if stl.is_exact_binary(data):
        # An STL header may hold any 80 bytes, but a file that is a whole archive too has two contents.
        if data.startswith(b"PK\x03\x04") and b"PK\x05\x06" in data[-65_557:]:
            raise refusals.not_a_model("two files in one, an STL and a zip archive")
        return Format.STL
    start = data[:512].removeprefix(BYTE_ORDER_MARK).lstrip()
    found = _by_magic(data, start)
    if found is None:
        _refuse_foreign(start)
    return found or Format.STL


def _by_magic(data: bytes, start: bytes) -> Format | None:
    magics = {
        Format.ZIP: data.startswith((b"PK\x03\x04", b"PK\x05\x06")),
        Format.GLTF: data.startswith(b"glTF") or (start.startswith(b"{") and b'"asset"' in data),
        Format.PLY: re.match(rb"ply[ \t]*[\r\n]", data) is not None,
        Format.STEP: start.startswith(b"ISO-10303-21"),
        Format.OBJ: start[:5].lower() != b"solid" and _is_obj(data),
    }
    return next((each for each, told in magics.items() if told), None)


def _is_obj(data: bytes) -> bool:
    comments = COMMENT_LINES.match(data.removeprefix(BYTE_ORDER_MARK), 0, 1_000_000)
    start = comments.end() if comments else 0
    head = data[start : start + 4096]
    return b"\0" not in head and bool(OBJ_LINE.search(head)) and bool(OBJ_VERTEX.search(data[:1_000_000]))


def _refuse_foreign(start: bytes) -> None:
    for magic, what in FOREIGN:
        if start[: len(magic)].lower() == magic.lower():
            raise refusals.not_a_model(what)
    if start.startswith(b"{"):
        raise refusals.not_a_model("a JSON document")
