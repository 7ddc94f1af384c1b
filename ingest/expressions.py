"""SQL for the cells of a contract: text to typed value, and the conditions under which a row is rejected."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.contracts import Contract, Field, Vocabulary, load_yaml, vocabularies
from ingest.texts import IDENTIFIER_SQL

MACROS = (
    "CREATE MACRO squeeze(x) AS lower(regexp_replace(x, '\\s', '', 'g'))",
    # 1,234.5 has separators; (1,234.5) is how accountants write a minus, U+2212 how a typesetter does.
    "CREATE MACRO bare(x) AS CASE WHEN regexp_full_match(x, '[-+]?[0-9]{1,3}(,[0-9]{3})+(\\.[0-9]+)?') "
    "THEN replace(x, ',', '') WHEN regexp_full_match(x, '\\([0-9]{1,3}(,?[0-9]{3})*(\\.[0-9]+)?\\)') "
    "THEN '-' || regexp_replace(x, '[(),]', '', 'g') WHEN starts_with(x, '\u2212') THEN '-' || substr(x, 2) ELSE x END",
    # A formula's error, and words that say there is nothing to fill in.
    "CREATE MACRO broken(x) AS starts_with(x, '#') AND regexp_full_match(x, '#[A-Z0-9/]+[!?]?|#N/A')",
    "CREATE MACRO nothing(x) AS squeeze(x) IN ({nothing})",
    "CREATE MACRO amount(x) AS try_cast(bare(x) AS DECIMAL(28,8))",
    "CREATE MACRO num(x) AS CASE WHEN regexp_full_match(x, '[-+0-9.,]+%') THEN CAST(amount(rtrim(x, "
    "'%')) * 0.01 AS DECIMAL(28,8)) "
    "ELSE amount({suffix}) END",
    # A rate is kept as a fraction. A number without a sign is one, or a percentage where most of its column is over 1.
    "CREATE MACRO rate(x, middle) AS CASE WHEN middle > 1 AND NOT suffix(x, '%') THEN num(x) * 0.01 ELSE num(x) END",
    "CREATE MACRO day(x) AS CAST(coalesce(try_cast(x AS TIMESTAMP), try_strptime(x, ['%Y年%m月%d日', '%Y年%m月%d', "
    "'%Y.%m.%d', '%Y/%m/%d', '%Y%m%d']), try_strptime(x || '.1', ['%Y.%m.%d', '%Y-%m.%d', '%Y/%m.%d', '%Y年%m月.%d']), "
    "CASE WHEN regexp_full_match(x, '[2-7][0-9]{4}') THEN TIMESTAMP '1899-12-30' + to_days(CAST(x AS "
    "INTEGER)) END) AS DATE)",
    # Identity numbers: the check digit of GB 11643 over the first 17 digits, as integer arithmetic on whole columns.
    "CREATE MACRO id_check(n) AS substr('10X98765432', CAST(({weighted}) % 11 AS INTEGER) + 1, 1)",
    # A cast that fails is dear, and the engine turns conditions round: only what begins with digits is cast.
    "CREATE MACRO card_valid(x) AS CASE WHEN regexp_full_match(x, '[0-9]{17}.*') THEN "
    "id_check(try_cast(substr(x, 1, 17) AS BIGINT)) = substr(x, 18, 1) END",
    # A card of 15 digits (issued to 2013) names a birth in 19xx; its 18-digit form is the same person's.
    "CREATE MACRO card_of(x) AS CASE WHEN regexp_full_match(x, '{old_card}') THEN substr(x, 1, 6) || '19' || "
    "substr(x, 7) || id_check(try_cast(substr(x, 1, 6) || '19' || substr(x, 7) AS BIGINT)) ELSE x END",
    # One person, one text: G (with card) and J (without) before the number of a card say nothing more about who it is.
    "CREATE MACRO person_form(x) AS regexp_replace(x, '^[GJ]([0-9]{17}[0-9X])$', '\\1')",
)
OLD_CARD = "[0-9]{8}(0[1-9]|1[0-2])([0-2][0-9]|3[01])[0-9]{3}"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def macros() -> Iterator[str]:
    """Statements that define the cell macros on a connection."""
    suffixes = "|".join(load_yaml("units")["cell_suffixes"])
    suffix = f"regexp_replace(x, '^([-+0-9.,]+) ?({suffixes})$', '\\1')"
    weighted = " + ".join(f"(n // {10 ** (16 - i)}) % 10 * {w}" for i, w in enumerate(_WEIGHTS))
    nothing = ", ".join(quote(w) for w in load_yaml("units")["cell_nothing"])
    for text in MACROS:
        yield (
            text.replace("{suffix}", suffix)
            .replace("{nothing}", nothing)
            .replace("{weighted}", weighted)
            .replace("{old_card}", OLD_CARD)
        )


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
        bare = f"upper(regexp_replace({text}, '[\\s''`]', '', 'g'))"
        return f"card_of({bare})" if f.custom.get("oldCard") == "convert" else bare
    if f.part == "year":
        return (
            f"coalesce(try_cast(regexp_extract({text}, '^((19|20)[0-9]{{2}})年?$', 1) AS INTEGER), year(day({text})))"
        )
    if f.vocabulary:
        value = case_of(vocabularies()[f.vocabulary], text)
        if f.type == "INTEGER":
            value = f"CAST({value} AS INTEGER)"
        if "derive" in f.custom:
            value = f"coalesce({value}, CASE WHEN {text} IS NULL THEN CAST(s.d_{f.name} AS {f.type}) END)"
        if "default" in f.custom:
            value = f"coalesce({value}, CASE WHEN {text} IS NULL THEN {quote(str(f.custom['default']))} END)"
        return value
    if f.type == "DATE":
        return f"day({text})"
    if f.type == "INTEGER":
        return f"CASE WHEN num({text}) = floor(num({text})) THEN try_cast(num({text}) AS INTEGER) END"
    if f.custom.get("rate"):
        return f"try_cast(rate({text}, {_middle(f, 'base', 'b')}) AS {f.type})"
    if f.type.startswith("DECIMAL"):
        return f"try_cast(num({text}) * s.f_{f.name} AS {f.type})" if f.unit else f"try_cast(num({text}) AS {f.type})"
    if f.pattern:
        value = f"regexp_replace(replace(upper({text}), ' ', ''), '^([0-9]+)\\.0$', '\\1')"
        return f"coalesce({value}, k_{f.name}.school_code)" if f.custom.get("codeFromName") else value
    fallback = [f"s.d_{f.name}"] if "derive" in f.custom else []
    fallback += [quote(str(f.custom["default"]))] if "default" in f.custom else []
    return f"coalesce({', '.join([text, *fallback])})" if fallback else text


def rejections(contract: Contract) -> Iterator[tuple[str, str, str]]:
    """(condition, field, rule) over the columns of `typed`: value `<field>`, text `t_<field>`."""
    for f in contract.read_fields:
        value, text = f.name, f"t_{f.name}"
        if not f.stored and not f.identifier and f.custom.get("role") != "total":
            continue
        if f.required:
            blank = f"({text} IS NULL OR nothing({text}))" if f.numeric or f.type == "DATE" else f"{text} IS NULL"
            yield f"{_missing(f)} AND {blank}", f.name, "required"
        if f.custom.get("foundBy"):
            alias = f.custom["foundBy"]
            lost = f"{value} IS NULL AND {text} IS NULL AND t_{alias} IS NOT NULL AND found_key IS NULL"
            yield lost, alias, UNREGISTERED
        if f.custom.get("codeFromName"):
            yield (
                f"{value} IS NULL AND t_{f.custom['codeFromName']} IS NOT NULL",
                f.custom["codeFromName"],
                UNKNOWN_NAME,
            )
        if f.identifier:
            yield from _of_identifier(f, value)
        else:
            yield f"broken({text})", f.name, "formula_error"
            for condition, name, rule in _of_type(f, value, text):
                yield f"NOT coalesce(broken({text}), false) AND ({condition})", name, rule
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


def _middle(f: Field, table: str, row: str) -> str:
    """The middle of the numbers without a percent sign that a rate's column has in its sheet."""
    text, outer = f"c.t_{f.name}", "typed" if table == "typed" else row
    data = "" if table == "typed" else " AND c.cls = 'data'"
    return (
        f"(SELECT median(num({text})) FROM {table} c WHERE c.file_ix = {outer}.file_ix AND "
        f"c.sheet_ix = {outer}.sheet_ix{data} AND NOT suffix({text}, '%'))"
    )


UNREGISTERED = "unregistered_exam_no"
UNKNOWN_NAME = "unknown_school_name"


def _missing(f: Field) -> str:
    """No value, and nothing else of the row that would give it."""
    return " AND ".join([f"{f.name} IS NULL", *(f"t_{name} IS NULL" for name in f.stand_ins)])


# A card's number of which a spreadsheet kept 15 digits and filled up the rest.
_ZEROED = "[1-9][0-9]{5}(19|20)[0-9]{2}(0[1-9]|1[0-2])([0-2][0-9]|3[01])[0-9]000"


def destroyed(f: Field) -> str:
    """Whether a number surely lost its last digits: an exponent, or zeros that its own check digit contradicts."""
    zeroed = f"(regexp_full_match({f.name}, '{_ZEROED}') AND NOT card_valid({f.name}))"
    return f"(regexp_full_match({f.name}, '[0-9](\\.[0-9]+)?E\\+?[0-9]+') OR {zeroed})"


def destroyed_beside(f: Field) -> str:
    """Rows (rid) whose number ends in zeros that fit by chance, in a sheet where others surely lost their digits."""
    return (
        f"SELECT rid FROM typed WHERE regexp_full_match({f.name}, '{_ZEROED}') AND card_valid({f.name}) AND "
        f"(file_ix, sheet_ix) IN (SELECT DISTINCT (file_ix, sheet_ix) FROM typed WHERE {destroyed(f)})"
    )


def _of_identifier(f: Field, value: str) -> Iterator[tuple[str, str, str]]:
    lost = destroyed(f)
    yield lost, f.name, "id_destroyed"
    if f.pattern:
        yield f"NOT {lost} AND NOT regexp_matches({value}, {quote(f.pattern)})", f.name, "bad_format"
    if f.custom.get("oldCard") == "refuse":
        yield f"regexp_full_match({value}, {quote(OLD_CARD)})", f.name, "id_old_card"
    if f.custom.get("checkDigit"):
        # J numbers are given where there is no card: only a card's own number must end in its check digit.
        card = f"regexp_replace({value}, '^G', '')"
        wrong = f"regexp_full_match({card}, '[0-9]{{17}}[0-9X]') AND NOT card_valid({card})"
        yield f"NOT {lost} AND {wrong}", f.name, "id_check_digit"


def _of_type(f: Field, value: str, text: str) -> Iterator[tuple[str, str, str]]:
    if f.part:
        yield f"{text} IS NOT NULL AND {value} IS NULL", f.name, "not_date"
    elif f.vocabulary and not f.custom.get("lenient"):
        yield f"{text} IS NOT NULL AND {value} IS NULL", f.name, "not_in_list"
    elif f.type == "DATE":
        yield f"{text} IS NOT NULL AND {value} IS NULL AND NOT nothing({text})", f.name, "not_date"
        # The number 2022.1 is 2022.10 as well as 2022.1: a spreadsheet does not keep the last zero.
        yield f"regexp_full_match({text}, '(19|20)[0-9]{{2}}\\.1')", f.name, "month_ambiguous"
    elif f.type == "INTEGER" and f.numeric:
        yield f"{text} IS NOT NULL AND num({text}) IS NOT NULL AND {value} IS NULL", f.name, "not_integer"
        yield f"{text} IS NOT NULL AND num({text}) IS NULL AND NOT nothing({text})", f.name, "not_number"
    elif f.numeric and f.custom.get("role") != "total":
        yield f"{text} IS NOT NULL AND {value} IS NULL AND NOT nothing({text})", f.name, "not_number"
    if f.custom.get("rate"):
        percent = f"{_middle(f, 'typed', 'k')} > 1 AND NOT suffix({text}, '%')"
        yield f"num({text}) > 0 AND num({text}) <= 1 AND {percent}", f.name, "rate_ambiguous"
    if (f.numeric or f.part) and f.minimum is not None:
        yield f"{value} < {f.minimum}", f.name, "below_minimum"
    if (f.numeric or f.part) and f.maximum is not None:
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
