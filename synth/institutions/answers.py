"""Rows of truth: an answer is counted in whole numbers and fractions and written once."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from numbers import Integral

import pandas as pd

from synth.truth import ALL, COLUMNS, LATENT

Number = int | Integral | Fraction


def text(value: Number | bool) -> str:
    """Exact text of a whole number, the shortest exact float of another; yes is 1, no is 0."""
    number = Fraction(int(value)) if isinstance(value, Integral) else Fraction(value)  # type: ignore[arg-type]
    return str(number.numerator) if number.denominator == 1 else repr(float(number))


@dataclass
class Answers:
    """Answers of one county, in the columns of the other truth."""

    region: str
    rows: list[dict[str, str]] = field(default_factory=list)

    def tell(
        self, name: str, period: int | str, stage: str, value: Number | bool, group: str = ALL, *, subject: str = ALL,
    ) -> None:  # fmt: skip
        """One figure of the county: an indicator, or a measure with its filter as `group`."""
        where = {"period_id": str(period), "stage": stage, "grade": ALL, "subject": subject, "group_code": group}
        self.rows.append({**where, "measure": name, "value": text(value)})

    def ratio(
        self, name: str, period: int | str, stage: str, numerator: Number, denominator: Number, scale: int = 1
    ) -> None:
        """numerator / denominator x scale, unless there is nothing to divide by."""
        if denominator:
            self.tell(name, period, stage, Fraction(numerator) * scale / Fraction(denominator))  # type: ignore[arg-type]

    def table(self) -> pd.DataFrame:
        """The rows as the truth has them."""
        told = ["period_id", "stage", "grade", "subject", "group_code", "measure", "value"]
        table = pd.DataFrame(self.rows, columns=told)
        fixed = {"region_code": self.region, "entity_type": "county", "entity_id": self.region, "basis": LATENT}
        return table.assign(**fixed)[COLUMNS]
