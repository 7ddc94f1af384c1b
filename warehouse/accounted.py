"""Is everything in the documents accounted for? Each indicator, target, rule, milestone, budget fact and arithmetic
check has, in every edition of every region, an answer or the reason why it has none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import duckdb

from warehouse.accounted_sql import KINDS, REASONS
from warehouse.build import newest_build
from warehouse.errors import SchoolhouseError
from warehouse.settings import Settings

LABELS = {
    "indicator": "指标",
    "local_indicator": "本地补充指标",
    "target": "目标",
    "rule": "监测规则",
    "milestone": "时间节点",
    "budget_fact": "预算事实",
    "arithmetic_check": "勾稽核对",
}


@dataclass(frozen=True)
class Item:
    """One thing of the documents in one edition. `status` is None where the warehouse says nothing of it."""

    kind: str
    item_id: str
    name: str
    status: str | None
    reason: str | None
    reason_zh: str | None
    has_answer: bool

    @property
    def is_accounted(self) -> bool:
        return self.status is not None and (self.has_answer or bool(self.reason))


@dataclass
class Edition:
    """All items of a region and school year."""

    region_code: str
    school_year: str
    items: list[Item] = field(default_factory=list)

    def summary(self) -> dict[str, dict[str, Any]]:
        """kind -> items, how many are accounted for, how many have an answer, and their number by status."""
        found = {}
        for kind in LABELS:
            of_kind = [i for i in self.items if i.kind == kind]
            found[kind] = {
                "total": len(of_kind),
                "accounted": sum(i.is_accounted for i in of_kind),
                "answered": sum(i.has_answer for i in of_kind),
                "by_status": dict(sorted(Counter(i.status or "unaccounted" for i in of_kind).items())),
            }
        return found

    @property
    def unaccounted(self) -> list[Item]:
        return [i for i in self.items if not i.is_accounted]

    @property
    def unanswered(self) -> list[Item]:
        return [i for i in self.items if i.is_accounted and not i.has_answer]


@dataclass
class Account:
    """The account of a build."""

    build_id: str
    editions: list[Edition]

    @property
    def is_complete(self) -> bool:
        return bool(self.editions) and not any(e.unaccounted for e in self.editions)

    def to_dict(self) -> dict[str, Any]:
        return {
            "build_id": self.build_id,
            "complete": self.is_complete,
            "editions": [
                {
                    "region_code": e.region_code,
                    "school_year": e.school_year,
                    "kinds": e.summary(),
                    "without_answer": [asdict(i) for i in e.unanswered],
                    "unaccounted": [asdict(i) for i in e.unaccounted],
                }
                for e in self.editions
            ],
        }

    def lines(self) -> Iterator[str]:
        """For a terminal: a line a kind, then each reason with all that it holds for."""
        for e in self.editions:
            yield f"{e.region_code}  {e.school_year} 学年"
            for kind, s in e.summary().items():
                states = ",".join(f"{k} {n}" for k, n in s["by_status"].items())
                yield f"  {LABELS[kind]} {s['total']} 项,已说明 {s['accounted']} 项,有结果 {s['answered']} 项({states})"
            reasons: dict[tuple[str, str], list[str]] = {}
            for i in e.unanswered:
                reasons.setdefault((LABELS[i.kind], i.reason_zh or i.reason or ""), []).append(i.item_id)
            for (label, reason), ids in reasons.items():
                yield f"  {label}无结果 {len(ids)} 项:{reason}"
                yield f"      {' '.join(ids)}"
            for i in e.unaccounted:
                yield f"  ✗ 未说明:{LABELS[i.kind]} {i.item_id} {i.name}"
            yield ""
        if not self.editions:
            yield "还没有可以核对的年度"


def read_account(
    settings: Settings, region: str | None = None, school_year: str | None = None, build_id: str | None = None
) -> Account:
    """The account of a build (the newest good one by default), of one region or school year where asked for.

    Raises SchoolhouseError where there is no build, or no such edition in it.
    """
    row = newest_build(settings, build_id)
    with duckdb.connect(row["path"], read_only=True) as con:
        try:
            found = read_editions(con, region, school_year)
        except duckdb.CatalogException as e:
            raise SchoolhouseError(
                "this build was made before everything was judged",
                "此构建早于现行口径,缺少评判结果",
                where=row["build_id"],
                fix_en="run `schoolhouse build`",
                fix_zh="请运行 schoolhouse build",
            ) from e
    if not found and (region or school_year):
        asked = " ".join(filter(None, (region, school_year)))
        raise SchoolhouseError(
            f"this build has no edition of {asked}",
            f"此构建没有 {asked} 的年度",
            fix_en="`schoolhouse coverage` without options lists those it has",
            fix_zh="不加选项的 schoolhouse coverage 会列出全部",
        )
    return Account(row["build_id"], found)


def read_editions(con: duckdb.DuckDBPyConnection, region: str | None, school_year: str | None) -> list[Edition]:
    """Every edition of the open warehouse with its items, in the order of their kinds and codes."""
    editions = con.execute(
        "select region_code, school_year from dim_edition where (? is null or region_code = ?)"
        " and (? is null or school_year = ?) order by all",
        [region, region, school_year, school_year],
    ).fetchall()
    known = {(r, y): Edition(r, y) for r, y in editions}
    reasons = dict(con.execute("select reason_code, reason_zh from reason_code").fetchall()) | REASONS
    for kind in LABELS:
        for r, y, item_id, name, status, reason, has_answer in _items(con, kind):
            if (r, y) in known:
                item = Item(kind, item_id, name or "", status, reason, reasons.get(reason, reason), bool(has_answer))
                known[r, y].items.append(item)
    return list(known.values())


def _items(con: duckdb.DuckDBPyConnection, kind: str) -> Sequence[tuple[Any, ...]]:
    """(region, school year, id, name, status, reason, has an answer) of everything of a kind in every edition."""
    return con.execute(KINDS[kind]).fetchall()
