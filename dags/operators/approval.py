"""An approval that a register may answer in an unattended run, and otherwise waits for a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import Param
from airflow.sdk.exceptions import AirflowException

from dags.operators.alerts import tell_returned, tell_waiting
from dags.operators.faults import clear_fault

if TYPE_CHECKING:
    from airflow.sdk import Context

    from warehouse.settings import Settings

# The name that Airflow gives to everyone where it asks nobody for a password.
UNNAMED = "anonymous"
# As the ledger writes it (warehouse.registers.TIMED_OUT); named here so that parsing a DAG loads no warehouse.
TIMED_OUT = "timed_out"
SIGNER, COMMENT = "signer", "comment"
STATED = "姓名系签署人自报,未经登录核验 (name stated by the signer, not checked by a login)"


class RegisterOrHumanApproval(ApprovalOperator):
    """One role's approval of one region's school year.

    An approval in the register answers at once. One from `approvals.csv` has mode `file`: the run is unattended and
    the ledger says so. One that a person gave before, on the command line (`cli`) or in Airflow for this very gate
    run (`airflow`), is not asked for twice. Otherwise the task waits (state `awaiting_input`) until a person
    responds; the answer is registered with mode `airflow` and the responder's name. Where Airflow knows no names (the
    embedded one, open on loopback) the signer writes the name, and the comment says that no login checked it.

    A rejection returns the edition to the office: it stands in the ledger, the task fails for good with the gate's
    findings and what to do, and an alert tells the same. So does a wait that ended without an answer. Nothing is
    published, and the build that was looked at stays as it is. The two roles need two people.
    """

    template_fields: Sequence[str] = ("region", "school_year", "gate_id", *ApprovalOperator.template_fields)

    def __init__(self, *, role: str, region: str, school_year: str, gate_id: str, **kwargs: Any) -> None:
        self.role, self.region, self.school_year, self.gate_id = role, region, school_year, gate_id
        # The form of the answer. Airflow has put the DAG's own parameters here by now; they are no part of the form.
        kwargs["params"] = {
            SIGNER: Param("", type="string", source="task", title="签署人 (your name, where Airflow has no login)"),
            COMMENT: Param("", type="string", source="task", title="意见 (comment)"),
        }
        super().__init__(**kwargs)

    def execute(self, context: Context) -> dict[str, str]:
        """Answer from the register, or wait for a person."""
        settings = _settings()
        approvals = self._approvals(settings)
        answer = approvals.get(self.role)
        if answer and answer["mode"] == "airflow" and answer["gate_id"] != self.gate_id:
            answer = None
        if answer is None or answer["decision"] == TIMED_OUT:
            tell_waiting(self.region, self.school_year, self.role)
            return super().execute(context)
        with clear_fault(settings.language):
            self._refuse_same_person(answer["approver"], approvals)
            self._refuse_rejection(answer["decision"], answer["approver"], answer["comment"])
        self.log.info("%s: approved by %s, mode %s", self.role, answer["approver"], answer["mode"])
        return {k: answer[k] for k in ("role", "approver", "decision", "decided_on", "mode")}

    def execute_complete(self, context: Context, event: dict[str, Any]) -> dict[str, str]:
        """Register the person's answer with mode `airflow`."""
        from warehouse.registers import approve

        if event.get("error_type") == "timeout":
            self._give_up()
        if "error" in event:
            self.process_trigger_event_error(event)
        self.validate_chosen_options(event["chosen_options"])
        entered = event.get("params_input") or {}
        self.validate_params_input(entered)
        settings = _settings()
        approver, comment = self._signer(event.get("responded_by_user"), entered)
        decision = "approve" if event["chosen_options"] == [self.APPROVE] else "reject"
        self._refuse_same_person(approver, self._approvals(settings), ask_again=True)
        with clear_fault(settings.language):
            approve(
                settings,
                region_code=self.region,
                school_year=self.school_year,
                role=self.role,
                approver=approver,
                decision=decision,
                comment=comment,
                mode="airflow",
                gate_id=self.gate_id,
            )
            self._refuse_rejection(decision, approver, comment)
        decided_on = event["responded_at"].date().isoformat()
        return {
            "role": self.role,
            "approver": approver,
            "decision": decision,
            "decided_on": decided_on,
            "mode": "airflow",
        }

    def _approvals(self, settings: Settings) -> dict[str, dict[str, Any]]:
        """The newest answer of each role for this region and school year."""
        import sqlalchemy as sa

        from warehouse.ledger import Ledger, approval

        a = approval.c
        query = sa.select(approval).where(a.region_code == self.region, a.school_year == self.school_year)
        return {r["role"]: r for r in Ledger.open(settings).rows(query.order_by(a.decided_on, a.registered_at))}

    def _signer(self, user: dict[str, str] | None, entered: dict[str, Any]) -> tuple[str, str]:
        """Name and comment of whoever answered; a name without a login is marked as stated."""
        comment = str(entered.get(COMMENT) or "").strip()
        name = (user or {}).get("name") or ""
        if name and name.lower() != UNNAMED:
            return name, comment
        stated = str(entered.get(SIGNER) or "").strip()
        if not stated:
            raise AirflowException("未填写签署人姓名,请重新签署 (nobody signed: write your name and answer again)")
        return stated, f"{comment} [{STATED}]".strip()

    def _refuse_same_person(
        self, approver: str, approvals: dict[str, dict[str, Any]], *, ask_again: bool = False
    ) -> None:
        from warehouse.errors import SchoolhouseError
        from warehouse.registers import person_form

        others = (r for role, r in approvals.items() if role != self.role and r["decision"] != TIMED_OUT)
        other = next((r for r in others if person_form(r["approver"]) == person_form(approver)), None)
        if other is None:
            return
        error = SchoolhouseError(
            f"{approver} has already signed as {other['role']}; two roles need two people",
            f"{approver} 已以 {other['role']} 身份签署,两级审批须由不同的人完成",
            where=f"{self.region}|{self.school_year} {self.role}",
            fix_en="another person must sign",
            fix_zh="请由另一人签署",
        )
        # A person can be asked again (the retry waits anew); a register file cannot.
        raise AirflowException(error.line()) if ask_again else error

    def _refuse_rejection(self, decision: str, approver: str, comment: str) -> None:
        from warehouse.errors import SchoolhouseError

        if decision == "approve":
            return
        findings = self._findings()
        tell_returned(self.region, self.school_year, self.role, comment or "未写意见", findings)
        listed = "; ".join(findings)
        raise SchoolhouseError(
            f"rejected by {approver} ({self.role}): {comment or 'no comment'}; the gate found: {listed or 'nothing'}",
            f"{approver}({self.role})退回:{comment or '未写意见'};质量闸门的问题:{listed or '无'}",
            where=f"{self.region}|{self.school_year}",
            fix_en="correct what was objected to or explain it anew, then build, gate and sign-off again",
            fix_zh="请按意见更正数据或补充说明,重新构建、运行质量闸门后再报批",
        )

    def _give_up(self) -> None:
        """Nobody answered in time: that is on record, and the office has the edition again."""
        from warehouse.errors import SchoolhouseError
        from warehouse.registers import note_timeout

        settings = _settings()
        note_timeout(
            settings,
            region_code=self.region,
            school_year=self.school_year,
            role=self.role,
            gate_id=self.gate_id,
        )
        tell_returned(self.region, self.school_year, self.role, "逾期未签 (nobody signed in time)", self._findings())
        with clear_fault(settings.language):
            raise SchoolhouseError(
                f"nobody signed as {self.role} in time",
                f"{self.role} 逾期未签",
                where=f"{self.region}|{self.school_year}",
                fix_en="run the publication again when somebody can sign; the data need not be sent again",
                fix_zh="请在有人可签时重新发起发布,数据无须重报",
            )

    def _findings(self) -> list[str]:
        """What the gate had found, explained or not, a line each: what the office has to look at again."""
        import sqlalchemy as sa

        from warehouse.ledger import Ledger, finding

        f = finding.c
        query = sa.select(finding).where(f.gate_id == self.gate_id, f.severity != "info")
        rows = Ledger.open(_settings()).rows(query.order_by(f.severity, f.check_id, f.entity_type, f.entity_id))
        return [
            f"{r['check_id']} [{r['entity_type']} {r['entity_id']}] {r['message_zh']},{r['resolve_zh']}" for r in rows
        ]


def _settings() -> Settings:
    from warehouse.settings import Settings

    return Settings.load().prepare()
