"""SQL for the cells of a contract: text to typed value, and the conditions under which a row is rejected."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.contracts import Contract, Field, Vocabulary, load_yaml, vocabularies
from ingest.texts import IDENTIFIER_SQL

MACROS = (
    "CREATE MACRO squeeze(x) AS lower(regexp_replace(x, '\\s', '', 'g'))",
    "CREATE MACRO bare(x) AS CASE WHEN regexp_full_match(x, '[-+]?[0-9]{1,3}(,[0-9]{3})+(\\.[0-9]+)?') "
    "THEN replace(x, ',', '') ELSE x END",
    "CREATE MACRO amount(x) AS try_cast(bare(x) AS DECIMAL(28,8))",
    "CREATE MACRO num(x) AS CASE WHEN regexp_full_match(x, '[-+0-9.,]+%') THEN CAST(amount(rtrim(x, "
    "'%')) * 0.01 AS DECIMAL(28,8)) "
    "ELSE amount({suffix}) END",
    "CREATE MACRO day(x) AS CAST(coalesce(try_cast(x AS TIMESTAMP), try_strptime(x, ['%Y年%m月%d日', '%Y年%m月%d', "
    "'%Y.%m.%d', '%Y/%m/%d', '%Y%m%d']), try_strptime(x || '.1', ['%Y.%m.%d', '%Y-%m.%d', '%Y/%m.%d', '%Y年%m月.%d']), "
    "CASE WHEN regexp_full_match(x, '[2-7][0-9]{4}') THEN TIMESTAMP '1899-12-30' + to_days(CAST(x AS "
    "INTEGER)) END) AS DATE)",
)


def macros() -> Iterator[str]:
    """Statements that define the cell macros on a connection."""
    suffixes = "|".join(load_yaml("units")["cell_suffixes"])
    suffix = f"regexp_replace(x, '^([-+0-9.,]+) ?({suffixes})$', '\\1')"
    for text in MACROS:
        yield text.replace("{suffix}", suffix)


def quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def case_of(vocabulary: Vocabulary, column: str) -> str:
    """CASE that maps written forms to values."""
    values: dict[str, list[str]] = {}
    for form, value in vocabulary.forms.items():
        values.setdefault(value, []).append(quote(form))
    whens = " ".join(f"WHEN squeeze({column}) IN ({', '.join(forms)}) THEN {quote(v)}" for v, forms in values.items())
    return f"CASE {whens} {f'ELSE {column}' if vocabulary.open else ''} END"


def typed(f: Field) -> str:
    """Expression of a field's typed value over `b.t_<field>` (text) and `s` (constants of the sheet)."""
    text = f"b.t_{f.name}"
    if f.identifier:
        return f"upper(regexp_replace({text}, '[\\s''`]', '', 'g'))"
    if f.vocabulary:
        value = case_of(vocabularies()[f.vocabulary], text)
        if f.type == "INTEGER":
            value = f"CAST({value} AS INTEGER)"
        if "derive" in f.custom:
            value = f"coalesce({value}, CASE WHEN {text} IS NULL THEN s.d_{f.name} END)"
        if "default" in f.custom:
            value = f"coalesce({value}, CASE WHEN {text} IS NULL THEN {quote(str(f.custom['default']))} END)"
        return value
    if f.type == "DATE":
        return f"day({text})"
    if f.type == "INTEGER":
        return f"CASE WHEN num({text}) = floor(num({text})) THEN try_cast(num({text}) AS INTEGER) END"
    if f.type.startswith("DECIMAL"):
        return f"try_cast(num({text}) * s.f_{f.name} AS {f.type})" if f.unit else f"try_cast(num({text}) AS {f.type})"
    if f.pattern:
        return f"regexp_replace(replace(upper({text}), ' ', ''), '^([0-9]+)\\.0$', '\\1')"
    return text


def rejections(contract: Contract) -> Iterator[tuple[str, str, str]]:
    """(condition, field, rule) over the columns of `typed`: value `<field>`, text `t_<field>`."""
    for f in contract.read_fields:
        value, text = f.name, f"t_{f.name}"
        if not f.stored and not f.identifier and f.custom.get("role") != "total":
            continue
        if f.required:
            filled = f"{value} IS NULL AND {text} IS NULL"
            yield filled, f.name, "required"
        yield from _of_type(f, value, text)
        if f.custom.get("knownSchool"):
            yield (
                f"{value} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM school k WHERE k.school_code = typed.{value} "
                "AND k.region_code = typed.region_code_of_file)",
                f.name,
                "unknown_school",
            )
    column = contract.custom.get("regionColumn")
    if column:
        yield (
            f"left(t_{column}, 6) <> region_code_of_file AND left(t_{column}, 6) IN (SELECT code FROM county)",
            column,
            "region_mismatch",
        )
    if contract.clock != "none":
        field = next((f.name for f in contract.period_fields), "")
        yield "period_of_row IS NULL", field, "period_unresolved"
    for rule in contract.rules:
        yield f"NOT ({rule.predicate})", rule.column, rule.name


def _of_type(f: Field, value: str, text: str) -> Iterator[tuple[str, str, str]]:
    if f.identifier:
        destroyed = f"regexp_full_match({value}, '[0-9](\\.[0-9]+)?E\\+?[0-9]+')"
        yield destroyed, f.name, "id_destroyed"
        if f.pattern:
            yield f"NOT ({destroyed}) AND NOT regexp_matches({value}, {quote(f.pattern)})", f.name, "bad_format"
        return
    if f.vocabulary and not f.custom.get("lenient"):
        yield f"{text} IS NOT NULL AND {value} IS NULL", f.name, "not_in_list"
    elif f.type == "DATE":
        yield f"{text} IS NOT NULL AND {value} IS NULL", f.name, "not_date"
    elif f.type == "INTEGER" and f.numeric:
        yield f"{text} IS NOT NULL AND num({text}) IS NOT NULL AND {value} IS NULL", f.name, "not_integer"
        yield f"{text} IS NOT NULL AND num({text}) IS NULL", f.name, "not_number"
    elif f.numeric and f.custom.get("role") != "total":
        yield f"{text} IS NOT NULL AND {value} IS NULL", f.name, "not_number"
    if f.numeric and f.minimum is not None:
        yield f"{value} < {f.minimum}", f.name, "below_minimum"
    if f.numeric and f.maximum is not None:
        yield f"{value} > {f.maximum}", f.name, "above_maximum"
    if f.type == "VARCHAR" and f.pattern:
        yield f"NOT regexp_matches({value}, {quote(f.pattern)})", f.name, "bad_format"
    elif f.type == "VARCHAR" and f.stored and not (f.vocabulary and not vocabularies()[f.vocabulary].open):
        yield f"regexp_matches({value}, {quote(IDENTIFIER_SQL)})", f.name, "identifier_in_text"


def mark_status(column: str) -> str:
    """CASE from the text of a score cell to its status; NULL for what is neither a number nor a known mark."""
    known = " ".join(
        f"WHEN squeeze({column}) IN ({', '.join(quote(w) for w in words)}) THEN {quote(status)}"
        for status, words in load_yaml("score_marks").items()
    )
    return f"CASE WHEN {column} IS NULL THEN 'blank' {known} WHEN num({column}) IS NOT NULL THEN 'scored' END"
