"""The edition's figures as SDMX: one structure message (SDMX-ML 3.0), and SDMX-CSV 2.0 for each data set of figures.

Keys are dimensions, amounts and values are measures, codes that say how a figure came about are attributes. Free text
stays in the tidy files. Observation statuses are those of SDMX's own list; ours are translated on the way out. The time
dimension that SDMX wants is the row's own period: a year of the calendar as `2024`, any other period by its first day
and its length, `2024-09-01/P1Y`.
"""

from __future__ import annotations

import io
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pandas as pd
from pysdmx.io import write_sdmx
from pysdmx.io.format import Format
from pysdmx.io.pd import PandasDataset
from pysdmx.model import (
    Agency,
    Code,
    Codelist,
    Component,
    Components,
    Concept,
    ConceptScheme,
    Dataflow,
    DataStructureDefinition,
    DataType,
    Organisation,
    Role,
    Schema,
)
from pysdmx.model.message import Header

from publication import dictionary
from publication.datasets import PREFIX, DataSet
from publication.draft import Draft
from warehouse.errors import SchoolhouseError
from warehouse.expected import period_span

# Data sets that hold figures, in the order they are written.
FIGURES = ("indicator_value", "target_tracking", "resource_dispersion", "budget_summary", "budget_line")
TIME = "TIME_PERIOD"
# Ours -> CL_OBS_STATUS: normal, suppressed, missing, data cannot exist.
OBS_STATUS = {"A": "A", "c": "Q", "M": "O", "z": "M"}
_STATUS_NAMES = {
    "A": ("Normal value", "正常"),
    "Q": ("Missing value; suppressed", "不予公布"),
    "O": ("Missing value", "缺失"),
    "M": ("Missing value; data cannot exist", "不适用"),
}
# A key that does not apply to a row, as SDMX writes it.
NOT_APPLICABLE = "_Z"
# A measure, or an attribute, that has deliberately no value, as SDMX-CSV writes it.
NO_NUMBER, NO_TEXT = "NaN", "#N/A"
_ID = re.compile(r"[A-Za-z0-9_@$\-]+")
_FAMILY = {"target_status": "status"}
_CONCEPT = "urn:sdmx:org.sdmx.infomodel.conceptscheme.Concept"
_CODELIST = "urn:sdmx:org.sdmx.infomodel.codelist.Codelist"
# The clock has no part in an edition; the header of a message must name one.
_PREPARED = datetime(2000, 1, 1, tzinfo=UTC)


def agency(region: str) -> str:
    return f"EDU_{region}"


def files(draft: Draft, version: str) -> dict[str, bytes]:
    """Path under the edition -> content: `sdmx/structure.xml` and `sdmx/<data set>.csv`."""
    sets = [s for name in FIGURES if (s := draft.set(name)) is not None and s.rows]
    number = version.removeprefix("v")
    owner = Agency(agency(draft.region), name=f"{draft.names.region}教育局")
    lists = _codelists(draft, sets, owner, number)
    concepts = _concepts(sets, owner, number)
    written: dict[str, bytes] = {}
    structures: list[Any] = [*lists.values(), concepts]
    for data in sets:
        components = _components(data, concepts, lists, number)
        ident = _name(data).upper()
        zh, en = dictionary.title(data.name)
        definition = DataStructureDefinition(
            f"DSD_{ident}", name=en, description=zh, version=number, agency=owner.id, components=components
        )
        flow = Dataflow(
            f"DF_{ident}", name=en, description=zh, version=number, agency=owner.id, structure=definition.short_urn
        )
        structures += [definition, flow]
        schema = Schema("dataflow", owner.id, flow.id, components, number, name=en)
        frame = _frame(data, components)
        text = write_sdmx([PandasDataset(structure=schema, data=frame)], Format.DATA_SDMX_CSV_2_0_0)
        written[f"sdmx/{_name(data)}.csv"] = (text or "").encode()
    header = Header(
        id=f"{owner.id}_{draft.school_year}_{number}".replace(".", "_"),
        prepared=_PREPARED,
        sender=Organisation(owner.id, name=owner.name),
    )
    text = write_sdmx(structures, Format.STRUCTURE_SDMX_ML_3_0, header=header, prettyprint=True)
    return {"sdmx/structure.xml": (text or "").encode(), **written}


def _name(data: DataSet) -> str:
    return data.name.removeprefix(PREFIX)


def component_id(column: str) -> str:
    return "OBS_VALUE" if column == "value" else column.upper()


def code(column: str, value: Any) -> str:
    """A key or code as it is written in SDMX."""
    if value in (None, ""):
        return NOT_APPLICABLE
    if column == "obs_status":
        return OBS_STATUS[str(value)]
    return str(value).replace(";", "-")


def time_period(row: dict[str, str]) -> str:
    """The period of a row as SDMX writes it: its own, else its fiscal year, else the school year of the edition."""
    for clock, period in (
        (row.get("period_type"), row.get("period_id")),
        ("fiscal_year", row.get("fiscal_year")),
        ("school_year", row["school_year"]),
    ):
        if clock == "snapshot" and period:
            return period
        if clock and period and (span := period_span(clock, period)):
            return _iso(*span)
    raise SchoolhouseError(
        f"{row['school_year']} is not in the calendar of periods",
        f"期间日历中没有 {row['school_year']}",
        where="period_calendar",
        fix_en="Add the period to the seed.",
        fix_zh="请在该表中补充。",
    )


def _iso(first: date, last: date) -> str:
    after = last + timedelta(days=1)
    if (after.month, after.day) != (first.month, first.day):
        return f"{first}/P{(after - first).days}D"
    years = after.year - first.year
    return str(first.year) if (first.month, first.day, years) == (1, 1, 1) else f"{first}/P{years}Y"


def _columns(data: DataSet) -> list[tuple[str, str, Role]]:
    """The columns that SDMX carries, with their roles: every key, numbers, and codes that qualify them."""
    found = []
    for name, type_name in data.columns:
        role = dictionary.describe(data.name, name, type_name).role
        number = type_name.startswith(("DOUBLE", "DECIMAL")) or "INT" in type_name
        if role == "key":
            found.append((name, type_name, Role.DIMENSION))
        elif role == "value" and number:
            found.append((name, type_name, Role.MEASURE))
        elif role == "value" and type_name == "VARCHAR":
            found.append((name, type_name, Role.ATTRIBUTE))
    order = (Role.DIMENSION, Role.MEASURE, Role.ATTRIBUTE)
    return sorted(found, key=lambda c: order.index(c[2]))


def _codelists(draft: Draft, sets: list[DataSet], owner: Agency, version: str) -> dict[str, Codelist]:
    """Column -> its list: the dictionary's codes of that name and whatever else the data hold, if all are ids."""
    values: dict[str, set[str]] = {}
    for data in sets:
        for name, _, role in _columns(data):
            if role is not Role.MEASURE:
                values.setdefault(name, set()).update(
                    code(name, v) for v in data.table.column(name).unique().to_pylist()
                )
    definitions = draft.set("indicator_definition")
    named = {
        r["indicator_code"]: (str(r.get("name_en") or r["indicator_code"]), str(r.get("name_zh") or ""))
        for r in (definitions.table.to_pylist() if definitions else [])
    }
    lists = {}
    for name, found in sorted(values.items()):
        family = _FAMILY.get(name, name)
        known = {
            code("", c): (dictionary.word(family, c, "en"), dictionary.word(family, c))
            for c in dictionary.order(family)
        }
        if name == "indicator_code":
            known = named
        elif name == "region_code":
            known = {draft.region: (draft.region, draft.names.region)}
        elif name == "obs_status":
            known = dict(_STATUS_NAMES)
        if not known:
            continue
        everything = {c: known.get(c, (c, "")) for c in [*known, *sorted(found - set(known))]}
        if NOT_APPLICABLE in everything:
            everything[NOT_APPLICABLE] = ("Not applicable", "不适用")
        if all(_ID.fullmatch(c) for c in everything):
            ident = f"CL_{name.upper()}"
            codes = [Code(c, name=en or c, description=zh or None) for c, (en, zh) in everything.items()]
            lists[name] = Codelist(ident, name=ident, version=version, agency=owner.id, items=codes)
    return lists


def _concepts(sets: list[DataSet], owner: Agency, version: str) -> ConceptScheme:
    found: dict[str, Concept] = {}
    for data in sets:
        for name, type_name, _ in _columns(data):
            column = dictionary.describe(data.name, name, type_name)
            ident = component_id(name)
            urn = f"{_CONCEPT}={owner.id}:CS_SCHOOLHOUSE({version}).{ident}"
            found.setdefault(
                ident, Concept(ident, name=column.en, description=column.zh, urn=urn, dtype=_data_type(type_name))
            )
    urn = f"{_CONCEPT}={owner.id}:CS_SCHOOLHOUSE({version}).{TIME}"
    found[TIME] = Concept(TIME, name="Period", description="时期", urn=urn, dtype=DataType.PERIOD)
    items = [found[k] for k in sorted(found)]
    return ConceptScheme("CS_SCHOOLHOUSE", name="Concepts", version=version, agency=owner.id, items=items)


def _components(data: DataSet, concepts: ConceptScheme, lists: dict[str, Codelist], version: str) -> Components:
    by_id = {c.id: c for c in concepts.items}
    time = Component(TIME, required=True, role=Role.DIMENSION, concept=by_id[TIME], local_dtype=DataType.PERIOD)
    found = []
    for name, type_name, role in _columns(data):
        if role is not Role.DIMENSION and time not in found:
            found.append(time)
        listed = lists.get(name) if role is not Role.MEASURE else None
        urn = (
            f"urn:sdmx:org.sdmx.infomodel.codelist.Codelist={listed.agency}:{listed.id}({version})" if listed else None
        )
        found.append(
            Component(
                component_id(name),
                required=role is Role.DIMENSION or name == "obs_status",
                role=role,
                concept=by_id[component_id(name)],
                local_dtype=None if listed else _data_type(type_name),
                local_codes=listed,
                local_enum_ref=urn,
                attachment_level="O" if role is Role.ATTRIBUTE else None,
            )
        )
    return Components(found)


def _data_type(type_name: str) -> DataType:
    if type_name.startswith("DOUBLE"):
        return DataType.DOUBLE
    if type_name.startswith("DECIMAL"):
        return DataType.DECIMAL
    return DataType.LONG if "INT" in type_name else DataType.STRING


def _frame(data: DataSet, components: Components) -> pd.DataFrame:
    """The rows as texts: numbers as the tidy CSV prints them, keys and codes as SDMX writes them."""
    printed = pd.read_csv(io.BytesIO(data.csv()), dtype=str, keep_default_na=False)
    frame = {TIME: printed.apply(lambda row: time_period(row.to_dict()), axis=1)}
    for name, _, role in _columns(data):
        column = printed[name]
        if role is Role.DIMENSION:
            column = column.map(lambda v, n=name: code(n, v))
        else:
            column = column.map(lambda v, n=name, r=role: _cell(n, r, v))
        frame[component_id(name)] = column
    return pd.DataFrame(frame, columns=[c.id for c in components])


def _cell(column: str, role: Role, text: str) -> str:
    if role is Role.MEASURE:
        return text or NO_NUMBER
    return code(column, text) if text else NO_TEXT
