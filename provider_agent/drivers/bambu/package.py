"""G-code in the wrapping that these printers start from: a 3MF with the G-code of one plate."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

PLATE = "Metadata/plate_1.gcode"
SUFFIX = ".3mf"
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
_OPC = "http://schemas.openxmlformats.org/package/2006"
_PARTS = {
    "[Content_Types].xml": f"""<?xml version="1.0" encoding="UTF-8"?>
<Types xmlns="{_OPC}/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="model" ContentType="application/vnd.ms-package.3dmanufacturing-3dmodel+xml"/>
<Default Extension="gcode" ContentType="text/x.gcode"/>
</Types>
""",
    "_rels/.rels": f"""<?xml version="1.0" encoding="UTF-8"?>
<Relationships xmlns="{_OPC}/relationships">
<Relationship Target="/3D/3dmodel.model" Id="rel-1"
 Type="http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"/>
</Relationships>
""",
    "3D/3dmodel.model": """<?xml version="1.0" encoding="UTF-8"?>
<model unit="millimeter" xml:lang="en-US" xmlns="http://schemas.microsoft.com/3dmanufacturing/core/2015/02">
<resources/><build/>
</model>
""",
}


def wrap(gcode: Path, package: Path) -> None:
    """Write the package of a G-code file: the same bytes for the same G-code, at any time."""
    with gcode.open("rb") as body:
        digest = hashlib.file_digest(body, "md5").hexdigest().upper()
    with ZipFile(package, "w", ZIP_DEFLATED) as archive:
        for name, text in (_PARTS | {f"{PLATE}.md5": digest}).items():
            archive.writestr(_entry(name), text)
        with gcode.open("rb") as body, archive.open(_entry(PLATE), "w", force_zip64=True) as out:
            shutil.copyfileobj(body, out)


def _entry(name: str) -> ZipInfo:
    entry = ZipInfo(name, _LONG_AGO)
    entry.compress_type = ZIP_DEFLATED
    return entry
