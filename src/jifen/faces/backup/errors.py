"""Why a backup or a restore was refused."""

from __future__ import annotations

from typing import ClassVar

from jifen.common.errors import Conflict, JifenError


class BackupFailed(JifenError):
    """PostgreSQL's program could not read the database; the file is as it was before."""

    code: ClassVar[str] = "backup_failed"


class RestoreFailed(JifenError):
    """Something in the backup could not be restored; the database is as it was before."""

    code: ClassVar[str] = "restore_failed"


class BackupTooNew(JifenError):
    """The backup was made by a newer Jifen."""

    code: ClassVar[str] = "backup_too_new"


class DatabaseNotEmpty(Conflict):
    """The database holds programmes, or tables of somebody else."""

    code: ClassVar[str] = "database_not_empty"


class FileExists(Conflict):
    """A file of this name is there already."""

    code: ClassVar[str] = "file_exists"


class ProgramMissing(JifenError):
    """A program of PostgreSQL that can read this server is not installed."""

    code: ClassVar[str] = "program_missing"
