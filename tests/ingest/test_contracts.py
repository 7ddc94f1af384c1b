"""The contracts: valid by the standard's own schema, complete for the measures, described as they are."""

from __future__ import annotations

import csv
import importlib.resources
import json
from dataclasses import replace

import jsonschema
import pytest
import yaml

from ingest import catalogue
from ingest.contracts import SOURCES, contracts, vocabularies
from ingest.schema import raw_schema
from ingest.texts import header_form
from warehouse.settings import PROJECT_ROOT

STANDARD = json.loads((importlib.resources.files("open_data_contract_standard") / "schema.json").read_text("utf-8"))
PATHS = sorted(SOURCES.glob("*/contract.yaml"))
MEASURES = PROJECT_ROOT / "dbt_project" / "seeds" / "plans" / "measures.csv"


@pytest.mark.parametrize("path", PATHS, ids=lambda p: p.parent.name)
def test_contract_follows_the_standard(path):
    jsonschema.validate(yaml.safe_load(path.read_text(encoding="utf-8")), STANDARD)


def test_the_standard_refuses_a_contract_without_a_version():
    document = yaml.safe_load(PATHS[0].read_text(encoding="utf-8"))
    del document["version"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, STANDARD)


def test_every_source_that_measures_name_has_a_contract():
    with MEASURES.open(encoding="utf-8", newline="") as handle:
        wanted = {row["source"] for row in csv.DictReader(handle)}
    assert wanted - {catalogue.measure_source(c) for c in contracts().values()} == set()


@pytest.mark.parametrize("contract", contracts().values(), ids=lambda c: c.source)
def test_contract_holds_together(contract):
    names = [f.name for f in contract.fields]
    assert len(names) == len(set(names))
    assert contract.source == next(p.parent.name for p in PATHS if p.parent.name == contract.source)
    assert raw_schema(contract).names[-1] == "_row"
    assert contract.usage, "a source says who sends it and how"
    for f in contract.fields:
        assert f.vocabulary is None or f.vocabulary in vocabularies()
        assert f.classification in ("none", "identifier", "name", "sensitive")
        assert not (f.identifier and f.stored and not f.custom.get("pseudonym")), f.name
        assert not (f.classification == "name" and f.stored), f"{f.name}: a name is never stored"
    meanings: dict[str, set[str]] = {}
    for f in contract.fields:
        for alias in f.aliases:
            meanings.setdefault(header_form(alias), set()).add(f.name)
    assert {alias: fields for alias, fields in meanings.items() if len(fields) > 1} == {}
    for group in contract.custom["detection"]["requires"]:
        assert set(group) <= set(names)
    assert set(contract.custom["scope"]) <= set(names)
    assert set(contract.needs) <= set(contracts())


def test_pages_say_what_the_contracts_say():
    assert catalogue.stale() == []


def test_a_changed_header_makes_the_pages_stale(monkeypatch):
    everything = dict(contracts())
    first = everything["population"]
    changed = replace(first, purpose="别的表")
    monkeypatch.setattr(catalogue, "contracts", lambda: {**everything, "population": changed})
    assert {p.name for p in catalogue.stale()} == {"sources.md", "README.md"}
