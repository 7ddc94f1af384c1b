"""The whole year under a real Airflow scheduler: ingest, build, gate, sign-offs, edition, with visible progress."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import Any

import httpx

from cli.airflow_client import SHOWN, AirflowClient
from cli.airflow_home import WRITER_POOL, AirflowHome
from warehouse import ledger as l
from warehouse.build import is_current
from warehouse.errors import SchoolhouseError
from warehouse.files import sha256_file
from warehouse.settings import Settings

Progress = Callable[[str], None]
# Later groups need what the earlier ones bring: schools and cuts before reports, reports before scores.
INGEST_ORDER = (
    ("ingest_reference",),
    ("ingest_school_reports",),
    ("ingest_people", "ingest_exam_scores", "ingest_finance", "ingest_registers"),
)
BUILD, PUBLISH = "build_warehouse", "publish_annual_snapshot"
POLL_SECONDS = 0.4
MARKS = {"success": "✓", "skipped": "-", "failed": "✗"}


@dataclass
class YearRunResult:
    """What a run of the year ended with; `changed` is False when nothing new was published."""

    editions: list[dict[str, Any]] = field(default_factory=list)
    accepted_new: int = 0
    builds: int = 0
    changed: bool = False
    seconds: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def run_year(settings: Settings, *, progress: Progress = print, keep_up: bool = False) -> YearRunResult:
    """Run the year of every region whose files are in the inbox, and publish its latest school year.

    An empty default inbox is filled with the synthetic county first. Raises SchoolhouseError with the failing task's
    line. With `keep_up` Airflow stays in the foreground afterwards, until Ctrl-C.
    """
    started = time.monotonic()
    _fill_default_inbox(settings, progress)
    home = AirflowHome(settings)
    try:
        year = _Year(settings, home.start(progress), home, progress)
        result = year.run()
        result.seconds = round(time.monotonic() - started, 1)
        for line in _closing_lines(result):
            progress(line)
        if keep_up:
            _stay(home, progress)
    except httpx.HTTPError as error:
        raise SchoolhouseError(
            f"Airflow did not answer: {error}",
            f"Airflow 未响应:{error}",
            where=str(home.logs),
            fix_en="see api-server.log there, then run again: what is done stays done",
            fix_zh="请查看其中的 api-server.log 后重新运行,已完成的部分不会重做",
        ) from error
    finally:
        home.stop()
    return result


def up(settings: Settings, *, progress: Progress = print) -> None:
    """Leave Airflow running in the foreground until Ctrl-C."""
    home = AirflowHome(settings)
    try:
        home.start(progress)
        _stay(home, progress)
    finally:
        home.stop()


class _Year:
    """One pass over the DAGs of the house."""

    def __init__(self, settings: Settings, client: AirflowClient, home: AirflowHome, progress: Progress) -> None:
        self.settings, self.client, self.home, self.progress = settings, client, home, progress
        self.result = YearRunResult()

    def run(self) -> YearRunResult:
        if errors := self.client.import_errors():
            raise SchoolhouseError(f"a DAG cannot be read: {errors[0]}", f"DAG 无法加载:{errors[0]}")
        before = {r["dag_run_id"] for r in self.client.runs(BUILD)}
        # The first new file already starts a build; it is held until the inbox is in, so that one build covers all.
        self.client.ensure_pool(WRITER_POOL, 0, "held while the inbox is read")
        try:
            for group in INGEST_ORDER:
                self._ingest(group)
        finally:
            self.client.ensure_pool(WRITER_POOL, 1, "one build at a time")
        self._follow_builds(before)
        wanted = editions_of_inbox(self.settings)
        if not wanted:
            raise SchoolhouseError(
                "the inbox holds no accepted school report, so there is no year to publish",
                "收件箱中没有被接收的学校统计报表,无可发布的学年",
                where=str(self.settings.inbox),
                fix_en="see `schoolhouse status`",
                fix_zh="请查看 schoolhouse status",
            )
        for region, school_year in wanted:
            key = f"{region}|{school_year}"
            tasks = self._follow([(PUBLISH, self.client.trigger(PUBLISH, partition_key=key))], key)
            for task in tasks:
                if task["task_id"].endswith(".publish"):
                    self.result.editions.append({"region": region, "school_year": school_year, **self._value(task)})
        self.result.changed = any(e["changed"] for e in self.result.editions)
        return self.result

    def _ingest(self, dag_ids: Sequence[str]) -> None:
        runs = [(dag_id, self.client.trigger(dag_id)) for dag_id in dag_ids]
        for task in self._follow(runs):
            counts = self._value(task)
            self.result.accepted_new += counts.pop("accepted_new")
            told = ", ".join(f"{n} {status}" for status, n in sorted(counts.items())) or "no file of these kinds"
            self.progress(f"    {task['dag_id']}: {told}")

    def _follow_builds(self, before: set[str]) -> None:
        """Wait for every build that the new rows cause; start one by hand where only rules or seeds have changed."""
        seen = set(before)
        while True:
            fresh = [r["dag_run_id"] for r in self.client.runs(BUILD) if r["dag_run_id"] not in seen]
            for run_id in reversed(fresh):
                seen.add(run_id)
                for task in self._follow([(BUILD, run_id)]):
                    self.result.builds += not self._value(task)["reused"]
            if fresh:
                continue
            if self.client.queued_events(BUILD):
                self._pause()
                continue
            # A run may have been made between the two questions.
            if any(r["dag_run_id"] not in seen for r in self.client.runs(BUILD)):
                continue
            if len(seen) > len(before) or is_current(self.settings):
                return
            self.progress("  no new file, but the newest build is of other inputs or rules: building")
            self.client.trigger(BUILD)

    def _follow(self, runs: Sequence[tuple[str, str]], label: str = "") -> list[dict[str, Any]]:
        """Show each task as it ends; return the task instances that succeeded, or raise the line of one that failed."""
        shown: set[tuple[Any, ...]] = set()
        ended: dict[str, list[dict[str, Any]]] = {}
        while len(ended) < len(runs):
            for dag_id, run_id in runs:
                if run_id in ended:
                    continue
                run, tasks = self.client.run(dag_id, run_id), self.client.tasks(dag_id, run_id)
                self._show(tasks, shown)
                if run["state"] in ("success", "failed"):
                    tasks = self.client.tasks(dag_id, run_id)
                    self._show(tasks, shown)
                    ended[run_id] = tasks
                    self.progress(
                        f"{MARKS[run['state']]} {dag_id} {label}".rstrip() + f"  {run['duration'] or 0:.1f} s"
                    )
                    if run["state"] == "failed":
                        raise self._fault(tasks)
            if len(ended) < len(runs):
                self._pause()
        return [task for tasks in ended.values() for task in tasks if task["state"] == "success"]

    def _show(self, tasks: Sequence[dict[str, Any]], shown: set[tuple[Any, ...]]) -> None:
        for task in sorted(tasks, key=lambda t: t["end_date"] or ""):
            mark = (task["dag_run_id"], task["task_id"], task["map_index"], task["try_number"], task["state"])
            if task["state"] not in SHOWN or mark in shown:
                continue
            shown.add(mark)
            name, seconds = f"{task['dag_id']}.{task['task_id']}", f"{task['duration'] or 0:.1f} s"
            if task["state"] == "awaiting_input":
                self.progress(f"  … {name} waits for a person: {self.client.url}/required_actions")
            elif task["state"] == "up_for_retry":
                self.progress(f"  ↻ {name} (failed, tried again)  {seconds}")
            else:
                self.progress(f"  {MARKS[task['state']]} {name}  {seconds}")

    def _value(self, task: dict[str, Any]) -> Any:
        return self.client.xcom(task)

    def _fault(self, tasks: Sequence[dict[str, Any]]) -> SchoolhouseError:
        """The line that the failed task left, and where its log is."""
        task = next((t for t in tasks if t["state"] == "failed"), tasks[0])
        log = self.home.task_log(task)
        if lines := self.client.xcom(task, "fault"):
            return SchoolhouseError(f"{lines['en']} [log: {log}]", f"{lines['zh']}[日志:{log}]")
        return SchoolhouseError(
            f"the task {task['dag_id']}.{task['task_id']} failed",
            f"任务 {task['dag_id']}.{task['task_id']} 失败",
            fix_en=f"see its log: {log}",
            fix_zh=f"请查看日志:{log}",
        )

    def _pause(self) -> None:
        self.home.check_alive()
        time.sleep(POLL_SECONDS)


def editions_of_inbox(settings: Settings) -> list[tuple[str, str]]:
    """Region and latest school year of the school reports that now count and whose bytes lie in this inbox."""
    files = {sha256_file(path) for path in settings.inbox.rglob("*") if path.is_file()}
    latest: dict[str, str] = {}
    for s in l.Ledger.open(settings).current(sources=["school_report"]):
        if s["file_sha256"] in files:
            latest[s["region_code"]] = max(s["period"], latest.get(s["region_code"], ""))
    return sorted(latest.items())


def _fill_default_inbox(settings: Settings, progress: Progress) -> None:
    if not settings.inbox.is_dir():
        raise SchoolhouseError(
            "there is no such inbox",
            "收件箱目录不存在",
            where=str(settings.inbox),
            fix_en="set SCHOOLHOUSE_INBOX to a folder",
            fix_zh="请将 SCHOOLHOUSE_INBOX 设为已有目录",
        )
    if settings.inbox == settings.home / "inbox" and not any(settings.inbox.iterdir()):
        from synth import generate

        generate(settings.inbox, defects="mild")
        progress(f"the inbox was empty: a synthetic county was written to {settings.inbox}")


def _closing_lines(result: YearRunResult) -> list[str]:
    lines = [""]
    for e in result.editions:
        if not e["changed"]:
            lines.append(f"nothing new; edition {e['version']} of {e['region']} {e['school_year']} unchanged")
        lines += [f"edition  {e['path']}", f"verdict  {e['verdict']}", f"report   {e['report']}"]
    return [*lines, f"done in {result.seconds} s"]


def _stay(home: AirflowHome, progress: Progress) -> None:
    progress(f"Airflow stays up at {home.url}; end it with Ctrl-C")
    with suppress(KeyboardInterrupt):
        while True:
            home.check_alive()
            time.sleep(1)
