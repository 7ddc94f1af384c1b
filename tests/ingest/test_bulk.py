"""Long files: read in blocks as they are read whole, and the same bytes in raw however they were cut."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from ingest import bulk, documents, layouts, long_sheets, normalise, plain, pseudonyms, rawfiles, readers
from ingest.limits import Limits
from ingest.refusals import Refusal
from ingest.rows import classify
from ingest.texts import clean_array
from tests.ingest.conftest import County
from warehouse.settings import PROJECT_ROOT

CELLS = ("", "缺考", "12.5", "-", "—", " a b ", '"q,1"', '"x""y"', '"two\nlines"', "\u3000全角123", "x\ty", "/", "--",
         "a/b", '3"', "１２", '"a"b', 'a"b"', '""')  # fmt: skip
HEADER = "学籍号,学校标识码,年级,班级,语文,数学,总分"


def _outcome(read, *given):
    try:
        return read(*given)
    except Refusal as e:
        return e.code


@pytest.mark.parametrize("seed", range(40))
def test_blocks_give_the_rows_of_the_whole(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    rng = random.Random(seed)  # noqa: S311
    monkeypatch.setattr(bulk, "BLOCK_BYTES", rng.choice([64, 257, 4096]))
    monkeypatch.setattr(bulk, "HEAD_LINES", rng.choice([1, 3, 40]))
    cells = [c for c in CELLS if rng.random() < 0.7 and (seed % 3 or '"' not in c)] or ["1"]
    width, end = rng.randint(2, 6), rng.choice(["\n", "\r\n"])
    lines = [
        ",".join(rng.choice(cells) for _ in range(width if rng.random() < 0.97 else rng.randint(0, width + 3)))
        for _ in range(rng.randint(1, 80))
    ]
    text = ("sep=," + end if seed % 7 == 0 else "") + "标题," + end + end.join(lines) + rng.choice(["", end, end * 3])
    path = tmp_path / "odd.csv"
    path.write_bytes(text.encode(rng.choice(["utf-8", "gb18030", "utf-8-sig"])))
    whole = _outcome(lambda: readers.read(path.read_bytes())[0].table)
    blocks = _outcome(lambda: bulk.read_text(path, tmp_path).table.combine_chunks())
    assert blocks == whole if isinstance(whole, str) else blocks.equals(whole)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("cells", [["12", "", "-", "a/b", "//"], ["七年级", " 七 年级", "", "—"] * 9, ["\x07a", "b"]])
def test_columns_are_cleaned_alike(cells: list[str]):
    column = pa.array(cells, pa.string())
    assert plain.clean_column(column).equals(clean_array(column))


def test_a_cell_without_end_is_refused(tmp_path: Path):
    path = tmp_path / "long.csv"
    path.write_bytes(b"a,b\n" + b'1,"' + b"x" * (3 << 20) + b'"\n')
    with pytest.raises(Refusal) as refused:
        bulk.read_text(path, tmp_path, Limits.load({}))
    assert refused.value.code == "long_cell"


@pytest.mark.parametrize("text", ['a,b\n1,2\n3,"x\n5,6\n', 'a,b\n1,2\n3,"x'])
def test_a_quote_that_is_never_closed_is_refused_as_in_a_small_file(text: str, tmp_path: Path):
    path = tmp_path / "open.csv"
    path.write_text(text)
    with pytest.raises(Refusal) as large:
        bulk.read_text(path, tmp_path, Limits.load({}))
    with pytest.raises(Refusal) as small:
        readers.read_book(text.encode())
    assert (large.value.code, large.value.values) == (small.value.code, small.value.values) == ("not_split", {"row": 3})


def _scores(pupils: int) -> str:
    """Three classes in two schools; one pupil twice with other marks, one line twice, a mark over the full mark."""
    lines = ["2021-2022学年度第二学期期末检测成绩册" + "," * 6, HEADER]
    for i in range(pupils):
        code = f"L99010120130101{i:04d}"
        a, b = i * 7 % 101, i * 13 % 101
        lines.append(f"{code},219900000{1 + i % 2},三年级,{i % 3 + 1}班,{a},{'缺考' if i % 17 == 0 else b},{a + b}")
    lines.append(lines[5])
    lines.append(lines[9].replace("班,", "班,1", 1))
    lines[20] = lines[20].replace("班,", "班,9", 1)
    return "\r\n".join(lines) + "\r\n"


def _raw_bytes(county: County) -> dict[str, bytes]:
    folder = county.settings.raw / "exam_scores"
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*.parquet"))}


@pytest.mark.parametrize("piece", [pytest.param(7, marks=pytest.mark.slow), 64, 100_000])
def test_raw_has_the_same_bytes_however_the_file_is_cut(
    piece: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
):
    monkeypatch.setenv("SCHOOLHOUSE_HMAC_KEY", "11" * 32)
    monkeypatch.setattr(rawfiles, "GROUP_ROWS", 90)
    text = _scores(300).encode("gb18030")

    def ingest_it(name: str) -> tuple[dict[str, bytes], list]:
        county = County(tmp_path_factory.mktemp(name))
        county.put_reference()
        county.put("a.csv", text)
        result = county.run()["a.csv"]
        assert (result.status, result.rows_accepted, result.rows_rejected) == ("partial", 298, 4), result.message_en
        assert len(county.raw("exam_scores")) == 298 * 2
        ids = [s["submission_id"] for s in county.ledger().current(sources=["exam_scores"])]
        return _raw_bytes(county), ids

    whole = ingest_it("whole")
    monkeypatch.setattr(bulk, "BULK_BYTES", 1)
    monkeypatch.setattr(bulk, "BLOCK_BYTES", 500)
    monkeypatch.setattr(long_sheets, "BLOCK_ROWS", 50)
    monkeypatch.setattr(documents, "PIECE_ROWS", piece)
    monkeypatch.setattr(rawfiles, "FETCH_ROWS", 33)
    monkeypatch.setattr(pseudonyms, "SLICE", 41)
    threads = 1 if piece == 7 else 4
    made = normalise.connect

    def connect(*given):
        con = made(*given)
        con.execute(f"SET threads = {threads}")
        return con

    monkeypatch.setattr(normalise, "connect", connect)
    pieces = ingest_it("pieces")
    assert pieces == whole
    assert len(whole[1]) == 1


def test_rows_of_a_long_sheet_have_the_classes_of_a_short_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    text = _scores(120).replace("\r\n", "\n").split("\n")
    text[50:50] = [HEADER, "小计,,,,12,13,", ",,,,,,", "注:缺考不计分,,,,,,", "合 计,2199000001,三年级,1班,1,2,3"]
    path = tmp_path / "a.csv"
    path.write_text("\n".join([*text, "平均分,,,,3,4,", "制表人:王老师,,,,,,"]), encoding="utf-8")
    sheet = bulk.read_text(path, tmp_path)
    layout = layouts.detect(sheet)
    assert layout is not None
    monkeypatch.setattr(long_sheets, "BLOCK_ROWS", 16)
    plainly = classify(readers.Sheet("", False, sheet.table.combine_chunks()), layout)
    assert long_sheets.classes_of(sheet, layout).to_pylist() == plainly.to_pylist()
    assert {"subtotal", "total", "mean", "note", "signature", "blank", "header", "title", "data"} == set(
        np.unique(plainly.to_pylist())
    )


def test_sheets_of_one_form_are_classed_as_each_by_itself(tmp_path: Path):
    sheets = []
    for n in (5, 30, 12):
        lines = [*_scores(60).split("\r\n")[:n], "合计,,,,9,9,", "审核人:李,,,,,,"]
        sheets.append(readers.read("\n".join(lines).encode())[0])
    pairs = [(s, layouts.detect(s)) for s in sheets]
    together = long_sheets.classes_of_many(pairs)
    assert [c.to_pylist() for c in together] == [classify(s, at).to_pylist() for s, at in pairs]


@pytest.mark.slow
def test_the_benchmark_runs_and_holds_raw_to_the_files():
    run = subprocess.run(
        [sys.executable, "benchmarks/ingest.py", "--json", "--scale", "0.004"],
        cwd=PROJECT_ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-2000:]
    for key in (
        "csv_ratio",
        "xlsx_ratio",
        "xlsx_read_ratio",
        "small_files_ratio",
        "small_files_read_ratio",
        "csv_peak_mib",
        "xlsx_limit_peak_mib",
    ):
        assert f'"{key}"' in run.stdout
