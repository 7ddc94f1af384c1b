"""The second path: figures computed again from raw files with NumPy and pandas, sharing no SQL with the models."""

# What a pandas selection gives depends on its key at run time; pyright sees the union of all of it.
# pyright: reportAttributeAccessIssue=false, reportArgumentType=false, reportCallIssue=false
# pyright: reportReturnType=false, reportOperatorIssue=false, reportIndexIssue=false

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import yaml

from expectations.candidate import Candidate
from expectations.catalogue import ROOM
from warehouse.balance import weighted_cv
from warehouse.balance_figures import read_assessed

# Marks have two decimals: as whole hundredths their sums and squares are exact.
_HUNDRED = 100
_CUTS = {"n_excellent": "excellent_cut", "n_good": "good_cut", "n_pass": "pass_cut"}


def recompute_exams(candidate: Candidate) -> pd.DataFrame:
    """Compare every group of every exam of the year with counts and sums made from raw scores.

    Returns entity_id (`exam/grade/subject`), deviation (the largest relative one over groups and statistics; infinite
    where a group exists on one side only) and worst (group and statistic).
    """
    stored = candidate.frame(
        "select * from fct_exam_group_stat where region_code = $region and school_year = $school_year"
        " and group_type in ('school', 'county', 'urban_rural')"
    )
    schools = candidate.frame(
        "select school_code, school_year, is_urban from dim_school where region_code = $region order by school_year"
    )
    scores = _raw_scores(candidate)
    params = _raw_parameters(candidate)
    if scores.empty and stored.empty:
        return pd.DataFrame(columns=["entity_id", "deviation", "worst"])
    fresh = _group_statistics(scores, params, _nearest(schools, candidate.school_year), candidate.region)
    return _compare(stored, fresh)


def recompute_dispersion(candidate: Candidate) -> pd.DataFrame:
    """Recompute each stored coefficient of variation and intraclass correlation.

    Returns entity_id, stored, recomputed, deviation (relative; 0 where both are blank, infinite where one is).
    """
    stored = candidate.frame(
        "select * from fct_between_school_dispersion where region_code = $region and school_year = $school_year"
    )
    sections = _eligible_sections(candidate)
    items = yaml.safe_load((ROOM / "dispersion_items.yaml").read_text(encoding="utf-8")) or {}
    scores = _raw_scores(candidate)
    rows = []
    # One row a stage and item, or an exam subject: a few dozen, each computed on whole columns.
    for row in stored.to_dict("records"):
        if row["kind"] == "cv_weighted":
            value = row["cv_value"]
            item = items.get(row["item_code"])
            mine = sections[sections["stage"] == row["stage"]]
            again = weighted_cv(mine[item], mine["student_count"]) if item else None
        else:
            value = row["icc_value"]
            mine = scores[
                (scores["exam_id"] == row["exam_id"])
                & (scores["grade"].astype(str) == str(row["grade"]))
                & (scores["subject"] == row["subject"])
            ]
            again = one_way_icc(mine["cents"] / _HUNDRED, mine["school_code"])
        parts = ("stage", "item_code", "kind", "exam_id", "grade", "subject")
        rows.append(
            {
                "entity_id": "/".join(str(row[p]) for p in parts),
                "stored": value,
                "recomputed": again,
                "deviation": _deviation(value, again),
            }
        )
    return pd.DataFrame(rows, columns=["entity_id", "stored", "recomputed", "deviation"])


def one_way_icc(values: pd.Series, groups: pd.Series) -> float | None:
    """Share of variance between groups, one-way random effects by mean squares, unequal sizes; None if undefined."""
    frame = pd.DataFrame({"v": values.to_numpy(float), "g": groups.to_numpy()}).dropna()
    sizes = frame.groupby("g")["v"].agg(["count", "mean"])
    k, n = len(sizes), len(frame)
    if k < 2 or n <= k:
        return None
    between = float((sizes["count"] * (sizes["mean"] - frame["v"].mean()) ** 2).sum()) / (k - 1)
    centred = frame["v"] - frame.groupby("g")["v"].transform("mean")
    within = float((centred**2).sum()) / (n - k)
    n0 = (n - float((sizes["count"] ** 2).sum()) / n) / (k - 1)
    total = between + (n0 - 1) * within
    return (between - within) / total if total else None


def _deviation(stored: object, again: float | None) -> float:
    missing = stored is None or bool(pd.isna(stored)), again is None
    if all(missing):
        return 0.0
    if any(missing) or again is None:
        return float("inf")
    return abs(float(stored) - again) / max(abs(again), 1.0)  # type: ignore[arg-type]


def _pinned(candidate: Candidate) -> pa.Array:
    return pq.read_table(candidate.folder / "pin.parquet")["submission_id"].combine_chunks()


def _files(folder: Path) -> list[str]:
    return sorted(str(p) for p in folder.rglob("*.parquet") if p.name != "_schema.parquet")


def _read(candidate: Candidate, source: str, columns: list[str], *, under: str = "") -> pd.DataFrame:
    """Raw rows of the pinned submissions of this region and school year."""
    files = _files(candidate.settings.raw / source / under)
    if not files:
        return pd.DataFrame(columns=columns)
    where = (
        (ds.field("region_code") == candidate.region)
        & (ds.field("period") == candidate.school_year)
        & ds.field("_submission_id").isin(_pinned(candidate))
    )
    return ds.dataset(files, format="parquet").to_table(columns=columns, filter=where).to_pandas()


def _raw_scores(candidate: Candidate) -> pd.DataFrame:
    """exam_id, grade, subject, school_code, score_status, cents (scores in hundredths; blank where there is none)."""
    files = _files(candidate.settings.raw / "exam_scores" / f"school_year={candidate.school_year}")
    columns = ["exam_id", "grade", "subject", "school_code", "score_status", "score"]
    if not files:
        return pd.DataFrame(columns=[*columns[:-1], "cents"])
    where = (ds.field("region_code") == candidate.region) & ds.field("_submission_id").isin(_pinned(candidate))
    table = ds.dataset(files, format="parquet").to_table(columns=columns, filter=where)
    cents = pc.round(pc.multiply(pc.cast(table["score"], pa.float64()), _HUNDRED))
    frame = table.drop_columns(["score"]).to_pandas()
    frame["cents"] = cents.to_pandas()
    frame.loc[frame["score_status"] != "scored", "cents"] = np.nan
    return frame


def _raw_parameters(candidate: Candidate) -> pd.DataFrame:
    columns = ["exam_id", "grade", "subject", "excellent_cut", "good_cut", "pass_cut", "low_cut"]
    frame = _read(candidate, "exam_parameters", columns)
    for cut in columns[3:]:
        frame[cut] = (frame[cut].astype(float) * _HUNDRED).round()
    return frame


def _group_statistics(scores: pd.DataFrame, params: pd.DataFrame, schools: pd.DataFrame, region: str) -> pd.DataFrame:
    """One row a group and subject, with counts and exact sums in hundredths and their squares."""
    keys = ["exam_id", "grade", "subject"]
    frame = scores.merge(params, on=keys, how="left").merge(schools, on="school_code", how="left")
    # The list of a school's grade is its longest subject list; it is counted once a subject, on the first row.
    of_school = [*keys, "school_code"]
    listed = frame.groupby(of_school)["subject"].transform("size")
    longest = listed.groupby([frame["exam_id"], frame["grade"], frame["school_code"]]).transform("max")
    frame["n_listed"] = longest.where(~frame.duplicated(of_school), 0)
    frame["n_scored"] = frame["cents"].notna().astype("int64")
    frame["n_absent"] = (frame["score_status"] == "absent").astype("int64")
    frame["n_present"] = frame["score_status"].isin(["scored", "misconduct"]).astype("int64")
    frame["sum_cents"] = frame["cents"].fillna(0).astype("int64")
    frame["sumsq_cents"] = frame["sum_cents"] ** 2
    for name, cut in _CUTS.items():
        frame[name] = (frame["cents"] >= frame[cut]).astype("float64").where(frame[cut].notna())
    frame["n_low"] = (frame["cents"] < frame["low_cut"]).astype("float64").where(frame["low_cut"].notna())
    urban = frame["is_urban"].astype("object").map({True: "urban", False: "rural"}).fillna("unknown")
    groupings = {"school": frame["school_code"], "county": pd.Series(region, index=frame.index), "urban_rural": urban}
    sums = ["n_listed", "n_scored", "n_present", "n_absent", "sum_cents", "sumsq_cents", *_CUTS, "n_low"]
    parts = []
    for kind, code in groupings.items():
        grouped = frame.assign(group_type=kind, group_code=code).groupby(
            [*keys, "group_type", "group_code"], observed=True
        )
        part = grouped[sums].sum(min_count=1)
        part["min_cents"], part["max_cents"] = grouped["cents"].min(), grouped["cents"].max()
        parts.append(part.reset_index())
    return pd.concat(parts, ignore_index=True)


def _eligible_sections(candidate: Candidate) -> pd.DataFrame:
    """Sections that count for the coefficients: those that the assessment counts."""
    sections = candidate.frame(
        "select * from fct_school_resource_snapshot where region_code = $region and school_year = $school_year"
    )
    assessed = read_assessed(candidate.connection, candidate.region, candidate.school_year)
    return sections[[pair in assessed for pair in zip(sections["school_code"], sections["stage"], strict=True)]]


def _nearest(schools: pd.DataFrame, school_year: str) -> pd.DataFrame:
    """school_code, is_urban: of the year's report, else of the nearest earlier year, else of the nearest later one."""
    start = schools["school_year"].str[:4].astype(int) - int(school_year[:4])
    order = schools.assign(later=start > 0, gap=start.abs()).sort_values(["school_code", "later", "gap"])
    return order.drop_duplicates("school_code")[["school_code", "is_urban"]]


def _compare(stored: pd.DataFrame, fresh: pd.DataFrame) -> pd.DataFrame:
    keys = ["exam_id", "grade", "subject", "group_type", "group_code"]
    fresh = fresh.assign(
        score_sum=fresh["sum_cents"] / _HUNDRED,
        score_sumsq=fresh["sumsq_cents"] / _HUNDRED**2,
        min_score=fresh["min_cents"] / _HUNDRED,
        max_score=fresh["max_cents"] / _HUNDRED,
    )
    counts = ["n_listed", "n_scored", "n_present", "n_absent", *_CUTS, "n_low"]
    statistics = [*counts, "score_sum", "score_sumsq", "min_score", "max_score"]
    for frame in (stored, fresh):
        frame["grade"] = frame["grade"].astype(str)
    both = stored[[*keys, *statistics]].merge(
        fresh[[*keys, *statistics]], on=keys, how="outer", suffixes=("", "_again"), indicator=True
    )
    gaps = pd.DataFrame(index=both.index)
    for name in statistics:
        a, b = both[name].astype(float), both[f"{name}_again"].astype(float)
        gap = (a - b).abs() / b.abs().clip(lower=1)
        # A sum of nothing may be blank or zero; a smallest mark of nothing is blank on both sides.
        gaps[name] = gap.where(~(a.isna() & b.isna()), 0).where(~((a.isna()) & (b == 0)), 0).fillna(np.inf)
    alone = both["_merge"] != "both"
    # A group that the models list without any raw row behind it is right only if it counts nobody.
    phantom = alone & (both["_merge"] == "left_only") & (both["n_listed"].fillna(0) == 0)
    both["deviation"] = gaps.max(axis=1).where(~alone, np.inf).where(~phantom, 0.0)
    both["worst"] = both["group_type"] + "/" + both["group_code"] + "/" + gaps.idxmax(axis=1).where(~alone, "n_listed")
    both["entity_id"] = both["exam_id"] + "/" + both["grade"] + "/" + both["subject"]
    top = both.sort_values(["entity_id", "deviation", "worst"], ascending=[True, False, True])
    return top.drop_duplicates("entity_id")[["entity_id", "deviation", "worst"]].reset_index(drop=True)
