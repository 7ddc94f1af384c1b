"""The whole truth of a county, and what of it the office can know where data are refused or missing."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from synth import institutions
from synth.county import County
from synth.exam_truth import tell_sittings
from synth.faults import Faults
from synth.institutions.answers import Answers
from synth.people_truth import tell_pupils
from synth.resource_truth import tell_resources
from synth.staff_truth import tell_staff
from synth.training_truth import tell_training
from synth.truth import KEYS, tell_measures

RECEIVED = "received"


def tell(county: County, faults: Faults) -> pd.DataFrame:
    """Truth of a county: basis `latent` always; basis `received` beside it where refused or missing data change it.

    Columns as `truth.COLUMNS`.
    """
    latent = _tell(county)
    refused = county.scores.index.isin(faults.refused_rows)
    silent = pd.MultiIndex.from_frame(county.scores[["year", "school"]]).isin(list(faults.no_exam_file))
    unsent = pd.MultiIndex.from_frame(county.sittings[["year", "school"]]).isin(list(faults.no_exam_file))
    off = pd.MultiIndex.from_frame(county.staff[["year", "person"]]).isin(list(faults.left_off_roster.items()))
    if not (refused.any() or silent.any() or off.any()):
        return latent
    known = replace(
        county, scores=county.scores.loc[~refused & ~silent], staff=county.staff.loc[~off],
        sittings=county.sittings.loc[~unsent],
    )  # fmt: skip
    both = latent.merge(_tell(known), on=KEYS, how="outer", suffixes=("", "_received"))
    changed = both.loc[both["value"] != both["value_received"]]
    # What nobody sent has no figure at all: the received value is empty.
    extra = changed[KEYS].assign(value=changed["value_received"].fillna(""), basis=RECEIVED)
    return pd.concat([latent, extra], ignore_index=True)


def _tell(county: County) -> pd.DataFrame:
    answers = Answers(county.region_code)
    tell_pupils(county, answers)
    tell_staff(county, answers)
    tell_training(county, answers)
    tell_sittings(county, answers)
    tell_resources(county, answers)
    parts = [tell_measures(county), answers.table(), institutions.tell(county)]
    return pd.concat(parts, ignore_index=True)
