"""Pages of `docs/warehouse`: the bus matrix, the entity-relationship pages and the example questions with answers.

    python -m warehouse.star_docs --check            are the pages what contracts, figures and questions say?
    python -m warehouse.star_docs --write [--measure DATABASE]

`--measure` reads a build of the synthetic county of 12 schools with mild defects: the share of rows that have each key
goes to `populated.csv`, the answers go to `questions.md`.
"""

from __future__ import annotations

import argparse
import csv
import io
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import duckdb
import yaml

from warehouse.settings import PROJECT_ROOT
from warehouse.star import Link, Table, read_tables

FOLDER = PROJECT_ROOT / "docs" / "warehouse"
SHARES = FOLDER / "populated.csv"
QUESTIONS = FOLDER / "questions.yaml"
ANSWERS = FOLDER / "questions.md"
_MADE = "<!-- Made by `python -m warehouse.star_docs --write`. Do not edit. -->\n"
# The columns of the matrix: letter, what it stands for, its dimensions.
_AXES = {
    "D": ("date 日期", ("dim_date",)),
    "Y": ("school year, term 学年", ("dim_school_year", "dim_term")),
    "F": ("fiscal or calendar year 年度", ("dim_fiscal_year",)),
    "R": ("region 行政区划", ("dim_region",)),
    "S": ("school 学校", ("dim_school", "dim_school_section")),
    "C": ("stage or scope of stages 学段", ("dim_stage", "stage_scope")),
    "G": ("grade, class 年级、班级", ("dim_grade", "dim_class")),
    "P": ("student 学生", ("dim_student",)),
    "T": ("teacher 教师", ("dim_teacher",)),
    "J": ("subject 学科", ("dim_subject",)),
    "E": ("exam 考试", ("dim_exam",)),
    "I": ("indicator, measure 指标", ("dim_indicator", "dim_measure")),
    "B": (
        "budget unit, project, source, account 预算",
        ("dim_budget_unit", "dim_budget_project", "dim_fund_source", "dim_function_account", "dim_economic_account"),
    ),
    "V": ("survey, respondents 调查", ("dim_survey", "dim_respondent_group")),
    "L": ("document, target, rule, milestone 文件", ("dim_policy_document", "dim_target", "dim_rule", "dim_milestone")),
    "K": ("code list 代码", ("dim_facility_type", "dim_score_status")),
    "X": ("file, batch 报送", ("dim_source_file", "dim_batch")),
}
Shares = Mapping[tuple[str, str], tuple[str, str]]


def measure_shares(con: duckdb.DuckDBPyConnection, links: Iterable[Link]) -> dict[tuple[str, str], tuple[float, float]]:
    """(fact, column) -> share of its rows with a key, and share with one that the dimension lists."""
    found = {}
    for link in links:
        key = f"cast(f.{link.column} as varchar)" if link.none is not None else f"f.{link.column}"
        named = f"f.{link.column} is not null" + ("" if link.none is None else f" and {key} <> '{link.none}'")
        row = con.execute(
            f"select count(*), count(*) filter (where {named}),"
            f" count(*) filter (where {named} and d.member is not null) from {link.fact} as f"
            f" left join (select distinct {link.field} as member from {link.to}) as d on f.{link.column} = d.member"
            f" where {link.where.replace('facts.', 'f.')}"
        ).fetchone() or (0, 0, 0)
        found[link.fact, link.column] = (row[1] / row[0], row[2] / row[0]) if row[0] else (0.0, 0.0)
    return found


def write_matrix(tables: Mapping[str, Table], shares: Shares) -> str:
    """The bus matrix: every fact by every axis, then every link with its bounds."""
    letters = list(_AXES)
    lines = [
        _MADE,
        "# Bus matrix\n",
        "Facts and bridges by the dimensions they share. A cell gives the share of the fact's rows that have the key,",
        "on the synthetic county of 12 schools with mild defects (where several keys lead to one axis, the largest",
        "share), of the rows that the key is about; `·` says that the fact has no such key.\n",
        "| letter | axis | dimensions |",
        "|---|---|---|",
        *(f"| {x} | {what} | {', '.join(dims)} |" for x, (what, dims) in _AXES.items()),
        "",
    ]
    facts = [t for t in tables.values() if t.is_fact]
    for mart in dict.fromkeys(t.mart for t in facts):
        lines += [f"## {mart}\n", "| fact | " + " | ".join(letters) + " |", "|---" * (len(letters) + 1) + "|"]
        for fact in (t for t in facts if t.mart == mart):
            cells = [_cell(fact, dims, shares) for _, dims in _AXES.values()]
            lines.append(f"| {fact.name} {fact.label_zh} | " + " | ".join(cells) + " |")
        lines.append("")
    lines += [
        "## Every foreign key\n",
        "`without` and `unlisted` are the bounds that the test `well_linked` holds in every build: the share of rows",
        "that may have no key, and the share whose key the dimension may lack. `have` and `listed` were measured. Half",
        "of a fact's rows may be without a `school_key`: a year whose school reports have not come yet.\n",
        "| fact | column | dimension | without | unlisted | have | listed |",
        "|---|---|---|---|---|---|---|",
    ]
    for fact in facts:
        for link in fact.links:
            have, listed = shares.get((fact.name, link.column), ("?", "?"))
            about = "" if link.where == "true" else f" where {link.where.replace('facts.', '')}"
            lines.append(
                f"| {fact.name} | {link.column}{about} | {link.to} | {link.nulls:g} | {link.unlisted:g} | {have} "
                f"| {listed} |"
            )
    return "\n".join(lines) + "\n"


def _cell(fact: Table, dimensions: Sequence[str], shares: Shares) -> str:
    found = [shares.get((fact.name, link.column), ("?", ""))[0] for link in fact.links if link.to in dimensions]
    return max(found, key=lambda share: -1.0 if share == "?" else float(share)) if found else "·"


def write_model(tables: Mapping[str, Table]) -> dict[str, str]:
    """`model.md` and a page with an entity-relationship diagram for each mart."""
    marts = list(dict.fromkeys(t.mart for t in tables.values()))
    lines = [
        _MADE,
        "# The model\n",
        "One page a mart: what stands in it, by which columns its rows are told apart, and where its keys lead.\n",
        "| mart | dimensions | facts and bridges | published tables |",
        "|---|---|---|---|",
    ]
    for mart in marts:
        names = [n for n, t in tables.items() if t.mart == mart]
        by = [[n for n in names if n.startswith(p)] for p in (("dim_",), ("fct_", "bridge_"), ("pub_",))]
        lines.append(f"| [{mart}](model/{mart}.md) | " + " | ".join(str(len(x)) for x in by) + " |")
    pages = {"model.md": "\n".join(lines) + "\n"}
    for mart in marts:
        pages[f"model/{mart}.md"] = _mart_page(mart, [t for t in tables.values() if t.mart == mart])
    return pages


def _mart_page(mart: str, tables: Sequence[Table]) -> str:
    lines = [_MADE, f"# {mart}\n", "| table | 中文 | zone | grain | columns |", "|---|---|---|---|---|"]
    for t in tables:
        grain = " ".join(t.sections.get("Grain", "").split())
        lines.append(f"| {t.name} | {t.label_zh} | {t.zone} | {grain} | {len(t.columns)} |")
    # A diagram shows what joins: the keys of each table, and one line for every link.
    lines += ["", "```mermaid", "erDiagram"]
    for t in tables:
        foreign = {link.column for link in t.links}
        keys = [c for c in t.columns if c.name in t.key or c.name in foreign]
        lines.append(f"    {t.name} {{")
        for c in keys:
            marks = ", ".join(m for m, yes in (("PK", c.name in t.key), ("FK", c.name in foreign)) if yes)
            lines.append(f"        {c.data_type.split('(')[0]} {c.name} {marks}")
        lines.append("    }")
    for t in tables:
        for link in t.links:
            optional = "o|" if link.nulls or link.none is not None else "||"
            lines.append(f"    {link.to} {optional}--o{{ {t.name} : {link.column}")
    return "\n".join([*lines, "```"]) + "\n"


def answer_questions(con: duckdb.DuckDBPyConnection, questions: Sequence[Mapping[str, str]]) -> str:
    """The page of questions, each with its statement and its answer on the build that is open."""
    lines = [
        _MADE,
        "# Questions that the marts answer\n",
        "One statement each, run on the synthetic county of 12 schools with mild defects; a test runs them anew. They",
        "use no word that PostgreSQL does not know.\n",
    ]
    mart = ""
    for q in questions:
        if q["mart"] != mart:
            mart = q["mart"]
            lines.append(f"## {mart}\n")
        lines += [f"### {q['question']}\n", f"{q['zh']}\n", "```sql", q["sql"].strip(), "```\n"]
        cursor = con.execute(q["sql"])
        names = [d[0] for d in cursor.description or []]
        lines += ["| " + " | ".join(names) + " |", "|---" * len(names) + "|"]
        lines += ["| " + " | ".join(_shown(v) for v in row) + " |" for row in cursor.fetchall()]
        lines.append("")
    return "\n".join(lines)


def _shown(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.4f}" if isinstance(value, float) else str(value)


def read_questions() -> list[dict[str, str]]:
    """Questions in the order of their marts: mart, question, zh, sql."""
    return yaml.safe_load(QUESTIONS.read_text(encoding="utf-8"))


def read_shares() -> dict[tuple[str, str], tuple[str, str]]:
    """The measured shares as they are written down."""
    with SHARES.open(encoding="utf-8", newline="") as handle:
        return {(r["fact"], r["column"]): (r["have"], r["listed"]) for r in csv.DictReader(handle)}


def compile_pages() -> dict[Path, str]:
    """Every page that needs no build, with its text."""
    tables = read_tables()
    pages = {"bus-matrix.md": write_matrix(tables, read_shares()), **write_model(tables)}
    return {FOLDER / name: text for name, text in pages.items()}


def _measure(database: Path) -> None:
    links = [link for t in read_tables().values() for link in t.links]
    with duckdb.connect(database, read_only=True) as con:
        found = measure_shares(con, links)
        answers = answer_questions(con, read_questions())
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("fact", "column", "have", "listed"))
    writer.writerows((*key, f"{have:.2f}", f"{listed:.2f}") for key, (have, listed) in found.items())
    SHARES.write_text(out.getvalue(), encoding="utf-8")
    ANSWERS.write_text(answers, encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--check", action="store_true", help="the default")
    parser.add_argument("--measure", type=Path, metavar="DATABASE")
    options = parser.parse_args()
    if options.measure:
        _measure(options.measure)
    pages = compile_pages()
    stale = [p for p, text in pages.items() if not p.exists() or p.read_text(encoding="utf-8") != text]
    for path in stale:
        if options.write:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(pages[path], encoding="utf-8")
        sys.stdout.write(f"{'written' if options.write else 'not current'}: {path.relative_to(PROJECT_ROOT)}\n")
    return 0 if options.write else int(bool(stale))


if __name__ == "__main__":
    sys.exit(main())
