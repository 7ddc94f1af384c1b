"""A city's edition from its counties' editions: figures of sums, each with the county version it came from.

Nothing but what the counties published goes in, so a city's figure tells nothing that its parts do not. Counts are
added, rates are computed anew from the sums, and targets are judged anew on them. Where a county hid a count the city's
is hidden; where one has none, so has the city. An indicator that is no sum (a change, an extreme) is left out:
counties' figures do not make it. The spread between schools is put together from the counties' means and deviations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from publication import manifest as m
from publication.city import areas_apart, federated, measures
from publication.city_balance import CONCLUSION, DISPERSION, LEG
from publication.city_targets import NAME as TARGETS
from publication.clearance import Clearance, approvals
from publication.county import PLACE, County, fault
from publication.datasets import DataSet, Names, codebook
from publication.draft import Draft
from publication.edition import EditionResult, publish_draft
from publication.footnotes import footnotes
from publication.protection import DEFAULT_THRESHOLD
from publication.verify import verify
from warehouse.errors import SchoolhouseError
from warehouse.files import sha256_file
from warehouse.ledger import Ledger, now
from warehouse.settings import Settings

CHECKS = ("federation_signatures", "federation_code_lists", "federation_rates", "federation_areas")
# What must be the same of an indicator in every county before its figures may be added.
_DEFINED = (
    "unit", "kind", "numerator_measure", "numerator_filter", "denominator_measure", "denominator_filter", "scale",
    "clock", "definition_version",
)  # fmt: skip
# A city's data set -> the counties' rows that it is made from.
_BEHIND = {
    TARGETS: "county_target",
    DISPERSION: "county_dispersion",
    LEG: "county_balance",
    CONCLUSION: "county_balance",
}
_OPTIONAL = (TARGETS, DISPERSION, LEG, CONCLUSION)
Row = dict[str, Any]


def federate(
    settings: Settings,
    region: str,
    paths: Sequence[Path],
    *,
    name: str | None = None,
    counties: Sequence[str] = (),
    pins: Mapping[str, str] | None = None,
    allowed_signers: Path | None = None,
    min_count: float = DEFAULT_THRESHOLD,
) -> EditionResult:
    """Publish the city's next version. `counties`: those that must all be there. `pins`: edition id or county code ->
    SHA-256 of its SHA256SUMS, which must then be what is found.

    Raises SchoolhouseError for an edition that is not what was signed, another school year, other code lists, a county
    that is missing or there twice, a rate that does not follow from its counts, and a missing sign-off.
    """
    found = sorted((read_county(p, pins, allowed_signers) for p in paths), key=lambda c: c.region)
    year = _one_year(found)
    _all_there(region, found, counties)
    _same_codes(found)
    settings.prepare()
    ledger = Ledger.open(settings)
    gate = {
        "gate_id": "federation",
        "build_id": "federation",
        "region_code": region,
        "school_year": year,
        "verdict": "passed",
        "ran_at": now(),
        "checks": list(CHECKS),
    }
    clearance = Clearance(gate, [], {}, approvals(ledger, gate))
    sets = [*federated(region, found, min_count), footnotes(clearance)]
    sets.append(codebook(sets))
    sets.sort(key=lambda s: s.name)
    data = {f"{s.name}.csv": s.csv() for s in sets} | {f"{s.name}.parquet": s.parquet() for s in sets}
    names = Names(name or region, {}, {r["measure_code"]: r["name_zh"] for r in measures()})
    draft = Draft(region, names, year, clearance, [_input(c) for c in found], sets, data, _lineage(found, sets))
    return publish_draft(settings, ledger, clearance, lambda _: draft)


def read_county(path: Path, pins: Mapping[str, str] | None, allowed_signers: Path | None) -> County:
    """An edition, verified. Raises SchoolhouseError where a byte, the signature, the signer or the pin is not right."""
    folder = Path(path).resolve()
    checked = verify(folder, allowed_signers)
    content = m.read(folder)
    if not checked.ok:
        p = checked.problems[0]
        raise fault(f"this county's edition cannot be taken: {p.en}", f"该县版本不可采用：{p.zh}", folder)
    region, edition = str(content["region_code"]), str(content["edition_id"])
    sha = sha256_file(folder / "attestation" / "SHA256SUMS")
    wanted = (pins or {}).get(edition) or (pins or {}).get(region)
    if pins is not None and wanted != sha:
        raise fault(
            f"{edition} is not the edition that was pinned: its SHA256SUMS hash to {sha}",
            f"{edition} 与锁定的哈希不符：其 SHA256SUMS 的哈希为 {sha}",
            folder,
        )
    values, definitions = (_read(folder, n) for n in ("pub_indicator_value", "pub_indicator_definition"))
    optional = [_read(folder, n) for n in _OPTIONAL if (folder / "data" / f"{n}.parquet").exists()]
    rows = [r for r in values.table.to_pylist() if r.get("entity_type", "county") == "county"]
    return County(
        region,
        str(content.get("region_name") or region),
        edition,
        str(content["school_year"]),
        sha,
        {tuple(str(r[c]) for c in PLACE): r for r in rows},
        {str(r["indicator_code"]): r for r in definitions.table.to_pylist()},
        {s.name: s for s in (values, definitions, *optional)},
    )


def _one_year(counties: Sequence[County]) -> str:
    years = sorted({c.school_year for c in counties})
    twice = sorted({c.region for c in counties if [x.region for x in counties].count(c.region) > 1})
    if len(years) != 1 or twice:
        listed = ", ".join(c.edition_id for c in counties) or "-"
        raise SchoolhouseError(
            "a city's edition is of one school year, and takes one edition of each county",
            "市级版本须为同一学年，且每县只取一个版本",
            where=listed,
            fix_en="Give one edition of each county, all of one school year.",
            fix_zh="请为每县给出同一学年的一个版本。",
        )
    return years[0]


def _all_there(region: str, counties: Sequence[County], wanted: Sequence[str]) -> None:
    there = {c.region for c in counties}
    if wanted and (absent := sorted(set(wanted) - there)):
        raise SchoolhouseError(
            f"the edition of county {', '.join(absent)} is missing",
            f"缺少 {'、'.join(absent)} 的县级版本",
            where=region,
            fix_en="Give its edition with --from, or take it out of --counties.",
            fix_zh="请用 --from 给出该县版本，或从 --counties 中去掉。",
        )
    if wanted and (more := sorted(there - set(wanted))):
        raise SchoolhouseError(
            f"{', '.join(more)} is not among the counties of the city",
            f"{'、'.join(more)} 不在该市所辖县名单中",
            where=region,
            fix_en="Take its edition out, or add it to --counties.",
            fix_zh="请去掉该版本，或在 --counties 中加上。",
        )


def _same_codes(counties: Sequence[County]) -> None:
    """Every county must define every indicator in the same way, under the same code."""
    first = counties[0]
    for other in counties[1:]:
        for code in sorted({*first.definitions, *other.definitions}):
            mine, theirs = first.definitions.get(code), other.definitions.get(code)
            if mine is None or theirs is None:
                what = "is defined in one of them only", "仅一方有定义"
            elif differing := [k for k in _DEFINED if str(mine.get(k) or "") != str(theirs.get(k) or "")]:
                what = f"differs in {', '.join(differing)}", f"的 {'、'.join(differing)} 不一致"
            else:
                continue
            raise SchoolhouseError(
                f"the code lists differ: {code} {what[0]}",
                f"两县代码表不一致：{code} {what[1]}",
                where=f"{first.edition_id} / {other.edition_id}",
                fix_en="Publish both editions with the same catalogue of indicators.",
                fix_zh="请以同一指标目录重新发布两县版本。",
            )


def _input(county: County) -> Row:
    return {
        "source": "county_edition",
        "unit_code": county.region,
        "period": county.school_year,
        "scope": "",
        "version": 1,
        "status": "accepted",
        "file_name": county.edition_id,
        "file_sha256": county.sha256,
        "rows_accepted": len(county.values),
        "rows_rejected": 0,
    }


def _lineage(counties: Sequence[County], sets: Sequence[DataSet]) -> dict[str, Any]:
    files = [{"file": c.edition_id, "sha256": c.sha256} for c in counties]
    one: dict[str, Any] = {"models": [], "seeds": [], "sources": ["county_edition"]}
    codes = sorted(next(s for s in sets if s.name == "pub_indicator_definition").table["indicator_code"].to_pylist())
    return {
        "code_sha256": m.code_hash(),
        "datasets": {
            s.name: {"made_from": [_BEHIND.get(s.name, "county_figure")], **one}
            for s in sets
            if s.name.startswith("pub_")
        },
        "indicators": {c: ["county_edition"] for c in codes},
        "files": {"county_edition": files},
        "areas_apart": [list(p) for p in areas_apart(sets)],
    }


def _read(folder: Path, name: str) -> DataSet:
    path = folder / "data" / f"{name}.parquet"
    if not path.exists():
        raise fault(f"the edition has no {name}", f"该版本缺少 {name}", folder)
    table = pq.ParquetFile(path).read()
    return DataSet(name, tuple((f.name, _sql(f.type)) for f in table.schema), table)


def _sql(kind: pa.DataType) -> str:
    if pa.types.is_decimal(kind):
        return f"DECIMAL({kind.precision},{kind.scale})"
    if pa.types.is_floating(kind):
        return "DOUBLE"
    if pa.types.is_integer(kind):
        return "INTEGER"
    return "BOOLEAN" if pa.types.is_boolean(kind) else "DATE" if pa.types.is_date(kind) else "VARCHAR"
