"""A build: pinned inputs in, one DuckDB file out. Nobody else opens the file while it is written.

With the target `postgres` or `spark` the same models make a schema of that engine, named by the build; readers of the
house go on with the DuckDB builds.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import sqlalchemy as sa

from warehouse import corrections, reuse, serving
from warehouse import ledger as l
from warehouse.code import BUILD_PARTS, code_hash
from warehouse.dbt import DbtOutcome, run_dbt
from warehouse.engines import Engine, running_engine
from warehouse.errors import SchoolhouseError
from warehouse.files import atomic_write, flip_link
from warehouse.inputs import write_inputs
from warehouse.settings import Settings

DATABASE = "warehouse.duckdb"
# Shared by all builds of a house: dbt's parsed project, and the link under which dbt knows the database of the day.
_SHARED = ".dbt"
TARGETS = ("duckdb", "postgres", "spark")
# The ledger's tables of a build whose tables another engine has; `newest_build` does not take it for a warehouse.
INPUTS = "inputs.duckdb"


@dataclass
class BuildResult:
    """`status`: ok (every model and every test held), tests_failed (models are there, the gate will block), failed."""

    build_id: str
    path: Path
    status: str
    reused: bool
    models: int = 0
    tests: int = 0
    tests_failed: list[str] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "path": str(self.path)}


def build(
    settings: Settings,
    *,
    target: str = "duckdb",
    pin: Path | None = None,
    full_refresh: bool = False,
    progress: Callable[[str], None] | None = None,
) -> BuildResult:
    """Build the warehouse from the current submissions, or from those of a pin file, into `build/<build_id>/`.

    `build_id` names inputs and code, so an existing good build of the same id is used again unless `full_refresh`.
    Raises SchoolhouseError when nothing was ingested, when a pin names unknown submissions, or when a model fails.
    """
    if target not in TARGETS:
        raise SchoolhouseError(
            f"unknown build target {target!r}",
            f"不支持的构建目标 {target!r}",
            fix_en=f"use one of: {', '.join(TARGETS)}",
            fix_zh=f"可用:{'、'.join(TARGETS)}",
        )
    settings.prepare()
    ledger = l.Ledger.open(settings)
    with one_writer(settings), running_engine(settings, target) as engine:
        ids, of_pin = _read_pin(ledger, pin) if pin else (ledger.current_ids(), None)
        if not ids:
            raise SchoolhouseError(
                "nothing has been ingested yet",
                "尚未接收任何文件",
                fix_en="run `schoolhouse ingest PATH` first",
                fix_zh="请先运行 schoolhouse ingest 路径",
            )
        corrections.load(settings)
        corrected = corrections.in_force(ledger, of_pin)
        pin_hash = hash_pin(ids, corrected)
        code = code_hash(BUILD_PARTS)
        build_id = name_build(target, pin_hash, code)
        folder = settings.build / build_id
        database = folder / (INPUTS if engine else DATABASE)
        if not full_refresh and (known := _known(ledger, build_id)) and database.exists():
            if engine is None:
                serving.flip(settings, build_id, database)
            if engine is None or engine.has(build_id):
                return BuildResult(**{**known, "path": database, "reused": True})
        shutil.rmtree(folder, ignore_errors=True)
        started = l.now()
        pinned = {"sha256": pin_hash, "submissions": ids, "corrections": [c["correction_id"] for c in corrected]}
        folder.mkdir(parents=True)
        if engine is None and not full_refresh:
            reuse.begin(database, reuse.earlier(ledger, settings.build, code, DATABASE))
        write_inputs(ledger, folder, ids, pinned, database)
        with duckdb.connect(database) as con:
            corrections.freeze(con, settings.raw, folder / corrections.CORRECTED, corrected)
        if engine is None:
            reuse.carry(database, settings.raw, corrected)
        finished = _earlier(ledger, target)
        with engine.building(build_id, database, settings.raw, finished) if engine else nullcontext():
            result = _run(settings, folder, build_id, full_refresh, progress, database, engine)
            if engine and result.status != "failed":
                engine.settle(build_id, finished)
        _record(ledger, result, target, pin_hash, code, started)
        if result.status == "failed":
            raise SchoolhouseError(
                f"the build failed in {result.tests_failed[0]}",
                f"构建失败,出错的模型:{result.tests_failed[0]}",
                where=str(folder / "logs" / "dbt.log"),
                fix_en="see the log named here; the earlier serving copy is untouched",
                fix_zh="请数据工程师查看此日志;原有的服务副本未受影响",
            )
        if result.status == "ok" and engine is None:
            serving.write_zones(settings, build_id, folder)
        return result


def name_build(target: str, pin_hash: str, code: str) -> str:
    """The build id of a target, a pin and a code."""
    return "b" + hashlib.sha256(f"{target}|{pin_hash}|{code}".encode()).hexdigest()[:15]


def hash_pin(ids: Sequence[str], corrected: Sequence[Mapping[str, Any]] = ()) -> str:
    """Hex SHA-256 of a pin: submission ids in order, and the ids of the declared corrections in force."""
    return hashlib.sha256("\n".join([*ids, *(c["correction_id"] for c in corrected)]).encode()).hexdigest()


def is_current(settings: Settings) -> bool:
    """Whether the newest build is of the submissions that count now and of the code as it is."""
    try:
        newest = newest_build(settings)
    except SchoolhouseError:
        return False
    ledger = l.Ledger.open(settings)
    ids = ledger.current_ids()
    pin = hash_pin(ids, corrections.in_force(ledger))
    return (newest["pin_sha256"], newest["code_sha256"]) == (pin, code_hash(BUILD_PARTS))


def newest_build(settings: Settings, build_id: str | None = None) -> dict[str, Any]:
    """The ledger's row of the named build, or of the newest one whose models all ran, with `path` added."""
    b = l.build.c
    query = sa.select(l.build).where(b.status.in_(l.BUILT))
    query = query.where(b.build_id == build_id) if build_id else query.order_by(b.finished_at.desc())
    for row in l.Ledger.open(settings).rows(query):
        path = settings.build / row["build_id"] / DATABASE
        if path.exists():
            return {**row, "path": path}
    raise SchoolhouseError(
        f"there is no build {build_id or ''}".rstrip(),
        f"没有可用的构建 {build_id or ''}".rstrip(),
        fix_en="run `schoolhouse build` first",
        fix_zh="请先运行 schoolhouse build",
    )


@contextmanager
def one_writer(settings: Settings) -> Iterator[None]:
    """Hold the house's build lock; a second builder waits. The lock goes with the process, however it ends."""
    with (settings.build / ".lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _read_pin(ledger: l.Ledger, pin: Path) -> tuple[list[str], list[str]]:
    """(submissions, declared corrections) of an earlier build."""
    try:
        content = json.loads(pin.read_text())
        ids, corrected = sorted(content["submissions"]), sorted(content.get("corrections", []))
    except (OSError, ValueError, KeyError, TypeError) as e:
        raise SchoolhouseError(
            f"cannot read the pin: {e}",
            "无法读取输入清单(pin)",
            where=str(pin),
            fix_en="use the pin.json of an earlier build",
            fix_zh="请使用某次构建的 pin.json",
        ) from e
    s = l.submission.c
    known = {r["submission_id"] for r in ledger.rows(sa.select(s.submission_id).where(s.rows_accepted > 0))}
    if missing := [i for i in ids if i not in known]:
        raise SchoolhouseError(
            f"the pin names {len(missing)} submission(s) this house does not have, first {missing[0]}",
            f"清单中有 {len(missing)} 份报送本库没有,第一份为 {missing[0]}",
            where=str(pin),
            fix_en="ingest those files first",
            fix_zh="请先接收这些文件",
        )
    return ids, corrected


def _known(ledger: l.Ledger, build_id: str) -> dict[str, Any] | None:
    rows = ledger.rows(sa.select(l.build).where(l.build.c.build_id == build_id, l.build.c.status == "ok"))
    return json.loads(rows[0]["detail"]) if rows else None


def _earlier(ledger: l.Ledger, target: str) -> list[str]:
    """The house's finished builds of a target, newest first."""
    b = l.build.c
    query = sa.select(b.build_id).where(b.target == target, b.status != "failed").order_by(b.finished_at.desc())
    return [row["build_id"] for row in ledger.rows(query)]


def _run(
    settings: Settings,
    folder: Path,
    build_id: str,
    full_refresh: bool,
    progress: Callable[[str], None] | None,
    database: Path,
    engine: Engine | None,
) -> BuildResult:
    variables: dict[str, Any] = {"raw_dir": str(settings.raw)}
    # dbt parses anew when the path of its database changes: it is given one that never does.
    shared = settings.build / _SHARED
    flip_link(shared / "current", folder)
    if sources := corrections.corrected_sources(folder / corrections.CORRECTED):
        corrected = str(shared / "current" / corrections.CORRECTED)
        variables |= {"corrected_dir": corrected, "corrected_sources": sources}
    artifacts = shared / (f"target_{engine.profile}" if engine else "target")

    def invoke(*command: str) -> DbtOutcome:
        return run_dbt(
            command,
            database=shared / "current" / DATABASE,
            target=artifacts,
            logs=folder / "logs",
            variables=variables,
            progress=progress,
            server=engine.environment(build_id) if engine else None,
            profile=engine.profile if engine else "duckdb",
        )

    # Models first and whole: the gate wants every table, also when a test does not hold.
    refresh = ["--full-refresh"] if full_refresh else []
    only_models = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
    made = invoke("build", *only_models, *refresh)
    if broken := made.having("error", "fail", "skipped"):
        first = made.having("error", "fail") or broken
        return BuildResult(build_id, database, "failed", False, len(made.statuses), 0, first)
    shutil.copyfile(artifacts / "manifest.json", folder / "manifest.json")
    shutil.copyfile(artifacts / "run_results.json", folder / "run_results.json")
    # A test asks for no relation by name: on Spark it takes minutes to list them all.
    tested = invoke("test", "--exclude-resource-type", "unit_test", "--no-populate-cache")
    atomic_write(
        folder / "test_results.json",
        json.dumps(
            [
                {"test": k, "status": v, "message": tested.messages.get(k, "")}
                for k, v in sorted(tested.statuses.items())
            ],
            ensure_ascii=False,
            indent=1,
        ),
    )
    bad = tested.having("fail", "error")
    status = "tests_failed" if bad else "ok"
    return BuildResult(build_id, database, status, False, len(made.statuses), len(tested.statuses), bad)


def _record(ledger: l.Ledger, result: BuildResult, target: str, pin: str, code: str, started: str) -> None:
    row = {
        "build_id": result.build_id,
        "target": target,
        "status": result.status,
        "pin_sha256": pin,
        "code_sha256": code,
        "started_at": started,
        "finished_at": l.now(),
        "detail": json.dumps(result.to_dict(), ensure_ascii=False),
    }
    with ledger.transaction() as connection:
        connection.execute(sa.delete(l.build).where(l.build.c.build_id == result.build_id))
        connection.execute(sa.insert(l.build).values(row))
