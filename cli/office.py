"""The commands of the office's desk: return sheets, the vault, retention."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.output import err, out, print_json, print_table
from warehouse.errors import SchoolhouseError
from warehouse.settings import Settings

Json = Annotated[bool, typer.Option("--json", help="print one JSON document, for machines")]
Reason = Annotated[str, typer.Option("--reason", help="what it is for: written into the vault's log")]
KeyFile = Annotated[Path | None, typer.Option("--key-file", help="file with the new key, 64 hex digits")]

vault_app = typer.Typer(no_args_is_help=True, help="Who is behind a person key: keys, rotation, look-up, log, erasure.")


def register(app: typer.Typer) -> None:
    """Add the office's commands to the house's."""
    app.command("return-sheet")(return_sheet)
    app.command()(retention)
    app.add_typer(vault_app, name="vault")


def return_sheet(
    submission: Annotated[str | None, typer.Argument(help="id of a submission, or its beginning")] = None,
    every: Annotated[bool, typer.Option("--all", help="one for each file with open rejects")] = False,
    region: Annotated[str | None, typer.Option("--region", help="with --all: region code")] = None,
    period: Annotated[str | None, typer.Option("--period", help="with --all: school or fiscal year")] = None,
    answer: Annotated[str | None, typer.Option("--answer", help="what a corrected file did to its rejects")] = None,
    out_dir: Annotated[Path | None, typer.Option("--out", help="another folder than the identity zone's")] = None,
    as_json: Json = False,
) -> None:
    """An Excel file for the sender: what was rejected, why, and how to correct it."""
    from ingest import return_answers, returns
    from warehouse.ledger import Ledger

    settings = Settings.load().prepare()
    ledger = Ledger.open(settings)
    if (submission is not None) + every + (answer is not None) != 1:
        raise SchoolhouseError(
            "say which: a submission, --all or --answer",
            "请指明一份材料的编号,或用 --all、--answer",
            fix_en="`schoolhouse return-sheet --all`",
            fix_zh="例如 schoolhouse return-sheet --all",
        )
    if answer is not None:
        found = return_answers.read_answer(settings, ledger, returns.find_submission(ledger, answer))
        print_json(found.to_dict()) if as_json else _show_answer(found)
        return
    wanted = [r["submission_id"] for r in returns.open_submissions(ledger, region, period)] if every else [submission]
    if out_dir is not None:
        err.print(
            "[yellow]注意:退回表含学生、教师的身份信息,写到身份区以外须自行保管,用后即删[/]\n"
            "[dim]return sheets hold identifiers: outside the identity zone you must guard and delete them[/]"
        )
        out_dir.mkdir(parents=True, exist_ok=True)
    sheets, erased = returns.make_all(settings, [str(w) for w in wanted], out_dir, strict=not every)
    if as_json:
        print_json({"sheets": [s.to_dict() for s in sheets], "not_made": erased})
        return
    for s in sheets:
        out.print(f"{s.faults:>4} 处  {s.file_name}\n        {s.path}", markup=False)
    for e in erased:
        out.print(f"未生成  {e['error_zh']}:{e['where']}", markup=False)
    if not sheets and not erased:
        out.print("没有需要退回更正的材料")


def _show_answer(found: Any) -> None:
    from ingest.return_answers import STATES

    out.print(f"{found.file_name}:{found.text()[0]}", markup=False)
    rows = [{**a.__dict__, "state": STATES[a.state]} for a in found.asked]
    print_table(
        rows, {"sheet": "工作表", "row": "原行", "column": "列", "rule": "规则", "state": "结果", "row_now": "现行"}
    )
    for title, own in (
        ("少了的行", found.lost),
        ("未要求而改动的行", found.changed),
        ("多出的行(新文件)", found.added),
    ):
        print_table(
            [dict(zip(("sheet", "row", "columns"), r, strict=True)) for r in own],
            {"sheet": "工作表", "row": "行", "columns": "栏目"},
            title,
        )


def retention(
    apply: Annotated[bool, typer.Option("--apply", help="erase; without it, only say what would go")] = False,
    as_of: Annotated[str | None, typer.Option("--as-of", help="count days to this date, such as 2026-01-31")] = None,
    as_json: Json = False,
) -> None:
    """Erase received files, rejected rows and return sheets that the policy lets go."""
    from ingest import retention as policy

    settings = Settings.load().prepare()
    try:
        day = date.fromisoformat(as_of) if as_of else None
    except ValueError as e:
        raise SchoolhouseError(f"{as_of} is not a date", f"{as_of} 不是日期", fix_en="YYYY-MM-DD") from e
    if apply and day and day > date.today():
        raise SchoolhouseError("nothing is erased ahead of time", "不能提前删除", fix_en="leave --as-of out")
    found = policy.plan(settings, day)
    erased = policy.erase(settings, found.items) if apply else 0
    if as_json:
        print_json({**found.to_dict(), "erased": erased})
        return
    names = {"landing": "收到的原文件", "quarantine": "退回的行", "return": "退回表"}
    reasons = {
        "open": "仍待更正",
        "waiting": "等待参照数据",
        "young": "未到期",
        "unclaimed": "未登记",
        "for good": "永久保留",
    }
    print_table(
        [{**i.to_dict(), "kind": names[i.kind]} for i in found.items],
        {"kind": "种类", "label": "名称", "size": "字节", "since": "起算日", "policy": "依据"},
        "已删除" if apply else "到期可删除(加 --apply 执行)",
    )
    for (kind, why), n in sorted(found.kept.items()):
        out.print(f"保留 {names[kind]} {n} 个:{reasons[why]}")
    size = policy.total_size(found.items)
    out.print(f"{'已删除' if apply else '到期'} {erased if apply else len(found.items)} 个,共 {size} 字节")


@vault_app.command("keys")
def vault_keys(as_json: Json = False) -> None:
    """How many aliases and persons the vault holds, and under which key."""
    from ingest import persons

    held = persons.count_holdings(Settings.load().prepare())
    if as_json:
        print_json(held.__dict__)
    else:
        out.print(
            f"别名 {held.aliases},人员 {held.persons};密钥指纹 {held.fingerprint}(来自 {held.key_from})", markup=False
        )
        out.print(f"保管员:{'、'.join(held.custodians)}", markup=False)


@vault_app.command("rotate")
def vault_rotate(reason: Reason, key_file: KeyFile = None, as_json: Json = False) -> None:
    """Change the key. Every person keeps the key under which the warehouse knows them; the proof is printed."""
    from ingest import persons

    done = persons.rotate_key(Settings.load().prepare(), reason, key_file)
    if as_json:
        print_json(done.__dict__)
    else:
        out.print(f"已轮换:{done.aliases} 个别名、{done.persons} 名人员的对应关系不变", markup=False)
        out.print(f"密钥指纹 {done.before} -> {done.after};校验 {done.proof}", markup=False)


@vault_app.command("lookup")
def vault_lookup(
    person: Annotated[str, typer.Argument(help="person key; - reads an identifier from standard input instead")],
    reason: Reason,
    kind: Annotated[str, typer.Option(help="with -: student or teacher")] = "student",
    region: Annotated[str, typer.Option("--region", help="with -: region of a teacher's number")] = "",
    as_json: Json = False,
) -> None:
    """Who a person key is, or, with -, which key a number has. Written into the log before it is shown."""
    from ingest import persons

    settings = Settings.load().prepare()
    if person == "-":
        key = persons.find_person(settings, kind, region, sys.stdin.readline().strip(), reason)
        print_json({"person_key": key}) if as_json else out.print(key)
        return
    found = persons.lookup(settings, person, reason)
    if as_json:
        print_json([i.__dict__ for i in found])
    else:
        print_table([i.__dict__ for i in found], {"kind": "种类", "scope": "范围", "identifier": "标识"})


@vault_app.command("log")
def vault_log(as_json: Json = False) -> None:
    """Every use of the vault, and whether the log is whole."""
    from ingest import custody

    entries, faults = custody.read_log(Settings.load().prepare())
    if as_json:
        print_json({"entries": [e.__dict__ for e in entries], "faults": faults})
    else:
        heads = {"entry": "序号", "at": "时间", "user": "用户", "action": "操作", "outcome": "结果", "subject": "对象"}
        print_table([e.__dict__ for e in entries], {**heads, "reason": "理由"})
        for fault in faults:
            out.print(f"[bold red]✗[/] {fault}")
        out.print(f"日志 {len(entries)} 条,{'完整' if not faults else '不完整'}")
    if faults:
        raise typer.Exit(1)


@vault_app.command("erase")
def vault_erase(
    person: Annotated[str, typer.Argument(help="person key")],
    reason: Reason,
    files: Annotated[bool, typer.Option("--files", help="also erase the received files that hold the person")] = False,
    key_file: KeyFile = None,
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
    as_json: Json = False,
) -> None:
    """Forget who a person is, on lawful request. It cannot be undone."""
    from ingest import persons, retention

    settings = Settings.load().prepare()
    if not yes and not typer.confirm(f"将永久删除 {person} 的身份对应,不能恢复。确定吗?", err=True):
        raise typer.Exit(1)
    done = persons.erase_person(settings, person, reason, key_file)
    erased = retention.erase(settings, done.items(settings)) if files else 0
    if as_json:
        print_json({**done.__dict__, "files_erased": erased})
        return
    out.print(f"已删除 {done.aliases} 个别名,密钥已更换;数据仓库中的数据不再能对应到此人", markup=False)
    if files:
        out.print(f"已删除含此人的原文件和退回的行 {erased} 个", markup=False)
    elif done.files or done.quarantined:
        out.print(
            f"仍有 {len(done.files)} 个原文件、{len(done.quarantined)} 份退回的行含此人的信息;加 --files 可一并删除"
        )
