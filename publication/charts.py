"""Charts of the report: Altair drawings as inline SVG, in a wide and a narrow form.

Nothing is laid out by measuring text (fixed padding, no legends, no titles), so that the bytes do not depend on the
fonts of the machine; text stays text. Numbers arrive as printed texts, colours repeat what symbols and words say.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import altair as alt
import pandas as pd
import vl_convert

FONT = "'Noto Sans CJK SC', 'Source Han Sans SC', 'PingFang SC', 'Microsoft YaHei', sans-serif"
INK, MUTED, LINE, ACCENT, PALE = "#1f2a30", "#5c6a72", "#d5dbdf", "#20566f", "#cfdde3"
STATUS_FILL = {
    "met": "#2c7a5a",
    "at_risk": "#d9a441",
    "missed": "#b5402d",
    "no_data": "#b9c2c8",
    "not_due": "#dce2e6",
    "informative": "#eceff1",
    "valued": "#20566f",
    "suppressed": "#8ca3ad",
}
_STATUS_TEXT = {"met": "#ffffff", "missed": "#ffffff", "valued": "#ffffff", "suppressed": "#ffffff"}
WIDE, NARROW = 860, 350


@dataclass(frozen=True)
class Chart:
    """Two SVG texts and the sentence that says what they show."""

    wide: str
    narrow: str
    caption: str


def stacked(rows: Sequence[tuple[str, Sequence[tuple[str, int, str]]]], caption: str) -> Chart | None:
    """Counts by status, one bar a row. `rows`: (label, [(status, count, text)]); bars have the same full length."""
    if not rows:
        return None
    return Chart(_stacked(_frozen(rows), caption, WIDE), _stacked(_frozen(rows), caption, NARROW), caption)


@lru_cache(maxsize=128)
def _stacked(rows: Sequence[tuple[str, Sequence[tuple[str, int, str]]]], caption: str, width: int) -> str:
    pitch, size = 46, 20
    parts, labels = [], []
    for i, (label, segments) in enumerate(rows):
        total = sum(n for _, n, _ in segments) or 1
        top, left = i * pitch + 20, 0.0
        labels.append({"y": i * pitch + 9, "label": _cut_name(label, width // 13)})
        for status, n, text in segments:
            if n:
                right = left + n / total * width
                parts.append(
                    {
                        "x": left,
                        "x2": max(right - 1.5, left + 1),
                        "y": top,
                        "y2": top + size,
                        "fill": STATUS_FILL[status],
                        "ink": _STATUS_TEXT.get(status, INK),
                        "middle": (left + right) / 2,
                        "text": text if (right - left) > 9 * len(text) + 6 else "",
                    }
                )
                left = right
    height = len(rows) * pitch
    x, y = _pixels("x", width), _pixels("y", height)
    bars = alt.Chart(pd.DataFrame(parts)).mark_rect().encode(x=x, x2="x2", y=y, y2="y2", color=_raw("fill"))
    counts = (
        alt.Chart(pd.DataFrame([p for p in parts if p["text"]] or parts[:1]))
        .mark_text(fontSize=12, baseline="middle", dy=10)
        .encode(x=_pixels("middle", width), y=y, text="text", color=_raw("ink"))
    )
    names = (
        alt.Chart(pd.DataFrame(labels))
        .mark_text(align="left", baseline="middle", fontSize=13, color=INK)
        .encode(x=alt.value(0), y=y, text="label")
    )
    return _svg(alt.layer(bars, counts, names), width, height, caption)


def limits(
    rows: Sequence[tuple[str, float, str, bool | None]], limit: float | None, limit_text: str, caption: str
) -> Chart | None:
    """A dot per row against one limit. `rows`: (label, value, printed value, whether it holds)."""
    if not rows:
        return None
    return Chart(
        _limits(_frozen(rows), limit, limit_text, caption, 400),
        _limits(_frozen(rows), limit, limit_text, caption, NARROW),
        caption,
    )


@lru_cache(maxsize=128)
def _limits(
    rows: Sequence[tuple[str, float, str, bool | None]],
    limit: float | None,
    limit_text: str,
    caption: str,
    width: int,
) -> str:
    pitch, left, right, top = 32, 92, 64, 26
    inner, height = width - left - right, len(rows) * pitch
    most = max([v for _, v, _, _ in rows] + [limit or 0]) * 1.12 or 1.0
    data = pd.DataFrame(
        [
            {
                "y": top + i * pitch + pitch / 2,
                "zero": left,
                "x": left + v / most * inner,
                "label": _cut(label, 7),
                "text": text,
                "fill": STATUS_FILL["missed" if holds is False else "met" if holds else "valued"],
                "shape": "diamond" if holds is False else "circle",
            }
            for i, (label, v, text, holds) in enumerate(rows)
        ]
    )
    x, y = _pixels("x", width), _pixels("y", top + height)
    base = alt.Chart(data)
    layers = [
        base.mark_rule(color=LINE, strokeWidth=2).encode(x=_pixels("zero", width), x2="x", y=y),
        base.mark_point(filled=True, size=110, opacity=1).encode(
            x=x, y=y, color=_raw("fill"), shape=alt.Shape("shape:N", scale=None)
        ),
        base.mark_text(align="right", baseline="middle", fontSize=12, dx=-8, color=INK).encode(
            x=_pixels("zero", width), y=y, text="label"
        ),
        base.mark_text(align="left", baseline="middle", fontSize=12, color=INK).encode(
            x=alt.value(width - right + 10), y=y, text="text"
        ),
    ]
    if limit is not None:
        at = left + limit / most * inner
        mark = pd.DataFrame([{"x": at, "y": top, "y2": top + height, "text": limit_text}])
        layers.append(
            alt.Chart(mark).mark_rule(color=INK, strokeDash=[4, 3], strokeWidth=1.2).encode(x=x, y=y, y2="y2")
        )
        layers.append(alt.Chart(mark).mark_text(fontSize=12, dy=-10, color=INK).encode(x=x, y=y, text="text"))
    return _svg(alt.layer(*layers), width, top + height, caption)


def pairs(rows: Sequence[tuple[str, float, float, str]], caption: str) -> Chart | None:
    """A pale bar with a solid bar inside. `rows`: (label, whole, part, printed text), same unit throughout."""
    if not rows:
        return None
    return Chart(_pairs(_frozen(rows), caption, WIDE), _pairs(_frozen(rows), caption, NARROW), caption)


@lru_cache(maxsize=128)
def _pairs(rows: Sequence[tuple[str, float, float, str]], caption: str, width: int) -> str:
    """Name and figures above the bar where it is narrow, on both sides of it where there is room."""
    beside = width > 600
    left, right, pitch, top = (150, 190, 30, 6) if beside else (0, 0, 50, 22)
    inner = width - left - right
    most = max([max(whole, part) for _, whole, part, _ in rows] or [1]) or 1.0
    data = pd.DataFrame(
        [
            {
                "start": left,
                "top": i * pitch + top,
                "bottom": i * pitch + top + 18,
                "inner_top": i * pitch + top + 5,
                "inner_bottom": i * pitch + top + 13,
                "name_y": i * pitch + (top + 9 if beside else 10),
                "whole": left + max(whole / most * inner, 1),
                "part": left + part / most * inner,
                "label": _cut(label, left // 13 if beside else max(4, width // 13 - len(text) * 8 // 13 - 2)),
                "text": text,
            }
            for i, (label, whole, part, text) in enumerate(rows)
        ]
    )
    height = len(rows) * pitch
    base = alt.Chart(data)
    start = _pixels("start", width)

    def y(name: str) -> alt.Y:
        return alt.Y(f"{name}:Q", scale=alt.Scale(domain=[0, height], range=[0, height], nice=False), axis=None)

    layers = [
        base.mark_rect(color=PALE).encode(x=start, x2="whole", y=y("top"), y2="bottom"),
        base.mark_rect(color=ACCENT).encode(x=start, x2="part", y=y("inner_top"), y2="inner_bottom"),
        base.mark_text(align="left", baseline="middle", fontSize=13, color=INK).encode(
            x=alt.value(0), y=y("name_y"), text="label"
        ),
        base.mark_text(align="right", baseline="middle", fontSize=12, color=MUTED).encode(
            x=alt.value(width), y=y("name_y"), text="text"
        ),
    ]
    return _svg(alt.layer(*layers), width, height, caption)


def _frozen(rows: Any) -> Any:
    """Rows that can be remembered by: what was drawn once is not drawn again for the same figures."""
    return tuple(_frozen(r) for r in rows) if isinstance(rows, list | tuple) else rows


def _pixels(name: str, size: int) -> Any:
    """A position given in pixels: the scale is the identity, so nothing is guessed."""
    channel = alt.Y if name.startswith("y") else alt.X
    return channel(f"{name}:Q", scale=alt.Scale(domain=[0, size], range=[0, size], nice=False), axis=None)


def _raw(name: str) -> alt.Color:
    return alt.Color(f"{name}:N", scale=None, legend=None)


def _svg(chart: Any, width: int, height: int, caption: str) -> str:
    spec = (
        chart.properties(width=width, height=height, padding=2, autosize=alt.AutoSizeParams(type="none"))
        .configure(font=FONT, aria=False, background="transparent")
        .configure_view(stroke=None)
        # Whether these drawings are well formed was settled when they were written; asking each time costs more than
        # drawing.
        .to_dict(validate=False)
    )
    text = _draw(json.dumps(spec, ensure_ascii=False, sort_keys=True))
    body = text[text.index(">") + 1 :]
    label = caption.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
    view = re.search(r'viewBox="([^"]+)"', text)
    return f'<svg viewBox="{view[1] if view else f"0 0 {width} {height}"}" role="img" aria-label="{label}">{body}'


@lru_cache(maxsize=256)
def _draw(spec: str) -> str:
    """SVG of a Vega-Lite specification; the same drawing is not made twice."""
    return vl_convert.vegalite_to_svg(spec)


def _cut_name(text: str, most: int) -> str:
    """A name cut so that the count in brackets behind it stays."""
    name, bracket, count = text.rpartition(" (")
    return _cut(name, most - len(count) - 2) + bracket + count if bracket else _cut(text, most)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def slopes(
    series: Sequence[tuple[str, Sequence[tuple[str, float]]]],
    years: Sequence[str],
    caption: str,
    limit: float | None = None,
) -> Chart | None:
    """A small panel per series, values over the years on one common scale, with the limit that holds for all.

    `series`: (label, [(year, value)]).
    """
    if not series:
        return None
    return Chart(
        _slopes(_frozen(series), tuple(years), caption, WIDE, 4, limit),
        _slopes(_frozen(series), tuple(years), caption, NARROW, 2, limit),
        caption,
    )


@lru_cache(maxsize=128)
def _slopes(
    series: Sequence[tuple[str, Sequence[tuple[str, float]]]],
    years: Sequence[str],
    caption: str,
    width: int,
    columns: int,
    limit: float | None,
) -> str:
    panel, pitch, top, gap = width / columns, 112, 40, 34
    most = max([v for _, points in series for _, v in points] + [limit or 0]) * 1.1 or 1.0
    dots, lines, names, marks = [], [], [], []
    for i, (label, points) in enumerate(series):
        left, ceiling = (i % columns) * panel, (i // columns) * pitch
        names.append({"x": left + 4, "y": ceiling + 12, "label": _cut(label, int(panel // 14))})
        step = (panel - gap - 24) / max(len(years) - 1, 1)
        if limit is not None:
            at_limit = ceiling + top + (1 - limit / most) * (pitch - top - 24)
            marks.append({"x": left + 8, "x2": left + panel - gap, "y": at_limit})
        for year, value in points:
            over = limit is not None and value > limit
            at = {
                "fill": STATUS_FILL["missed"] if over else ACCENT,
                "x": left + 16 + years.index(year) * step,
                "y": ceiling + top + (1 - value / most) * (pitch - top - 24),
                "series": f"{i:02d}",
                "text": f"{value:.2f}" if year in (points[0][0], points[-1][0]) else "",
                # Close under the limit a figure above the dot would be struck through by its line.
                "below": limit is not None and 0 <= (limit - value) / most * (pitch - top - 24) < 20,
            }
            dots.append(at)
            lines.append(at)
    height = -(-len(series) // columns) * pitch
    x, y = _pixels("x", width), _pixels("y", height)
    layers = [
        alt.Chart(pd.DataFrame(lines)).mark_line(color=ACCENT, strokeWidth=2).encode(x=x, y=y, detail="series:N"),
        alt.Chart(pd.DataFrame(dots)).mark_point(filled=True, size=46, opacity=1).encode(x=x, y=y, color=_raw("fill")),
        *(
            alt.Chart(pd.DataFrame(told)).mark_text(fontSize=11, dy=dy, color=INK).encode(x=x, y=y, text="text")
            for dy, below in ((-10, False), (12, True))
            if (told := [d for d in dots if d["text"] and d["below"] is below])
        ),
        alt.Chart(pd.DataFrame(names))
        .mark_text(align="left", baseline="middle", fontSize=12.5, color=INK)
        .encode(x=x, y=y, text="label"),
    ]
    if marks:
        rule = alt.Chart(pd.DataFrame(marks)).mark_rule(color=MUTED, strokeDash=[3, 3], strokeWidth=1)
        layers.insert(0, rule.encode(x=x, x2="x2", y=y))
    return _svg(alt.layer(*layers), width, height, caption)


def spark(values: Sequence[float | None]) -> str:
    """A line of a few years without axes, beside the figures that say the same; hidden from screen readers."""
    known = [(i, v) for i, v in enumerate(values) if v is not None]
    if len(known) < 2:
        return ""
    low, high = min(v for _, v in known), max(v for _, v in known)
    width, height, span = 60, 18, (high - low) or 1.0
    step = (width - 8) / max(len(values) - 1, 1)
    points = [(4 + i * step, 4 + (1 - (v - low) / span) * (height - 8)) for i, v in known]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    x, y = points[-1]
    return (
        f'<svg class="spark" viewBox="0 0 {width} {height}" aria-hidden="true"><polyline points="{path}" fill="none"'
        f' stroke="{ACCENT}" stroke-width="1.5"/><circle cx="{x:.1f}" cy="{y:.1f}" r="2.4" fill="{ACCENT}"/></svg>'
    )
