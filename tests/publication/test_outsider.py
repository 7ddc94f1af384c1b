"""An outsider with nothing but the edition's folder: the commands of docs/publication.md, as they stand there."""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from warehouse.settings import PROJECT_ROOT

PAGE = PROJECT_ROOT / "docs" / "publication.md"


def blocks(heading: str) -> list[tuple[str, str]]:
    """(language, text) of the code blocks under a heading."""
    part = PAGE.read_text(encoding="utf-8").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return re.findall(r"```(\w+)\n(.*?)```", part, re.S)


def block(heading: str, language: str, word: str) -> str:
    [found] = [text for kind, text in blocks(heading) if kind == language and word in text]
    return found


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """A command in the edition's folder, with the tools beside this Python and nothing of the house."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    kept = {k: v for k, v in os.environ.items() if k in ("HOME", "LANG", "TMPDIR", "LD_LIBRARY_PATH")}
    return subprocess.run(
        command, cwd=folder, env={**kept, "PATH": path}, capture_output=True, text=True, check=False, timeout=300
    )


def need(tool: str) -> None:
    if shutil.which(tool) is None:
        pytest.skip(f"{tool} is not installed")


def python(folder: Path, text: str) -> list[str]:
    done = run([sys.executable, "-I", "-c", text], folder)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.split()


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "data" / "pub_indicator_value.csv").open(encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f))


def test_coreutils_and_openssh_verify_it_and_find_a_changed_byte(copy: Path) -> None:
    need("ssh-keygen")
    need("sha256sum")
    [(language, text)] = blocks("Verify it")
    assert language == "sh"
    shutil.copy(copy / "attestation" / "signer.pub", copy / "signer-you-trust.pub")
    good = run(["sh", "-ec", text], copy)
    assert good.returncode == 0, good.stderr
    assert 'Good "schoolhouse-edition" signature for bureau' in good.stdout
    told = good.stdout.splitlines()
    assert "data/pub_indicator_value.csv: OK" in told
    # A byte of a figure, and a hash made to fit it.
    path = copy / "data" / "pub_indicator_value.csv"
    path.write_bytes(path.read_bytes().replace(b"30000", b"30001"))
    assert run(["sh", "-ec", text], copy).returncode != 0
    hashes = copy / "attestation" / "SHA256SUMS"
    new = run(["sha256sum", "data/pub_indicator_value.csv"], copy).stdout
    kept = [
        n for n in hashes.read_text(encoding="ascii").splitlines() if not n.endswith("data/pub_indicator_value.csv")
    ]
    hashes.write_text("\n".join([*kept, new]), encoding="ascii")
    assert run(["sh", "-ec", text.splitlines()[0]], copy).returncode == 0
    assert run(["sh", "-ec", text], copy).returncode != 0


def test_frictionless_accepts_it(copy: Path) -> None:
    done = run(["sh", "-ec", block("Load it", "sh", "frictionless")], copy)
    assert done.returncode == 0, done.stdout[-2000:]


def test_pandas_reads_the_figures_of_both_forms(copy: Path) -> None:
    text = block("Load it", "python", "import pandas")
    told = python(copy, f"{text}\nprint(len(values), values.value.sum(), values.region_code[0])")
    own = rows(copy)
    assert told[0] == str(len(own)) and told[2] == own[0]["region_code"]
    assert float(told[1]) == pytest.approx(sum(float(r["value"]) for r in own if r["value"]), rel=1e-12)


def test_the_workbook_opens_with_its_contents(copy: Path) -> None:
    told = python(copy, block("Load it", "python", "openpyxl") + "\nprint(len(contents), book[contents[0]].max_row)")
    assert int(told[0]) >= 3 + len(list((copy / "data").glob("*.csv"))) - 1 and int(told[1]) > 1


def test_an_sdmx_reader_reads_data_and_structure(copy: Path) -> None:
    told = python(copy, block("Load it", "python", "pysdmx") + "\nprint(len(data), *sorted(data.columns))")
    assert told[0] == str(len(rows(copy)))
    assert {"OBS_STATUS", "TIME_PERIOD", "OBS_VALUE"} <= set(told[1:])


def test_r_reads_the_figures(copy: Path) -> None:
    need("Rscript")
    text = block("Load it", "r", "read.csv")
    done = run(
        [
            "Rscript",
            "--vanilla",
            "-e",
            text + "cat(nrow(shown), nrow(hidden), values$region_code[1], sum(shown$value))",
        ],
        copy,
    )
    assert done.returncode == 0, done.stderr
    own, told = rows(copy), done.stdout.split()
    shown = [r for r in own if r["obs_status"] == "A"]
    assert told[:3] == [str(len(shown)), str(len(own) - len(shown)), own[0]["region_code"]]
    assert float(told[3]) == pytest.approx(sum(float(r["value"]) for r in shown), rel=1e-6)
