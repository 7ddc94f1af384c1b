"""Rooms, grounds and equipment of each section. Areas are whole hundredths of m2, money whole hundreds of yuan."""

from __future__ import annotations

import numpy as np
import pandas as pd

from synth.schools import PRIMARY, sections_of


def furnish(schools: pd.DataFrame, heads: pd.DataFrame, years: list[int], rng: np.random.Generator) -> pd.DataFrame:
    """Facilities per year and section: columns year, school, stage, classroom_count, multimedia_room_count,
    auxiliary_c, indoor_c, ground_c (0.01 m2; `auxiliary_c` includes `indoor_c`), equipment_h (100 yuan).

    `heads`: year, school, stage, pupils, classes. What was built for the first year's pupils stays, so that crowded
    town schools have less for each pupil; equipment and networked rooms grow a little every year.
    """
    sections = sections_of(schools)
    n = len(sections)
    info = schools.loc[sections["school"]].reset_index(drop=True)
    urban, primary = info["is_urban"].to_numpy(), (sections["stage"] == PRIMARY).to_numpy()
    base = sections.merge(heads.loc[heads["year"] == years[0]], on=["school", "stage"], how="left")
    pupils = base["pupils"].fillna(1).to_numpy()

    def spread(town_primary: float, town_junior: float, country: float, width: float) -> np.ndarray:
        level = np.where(urban, np.where(primary, town_primary, town_junior), np.where(primary, 1.0, 1.2) * country)
        return level * np.exp(rng.normal(0, width, n))

    auxiliary = np.rint(pupils * spread(4.6, 6.0, 6.2, 0.13) * 100 / 50) * 50
    ground = np.rint(pupils * spread(7.3, 9.9, 10.6, 0.16) * 100 / 50) * 50
    indoor = np.where(pupils > 600, np.rint(pupils * rng.uniform(0.5, 0.9, n)) * 100, 0)
    equipment = np.rint(pupils * spread(19.5, 25.5, 21.0, 0.16))
    rooms = np.maximum(1, np.rint(pupils * spread(2.3, 2.4, 3.2, 0.10) / 100))
    spare = rng.integers(0, 4, n)

    frames = []
    for step, year in enumerate(years):
        classes = sections.merge(heads.loc[heads["year"] == year], on=["school", "stage"], how="left")["classes"]
        if step:
            equipment = np.rint(equipment * (1 + rng.uniform(0.02, 0.09, n)))
            rooms = rooms + (rng.random(n) < 0.12 * (rooms > 8))
            ground = np.rint(ground * np.where(rng.random(n) < 0.08, 1.06, 1.0) / 50) * 50
        frames.append(
            sections.assign(
                year=year,
                classroom_count=classes.fillna(1).to_numpy().astype(int) + spare,
                multimedia_room_count=rooms.astype(int),
                auxiliary_c=(auxiliary + indoor).astype("int64"),
                indoor_c=indoor.astype("int64"),
                ground_c=ground.astype("int64"),
                equipment_h=equipment.astype("int64"),
            )
        )
    return pd.concat(frames, ignore_index=True)
