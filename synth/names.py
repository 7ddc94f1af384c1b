"""Invented names, drawn from common surnames and given-name characters."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_SURNAMES = np.array(
    list(
        "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金"
    )
)
_FIRST = {
    False: list("俊浩宇泽子天志文建明国家一嘉博致鸿景承立"),
    True: list("雨欣梓思佳诗若可语美晓静婉芷慧雅舒云嘉清"),
}
_SECOND = {
    False: list("轩宇豪杰辰涛鹏峰阳凯毅航诚磊强伟东林川安"),
    True: list("涵怡彤萱琪婷瑶妍琳悦雯洁颖霞兰蕾宁晴月然"),
}

# Names and characters that no drawn name can have: a later search for them finds only the planted person.
CANARY_PUPIL_NAME = "闻砚鸢"
CANARY_TEACHER_NAME = "闻砚鹮"


def draw_names(rng: np.random.Generator, is_female: npt.NDArray[np.bool_]) -> npt.NDArray[np.str_]:
    """One name per person: surname and one or two characters, by sex."""
    # One row of draws a person: more people later leave the names of the earlier ones as they are.
    draws = rng.random((len(is_female), 4))
    surname = _SURNAMES[(draws[:, 0] * len(_SURNAMES)).astype(int)]
    i, j, two = (draws[:, 1] * 20).astype(int), (draws[:, 2] * 20).astype(int), draws[:, 3] < 0.86
    first = np.where(is_female, np.array(_FIRST[True])[i], np.array(_FIRST[False])[i])
    second = np.where(is_female, np.array(_SECOND[True])[j], np.array(_SECOND[False])[j])
    middle = np.where(two, first, "")
    return np.char.add(np.char.add(surname, middle), second)
