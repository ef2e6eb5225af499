"""Why a backup or a restore was refused; whatever the reason, the site is as it was."""

from collections.abc import Sequence
from pathlib import Path

from protocol.errors import InfillError


class BackupRefused(InfillError):
    """Base of all that follow."""

    code = "backup-refused"


class ArchiveExists(BackupRefused):
    """An archive is never written over."""

    code = "archive-exists"

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is there already: name another file, or a folder.")


class ArchiveDamaged(BackupRefused):
    """What the archive holds is not what was put into it."""

    code = "archive-damaged"

    def __init__(self, what: str) -> None:
        super().__init__(f"The archive is damaged: {what}. Nothing was restored; take another one.")


class ArchiveForeign(BackupRefused):
    """A sound archive, or another kind of file, that this site cannot take."""

    code = "archive-foreign"

    def __init__(self, what: str) -> None:
        super().__init__(f"The archive does not fit this site: {what}")


class ArchiveNewer(BackupRefused):
    """Its rows have a schema that this version of Infill does not know."""

    code = "archive-newer"

    def __init__(self, unknown: Sequence[str]) -> None:
        super().__init__(
            "The archive was made by a newer Infill: this one does not know the migrations "
            f"{', '.join(unknown)}. Install the version that made it, or a later one."
        )


class SiteNotEmpty(BackupRefused):
    """Restoring would drop rows."""

    code = "site-not-empty"

    def __init__(self, model: str) -> None:
        super().__init__(
            f"The site has rows already ({model}): a restore drops them all. "
            "Point DATABASE_URL at an empty database, or say --replace."
        )


class ProgramMissing(BackupRefused):
    """PostgreSQL's own programs do the work, and one is not installed."""

    code = "program-missing"

    def __init__(self, program: str) -> None:
        super().__init__(
            f"{program} is not installed here. Install PostgreSQL's programs, of the server's version or a "
            "later one:\n    apt-get install -y postgresql-client"
        )


class DatabaseFailed(BackupRefused):
    """The database, or its program, ended with an error; what it did was rolled back."""

    code = "database-failed"

    def __init__(self, program: str, said: str) -> None:
        super().__init__(f"{program} failed, and the database is as it was: {said.strip()}")


class MasterKeyOther(BackupRefused):
    """The files are encrypted under a master key that the site does not have."""

    code = "master-key-other"

    def __init__(self, what: str) -> None:
        super().__init__(
            f"The files of {what} are encrypted under a master key that DESIGN_KEYS here lacks: "
            "add that key, at the end of the list. Without it not one of them opens again."
        )
