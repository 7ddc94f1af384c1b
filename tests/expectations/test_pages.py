"""The pages of the gate: findings stand with their school and their cell, nothing is fetched, nothing is lost."""

from __future__ import annotations

import re
from pathlib import Path

from expectations.pages import gate_page, history_page
from tests.expectations.house import NEIGHBOUR, REGION, YEAR, House
from warehouse.registers import approve, note_timeout

_MISMATCH = (
    "update fct_school_resource_snapshot set roster_ft_teacher_count = 8 where school_code = '2199020002'"
    f" and school_year = '{YEAR}'"
)
_REJECTED = (
    "update stg_ledger__submission set rows_rejected = 3, status = 'partial', unit_code = '2199020002'"
    f" where source = 'exam_scores' and region_code = '{REGION}'"
)
_OUTSIDE = re.compile(r"""(?:src|href)=["'](?!#)|url\(|<script|@import""")


def _reject_cells(house: House, count: int) -> None:
    """A loaded score file of the school with returned cells."""
    ident = "scores-of-one-school"
    house.receive(
        submission_id=ident, unit_code="2199020002", period=YEAR, status="partial", file_name="甲/成绩<表>.xlsx"
    )
    with house.ledger.transaction() as connection:
        from warehouse import ledger as l

        connection.execute(
            l.reject.insert(),
            [
                {c.name: "" for c in l.reject.columns}
                | {
                    "submission_id": ident,
                    "sheet": "四年级",
                    "row": 5 + i,
                    "column": "D",
                    "rule": "above_full_mark",
                    "message_zh": "“数学”高于满分",
                }
                for i in range(count)
            ],
        )


def test_findings_stand_under_their_school_with_cell_and_remedy(house: House) -> None:
    house.sql(_MISMATCH)
    house.sql(_REJECTED)
    _reject_cells(house, 11)
    house.explain("roster_vs_report", "section", "2199020002/primary", text_zh="借调<一人>")
    result = house.gate("roster_vs_report", "row_rejects", "score_range")
    page = gate_page(house.settings, result)
    school = page[page.index("2199020002</small>") :]
    assert "暂不能发布" in page
    assert "借调&lt;一人&gt;（统计科，2024-10-08）" in school
    assert "成绩&lt;表&gt;.xlsx “四年级”表第 5 行 D 列：“数学”高于满分" in school
    assert "另有 3 处" in school
    assert result.findings[0].resolve_zh
    shown = re.findall(r'class="state s-(\w+)"', page)
    assert sorted(shown) == ["explained", "warning"]
    assert "score_range</code></td>" in page
    assert not _OUTSIDE.search(page)


def test_a_blocked_gate_says_so_first(house: House) -> None:
    house.sql("update fct_exam_score_person set score = 101 where student_key = '2199020001-3'")
    page = gate_page(house.settings, house.gate("score_range"))
    assert "不能发布：有必须更正的问题" in page
    assert "全区划" in page


def test_an_explanation_that_closes_nothing_is_shown(house: House) -> None:
    house.explain("roster_vs_report", "section", "2199020009/primary")
    page = gate_page(house.settings, house.gate("roster_vs_report"))
    assert "没有对应问题的说明" in page
    assert "可以发布：没有需要处理的问题" in page


def test_the_history_has_every_gate_and_its_signatures(house: House, tmp_path: Path) -> None:
    assert "还没有执行过质量闸门" in history_page(house.settings, REGION)
    house.sql(_MISMATCH)
    second = house.gate("roster_vs_report")
    house.explain("roster_vs_report", "section", "2199020002/primary")
    third = house.gate("roster_vs_report")
    other = house.gate("roster_vs_report", region=NEIGHBOUR)
    approve(house.settings, region_code=REGION, school_year=YEAR, role="bureau_leader", approver="局长甲", mode="file")
    page = history_page(house.settings, REGION)
    assert all(g.gate_id in page for g in (second, third))
    assert other.gate_id not in page
    assert "说明后通过" in page
    assert re.search(r"局长甲.*?批准（无人值守）", page, re.S)
    assert not _OUTSIDE.search(page)


def test_a_rejected_edition_says_so_first_with_the_reason_and_what_to_do(house: House) -> None:
    house.sql(_MISMATCH)
    house.explain("roster_vs_report", "section", "2199020002/primary")
    result = house.gate("roster_vs_report")
    signs = {"region_code": REGION, "school_year": YEAR}
    approve(
        house.settings, **signs, role="statistics_officer", approver="统计员乙", mode="file", decided_on="2024-10-09"
    )
    assert "已退回科室" not in gate_page(house.settings, result)
    leader = {**signs, "role": "bureau_leader", "approver": "局长丙", "mode": "airflow", "gate_id": result.gate_id}
    approve(house.settings, **leader, decision="reject", comment="表三<有误>", decided_on="2024-10-10")
    page = gate_page(house.settings, result)
    returned = page[page.index("已退回科室") : page.index('<ul class="tiles">')]
    assert "局领导退回“表三&lt;有误&gt;”" in returned
    assert "再报批" in returned
    assert page.index("已退回科室") < page.index("统计员乙") < page.index("花名册")
    # A later approval of the same role takes it back; that of another gate does not.
    approve(house.settings, **{**leader, "gate_id": "g-other"}, decided_on="2024-10-11")
    assert "已退回科室" in gate_page(house.settings, result)
    approve(house.settings, **leader, decided_on="2024-10-12")
    assert "已退回科室" not in gate_page(house.settings, result)


def test_a_wait_that_ended_without_an_answer_is_told_on_both_pages(house: House) -> None:
    result = house.gate("roster_vs_report")
    note_timeout(house.settings, region_code=REGION, school_year=YEAR, role="bureau_leader", gate_id=result.gate_id)
    page = gate_page(house.settings, result)
    assert "局领导逾期未签" in page
    assert "数据无须重报" in page
    assert "逾期未签" in history_page(house.settings, REGION)
