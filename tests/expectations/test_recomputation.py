"""The second path against figures worked out outside this project."""

from __future__ import annotations

import pandas as pd
import pytest

from expectations.recomputation import one_way_icc
from warehouse.balance import weighted_cv


def test_the_published_example_of_the_coefficient_of_variation() -> None:
    # Books of five schools, as printed with its result 0.52; the unweighted forms would give 0.488771 or 0.546462.
    pupils = pd.Series([45, 37, 89, 76, 55])
    books = pd.Series([279, 137, 935, 160, 402])
    assert weighted_cv(books, pupils) == pytest.approx(0.515257, abs=5e-7)


def test_edges_of_the_coefficient_of_variation() -> None:
    assert weighted_cv(pd.Series([0, 0]), pd.Series([10, 20])) is None
    assert weighted_cv(pd.Series([1, None]), pd.Series([10, 20])) is None
    assert weighted_cv(pd.Series([], dtype=float), pd.Series([], dtype=float)) is None
    assert weighted_cv(pd.Series([7]), pd.Series([20])) == 0
    # A section without pupils does not count.
    assert weighted_cv(pd.Series([5, 9, 3]), pd.Series([10, 18, 0])) == pytest.approx(0)


def test_the_intraclass_correlation_by_hand() -> None:
    # Groups (1, 3), (5, 7), (6, 8): means 2, 6, 7, grand mean 5; MSB = 2(9+1+4)/2 = 14, MSW = 6/3 = 2, n0 = 2.
    values = pd.Series([1, 3, 5, 7, 6, 8])
    groups = pd.Series(["a", "a", "b", "b", "c", "c"])
    assert one_way_icc(values, groups) == pytest.approx((14 - 2) / (14 + 2))
    assert one_way_icc(values[:2], groups[:2]) is None
    # Unequal sizes: (1, 3), (5): n0 = (3 - 5/3) / 1 = 4/3; MSB = 2(2-3)^2 + (5-3)^2 = 6, MSW = 2.
    assert one_way_icc(values[:3], groups[:3]) == pytest.approx((6 - 2) / (6 + (4 / 3 - 1) * 2))
