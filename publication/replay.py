"""Causes of a difference proven by computing again: the earlier edition's build, with the code as it is now and one
input at a time exchanged for the later edition's.

An input that moves a figure is a cause of its change. A figure that already differs with the earlier inputs alone is
put down to the code; one that no single input moves, to several of them together. A replay costs a build without its
tests: a state that an edition's own build or an earlier replay has computed is not computed again.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import sqlalchemy as sa

from publication import manifest as m
from publication import versions
from publication.datasets import read_published
from publication.difference import CAUSES, Change, Difference, difference, figures
from publication.history import read_history
from publication.protection import TABLES, protect
from warehouse import corrections
from warehouse import ledger as l
from warehouse.build import one_writer, write_inputs
from warehouse.code import BUILD_PARTS, code_hash
from warehouse.dbt import run_dbt
from warehouse.errors import SchoolhouseError
from warehouse.files import flip_link
from warehouse.settings import Settings

DATABASE = "warehouse.duckdb"
_ROOM = ".replay"
_TARGET_SEEDS = ("policy_targets", "target_")
Figures = dict[tuple[str, tuple[str, ...], str], str]


@dataclass(frozen=True)
class State:
    """What a replay computes from: submissions, declared corrections, and the build whose seeds count, seed by seed."""

    submissions: frozenset[str]
    corrections: frozenset[str]
    seeds: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True)
class Swap:
    """One input exchanged: `cause` is one of `CAUSES`, `name` the source or the seeds it is about."""

    cause: str
    name: str
    state: State


@dataclass(frozen=True)
class Plan:
    """`ready` are databases of states that were computed before; `runs` is what is left to compute."""

    before: Path
    after: Path
    base: State
    swaps: tuple[Swap, ...]
    ready: dict[State, Path]
    is_live: bool

    @property
    def runs(self) -> int:
        return len({self.base, *(s.state for s in self.swaps)} - self.ready.keys())

    def lines(self, language: str = "zh") -> list[str]:
        """How many replays will run, and for which inputs."""
        names = ", ".join(f"{s.cause} {s.name}" for s in self.swaps) or "-"
        if language == "zh":
            return [f"重算 {self.runs} 次（每次约一次构建的时间），替换的输入：{names}"]
        return [f"{self.runs} replays, each about the time of a build; inputs exchanged: {names}"]


def plan(settings: Settings, before: Path, after: Path) -> Plan:
    """What has to be computed to explain the difference. Raises SchoolhouseError where a build of the two is gone."""
    old, new = _Build.of(settings, before), _Build.of(settings, after)
    region = m.read(after)["region_code"]
    ledger = l.Ledger.open(settings)
    seeds = _differing_seeds(old, new)
    is_live = new.code == code_hash(BUILD_PARTS)
    first = frozenset((s, old.folder.name) for s in seeds)
    second = frozenset() if is_live else frozenset((s, new.folder.name) for s in seeds)
    base = State(old.submissions, old.corrections, first)
    swaps = tuple(_swaps(ledger, region, base, new, first, second))
    ready: dict[State, Path] = {}
    if is_live:
        ready[State(new.submissions, new.corrections)] = new.folder / DATABASE
        if old.code == new.code or _same_models(old.folder, new.folder):
            ready[base] = old.folder / DATABASE
    for state in {base, *(s.state for s in swaps)} - ready.keys():
        path = settings.build / _ROOM / _name(state) / DATABASE
        if path.exists():
            ready[state] = path
    return Plan(before, after, base, swaps, ready, is_live)


def replay(settings: Settings, made: Plan, progress: Callable[[str], None] | None = None) -> Difference:
    """The difference of the two editions with the causes that the replays show."""
    told = difference(made.before, made.after)
    content = m.read(made.after)
    region, school_year = content["region_code"], content["school_year"]
    number = versions.number(content["version"])
    # What earlier versions hid stays hidden, in a replay as in the edition.
    earlier = [f / "data" for f in versions.editions(made.after.parent) if versions.number(f.name) < number]

    def compute(state: State) -> Figures:
        database = made.ready.get(state) or _run(settings, state, progress)
        published, _ = read_published(database, region, school_year)
        sets = [*published, *read_history(database, region, school_year)]
        return figures(protect(database, region, school_year, sets, earlier)[0])

    base = compute(made.base)
    moved = [(s, compute(s.state)) for s in made.swaps]
    changes = [_proven(c, base, moved, made.is_live) for c in told.changes]
    return replace(told, changes=changes, replayed=True)


def _proven(change: Change, base: Figures, moved: list[tuple[Swap, Figures]], is_live: bool) -> Change:
    place = (change.dataset, tuple(change.key.values()), change.column)
    was = base.get(place, "")
    found = [s for s, figure in moved if figure.get(place, "") != was]
    causes = {s.cause for s in found}
    # Hidden cells say why themselves; what an input did to a count behind one is not told.
    causes |= {"disclosure"} & set(change.causes)
    if was != change.before:
        causes.add("code")
    if not causes:
        causes.add("together" if is_live and len(moved) > 1 else "code")
    return replace(
        change,
        causes=tuple(c for c in CAUSES if c in causes),
        sources=tuple(sorted({s.name for s in found})),
    )


@dataclass(frozen=True)
class _Build:
    """The build of an edition, as its folder and the ledger keep it."""

    folder: Path
    submissions: frozenset[str]
    corrections: frozenset[str]
    code: str

    @classmethod
    def of(cls, settings: Settings, edition: Path) -> _Build:
        try:
            run = json.loads((edition / "attestation" / "run.json").read_text(encoding="utf-8"))
            folder = settings.build / run["build_id"]
            pin = json.loads((folder / "pin.json").read_text(encoding="utf-8"))
            rows = l.Ledger.open(settings).rows(sa.select(l.build).where(l.build.c.build_id == run["build_id"]))
            if not rows or not (folder / DATABASE).exists():
                raise FileNotFoundError(folder)
        except (OSError, ValueError, KeyError) as fault:
            raise SchoolhouseError(
                "the build of this edition is not in this house, so nothing can be computed again",
                "本库没有该版本所用的构建，无法重算",
                where=str(edition),
                fix_en="Run it where the edition was published, or leave out --replay.",
                fix_zh="请在发布该版本的环境中运行，或去掉 --replay。",
            ) from fault
        code = rows[0]["code_sha256"]
        return cls(folder, frozenset(pin["submissions"]), frozenset(pin.get("corrections", [])), code)


def _swaps(
    ledger: l.Ledger,
    region: str,
    base: State,
    new: _Build,
    first: frozenset[tuple[str, str]],
    second: frozenset[tuple[str, str]],
) -> Iterator[Swap]:
    """One swap a source and kind of change, one for the corrections of each source, one for targets, one for rules."""
    differing = base.submissions ^ new.submissions
    s = l.submission.c
    rows = ledger.rows(sa.select(l.submission).where(s.submission_id.in_(differing)))
    claims: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for r in rows:
        # What other regions sent is no input of this edition.
        if r["region_code"] in (region, ""):
            claim = ("source", "unit_code", "period", "scope")
            claims.setdefault(tuple(r[c] for c in claim), []).append(r)
    kinds: dict[tuple[str, str], frozenset[str]] = {}
    for claim, found in claims.items():
        there = {r["submission_id"] in new.submissions for r in found}
        kind = "source_revision" if len(there) == 2 else "late_submission" if there == {True} else "source_withdrawn"
        known = kinds.get((claim[0], kind), frozenset())
        kinds[claim[0], kind] = known | {r["submission_id"] for r in found}
    for (source, kind), ids in sorted(kinds.items()):
        yield Swap(kind, source, replace(base, submissions=base.submissions ^ ids))
    entered = base.corrections ^ new.corrections
    c = l.declared_correction.c
    found = ledger.rows(sa.select(l.declared_correction).where(c.correction_id.in_(entered)))
    by_source: dict[str, set[str]] = {}
    for r in found:
        if r["region_code"] == region:
            by_source.setdefault(r["source"], set()).add(r["correction_id"])
    for source, ids in sorted(by_source.items()):
        yield Swap("correction", source, replace(base, corrections=base.corrections ^ ids))
    for cause in ("target", "rule"):
        mine = {seed for seed, _ in first if seed.startswith(_TARGET_SEEDS) == (cause == "target")}
        if mine:
            kept = {s for s in first if s[0] not in mine} | {s for s in second if s[0] in mine}
            yield Swap(cause, " ".join(sorted(mine)), replace(base, seeds=frozenset(kept)))


def _graph(folder: Path) -> dict[str, Any]:
    path = folder / "manifest.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"nodes": {}, "macros": {}}


def _differing_seeds(old: _Build, new: _Build) -> list[str]:
    """Seeds whose rows differ between two builds; one that only the later has is part of its code."""
    if old.code == new.code:
        return []
    graphs = [_graph(b.folder) for b in (old, new)]
    first, second = ({n["name"] for n in g["nodes"].values() if n["resource_type"] == "seed"} for g in graphs)
    found = []
    with duckdb.connect() as con:
        for name, build in (("was", old), ("now", new)):
            con.execute(f"attach '{_quoted(build.folder / DATABASE)}' as {name} (read_only)")
        for seed in sorted(first & second):
            was, now = (con.sql(f'select * from {side}."{seed}"').to_arrow_table() for side in ("was", "now"))
            if was.schema != now.schema or sorted(map(str, was.to_pylist())) != sorted(map(str, now.to_pylist())):
                found.append(seed)
    return found


def _same_models(old: Path, new: Path) -> bool:
    """Whether two builds ran the same models and macros, whatever their seeds hold."""

    def program(folder: Path) -> dict[str, Any]:
        graph = _graph(folder)
        models = {k: n["checksum"]["checksum"] for k, n in graph["nodes"].items() if n["resource_type"] == "model"}
        return {**models, **{k: x["macro_sql"] for k, x in graph["macros"].items()}}

    first = program(old)
    return bool(first) and first == program(new)


def _name(state: State) -> str:
    parts = [sorted(state.submissions), sorted(state.corrections), sorted(state.seeds), code_hash(BUILD_PARTS)]
    return "r" + hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:15]


def _run(settings: Settings, state: State, progress: Callable[[str], None] | None) -> Path:
    """Compute the published tables of a state, beside the builds: no reader of the house ever sees it."""
    folder = settings.build / _ROOM / _name(state)
    ledger = l.Ledger.open(settings)
    aside = folder.with_name(f"{folder.name}.tmp")
    ids, corrected = sorted(state.submissions), corrections.in_force(ledger, state.corrections)
    with one_writer(settings):
        shutil.rmtree(aside, ignore_errors=True)
        database = aside / DATABASE
        pin = {"submissions": ids, "corrections": sorted(state.corrections)}
        write_inputs(ledger, aside, ids, pin, database)
        with duckdb.connect(database) as con:
            corrections.freeze(con, settings.raw, aside / corrections.CORRECTED, corrected)
        _models(settings, state, aside, progress)
        kept = aside / "kept.duckdb"
        with duckdb.connect(kept) as con:
            con.execute(f"attach '{_quoted(database)}' as made (read_only)")
            tables = con.execute("select table_name from duckdb_tables() where database_name = 'made'").fetchall()
            for (table,) in sorted(tables):
                if table.startswith("pub_") or table in TABLES:
                    con.execute(f'create table "{table}" as select * from made."{table}"')
        kept.replace(database)
        shutil.rmtree(folder, ignore_errors=True)
        aside.rename(folder)
    return folder / DATABASE


def _models(settings: Settings, state: State, folder: Path, progress: Callable[[str], None] | None) -> None:
    shared = settings.build / ".dbt"
    flip_link(shared / "current", folder)
    variables: dict[str, Any] = {"raw_dir": str(settings.raw)}
    if sources := corrections.corrected_sources(folder / corrections.CORRECTED):
        corrected = str(shared / "current" / corrections.CORRECTED)
        variables |= {"corrected_dir": corrected, "corrected_sources": sources}

    def invoke(*command: str) -> None:
        outcome = run_dbt(
            command,
            database=shared / "current" / DATABASE,
            target=shared / "target",
            logs=folder / "logs",
            variables=variables,
            progress=progress,
        )
        if broken := outcome.having("error", "fail"):
            raise SchoolhouseError(
                f"the replay failed in {broken[0]}",
                f"重算失败,出错的模型:{broken[0]}",
                where=str(folder / "logs" / "dbt.log"),
                fix_en="The code as it is now cannot read these inputs; see the log named here.",
                fix_zh="现行程序无法读取这些输入，请数据工程师查看此日志。",
            )

    invoke("seed")
    with duckdb.connect(folder / DATABASE) as con:
        for build in sorted({b for _, b in state.seeds}):
            con.execute(f"attach '{_quoted(settings.build / build / DATABASE)}' as other (read_only)")
            for seed in sorted(s for s, b in state.seeds if b == build):
                con.execute(f'delete from main."{seed}"')
                con.execute(f'insert into main."{seed}" by name select {_shared(con, seed)} from other."{seed}"')
            con.execute("detach other")
    wanted = ["+path:models/published", *(f"+{t}" for t in TABLES)]
    invoke("run", "--select", *wanted)


def _shared(con: duckdb.DuckDBPyConnection, seed: str) -> str:
    """Columns that the seed has here and there."""
    here, there = ({c for c, *_ in con.execute(f'describe {side}."{seed}"').fetchall()} for side in ("main", "other"))
    return ", ".join(f'"{c}"' for c in sorted(here & there))


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
