"""Calls to an Airflow whose database is locked now and then: made again, and never done twice."""

from __future__ import annotations

import json
from collections.abc import Callable

import httpx
import pytest

from cli import airflow_client
from cli.airflow_client import AirflowClient


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[AirflowClient, list[httpx.Request]]]:
    """A client of a server that gives these answers, one after the other, and the calls that it was asked."""
    monkeypatch.setattr(airflow_client, "RETRY_SECONDS", 0.0)

    def make(*answers: int) -> tuple[AirflowClient, list[httpx.Request]]:
        left, calls = list(answers), []

        def answer(request: httpx.Request) -> httpx.Response:
            if request.url.path == "/auth/token":
                return httpx.Response(201, json={"access_token": "t"})
            calls.append(request)
            return httpx.Response(left.pop(0), json={})

        client = AirflowClient("http://airflow")
        client._http = httpx.Client(base_url="http://airflow", transport=httpx.MockTransport(answer))
        return client, calls

    return make


def test_a_pool_is_made_when_the_database_is_free_again(asked) -> None:
    client, calls = asked(500, 201)
    client.ensure_pool("writer", 1, "one")
    assert [c.method for c in calls] == ["POST", "POST"]


def test_a_pool_that_was_made_before_its_answer_was_lost_is_set(asked) -> None:
    client, calls = asked(500, 409, 200)
    client.ensure_pool("writer", 0, "none")
    assert [c.method for c in calls] == ["POST", "POST", "PATCH"]


def test_a_call_made_twice_starts_one_run(asked) -> None:
    client, calls = asked(500, 409)
    started = client.trigger("build_warehouse")
    assert [json.loads(c.content)["dag_run_id"] for c in calls] == [started, started]


def test_two_triggers_are_two_runs(asked) -> None:
    client, _ = asked(200, 200)
    assert client.trigger("a") != client.trigger("a")


def test_what_is_wrong_is_said_at_once_and_what_stays_broken_in_the_end(asked) -> None:
    client, calls = asked(422)
    with pytest.raises(httpx.HTTPStatusError):
        client.trigger("a")
    assert len(calls) == 1
    client, calls = asked(*[500] * airflow_client.TRIES)
    with pytest.raises(httpx.HTTPStatusError):
        client.trigger("a")
    assert len(calls) == airflow_client.TRIES
