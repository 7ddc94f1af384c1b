"""Asking the semantic layer: `mf query` on figures made of the internal zone as it is served now.

    python -m warehouse.semantic_query --metrics M,… --group-by D,… [--where …] [--order …] [--csv FILE] [--explain]
    python -m warehouse.semantic_query list metrics | list dimensions --metrics M | validate-configs

The layer's file is made once for each build, beside a copy of the project, in `metrics/` of the home. It is only read,
so that any number of people may ask at once.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from warehouse.errors import SchoolhouseError
from warehouse.semantic import LAYER
from warehouse.serving import zone_path
from warehouse.settings import Settings

_PARTS = ("dbt_project.yml", "profiles.yml", "models", "seeds")


def make_layer(settings: Settings) -> Path:
    """The folder with the layer's project and `metrics.duckdb` for the internal zone as it is now; made where it is not
    there yet.

    Raises SchoolhouseError where the zone is empty or dbt fails.
    """
    served = zone_path(settings, "internal").resolve()
    folder = settings.home / "metrics" / f"{served.stem}-{_fingerprint()}"
    if folder.exists():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=".making-", dir=folder.parent))
    try:
        for name in _PARTS:
            copy = shutil.copytree if (LAYER / name).is_dir() else shutil.copy
            copy(LAYER / name, aside / name)
        made = subprocess.run(
            [program("dbt"), "build", "--target", "make", "--no-version-check", "--no-use-colors"],
            cwd=aside, env=environment(aside, served), capture_output=True, text=True,
        )  # fmt: skip
        if made.returncode:
            raise _failed(made.stdout, aside)
        if not folder.exists():
            aside.rename(folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    for old in folder.parent.glob(f"*-{'?' * 12}"):
        if old != folder:
            shutil.rmtree(old, ignore_errors=True)
    return folder


def ask(settings: Settings, arguments: Sequence[str]) -> int:
    """Run one command of MetricFlow on the layer; its exit code. Output files are relative to the caller's folder."""
    folder = make_layer(settings)
    command = list(arguments) if arguments and not arguments[0].startswith("-") else ["query", *arguments]
    for at, word in enumerate(command[:-1]):
        if word == "--csv":
            command[at + 1] = str(Path(command[at + 1]).resolve())
    return subprocess.run([program("mf"), *command], cwd=folder, env=environment(folder)).returncode


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for path in sorted(p for name in _PARTS for p in (LAYER / name, *(LAYER / name).rglob("*")) if p.is_file()):
        digest.update(str(path.relative_to(LAYER)).encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def environment(folder: Path, served: Path | None = None) -> dict[str, str]:
    return {
        **os.environ,
        "SCHOOLHOUSE_METRICS": str(folder / "metrics.duckdb"),
        "SCHOOLHOUSE_SERVED": str(served or ""),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
    }


def program(name: str) -> str:
    """A program of this environment. Raises SchoolhouseError where it is not installed."""
    path = Path(sys.executable).with_name(name)
    if not path.exists():
        raise SchoolhouseError(
            f"{name} is not installed",
            f"未安装 {name}",
            fix_en="metrics need MetricFlow, which `make install` installs with the developer's packages",
            fix_zh="指标查询需要 MetricFlow;运行 make install 会随开发依赖一并安装",
        )
    return str(path)


def _failed(output: str, folder: Path) -> SchoolhouseError:
    lines = [line for line in output.splitlines() if "rror" in line] or output.splitlines()[-1:]
    return SchoolhouseError(
        f"the semantic layer could not be made: {lines[-1].strip() if lines else 'dbt said nothing'}",
        "语义层未能生成",
        where=str(folder),
        fix_en="build again; where it fails again, run `dbt build --target make` in semantic/ and read what it says",
        fix_zh="请重新构建;若仍失败,请数据工程师在 semantic/ 中运行 dbt build --target make 查看原因",
    )


def main(arguments: Sequence[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help"):
        print(__doc__)
        return 0
    settings = Settings.load()
    try:
        return ask(settings, arguments)
    except SchoolhouseError as fault:
        print(fault.line(settings.language), file=sys.stderr)
        return 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
