"""The page of the benchmarks says what the results say."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks import report
from benchmarks.province import whole
from benchmarks.suite import CASES, SIZES, results


def a_result(figures: dict[str, Any]) -> dict[str, Any]:
    machine = {"cores": 2, "memory_gib": 24.0, "load_at_start": [0.1, 0.1, 0.1], "versions": {"duckdb": "2.0.0"}}
    return {"name": "x", "command": "python x", "date": "2026-12-01", "machine": machine, "figures": figures}


@pytest.mark.parametrize(("value", "said"), [(1.49, "met"), (1.5, "met"), (1.51, "**not met**")])
def test_a_target_is_met_or_not(value: float, said: str) -> None:
    line = next(x for x in report.ratios({"serve": a_result({"serve_ratio": value})}).splitlines() if "COPY" in x)
    assert f"| {value} | 1.5 | {said} |" in line


def test_a_target_without_a_ratio_is_not_left_out() -> None:
    line = next(x for x in report.ratios({"serve": a_result({"serve_ratio": None})}).splitlines() if "COPY" in x)
    assert "| none | 1.5 | **not shown**" in line


def test_what_was_not_measured_is_named() -> None:
    text = report.ratios({"serve": a_result({"serve_ratio": 1.0})})
    assert "the gate of one edition over the build" in text.split("Not measured here yet")[1]


def test_a_province_is_told_by_kind_of_step() -> None:
    def a_step(seconds: float, peak: int, **more: Any) -> dict[str, Any]:
        return {"seconds": seconds, "cpu_seconds": 2 * seconds, "peak_mib": peak, **more}

    figures = {
        "schools": 600, "houses": 2, "synth": a_step(50, 100, files=1000), "federation": a_step(5, 90), "seconds": 200,
        **{
            f"house_0{n}_{kind}": a_step(seconds, 1000 * n + 500, **more)
            for n in (0, 1)
            for kind, seconds, more in (
                ("ingest", 30, {"scores": 7000}), ("build", 60, {}),
                ("editions", 7.5, {"counties": 1, "disk_mib": {"raw": 40 + n, "build": 300}}),
            )
        },
    }  # fmt: skip
    text = report.province({"province": a_result(figures)})
    assert "600 schools of 2 counties in 2 houses, 1,000 files, 14,000 scores; 3 minutes" in text
    assert "disk: 341 MiB" in text
    assert "| build | 2 | 120 | 60 % | 240 | 1500 |" in text


def test_the_whole_of_a_province_is_all_steps_but_its_files() -> None:
    told = {
        "schools": 600,
        "synth": {"seconds": 50, "peak_mib": 9000},
        "house_00_build": {"seconds": 60.5, "peak_mib": 3500},
        "federation": {"seconds": 5, "peak_mib": 90},
    }
    assert whole(told) == {"seconds": 65.5, "peak_mib": 3500}


def test_sizes_name_benchmarks_that_there_are() -> None:
    assert {name for names in SIZES.values() for name in names} <= set(CASES)


def test_the_page_is_made_of_the_results(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        report, "draw", lambda told: "![Seconds by score rows](images/benchmarks.svg)\n" if told else ""
    )
    assert report.PAGE.read_text() == report.page(results()), "run `make bench-page` with --page-only"
