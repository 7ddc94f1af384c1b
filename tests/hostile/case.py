"""A named bad file and what must become of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from tests.hostile import tables


@dataclass(frozen=True)
class Case:
    """`build` gives the bytes (or makes the thing at a path, for what is no file). `en` and `zh` are pieces of the line
    that must be told; `rule` is the rule that must be in the ledger for a file that is read and has bad cells.
    """

    name: str
    file: str
    build: Callable[[], bytes] | None
    status: str
    en: str
    zh: str
    rule: str = ""
    make: Callable[[Path], None] | None = None


class Register:
    """Collects cases; names are told once."""

    def __init__(self) -> None:
        self.cases: dict[str, Case] = {}
        self.read = 0

    def add(self, case: Case) -> None:
        if case.name in self.cases:
            raise ValueError(f"{case.name} twice")
        if case.build and (case.rule or case.status != "rejected"):
            self.read += 1
            case = replace(case, build=_in_year(self.read, case.build))
        self.cases[case.name] = case

    def refuse(self, en: str, zh: str, suffix: str = ".xlsx") -> Callable[[Callable[[], bytes]], Callable[[], bytes]]:
        """Decorator: the function's name is the case's name, what it returns the file; it must be refused."""

        def note(build: Callable[[], bytes]) -> Callable[[], bytes]:
            name = build.__name__
            self.add(Case(name, f"{name}{suffix}", build, "rejected", en, zh))
            return build

        return note

    def refuse_all(self, en: str, zh: str, files: dict[str, Callable[[], bytes]]) -> None:
        """Files that are refused for one reason: file name -> bytes."""
        for file, build in files.items():
            self.add(Case(file.rsplit(".", 1)[0], file, build, "rejected", en, zh))

    def load(self, en: str, zh: str, suffix: str = ".xlsx", status: str = "accepted", rule: str = ""):
        """Decorator: the file is read in spite of what is odd about it, and the line says so."""

        def note(build: Callable[[], bytes]) -> Callable[[], bytes]:
            name = build.__name__
            self.add(Case(name, f"{name}{suffix}", build, status, en, zh, rule))
            return build

        return note


def _in_year(number: int, build: Callable[[], bytes]) -> Callable[[], bytes]:
    def dated() -> bytes:
        with tables.own_year(number):
            return build()

    return dated
