"""Disclosure control over everything that leaves: whatever a hidden count could be had from is hidden with it.

A model hides small cells one table at a time. Here all of an edition's county figures are put together, with those of
earlier versions, as one system: unknown counts, bounds everybody knows (a count is not negative), and the sums that
hold between scopes (stages make up a wider scope, urban and rural make up the whole). As long as some hidden count can
be told to within less than the threshold, one more cell is hidden: the smallest that takes part in telling it.

Bounds are first passed along the sums until nothing moves, which is what a patient reader with a pencil can do and is
quick; what stands up to that has to stand up to a linear-programming solver, which finds the tightest bounds there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

Key = tuple[str, ...]
INFINITE = float("inf")


@dataclass(frozen=True)
class Sum:
    """`whole` is what `parts` add up to; where `exact` is False it is at least that."""

    whole: Key
    parts: tuple[Key, ...]
    exact: bool = True


@dataclass
class Table:
    """Counts that belong together. `secret` cells must not be told to within `width`; `fixed` can no longer be hidden.

    `hidden` starts as the cells that are blank already and grows by `protect`.
    """

    counts: Mapping[Key, float]
    sums: Sequence[Sum]
    secret: frozenset[Key]
    hidden: set[Key]
    width: float
    fixed: frozenset[Key] = frozenset()
    most: float = INFINITE
    left: list[Key] = field(default_factory=list)

    def bounds(self) -> dict[Key, tuple[float, float]]:
        """What can be told of every cell: published ones exactly, hidden ones between two bounds."""
        known = {k: (0.0, self.most) if k in self.hidden else (self.counts[k], self.counts[k]) for k in self.counts}
        sums = [s for s in self.sums if s.whole in known and all(p in known for p in s.parts)]
        # Each pass can only narrow; after as many passes as there are cells nothing new comes along a chain.
        for _ in range(len(known) + 1):
            moved = [_narrow(s, known) for s in sums]
            if not any(moved):
                break
        return known

    def exposed(self) -> list[Key]:
        """Secret cells that can be told to within less than the width, the most exposed first."""
        known = self.bounds()
        found = sorted((known[k][1] - known[k][0], k) for k in self.secret if k in known)
        if told := [k for gap, k in found if gap < self.width - 1e-6]:
            return told
        solver = _Solver(self)
        found = sorted((solver.gap(k), k) for k in self.secret if k in self.hidden)
        return [k for gap, k in found if gap < self.width - 1e-6]

    def protect(self) -> set[Key]:
        """Hide until no secret cell is exposed; returns what was hidden in addition. `left` names what could not be."""
        added: set[Key] = set()
        given_up: set[Key] = set()
        while open_cells := [k for k in self.exposed() if k not in given_up]:
            cell = open_cells[0]
            choices = self._companions(cell)
            if not choices:
                given_up.add(cell)
                continue
            # The smallest companion that closes it; where none does alone, the smallest is a step on the way.
            best = next((c for c in choices if self._closes(cell, c)), choices[0])
            self.hidden.add(best)
            added.add(best)
        self.left = sorted(given_up)
        return added

    def _companions(self, cell: Key) -> list[Key]:
        """Cells still shown that stand in a sum with the cell, or with a hidden one that does; smallest first."""
        near: set[Key] = {cell}
        found: set[Key] = set()
        while not found:
            reach = {k for s in self.sums for k in (s.whole, *s.parts) if near & {s.whole, *s.parts}}
            found = {k for k in reach if k in self.counts and k not in self.hidden and k not in self.fixed}
            if reach <= near:
                break
            near |= reach
        parts_first = {p for s in self.sums for p in s.parts}
        return sorted(found, key=lambda k: (k not in parts_first, self.counts[k], k))

    def _closes(self, cell: Key, companion: Key) -> bool:
        trial = Table(
            self.counts, self.sums, frozenset({cell}), self.hidden | {companion}, self.width, self.fixed, self.most
        )
        return not trial.exposed()


class _Solver:
    """The tightest bounds that all sums together leave of a hidden count."""

    def __init__(self, table: Table) -> None:
        self.place = {k: i for i, k in enumerate(sorted(table.hidden & table.counts.keys()))}
        self.most = None if table.most == INFINITE else table.most
        self.equal: list[tuple[list[float], float]] = []
        self.below: list[tuple[list[float], float]] = []
        for s in table.sums:
            if s.whole in table.counts and all(p in table.counts for p in s.parts):
                row, right = [0.0] * len(self.place), 0.0
                for key, sign in ((s.whole, -1.0), *((p, 1.0) for p in s.parts)):
                    if key in self.place:
                        row[self.place[key]] += sign
                    else:
                        right -= sign * table.counts[key]
                if any(row):
                    (self.equal if s.exact else self.below).append((row, right))

    def gap(self, key: Key) -> float:
        """Most less least; infinite where nothing holds the count from above."""
        # The solver takes a second to load, and most editions have nothing to hide.
        from scipy.optimize import linprog

        found = []
        for sign in (1.0, -1.0):
            cost = [0.0] * len(self.place)
            cost[self.place[key]] = sign
            solved = linprog(
                cost,
                A_ub=[r for r, _ in self.below] or None,
                b_ub=[b for _, b in self.below] or None,
                A_eq=[r for r, _ in self.equal] or None,
                b_eq=[b for _, b in self.equal] or None,
                bounds=(0, self.most),
            )
            if solved.status == 3:
                return INFINITE
            # The true counts solve it, so anything else is the solver's own trouble: not safe until shown to be.
            if solved.status != 0:
                return 0.0
            found.append(sign * float(solved.fun))
        return found[1] - found[0]


def _narrow(s: Sum, known: dict[Key, tuple[float, float]]) -> bool:
    """Pass bounds along one sum; True when something moved."""
    low, high = sum(known[p][0] for p in s.parts), sum(known[p][1] for p in s.parts)
    moved = _set(known, s.whole, low, high if s.exact else INFINITE)
    whole_low, whole_high = known[s.whole]
    for p in s.parts:
        others_low, others_high = low - known[p][0], high - known[p][1]
        least = whole_low - others_high if s.exact and others_high < INFINITE else 0.0
        moved = _set(known, p, least, whole_high - others_low) or moved
    return moved


def _set(known: dict[Key, tuple[float, float]], key: Key, low: float, high: float) -> bool:
    was = known[key]
    now = (max(was[0], low), min(was[1], high))
    if now[0] > was[0] + 1e-9 or now[1] < was[1] - 1e-9:
        known[key] = now
        return True
    return False


def scope_sums(cells: Iterable[Key], counts: Mapping[Key, float]) -> list[Sum]:
    """The sums among cells (…, stage, area): areas make up the whole area, stages a wider scope.

    A wider scope whose stages are not all there, or whose parts overlap, still holds at least its parts.
    """
    by_group: dict[Key, dict[tuple[str, str], Key]] = {}
    for key in cells:
        by_group.setdefault(key[:-2], {})[(key[-2], key[-1])] = key
    sums = []
    for group in by_group.values():
        stages = {s for s, _ in group}
        areas = {a for _, a in group}
        for stage in sorted(stages):
            parts = [group[stage, a] for a in ("urban", "rural") if (stage, a) in group]
            if (stage, "all") in group and parts:
                sums.append(_sum(group[stage, "all"], parts, counts, len(parts) == 2))
        single = sorted(s for s in stages if ";" not in s and s not in ("all", "_all"))
        for area in sorted(areas):
            for wide in sorted(stages - set(single)):
                inside = single if wide in ("all", "_all") else [s for s in single if s in wide.split(";")]
                parts = [group[s, area] for s in inside if (s, area) in group]
                if (wide, area) in group and parts:
                    whole = wide in ("all", "_all") or len(parts) == len(wide.split(";"))
                    sums.append(_sum(group[wide, area], parts, counts, whole))
    return sums


def measure_sums(counts: Mapping[Key, float]) -> list[Sum]:
    """The sums between different counts of one scope (…, period, stage, area): boarders and day pupils make pupils.

    No list of them is kept: where two counts add up to a third in every scope that has all three, a reader will take it
    for a rule. At least three scopes must say so that do not follow from one another (single stages, whole areas), with
    parts that are not small: among a few small numbers every other one is the sum of two.
    """
    named: dict[str, dict[Key, float]] = {}
    at: dict[tuple[Key, float], set[str]] = {}
    for key, count in counts.items():
        named.setdefault(key[0], {})[key[1:]] = count
        at.setdefault((key[1:], count), set()).add(key[0])
    sums = []
    names = sorted(n for n, places in named.items() if len(places) >= 3)
    for i, a in enumerate(names):
        for b in names[i + 1 :]:
            places = [p for p in named[a] if p in named[b]]
            telling = [p for p in places if _tells(p) and min(named[a][p], named[b][p]) >= 10]
            if len(telling) < 3:
                continue
            wholes = set.intersection(*(at.get((p, named[a][p] + named[b][p]), set()) for p in telling[:3])) - {a, b}
            for whole in sorted(wholes):
                shared = [p for p in places if p in named[whole]]
                if all(abs(named[a][p] + named[b][p] - named[whole][p]) < 1e-6 for p in shared):
                    sums += [Sum((whole, *p), ((a, *p), (b, *p))) for p in shared]
    return sums


def _tells(place: Key) -> bool:
    stage, area = place[-2:]
    return area == "all" and ";" not in stage and stage not in ("all", "_all")


def _sum(whole: Key, parts: list[Key], counts: Mapping[Key, float], complete: bool) -> Sum:
    """Exact where the parts are complete and do add up; a reader who sees that they do will take it for a rule."""
    adds_up = abs(sum(counts[p] for p in parts) - counts[whole]) < 1e-6
    return Sum(whole, tuple(parts), exact=complete and adds_up)
