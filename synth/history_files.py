"""The light files of the years before the first full one: school reports without facilities, the status events, and
the register of changes of schools."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from synth.county import County, entry_grades
from synth.schools import CLASS_CAP, COMPULSORY, GRADE_ZH, JUNIOR, STAGE_ZH
from synth.sheets import GB18030, UTF8_BOM, Sheet, write_csv, write_workbook
from synth.succession import Past, look_back

HEADER = (
    "学校(机构)标识码", "学校(机构)名称", "行政区划代码", "学段", "办学类型", "城乡分类", "举办者", "班数", "在校生数",
    "其中:女", "招生数", "毕业生数",
)  # fmt: skip
_FIRST_NUMBER = 7


def past_of(county: County) -> Past:
    """What the schools of the county were before its full years."""
    heads = county.pupils.history
    last = heads.loc[(heads["year"] == county.years[0] - 2) & (heads["stage"] == JUNIOR)].groupby("school").size()
    both = last.reindex([6, 9]).fillna(1)
    shares = {int(k): round(float(v), 4) for k, v in (both / both.sum()).items()}  # type: ignore[call-overload]
    return look_back(county.schools, county.index, county.years[0], shares)


def write_history(home: Path, county: County, past: Past) -> None:
    """School reports and status events of every year of history, each in the folder of its school year."""
    heads = _heads(county, past)
    for year in sorted(heads["year"].unique().tolist()):
        folder = home / f"{year}-{year + 1}"
        # The other stages are remembered for the year before the full ones only, so that no school seems new.
        for stage in STAGE_ZH if year == county.years[0] - 1 else COMPULSORY:
            part = heads.loc[(heads["year"] == year) & (heads["stage"] == stage)]
            _write_report(folder, county, past, part, year, stage)
        write_events(folder, county, year, past)


def _heads(county: County, past: Past) -> pd.DataFrame:
    """Pupils of each entity, stage and year: classes, pupils, female, entrants, graduates."""
    pupils = county.pupils
    roll = pupils.history
    persons = pupils.persons.loc[roll["pupil"].to_numpy()]
    entity = past.entity_at(
        roll["year"].to_numpy(), roll["school"].to_numpy(), roll["stage"].to_numpy(), persons["draw"].to_numpy()
    )
    roll = roll.assign(entity=entity, female=persons["is_female"].to_numpy())
    keys = ["year", "entity", "stage"]
    grades = roll.groupby([*keys, "grade"], as_index=False).agg(pupils=("pupil", "size"), female=("female", "sum"))
    grades["classes"] = -(-grades["pupils"] // grades["stage"].map(CLASS_CAP))
    grades["entrants"] = grades["pupils"].where(grades["grade"] == entry_grades(grades["stage"]), 0)
    heads = grades.groupby(keys, as_index=False)[["classes", "pupils", "female", "entrants"]].sum()
    done = pupils.graduates
    # A school reports in September whom it let go in July: under the name it has by then, in equal parts where its
    # pupils stood under several.
    parts = np.linspace(0.05, 0.95, 10)
    tenth = done.loc[done.index.repeat(len(parts))].assign(draw=np.tile(parts, len(done)), part=0)
    rank = np.tile(np.arange(len(parts)), len(done))
    tenth["part"] = (tenth["count"] + len(parts) - 1 - rank) // len(parts)
    tenth["entity"] = past.entity_at(
        tenth["year"].to_numpy(), tenth["school"].to_numpy(), tenth["stage"].to_numpy(), tenth["draw"].to_numpy()
    )
    graduates = tenth.groupby(keys, as_index=False).agg(graduates=("part", "sum"))
    heads = heads.merge(graduates, on=keys, how="left")
    return heads.assign(graduates=heads["graduates"].astype("Int64"))


def _write_report(folder: Path, county: County, past: Past, heads: pd.DataFrame, year: int, stage: str) -> None:
    info = past.entities.set_index("school").loc[heads["entity"]]
    zh = STAGE_ZH[stage]
    count = [heads[c].astype(object).where(heads[c].notna(), None).tolist()
             for c in ("classes", "pupils", "female", "entrants", "graduates")]  # fmt: skip
    columns = [
        info["code"].tolist(), info["name"].tolist(), [county.region_code] * len(heads), [zh] * len(heads),
        info["type_code"].tolist(), info["urban_rural"].tolist(),
        info["is_private"].map({True: "民办", False: "公办"}).tolist(), *count,
    ]  # fmt: skip
    totals = [sum(v or 0 for v in column) for column in count]
    sheet = Sheet(
        name=f"{zh}基表",
        title=f"{year}-{year + 1}学年初{zh}基本情况统计表",
        before=[[f"统计时点:{year}年9月1日", *[""] * (len(HEADER) - 2), "单位:人、个"]],
        header=[HEADER],
        rows=list(zip(*columns, strict=True)),
        after=[["合计", *[""] * (_FIRST_NUMBER - 1), *totals]],
    )
    write_workbook(folder / f"{zh}基表.xlsx", [sheet])


def write_events(folder: Path, county: County, year: int, past: Past) -> None:
    """The status events of a school year."""
    pupils = county.pupils
    e = pupils.events.loc[(pupils.events["year"] == year) & (pupils.events["grade"] >= 1)]
    e = e.sort_values(["date", "school", "pupil", "kind"], ignore_index=True)
    persons = pupils.persons.loc[e["pupil"].to_numpy()].reset_index(drop=True)
    when, stage, draw = e["year"].to_numpy(), e["stage"].to_numpy(), persons["draw"].to_numpy()
    entities = past.entities.set_index("school")
    own = entities.loc[past.entity_at(when, e["school"].to_numpy(), stage, draw)]
    other = e["counterpart"].to_numpy()
    inside = past.entity_at(when, np.maximum(other, 0), stage, draw)
    codes = entities["code"].to_numpy()[inside]
    elsewhere = np.array([f"2198{100000 + p % 900:06d}" for p in e["pupil"].tolist()], dtype=object)
    number = np.where(
        persons["changed_on"].notna() & (e["date"] >= persons["changed_on"]), persons["student_id"], persons["first_id"]
    )
    table = pd.DataFrame(
        {
            "学籍号": number,
            "姓名": persons["name"],
            "学校(机构)标识码": own["code"].to_numpy(),
            "学校(机构)名称": own["name"].to_numpy(),
            "年级": e["grade"].map(GRADE_ZH),
            "异动类型": e["kind"],
            "异动日期": e["date"].dt.strftime("%Y-%m-%d"),
            "复学日期": e["return_date"].dt.strftime("%Y-%m-%d").fillna(""),
            "对方学校标识码": np.where(other >= 0, codes, np.where(other == -1, elsewhere, "")),
        }
    )
    write_csv(folder / "学籍异动表.csv", table, GB18030 if year % 2 else UTF8_BOM)


def write_succession(home: Path, county: County, past: Past) -> None:
    """The register of changes of schools; a county whose schools never changed sends none."""
    if past.events.empty:
        return
    rows = [
        [
            f"BG{e.year}{k:03d}", e.event_type, f"{e.year}-08-20", e.predecessor_code, e.predecessor_name,
            e.successor_code, e.successor_name, e.share, f"{county.name[:-1]}教发〔{e.year}〕{20 + k}号",
        ]
        for k, e in enumerate(past.events.itertuples(), start=1)
    ]  # fmt: skip
    header = [
        "变更编号", "变更类型", "生效日期", "原学校标识码", "原学校名称", "现学校标识码", "现学校名称", "学生占比",
        "批复文号",
    ]  # fmt: skip
    write_workbook(
        home / "学校变更登记表.xlsx", [Sheet("学校变更", [header], rows, title=f"{county.name}学校变更登记表")]
    )
