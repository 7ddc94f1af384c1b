"""Great Expectations, in memory: it alone decides which rows of a check's frame fail."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from expectations.catalogue import Check

INDEX = ["entity_type", "entity_id"]


@dataclass(frozen=True)
class Outcome:
    """What the suite says of one check: failing rows of its frame, or why it could not be judged."""

    failing: pd.DataFrame
    fault: str = ""


class Examiner:
    """One ephemeral context with one data source for all checks of a gate run."""

    def __init__(self) -> None:
        # Read at import; the house never reports to anybody.
        os.environ["GX_ANALYTICS_ENABLED"] = "false"
        logging.getLogger("great_expectations").setLevel(logging.ERROR)
        # Imported here: it costs seconds, and only a gate needs it.
        import great_expectations as gx
        from great_expectations.data_context.types.base import ProgressBarsConfig

        self._gx = gx
        self._context = gx.get_context(mode="ephemeral")
        self._context.variables.progress_bars = ProgressBarsConfig(globally=False)
        self._source = self._context.data_sources.add_pandas("gate")

    def examine(self, check: Check, frame: pd.DataFrame) -> Outcome:
        """Judge one frame (entity_type, entity_id, observed, expected, ...). An empty frame has nothing that fails."""
        nothing = frame.iloc[0:0]
        if frame.empty:
            return Outcome(nothing)
        definition = self._define(check)
        result = definition.run(
            batch_parameters={"dataframe": frame},
            result_format={
                "result_format": "COMPLETE",
                "unexpected_index_column_names": INDEX,
                "include_unexpected_rows": False,
            },
        )
        if len(result.results) != len(definition.suite.expectations):
            return Outcome(nothing, f"{len(result.results)} of {len(definition.suite.expectations)} expectations ran")
        for r in result.results:
            if fault := _exception(r.exception_info):
                return Outcome(nothing, fault)
        # A failed warning also makes `success` false: only the severity says what failed.
        severity = result.get_max_severity_failure()
        if severity is None:
            return Outcome(nothing)
        if severity.value != check.severity:
            return Outcome(nothing, f"judged as {severity.value} instead of {check.severity}")
        failing = {
            (row["entity_type"], row["entity_id"])
            for r in result.results
            if not r.success
            for row in (r.result.get("unexpected_index_list") or ())
        }
        if not failing:
            return Outcome(nothing, "the expectation failed without naming a row")
        keys = pd.MultiIndex.from_arrays([frame[c] for c in INDEX])
        return Outcome(frame.loc[keys.isin(list(failing))])

    def _define(self, check: Check) -> Any:
        gx = self._gx
        from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

        suite = gx.ExpectationSuite(check.check_id)
        # Column expectations skip blanks; a figure that could not be computed has not held.
        wanted: list[tuple[str, Mapping[str, Any]]] = [
            ("expect_column_values_to_not_be_null", {"column": c}) for c in check.tested_columns
        ]
        kwargs = dict(check.kwargs)
        if "column_A" in kwargs:
            kwargs.setdefault("ignore_row_if", "either_value_is_missing")
        wanted.append((check.expectation_type, kwargs))
        for kind, values in wanted:
            configuration = ExpectationConfiguration(
                type=kind,
                kwargs=dict(values),
                severity=check.severity,  # type: ignore[arg-type]
                meta={"check_id": check.check_id, "stage": check.stage},
            )
            suite.add_expectation(configuration.to_domain_obj())
        self._context.suites.add(suite)
        batch = self._source.add_dataframe_asset(check.check_id).add_batch_definition_whole_dataframe("all")
        return self._context.validation_definitions.add(
            gx.ValidationDefinition(name=check.check_id, data=batch, suite=suite)
        )


def _exception(info: Mapping[str, Any] | Sequence[Any] | None) -> str:
    """The message of an exception inside an expectation, in either of the two shapes GX gives it."""
    if not isinstance(info, Mapping):
        return ""
    if info.get("raised_exception"):
        return str(info.get("exception_message") or "exception")
    nested = [v for v in info.values() if isinstance(v, Mapping) and v.get("raised_exception")]
    return str(nested[0].get("exception_message") or "exception") if nested else ""
