"""Expected against received against accepted: one state per source, school and period, for the office that chases."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa

from warehouse import ledger as l
from warehouse.coverage import School, read_coverage, read_schools, rejected_schools
from warehouse.expected import Expectation, edition_periods, period_start, read_expectations
from warehouse.settings import Settings
from warehouse.successions import apply_changes, read_changes

# State -> (what the office reads, whether somebody has to be asked).
STATES: dict[str, tuple[str, bool]] = {
    "conflict": ("重复报送待定", True),
    "rejected": ("退回", True),
    "waiting": ("等待参照数据", True),
    "late": ("逾期未报", True),
    "missing": ("未报", True),
    "partial": ("部分接收", True),
    "late_after_edition": ("发布后补报", True),
    "accepted": ("已接收", False),
    "optional": ("可选", False),
}
_YEAR_IN_PATH = re.compile(r"(?<!\d)20\d\d-20\d\d(?!\d)")


@dataclass(frozen=True)
class Line:
    """One unit's duty: a school, or the region itself, one source, one period. Counts are files and sheet rows."""

    region_code: str
    source: str
    label: str
    required: bool
    unit_code: str
    unit_name: str
    period: str
    due: str
    expected: int
    received: int
    accepted: int
    rows_accepted: int
    rows_rejected: int
    state: str
    received_late: bool = False
    last_received: str = ""
    reason_zh: str = ""
    file_name: str = ""
    submissions: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "state_zh": STATES[self.state][0], "chase": STATES[self.state][1]}


@dataclass
class _Unit:
    """What has come of one source for one unit."""

    files: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    rows: int = 0
    bad: int = 0
    troubled: bool = False

    def add(self, submission: dict[str, Any], rows: int, *, bad: int = 0) -> None:
        self.files[submission["file_sha256"]].append(submission)
        self.rows += rows
        self.bad += bad
        self.troubled |= bad > 0

    def all(self) -> list[dict[str, Any]]:
        return [s for found in self.files.values() for s in found]


def read_lines(settings: Settings, region: str, school_year: str, today: date) -> list[Line]:
    """Every expected (source, unit) of the region for the periods that the school year's edition judges.

    Required sources come first. An optional source of which nothing came is one line of the region.
    """
    return _Chase(settings, region, school_year, today).lines()


class _Chase:
    def __init__(self, settings: Settings, region: str, school_year: str, today: date) -> None:
        self.settings, self.region, self.school_year, self.today = settings, region, school_year, today
        self.ledger = l.Ledger.open(settings)
        self.periods = edition_periods(region, school_year)
        s = l.submission.c
        own = sa.select(l.submission).where(s.region_code.in_((region, "")), s.status != "superseded")
        self.submissions = self.ledger.rows(own.order_by(s.submission_id))
        told = read_schools(settings, self.ledger, region, school_year)
        first = period_start("school_year", school_year)
        changes = read_changes(settings, self.ledger, region) if told.schools else []
        self.schools = apply_changes(told.schools, changes, first, told.arrived, told.listed)
        self.late = self._late()
        self.conflicts = _conflicts(self.ledger)

    def lines(self) -> list[Line]:
        return [line for e in read_expectations(self.region) for line in self._of(e)]

    def _of(self, e: Expectation) -> list[Line]:
        period = self.periods[e.clock]
        start = period_start(*(("school_year", self.school_year) if e.clock == "none" else (e.clock, period)))
        due = e.due_date(start)
        mine = [s for s in self.submissions if s["source"] == e.source and self._in_period(s, e, period)]
        wanted = [s for s in self.schools if e.concerns(set(s.stages), s.school_type_code)] if e.per == "school" else []
        if e.source != "school_report":
            wanted = [s for s in wanted if not s.vanished]
        # A school that has ended by the day is asked no more, one that is not there yet is not asked.
        wanted = [s for s in wanted if s.is_there(due or start.replace(year=start.year + 1))]
        if not wanted or (not mine and not e.required):
            unit = _Unit()
            for s in mine:
                unit.add(s, s["rows_accepted"], bad=s["rows_rejected"])
            return [self._line(e, self.region, self._region_name(), period, due, unit)]
        units, rest = self._by_school(e, mine, wanted)
        lines = [self._line(e, s.school_code, s.school_name, period, due, units[s.school_code]) for s in wanted]
        if rest.files:
            lines.append(self._line(e, self.region, self._region_name(), period, due, rest))
        return lines

    def _by_school(
        self, e: Expectation, mine: list[dict[str, Any]], wanted: list[School]
    ) -> tuple[dict[str, _Unit], _Unit]:
        """Units by school code, and the files whose school nobody can tell."""
        covered = read_coverage(self.settings, e.source, [s["submission_id"] for s in mine if s["status"] in l.CURRENT])
        units = {s.school_code: _Unit() for s in wanted}
        rest = _Unit()
        for s in mine:
            bad = rejected_schools(self.settings, s) if s["rows_rejected"] else {}
            here = covered.get(s["submission_id"], {})
            told = {c for c in (*here, *bad) if c in units}
            if not told:
                named = _named(s, wanted)
                told = {named} if named else set()
            for code in told:
                alone = len(told) == 1
                units[code].add(s, here.get(code, 0), bad=s["rows_rejected"] if alone else bad.get(code, 0))
            astray = s["rows_rejected"] - sum(bad.get(c, 0) for c in told) if len(told) > 1 else 0
            if not told or astray > 0:
                rest.add(s, 0 if told else s["rows_accepted"], bad=astray if told else s["rows_rejected"])
        return units, rest

    def _line(self, e: Expectation, code: str, name: str, period: str, due: date | None, unit: _Unit) -> Line:
        found = unit.all()
        current = [s for s in found if s["status"] in l.CURRENT]
        received = max((s["received_at"] for s in found), default="")
        trouble = next((s for s in found if s["status"] not in ("accepted",)), None)
        if trouble and trouble["status"] == "partial" and not unit.troubled:
            trouble = None
        return Line(
            region_code=self.region,
            source=e.source,
            label=e.label,
            required=e.required,
            unit_code=code,
            unit_name=name,
            period=period,
            due=due.isoformat() if due else "",
            expected=e.minimum,
            received=len(unit.files),
            accepted=len({s["file_sha256"] for s in current}),
            rows_accepted=unit.rows,
            rows_rejected=unit.bad,
            state=self._state(e, due, unit, current),
            received_late=bool(due and current and min(s["received_at"] for s in current)[:10] > due.isoformat()),
            last_received=received,
            reason_zh=trouble["reason_zh"] if trouble else "",
            file_name=(trouble or (found[-1] if found else {})).get("file_name", ""),
            submissions=tuple(sorted(s["submission_id"] for s in found)),
        )

    def _state(self, e: Expectation, due: date | None, unit: _Unit, current: list[dict[str, Any]]) -> str:
        found = unit.all()
        ids = {s["submission_id"] for s in found}
        if any(a in ids and b in ids for a, b in self.conflicts):
            return "conflict"
        if current:
            if any(s["status"] in ("rejected", "waiting") for s in found) or unit.troubled:
                return "partial"
            if len({s["file_sha256"] for s in current}) < e.minimum:
                return "partial"
            if any(s["submission_id"] in self.late for s in current):
                return "late_after_edition"
            return "accepted"
        for state in ("waiting", "rejected"):
            if any(s["status"] == state for s in found):
                return state
        if not e.required:
            return "optional"
        return "late" if due and self.today > due else "missing"

    def _in_period(self, s: dict[str, Any], e: Expectation, period: str) -> bool:
        if e.clock == "none" or s["period"]:
            return s["period"] == period
        named = _YEAR_IN_PATH.search(s["file_name"])
        return named is None or named[0] == self.school_year

    def _late(self) -> set[str]:
        """Submissions of which the ledger remarks that they came after the year's newest edition."""
        c, late = l.edition.c, l.late_arrival.c
        newest = sa.select(c.version).where(c.region_code == self.region, c.school_year == self.school_year)
        editions = self.ledger.rows(newest.order_by(c.published_at.desc()).limit(1))
        if not editions:
            return set()
        remarked = sa.select(late.submission_id).where(
            late.school_year == self.school_year, late.edition_version == editions[0]["version"]
        )
        return {r["submission_id"] for r in self.ledger.rows(remarked)}

    def _region_name(self) -> str:
        return "全区划"


def _named(submission: dict[str, Any], schools: Iterable[School]) -> str:
    """The school whose code or name stands in the path of a file that was not read: a hint for the office alone."""
    path = submission["file_name"]
    codes = [s.school_code for s in schools if s.school_code in path or s.school_code == submission["unit_code"]]
    names = [s for s in schools if s.school_name and s.school_name in path]
    longest = max(names, key=lambda s: len(s.school_name), default=None)
    return codes[0] if codes else longest.school_code if longest else ""


def _conflicts(ledger: l.Ledger) -> list[tuple[str, str]]:
    """Pairs of submissions that claim the same rows; of two with the same claim only the first one counts now, and
    stands twice. What a region's list has replaced is decided."""
    c = l.claim_conflict.c
    rows = ledger.rows(sa.select(c.submission_id, c.other_submission_id, c.kind).where(c.kind != "replaced"))
    return [(r["submission_id"], r["other_submission_id" if r["kind"] == "overlap" else "submission_id"]) for r in rows]
