"""Identifiers of the fictional county: right in form and check digit, belonging to nobody."""

from __future__ import annotations

import numpy as np
import pandas as pd

# GB 11643: weights of the first 17 digits and the character for each remainder modulo 11.
_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
_CHECK = np.array(list("10X98765432"))

# Counties stand in cities of at most twelve; the province 99 and the two beside it do not exist.
COUNTIES_A_CITY = 12
_CITY_NAMES = ("青禾市", "澜川市", "雁荡原市", "沧渚市", "鹿鸣市", "黛山市", "汀溪市", "朔望市")
_COUNTY_NAMES = ("青禾县", "云泽县", "临浦县", "长汀坪县", "白榆县", "石桥湾县", "南岭川县", "东沱县")


def city_code(index: int) -> str:
    """Region code of the city in which county `index` lies: 990200, 990300, ..."""
    return f"99{2 + index // COUNTIES_A_CITY:02d}00"


def city_name(index: int) -> str:
    """Name of the city in which county `index` lies."""
    return _CITY_NAMES[index // COUNTIES_A_CITY]


def county_code(index: int) -> str:
    """Region code of county `index` (0-based): 990201, 990202, ... 990212, 990301, ..."""
    return f"{city_code(index)[:4]}{index % COUNTIES_A_CITY + 1:02d}"


def county_name(index: int) -> str:
    """Name of county `index`; beyond the list of names a numbered one."""
    return _COUNTY_NAMES[index] if index < len(_COUNTY_NAMES) else f"{city_name(index)[:-1]}第{index + 1}县"


def outside_area(region_code: str) -> str:
    """Area in which people were born who came to the county from elsewhere; no such province."""
    return "98" + region_code[2:]


def staff_area(region_code: str) -> str:
    """Area in the identity numbers of the county's staff; no such province."""
    return "97" + region_code[2:]


def outside_school(index: int) -> str:
    """Code of a school outside every synthetic county, the other end of a transfer."""
    return f"2198{100000 + index:06d}"


def school_code(type_prefix: str, county: int, school: int) -> str:
    """Ten-digit school identifier: two of type, two of province (99), six of sequence."""
    return f"{type_prefix}99{200000 + (county + 1) * 1000 + school + 1}"


def check_digit(first17: str) -> str:
    """Check character of an 18-character identity number."""
    return str(_CHECK[int(np.dot([int(c) for c in first17], _WEIGHTS)) % 11])


def identity_numbers(area: pd.Series, born: pd.Series, is_female: pd.Series) -> pd.Series:
    """Identity numbers for people given by area code (6 characters), birth date and sex: unique, check digit right.

    The sequence number is odd for men and even for women; people of one area, day and sex are numbered in order.
    Nobody may number people of one area in two calls.
    """
    day = born.dt.strftime("%Y%m%d")
    rank = pd.DataFrame({"a": area, "d": day, "f": is_female}).groupby(["a", "d", "f"]).cumcount()
    if rank.max() >= 499:
        raise ValueError("more people born on one day than an identity number can tell apart; ask for fewer schools")
    sequence = 2 * rank + np.where(is_female, 2, 1)
    first17 = area + day + sequence.astype(str).str.zfill(3)
    digits = first17.to_numpy(dtype="U17").view("U1").reshape(-1, 17).astype(int)
    return first17 + pd.Series(_CHECK[(digits @ _WEIGHTS) % 11], index=first17.index)


def temporary_numbers(area: str, born: pd.Series, draw: np.ndarray) -> pd.Series:
    """Temporary student numbers: L, six of region, eight of birth, four drawn from `draw` (0..1)."""
    tail = pd.Series((draw * 10000).astype(int), index=born.index).astype(str).str.zfill(4)
    return "L" + area + born.dt.strftime("%Y%m%d") + tail
