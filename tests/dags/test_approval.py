"""Who signed, by which way, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from warehouse.ledger import Ledger, approval, finding
from warehouse.registers import approve, load_registers
from warehouse.settings import Settings

REGION, YEAR, GATE = "440198", "2024-2025", "gate-1"
OFFICER, LEADER = "statistics_officer", "bureau_leader"


@pytest.fixture
def operator(airflow_database, house: Settings, monkeypatch: pytest.MonkeyPatch):
    """Make the operator of a role; the fault's XCom goes to a list, as no scheduler is there to keep it."""
    from airflow.sdk.execution_time import task_runner

    from dags.operators import approval as module
    from dags.operators import faults

    class Instance:
        id = "018f6b1c-0000-7000-8000-000000000001"
        pushed: dict[str, dict[str, str]] = {}  # noqa: RUF012

        def xcom_push(self, key: str, value: dict[str, str]) -> None:
            self.pushed[key] = value

    class Comms:
        sent: list[Any] = []  # noqa: RUF012

        def send(self, msg: Any) -> None:
            self.sent.append(msg)

    instance = Instance()
    monkeypatch.setattr(faults, "get_current_context", lambda: {"ti": instance})
    monkeypatch.setattr(task_runner, "SUPERVISOR_COMMS", Comms(), raising=False)

    def make(role: str, gate_id: str = GATE):
        made = module.RegisterOrHumanApproval(
            task_id=role, role=role, region=REGION, school_year=YEAR, gate_id=gate_id, subject="s", body="b"
        )
        made.context = {"task_instance": instance, "ti": instance, "task": made}
        return made

    make.pushed = instance.pushed
    make.comms = Comms
    return make


def event(user: str | None, option: str = "Approve", signer: str = "", comment: str = "") -> dict[str, Any]:
    return {
        "chosen_options": [option],
        "params_input": {"signer": signer, "comment": comment},
        "responded_at": datetime(2025, 11, 20, 8, tzinfo=UTC),
        "responded_by_user": {"id": user, "name": user} if user else None,
    }


def rows(house: Settings) -> list[dict[str, Any]]:
    return Ledger.open(house).rows(sa.select(approval).order_by(approval.c.role))


def write_register(house: Settings, *entries: str) -> None:
    head = "region_code,school_year,role,approver,decision,decided_on,comment\n"
    (house.inbox / "approvals.csv").write_text(head + "".join(f"{REGION},{YEAR},{e}\n" for e in entries))
    load_registers(house)


def test_a_register_file_answers_at_once_and_says_so(operator, house: Settings) -> None:
    write_register(house, f"{OFFICER},张敏,approve,2025-11-18,", f"{LEADER},李强,approve,2025-11-19,")
    task = operator(LEADER)
    answer = task.execute(task.context)
    assert (answer["approver"], answer["mode"], answer["decided_on"]) == ("李强", "file", "2025-11-19")
    assert {r["mode"] for r in rows(house)} == {"file"}
    assert operator.comms.sent == [], "nobody was asked"


def test_without_a_register_it_waits_for_a_person(operator) -> None:
    from airflow.sdk.exceptions import TaskAwaitingInput

    task = operator(OFFICER)
    with pytest.raises(TaskAwaitingInput) as waiting:
        task.execute(task.context)
    assert waiting.value.method_name == "execute_complete"
    asked = operator.comms.sent.pop()
    assert asked.options == ["Approve", "Reject"]
    assert set(asked.params) == {"signer", "comment"}


def test_a_persons_answer_is_recorded_with_the_name_of_the_login(operator, house: Settings) -> None:
    task = operator(OFFICER)
    task.execute_complete(task.context, event("zhang.min", signer="someone else", comment="同意"))
    (row,) = rows(house)
    assert (row["approver"], row["mode"], row["gate_id"], row["decision"], row["comment"]) == (
        "zhang.min",
        "airflow",
        GATE,
        "approve",
        "同意",
    )


def test_a_name_without_a_login_is_marked_as_stated(operator, house: Settings) -> None:
    task = operator(OFFICER)
    task.execute_complete(task.context, event("Anonymous", signer="张敏"))
    (row,) = rows(house)
    assert row["approver"] == "张敏"
    assert "未经登录核验" in row["comment"]


def test_an_answer_without_any_name_is_refused(operator, house: Settings) -> None:
    task = operator(OFFICER)
    with pytest.raises(Exception, match="签署人"):
        task.execute_complete(task.context, event("Anonymous"))
    assert rows(house) == []


def test_the_same_person_cannot_sign_twice(operator, house: Settings) -> None:
    first, second = operator(OFFICER), operator(LEADER)
    first.execute_complete(first.context, event("zhang.min"))
    with pytest.raises(Exception, match=r"zhang\.min"):
        second.execute_complete(second.context, event("zhang.min"))
    assert [r["role"] for r in rows(house)] == [OFFICER]
    second.execute_complete(second.context, event("li.qiang"))
    assert [r["approver"] for r in rows(house)] == ["li.qiang", "zhang.min"]


def test_a_register_with_one_person_for_both_roles_fails_for_good(operator, house: Settings) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    write_register(house, f"{OFFICER},张敏,approve,2025-11-18,", f"{LEADER},张敏,approve,2025-11-19,")
    task = operator(LEADER)
    with pytest.raises(AirflowFailException, match="张敏"):
        task.execute(task.context)


def test_a_rejection_is_recorded_and_fails_for_good_with_its_reason(operator, house: Settings) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    task = operator(OFFICER)
    with pytest.raises(AirflowFailException, match="数据有误"):
        task.execute_complete(task.context, event("zhang.min", "Reject", comment="数据有误"))
    (row,) = rows(house)
    assert (row["decision"], row["mode"]) == ("reject", "airflow")
    assert all("数据有误" in operator.pushed["fault"][language] for language in ("zh", "en"))


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What went out as alerts."""
    from dags.operators import messenger

    sent: list[Any] = []
    monkeypatch.setattr(messenger, "send", sent.append)
    return sent


def enter_finding(house: Settings, **fields: str) -> None:
    row = {c.name: "" for c in finding.columns} | {"gate_id": GATE, "entity_type": "section", "severity": "warning"}
    Ledger.open(house).insert(finding, [row | fields])


def test_a_rejection_returns_to_the_office_with_what_the_gate_found(operator, house: Settings, told: list[Any]) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    enter_finding(house, check_id="roster_vs_report", entity_id="2199000001/primary", message_zh="花名册少 1 人",
                  resolve_zh="核对花名册", explanation_id="x1")  # fmt: skip
    enter_finding(house, check_id="honours_expired", entity_id="y", severity="info", message_zh="只是提示")
    enter_finding(house, check_id="score_range", entity_id="z", gate_id="gate-2", message_zh="别的闸门")
    task = operator(LEADER)
    with pytest.raises(AirflowFailException, match="花名册少 1 人,核对花名册") as fault:
        task.execute_complete(task.context, event("li.qiang", "Reject", comment="表三有误"))
    assert "再报批" in str(fault.value)
    [alert] = told
    assert (alert.level, REGION in alert.title, YEAR in alert.title) == ("warning", True, True)
    assert [line for line in alert.lines if "表三有误" in line or "花名册少 1 人" in line] == list(alert.lines[1:])
    # The word stands for this gate run; the next one asks again.
    assert [(r["role"], r["decision"], r["gate_id"]) for r in rows(house)] == [(LEADER, "reject", GATE)]


def test_a_wait_without_an_answer_is_on_record_and_mended_by_a_later_one(
    operator, house: Settings, told: list[Any]
) -> None:
    from airflow.sdk.exceptions import AirflowFailException, TaskAwaitingInput

    task = operator(LEADER)
    with pytest.raises(AirflowFailException, match="逾期未签"):
        task.execute_complete(task.context, {"error": "too late", "error_type": "timeout"})
    (row,) = rows(house)
    assert (row["decision"], row["approver"], row["mode"], row["gate_id"]) == ("timed_out", "", "airflow", GATE)
    assert ["退回" in a.title and any("逾期未签" in line for line in a.lines) for a in told] == [True]
    # Started again, it asks again; nobody's silence counts as another person's signature.
    with pytest.raises(TaskAwaitingInput):
        task.execute(task.context)
    operator.comms.sent.clear()
    task.execute_complete(task.context, event("li.qiang"))
    assert operator(OFFICER).execute_complete(operator(OFFICER).context, event("zhang.min"))["decision"] == "approve"


def test_a_rejection_in_the_register_fails_too(operator, house: Settings) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    write_register(house, f"{OFFICER},张敏,reject,2025-11-18,表三有误")
    task = operator(OFFICER)
    with pytest.raises(AirflowFailException, match="表三有误"):
        task.execute(task.context)


def test_an_answer_in_airflow_counts_for_its_own_gate_run(operator, house: Settings) -> None:
    from airflow.sdk.exceptions import TaskAwaitingInput

    approve(house, region_code=REGION, school_year=YEAR, role=OFFICER, approver="张敏", mode="airflow", gate_id=GATE)
    same, other = operator(OFFICER), operator(OFFICER, gate_id="gate-2")
    assert same.execute(same.context)["approver"] == "张敏"
    with pytest.raises(TaskAwaitingInput):
        other.execute(other.context)
    operator.comms.sent.clear()
