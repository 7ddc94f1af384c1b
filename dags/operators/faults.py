"""A user's fault ends in one line: no retry, and the line is kept where the runner can read it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from airflow.sdk import get_current_context
from airflow.sdk.exceptions import AirflowFailException

from warehouse.errors import SchoolhouseError

FAULT_KEY = "fault"


@contextmanager
def clear_fault(language: str = "zh") -> Iterator[None]:
    """Turn a `SchoolhouseError` into a failed task without retry; its line, `zh` and `en`, becomes the XCom `fault`.

    The same input would fail the same way, so a retry only costs time. Other exceptions pass: they are retried.
    """
    try:
        yield
    except SchoolhouseError as error:
        lines = {"zh": error.line("zh"), "en": error.line("en")}
        get_current_context()["ti"].xcom_push(key=FAULT_KEY, value=lines)
        raise AirflowFailException(lines[language]) from None


def open_findings(result: Any, region: str, school_year: str) -> SchoolhouseError:
    """The fault of a gate that did not pass: its verdict and what is open, a line each after the first."""
    findings = [f for f in result.findings if f.severity != "info" and not f.explanation_id]
    listed = "; ".join(f"{f.check_id} [{f.entity_type} {f.entity_id}] {f.message_zh}" for f in findings)
    return SchoolhouseError(
        f"the gate says {result.verdict}; open findings: {listed}",
        f"质量闸门结论为 {result.verdict},待处理:{listed}",
        where=f"{region}|{school_year}",
        fix_en="correct the data, or add explanations to explanations.csv, then run again",
        fix_zh="请更正数据或在 explanations.csv 中说明原因后重新运行",
    )
