"""Alerts arrive at a webhook, name no person, and never fail a run."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest

from dags.operators import alerts, messenger
from dags.operators.messenger import Alert, send


class Webhook:
    """A web server of the test's own that keeps what it is sent and answers with `status`."""

    def __init__(self) -> None:
        self.got: list[dict[str, str]] = []
        self.status = 200
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                hook.got.append(json.loads(self.rfile.read(length)))
                self.send_response(hook.status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"json://127.0.0.1:{self.server.server_port}/secret-token"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def webhook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Webhook]:
    hook = Webhook()
    monkeypatch.setenv(messenger.URLS, hook.url)
    yield hook
    hook.server.shutdown()


def failed(why: str, map_index: int | None = 1) -> dict[str, object]:
    ti = SimpleNamespace(dag_id="publish_annual_snapshot", task_id="edition.gate", map_index=map_index)
    return {"ti": ti, "exception": RuntimeError(why), "run_id": "manual__1"}


def test_a_failed_gate_is_told_finding_by_finding(webhook: Webhook) -> None:
    alerts.tell_failure(
        failed("待处理:roster_vs_report [section 2199020002/primary] 少 1 人; score_range [x] 超分\nmore")
    )
    [message] = webhook.got
    assert message["type"] == "failure"
    assert "publish_annual_snapshot.edition.gate[1]" in message["title"]
    assert message["message"].splitlines()[1] == "score_range [x] 超分"
    assert "more" not in message["message"]
    assert "manual__1" in message["message"]


@pytest.mark.parametrize(("map_index", "ending"), [(0, "gate[0]"), (2, "gate[2]"), (-1, "gate"), (None, "gate")])
def test_a_mapped_task_is_told_by_its_index(webhook: Webhook, map_index: int | None, ending: str) -> None:
    alerts.tell_failure(failed("x", map_index))
    assert webhook.got[0]["title"].endswith(ending)


def test_no_identity_number_leaves_the_house(webhook: Webhook) -> None:
    number = "11010519491231002X"
    assert send(Alert("warning", f"文件 {number}.xlsx", [f"学号 G{number}"]))
    assert number not in json.dumps(webhook.got)
    assert "***" in webhook.got[0]["title"]


def test_a_long_list_is_cut_and_says_so(webhook: Webhook) -> None:
    assert send(Alert("warning", "t", [f"第{i}条" for i in range(30)]))
    lines = webhook.got[0]["message"].splitlines()
    assert len(lines) == messenger._LINES + 1
    assert f"{30 - messenger._LINES}" in lines[-1]


def test_an_edition_is_told_once(webhook: Webhook) -> None:
    told = {"version": "v1.0.0", "verdict": "passed", "path": "editions/990201", "changed": True}
    alerts.tell_published(told)
    alerts.tell_published({**told, "changed": False})
    assert [m["type"] for m in webhook.got] == ["success"]


def test_a_place_that_does_not_take_it_fails_nothing_and_no_secret_is_logged(
    webhook: Webhook, caplog: pytest.LogCaptureFixture
) -> None:
    webhook.status = 500
    with caplog.at_level(logging.INFO, logger="dags.operators.messenger"):
        assert send(Alert("failure", "t")) is False
        alerts.tell_failure(failed("x"))
    own = [r.getMessage() for r in caplog.records if r.name == "dags.operators.messenger"]
    assert len(own) == 2
    assert "secret-token" not in " ".join(own)


def test_addresses_may_stand_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(messenger.URLS, raising=False)
    assert messenger.addresses() == []
    assert send(Alert("info", "t")) is False
    path = tmp_path / "urls"
    path.write_text("#wecom://old\njson://a json://b\n")
    monkeypatch.setenv(messenger.URLS_FILE, str(path))
    assert messenger.addresses() == ["json://a", "json://b"]
    monkeypatch.setenv(messenger.URLS_FILE, str(tmp_path / "none"))
    assert messenger.addresses() == []
