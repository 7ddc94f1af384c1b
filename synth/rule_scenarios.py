"""Counties planted to bring monitoring rules to both of their answers, through the files an office would send.

`generate_rules(out)` writes two counties: one in trouble, one where all is well, and `rules.csv` with what each planted
rule must come to. What the usual county already shows (schools over and under a threshold, years that differ) is not
planted again.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from synth import rule_clears, rule_hits
from synth.county import County, found
from synth.faults import Faults
from synth.generate import LAST_YEAR, _write_tables  # pyright: ignore[reportPrivateUsage]
from synth.rule_desk import Desk
from synth.rule_plan import Expected, Scene
from synth.sheets import held

TROUBLED, SOUND = 1, 2
_SIZES = {TROUBLED: 8, SOUND: 4}
_PLANTS: dict[int, Callable[[Desk, Scene], list[Expected]]] = {TROUBLED: rule_hits.plant, SOUND: rule_clears.plant}


def generate_rules(out: Path, *, seed: int = 20240901) -> list[Expected]:
    """Writes both counties into `out`, each in its folder, and `rules.csv`. The same seed gives the same bytes."""
    out.mkdir(parents=True, exist_ok=True)
    expected: list[Expected] = []
    for index, schools in _SIZES.items():
        county = found(index, schools=schools, years=[LAST_YEAR - 1, LAST_YEAR], seed=seed, growing=False)
        home = out / county.region_code
        home.mkdir(exist_ok=True)
        with held() as waiting:
            _write_tables(home, county, Faults())
            expected += _PLANTS[index](Desk(home, waiting), scene_of(county, Desk(home, waiting)))
    frame = pd.DataFrame([vars(e) for e in expected])
    (out / "rules.csv").write_bytes(frame.to_csv(index=False, lineterminator="\n").encode("utf-8"))
    return expected


def scene_of(county: County, desk: Desk) -> Scene:
    """The schools a scenario needs, read from the reports of the last year."""
    year = county.years[-1]
    folder = f"{year}-{year + 1}"
    reports = {s: desk.rows(f"{folder}/{s}基表.xlsx") for s in ("小学", "初中", "特殊教育")}
    code = "学校(机构)标识码"

    def is_rural(row: dict[str, object]) -> bool:
        return str(row["城乡分类"]).startswith("2") or "村" in str(row["城乡分类"])

    primaries, juniors = reports["小学"], reports["初中"]
    # A village school whose sixth grade sat the examination.
    sat = {r["学校标识码"] for r in desk.rows(f"{folder}/升学考试/{year + 1}年小学毕业考试成绩.csv")}
    return Scene(
        region=county.region_code,
        year=year,
        compulsory=tuple(dict.fromkeys(str(r[code]) for r in (*primaries, *juniors))),
        juniors=tuple(str(r[code]) for r in juniors),
        town_juniors=tuple(str(r[code]) for r in juniors if not is_rural(r)),
        village_primary=next((str(r[code]) for r in primaries if is_rural(r) and r[code] in sat), ""),
        special=next((str(r[code]) for r in reports["特殊教育"]), ""),
    )
