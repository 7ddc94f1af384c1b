"""The calendar at work: editions become public when their time comes, and what should be ready and is not is told."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from publication import versions
from publication.clearance import clear
from publication.shelf import finish, one_publisher
from warehouse.errors import SchoolhouseError
from warehouse.ledger import Ledger
from warehouse.release import in_window, is_public, release_of, release_time
from warehouse.settings import Settings

STATES = {"late": ("逾期未发布", "late"), "blocked": ("发布受阻", "blocked")}


@dataclass(frozen=True)
class Missing:
    """An edition that should be there: `late` after its release time, `blocked` in the pre-release window before it.

    `why_*` is the line of what stands in the way; it names no person.
    """

    region_code: str
    school_year: str
    state: str
    release_at: str
    why_zh: str
    why_en: str

    def to_dict(self) -> dict[str, str]:
        return asdict(self)


@dataclass(frozen=True)
class Shelf:
    """What stands on a shelf after the calendar went over it; versions, newest last.

    `release_at` is when what is `ahead` becomes public, in the calendar's zone; nothing where all is out.
    """

    region_code: str
    school_year: str
    public: tuple[str, ...]
    ahead: tuple[str, ...]
    in_window: bool
    release_at: str = ""

    def to_dict(self) -> dict[str, object]:
        return asdict(self)


def release(settings: Settings) -> list[Shelf]:
    """Let every edition out whose time has come, and into the internal zone the ones whose window has begun.

    The clock decides; running it twice does nothing more.
    """
    settings.prepare()
    ledger = Ledger.open(settings)
    found = []
    for shelf in sorted(p for p in settings.editions.glob("*/*") if p.is_dir() and not p.is_symlink()):
        with one_publisher(shelf):
            finish(settings, ledger, shelf)
        standing = versions.editions(shelf)
        public = tuple(f.name for f in standing if is_public(f))
        ahead = tuple(f.name for f in standing if not is_public(f))
        window = bool(standing) and in_window(standing[-1])
        at = min((t for f in standing if f.name in ahead and (t := release_time(f)) is not None), default=None)
        told = f"{at:%Y-%m-%d %H:%M %z}" if at else ""
        found.append(Shelf(shelf.parent.name, shelf.name, public, ahead, window, told))
    return found


def watch(settings: Settings, at: datetime | None = None) -> list[Missing]:
    """Editions that should be there by the calendar and are not, for every region and year with a school report."""
    settings.prepare()
    ledger = Ledger.open(settings)
    at = at or datetime.now(UTC)
    sent = {(s["region_code"], s["period"]) for s in ledger.current(sources=["school_report"]) if s["region_code"]}
    found = []
    for region, school_year in sorted(sent):
        rule = release_of(region, school_year)
        if rule.at is None or not rule.is_watched(at) or versions.editions(settings.editions / region / school_year):
            continue
        state = "late" if at >= rule.at else "blocked"
        zh, en = _why(ledger, region, school_year)
        found.append(Missing(region, school_year, state, rule.at.isoformat(), zh, en))
    return found


def _why(ledger: Ledger, region: str, school_year: str) -> tuple[str, str]:
    try:
        clear(ledger, region, school_year)
    except SchoolhouseError as fault:
        return fault.line("zh"), fault.line("en")
    return "已具备发布条件，尚未发布", "everything is there; it has not been published"
