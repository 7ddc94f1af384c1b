"""Faults of the machine that whoever runs a command can mend: no room on the disk, no right to a file."""

from __future__ import annotations

import errno
from collections.abc import Iterator

from warehouse.errors import SchoolhouseError

# How SQLite and DuckDB say it; an OSError has a number.
_FULL = ("No space left on device", "database or disk is full", "max_temp_directory_size")


def of_the_machine(fault: BaseException) -> SchoolhouseError | None:
    """What to say instead of a traceback; None where the fault is the program's own."""
    for error in _chain(fault):
        number = getattr(error, "errno", None)
        where = str(getattr(error, "filename", None) or "")
        if number in (errno.ENOSPC, errno.EDQUOT) or any(text in str(error) for text in _FULL):
            return SchoolhouseError(
                "no space is left on the disk",
                "磁盘空间已满",
                where=where,
                fix_en="make room (`schoolhouse builds --apply` lets old builds go) and run the command again; what "
                "was received before is not touched",
                fix_zh="请先腾出空间(schoolhouse builds --apply 可清理旧的构建)再运行本命令;此前接收的内容不受影响",
            )
        if number in (errno.EACCES, errno.EPERM, errno.EROFS):
            return SchoolhouseError(
                "no right to read or write this",
                "没有读写权限",
                where=where,
                fix_en="run the command as the user who owns the house, or have the folder's rights changed",
                fix_zh="请使用数据目录的属主账户运行,或请管理员调整该目录的权限",
            )
    return None


def _chain(fault: BaseException) -> Iterator[BaseException]:
    """A fault and what it came of."""
    error: BaseException | None = fault
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
