"""An edition of whatever a home has: its open findings explained, its sign-offs given."""

from __future__ import annotations

from expectations import run_gate
from publication import EditionResult, publish
from warehouse.registers import approve, explain_finding, load_registers
from warehouse.settings import Settings


def publish_explained(settings: Settings, region: str, year: str) -> EditionResult:
    """Publish after explaining every finding that may be explained; fails where one is critical."""
    load_registers(settings)
    for f in run_gate(settings, region, year).to_dict()["findings"]:
        if f["severity"] == "warning" and not f["explanation_id"]:
            explain_finding(
                settings,
                region_code=region,
                school_year=year,
                check_id=f["check_id"],
                entity_type=f["entity_type"],
                entity_id=f["entity_id"],
                reason_code="other",
                text_zh="核对无误",
                signer="统计负责人",
            )
    gate = run_gate(settings, region, year)
    assert gate.verdict in ("passed", "passed_with_explanations"), gate.to_dict()["findings"]
    for role, person in (("statistics_officer", "甲"), ("bureau_leader", "乙")):
        approve(
            settings, region_code=region, school_year=year, role=role, approver=person, decision="approve",
            comment="", mode="cli",
        )  # fmt: skip
    return publish(settings, region, year)
