"""What a file's result says, in Chinese and English: never a cell's value, only where it stands."""

from __future__ import annotations

from dataclasses import dataclass

from ingest.contracts import Contract, load_yaml
from ingest.documents import Document
from ingest.refusals import note_text
from ingest.totals import Mismatch

_SUMMARIES = {"total": ("合计", "total"), "subtotal": ("小计", "subtotal"), "mean": ("平均", "mean")}
# How many places a line names before it only counts them.
SHOWN = 3


@dataclass(frozen=True)
class Text:
    zh: str
    en: str


@dataclass(frozen=True)
class Reject:
    """One rejected cell: sheet index, 1-based row, column letter, field and rule."""

    sheet: int
    row: int
    letter: str
    field: str
    rule: str


def reject_text(contract: Contract, document: Document, reject: Reject) -> Text:
    """The sentence of a rule, with the header as the school sent it."""
    column = document.header(reject.field, reject.sheet)
    own = next((r for r in contract.rules if r.name == reject.rule), None)
    if own:
        return Text(own.zh, own.en)
    known = load_yaml("messages")[reject.rule]
    if column == reject.field:
        column = next((f.label for f in contract.fields if f.name == reject.field), column)
    return Text(known["zh"].format(column=column), known["en"].format(column=column))


def rejects_text(contract: Contract, document: Document, rejects: list[Reject]) -> Text:
    """The first places and the count of the rest."""
    zh, en = [], []
    for r in rejects[:SHOWN]:
        text = reject_text(contract, document, r)
        sheet = document.sheets[r.sheet].name
        at_zh = (f"工作表“{sheet}”" if sheet and len(document.sheets) > 1 else "") + f"第{r.row}行"
        at_en = (f"sheet {sheet} " if sheet and len(document.sheets) > 1 else "") + f"row {r.row}"
        zh.append(f"{at_zh}{f' {r.letter}列' if r.letter else ''}{text.zh}")
        en.append(f"{at_en}{f' column {r.letter}' if r.letter else ''}: {text.en}")
    rest = len(rejects) - SHOWN
    if rest > 0:
        zh.append(f"另有{rest}处")
        en.append(f"{rest} more")
    return Text(";".join(zh), "; ".join(en))


def outcome_text(accepted: int, rejected: int, rejects: Text, notes: list[Text], version: int) -> Text:
    """One line for a file whose rows were looked at."""
    if not accepted:
        zh, en = f"{rejected}行全部退回", f"all {rejected} rows rejected"
    elif rejected:
        zh, en = f"接收{accepted}行,退回{rejected}行", f"{accepted} rows accepted, {rejected} rejected"
    else:
        zh, en = f"接收{accepted}行", f"{accepted} rows accepted"
    if version > 1:
        zh, en = f"{zh}(第{version}版,取代前一版)", f"{en} (version {version}, supersedes the one before)"
    if rejects.zh:
        zh, en = f"{zh}:{rejects.zh}。请更正后重报", f"{en}: {rejects.en}. Correct them and send the file again"
    for note in notes:
        zh, en = f"{zh};注意:{note.zh}", f"{en}; note: {note.en}"
    return Text(zh, en)


def summary_notes(found: list[Mismatch]) -> list[Text]:
    """Notes on total, subtotal and mean rows that disagree."""
    if not found:
        return []
    row, letter = found[0].row, found[0].letter
    kind_zh, kind_en = _SUMMARIES[found[0].cls]
    more_zh = f"等{len(found)}处" if len(found) > 1 else ""
    more_en = f" and {len(found) - 1} more" if len(found) > 1 else ""
    return [
        Text(
            f"第{row}行{kind_zh}({letter}列){more_zh}与上面各行不符",
            f"the {kind_en} in row {row} column {letter}{more_en} does not agree with the rows above",
        )
    ]


def layout_notes(document: Document) -> list[Text]:
    """Notes on columns and sheets that were not read."""
    notes = []
    extras = sorted({h for _, _, layout in document.loaded for h in layout.extras})
    if extras:
        notes.append(Text(f"未载入的列:{'、'.join(extras[:5])}", f"columns not loaded: {', '.join(extras[:5])}"))
    notes += [Text(*note_text(code, **values)) for code, values in document.notes]
    skipped = [s for s in document.sheets if s.layout is None and s.sheet.table.num_rows and not s.ours]
    hidden = [s.name for s in skipped if s.sheet.hidden]
    if hidden:
        notes.append(
            Text(
                f"隐藏的工作表未载入:{'、'.join(hidden[:5])}(要报送请取消隐藏)",
                f"hidden sheets not loaded: {', '.join(hidden[:5])} (unhide them to send them)",
            )
        )
    unread = [s.name for s in skipped if not s.sheet.hidden]
    if unread:
        notes.append(Text(f"未载入的工作表:{'、'.join(unread[:5])}", f"sheets not loaded: {', '.join(unread[:5])}"))
    return notes
