"""Reading what the synthetic offices wrote, as a person would: the table without what stands around it."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path

import pandas as pd
from python_calamine import CalamineWorkbook


@cache
def read_sheets(path: Path) -> list[list[list[object]]]:
    book = CalamineWorkbook.from_path(str(path))
    return [book.get_sheet_by_index(i).to_python(skip_empty_area=False) for i in range(len(book.sheet_names))]


def read_csv(path: Path) -> pd.DataFrame:
    data = path.read_bytes()
    text = data.decode("utf-8-sig" if data[:3] == b"\xef\xbb\xbf" else "gb18030")
    lines = [line.split(",") for line in text.replace("\r\n", "\n").rstrip("\n").split("\n")]
    return pd.DataFrame(lines[1:], columns=lines[0])


def read_table(path: Path, *columns: str) -> pd.DataFrame:
    """A written table: data rows only, without title, total, note and signature."""
    if path.suffix == ".csv":
        return read_csv(path)
    frames = []
    for rows in read_sheets(path):
        at = next(i for i, row in enumerate(rows) if all(c in row or c in rows[i + 1] for c in columns))
        two = not all(c in rows[at] for c in columns)
        header = [low or up for up, low in zip(rows[at], rows[at + 1], strict=True)] if two else rows[at]
        body = [r for r in rows[at + 1 + two :] if not str(r[0]).startswith(("合计", "注:", "填表人"))]
        frames.append(pd.DataFrame(body, columns=header))
    return pd.concat(frames, ignore_index=True)


def read_years(home: Path, pattern: str, *columns: str) -> pd.DataFrame:
    """The table of every year, with the folder's first year as `year`."""
    paths = sorted(home.glob(pattern))
    assert paths, pattern
    frames = [
        read_table(p, *columns).assign(year=int((re.search("20[0-9]{2}", p.parent.name) or [0])[0])) for p in paths
    ]
    return pd.concat(frames, ignore_index=True)


def hash_files(root: Path) -> dict[str, str]:
    return {
        p.relative_to(root).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(root.rglob("*"))
        if p.is_file()
    }
