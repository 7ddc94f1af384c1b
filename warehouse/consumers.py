"""What each consumer of the marts relies on: columns with their types, and what a row is.

`dbt_project/models/exposures.yml` names the consumers, their files and the tables they read. `warehouse/consumers.yaml`
keeps, for every one of them, the key of each table and the columns that its files name, with their types. A contract
that no longer keeps such a promise breaks that consumer, and the check says whose, of which table and column.

    python -m warehouse.consumers --check                     does every contract keep what consumers rely on?
    python -m warehouse.consumers --write [--agreed NAME]     keep what consumers rely on now

`--write` takes in what is new and what a consumer no longer names. It keeps a broken promise until the consumer's files
do without the column, or until the consumer is named with `--agreed`.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import yaml

from warehouse.settings import PROJECT_ROOT
from warehouse.star import MODELS, Table, read_tables

RECORD = PROJECT_ROOT / "warehouse" / "consumers.yaml"
_HEAD = "# What each consumer relies on. Made by `python -m warehouse.consumers --write`. Do not edit.\n"
_ROOMS = ("publication", "expectations", "warehouse", "cli", "ingest", "dags", "semantic", "dashboards/spec")
_TEXTS = {".py", ".yaml", ".yml", ".sql", ".html", ".j2"}
_MADE = {".venv", "node_modules", "__pycache__", "target", "logs"}
_WORD = re.compile(r"\w+")
_REF = re.compile(r"ref\('(\w+)'\)")


@dataclass(frozen=True)
class Consumer:
    """An exposure: who owns it, the tables it reads, every word of its files, and the beginning of the names of tables
    that it hands on whole ('' where there are none).
    """

    name: str
    label: str
    owner: str
    tables: tuple[str, ...]
    words: frozenset[str]
    whole: str = ""


@dataclass(frozen=True)
class Promise:
    """What a consumer relies on of a table: the columns that tell rows apart, and columns with their types."""

    grain: tuple[str, ...]
    columns: Mapping[str, str]


@dataclass(frozen=True)
class Broken:
    """A promise that the contracts do not keep. `column` is '' where it is about the table."""

    consumer: str
    owner: str
    table: str
    column: str
    what: str

    def __str__(self) -> str:
        thing = f"{self.table}.{self.column}" if self.column else self.table
        return f"{self.consumer} ({self.owner}): {thing} {self.what}"


Promises = dict[str, dict[str, Promise]]


def read_consumers() -> list[Consumer]:
    """Every exposure with the words of its files."""
    exposures = yaml.safe_load((MODELS / "exposures.yml").read_text(encoding="utf-8"))["exposures"]
    texts = {
        str(path.relative_to(PROJECT_ROOT)): path
        for room in _ROOMS
        for path in (PROJECT_ROOT / room).rglob("*")
        if path.suffix in _TEXTS and path != RECORD and not _MADE & set(path.parts)
    }
    return [_consumer(e, texts) for e in exposures]


def _consumer(exposure: Mapping[str, Any], texts: Mapping[str, Path]) -> Consumer:
    meta = exposure["config"]["meta"]
    words: set[str] = set()
    for name, path in texts.items():
        if any(fnmatch(name, pattern) for pattern in meta["code"]):
            words.update(_WORD.findall(path.read_text(encoding="utf-8")))
    return Consumer(
        exposure["name"],
        exposure["label"],
        exposure["owner"]["name"],
        tuple(found[1] for d in exposure["depends_on"] if (found := _REF.fullmatch(d))),
        frozenset(words),
        meta.get("reads_prefix", ""),
    )


def rely_on(consumers: Sequence[Consumer], tables: Mapping[str, Table]) -> Promises:
    """What every consumer relies on, as the contracts stand."""
    return {c.name: {t: _promise(c, tables[t]) for t in sorted(c.tables) if t in tables} for c in consumers}


def _promise(consumer: Consumer, table: Table) -> Promise:
    named = {c.name: _type(c.data_type) for c in table.columns if _needs(consumer, table.name, c.name)}
    of_key = {c.name: _type(c.data_type) for c in table.columns if c.name in table.key}
    return Promise(table.key, named | of_key)


def _needs(consumer: Consumer, table: str, column: str) -> bool:
    return column in consumer.words or bool(consumer.whole and table.startswith(consumer.whole))


def _type(declared: str) -> str:
    return declared.lower().replace(" ", "")


def find_broken(recorded: Promises, consumers: Sequence[Consumer], tables: Mapping[str, Table]) -> list[Broken]:
    """Promises of `recorded` that the contracts do not keep, and that a consumer still needs."""
    found: list[Broken] = []
    for consumer in consumers:
        for name, promise in recorded.get(consumer.name, {}).items():
            if name in consumer.tables:
                found += _broken(consumer, name, promise, tables.get(name))
    return found


def _broken(consumer: Consumer, name: str, promise: Promise, table: Table | None) -> Iterator[Broken]:
    def broken(column: str, what: str) -> Broken:
        return Broken(consumer.name, consumer.owner, name, column, what)

    if table is None:
        yield broken("", "is gone")
        return
    if set(promise.grain) != set(table.key):
        yield broken("", f"has another grain: ({', '.join(table.key)}) in place of ({', '.join(promise.grain)})")
    types = {c.name: _type(c.data_type) for c in table.columns}
    for column, kind in promise.columns.items():
        if column not in types:
            if _needs(consumer, name, column) or column in promise.grain:
                yield broken(column, "is gone")
        elif types[column] != kind:
            yield broken(column, f"is {types[column]} in place of {kind}")


def read_record(path: Path = RECORD) -> Promises:
    """The committed promises; none where there is no record."""
    if not path.exists():
        return {}
    told = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    return {
        consumer: {t: Promise(tuple(p["grain"]), p["columns"]) for t, p in tables.items()}
        for consumer, tables in told.items()
    }


def write_record(promises: Promises) -> str:
    """The record's text: consumers in their order, tables by name, a line a column."""
    lines = [_HEAD]
    for consumer, tables in promises.items():
        lines.append(f"\n{consumer}:{'' if tables else ' {}'}\n")
        for table, promise in sorted(tables.items()):
            lines.append(f"  {table}:\n    grain: [{', '.join(promise.grain)}]\n    columns:\n")
            lines += [f"      {column}: {kind}\n" for column, kind in sorted(promise.columns.items())]
    return "".join(lines)


def keep_broken(promises: Promises, recorded: Promises, broken: Sequence[Broken], agreed: Collection[str]) -> Promises:
    """`promises` with what is broken as it was recorded, but for the consumers that agreed."""
    kept = {consumer: dict(tables) for consumer, tables in promises.items()}
    for b in broken:
        if b.consumer in agreed:
            continue
        old, new = recorded[b.consumer][b.table], kept[b.consumer].get(b.table)
        if new is None:
            kept[b.consumer][b.table] = old
        elif b.column:
            kept[b.consumer][b.table] = Promise(new.grain, {**new.columns, b.column: old.columns[b.column]})
        else:
            kept[b.consumer][b.table] = Promise(old.grain, new.columns)
    return kept


def main(arguments: Sequence[str] | None = None) -> int:
    """0 where every promise is kept and the record is current."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="say what is broken or not recorded (the default)")
    parser.add_argument("--write", action="store_true", help="keep what consumers rely on now")
    parser.add_argument("--agreed", action="append", default=[], metavar="CONSUMER", help="who takes the change")
    given = parser.parse_args(arguments)
    consumers, tables, recorded = read_consumers(), read_tables(), read_record()
    broken = find_broken(recorded, consumers, tables)
    promises = keep_broken(rely_on(consumers, tables), recorded, broken, given.agreed)
    open_ones = [b for b in broken if b.consumer not in given.agreed]
    for b in open_ones:
        print(b)
    text = write_record(promises)
    if given.write:
        RECORD.write_text(text, encoding="utf-8", newline="\n")
    elif not RECORD.exists() or RECORD.read_text(encoding="utf-8") != text:
        print("not current: run `python -m warehouse.consumers --write`")
        return 1
    return int(bool(open_ones))


if __name__ == "__main__":
    raise SystemExit(main())
