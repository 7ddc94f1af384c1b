"""The pages of the star say what the contracts say, and their figures and answers are those of the county."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from tests.conftest import Home
from warehouse import star_docs
from warehouse.star import Link, Table, read_tables

_MARTS = {"balance", "budget", "core", "exams", "indicators", "people", "projects", "published", "reference"}


@pytest.fixture(scope="module")
def con(county_home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(county_home.build.path, read_only=True) as connection:
        yield connection


def test_pages_are_what_contracts_and_figures_say() -> None:
    pages = star_docs.compile_pages()
    stale = [p.name for p, text in pages.items() if not p.exists() or p.read_text(encoding="utf-8") != text]
    assert not stale, f"run `python -m warehouse.star_docs --write`: {stale}"
    models = {p for p in pages if p.parent.name == "model"}
    assert set((star_docs.FOLDER / "model").glob("*.md")) == models
    assert {p.stem for p in models} >= _MARTS


def test_every_link_has_a_measured_share() -> None:
    links = {(link.fact, link.column) for t in read_tables().values() for link in t.links}
    assert set(star_docs.read_shares()) == links


def test_a_cell_shows_the_best_key_of_its_axis_and_a_dot_where_there_is_none() -> None:
    links = tuple(Link("fct_x", c, to, "k") for c, to in (("a", "dim_school"), ("b", "dim_school_section")))
    table = Table("fct_x", "core", "internal", "某", {}, (), (), links)
    page = star_docs.write_matrix(
        {"fct_x": table}, {("fct_x", "a"): ("0.20", "0.20"), ("fct_x", "b"): ("1.00", "1.00")}
    )
    row = next(line for line in page.splitlines() if line.startswith("| fct_x 某"))
    assert row == "| fct_x 某 | · | · | · | · | 1.00 | " + " | ".join(["·"] * 12) + " |"


def test_measured_shares_are_those_of_the_county(con: duckdb.DuckDBPyConnection) -> None:
    links = [link for t in read_tables().values() for link in t.links]
    measured = star_docs.measure_shares(con, links)
    written = star_docs.read_shares()
    # A figure that drifts by less than a tenth is no other picture; one that drifts by more is measured anew.
    far = [
        (key, now, written[key])
        for key, now in measured.items()
        if any(abs(a - float(b)) > 0.1 for a, b in zip(now, written[key], strict=True))
    ]
    assert not far, "run `python -m warehouse.star_docs --write --measure DATABASE`"


def test_answers_are_those_of_the_county(con: duckdb.DuckDBPyConnection) -> None:
    questions = star_docs.read_questions()
    assert _MARTS | {"registers"} <= {q["mart"] for q in questions}
    answered = star_docs.answer_questions(con, questions)
    assert answered.count("|---") > len(questions)
    for q in questions:
        rows = con.execute(q["sql"]).fetchall()
        assert rows, q["question"]
        assert "order by" in q["sql"], q["question"]
    assert star_docs.ANSWERS.read_text(encoding="utf-8") == answered, (
        "run `python -m warehouse.star_docs --write --measure DATABASE`"
    )
