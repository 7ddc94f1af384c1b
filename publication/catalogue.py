"""The edition as a DCAT catalogue entry in JSON-LD: what a data portal harvests."""

from __future__ import annotations

import hashlib
from typing import Any

from publication import dictionary, package
from publication.draft import Draft

_CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "prov": "http://www.w3.org/ns/prov#",
    "spdx": "http://spdx.org/rdf/terms#",
    "adms": "http://www.w3.org/ns/adms#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_MEDIA = {
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "html": "text/html",
    "pdf": "application/pdf",
    "json": "application/json",
    "xml": "application/xml",
}


def jsonld(draft: Draft, version: str, changes: dict[str, Any], others: dict[str, bytes]) -> dict[str, Any]:
    """Content of dcat.jsonld: one data set a table, the edition over them, and the yearly series over the edition.

    `others` are the edition's files outside `data/` that hold data or say something of it.
    """
    zh, en = package.titles(draft, version)
    edition = f"urn:schoolhouse:edition:{draft.region}:{draft.school_year}:{version}"
    year = f"urn:schoolhouse:edition:{draft.region}:{draft.school_year}"
    first, last = draft.school_year.split("-") if "-" in draft.school_year else (draft.school_year, draft.school_year)
    entry: dict[str, Any] = {
        "@id": edition,
        "@type": "dcat:Dataset",
        "dct:identifier": edition,
        "dct:title": [_text(zh, "zh"), _text(en, "en")],
        "dct:language": ["zh-CN", "en"],
        "dct:publisher": {"@type": "foaf:Organization", "foaf:name": _text(f"{draft.names.region}教育局", "zh")},
        "dct:spatial": {"@type": "dct:Location", "dct:identifier": draft.region},
        "dct:temporal": {
            "@type": "dct:PeriodOfTime",
            "dcat:startDate": {"@value": f"{first}-09-01", "@type": "xsd:date"},
            "dcat:endDate": {"@value": f"{last}-08-31", "@type": "xsd:date"},
        },
        "dcat:inSeries": {"@id": f"urn:schoolhouse:series:{draft.region}", "@type": "dcat:DatasetSeries"},
        "dcat:version": version.removeprefix("v"),
        "adms:versionNotes": [_text(dictionary.word("level", changes["level"]), "zh")],
        "dcat:hasPart": [_part(draft, edition, s.name) for s in draft.sets],
        "dcat:distribution": [_file(name, content) for name, content in sorted(others.items())],
    }
    if changes["previous_version"]:
        entry["dcat:previousVersion"] = {"@id": f"{year}:{changes['previous_version']}"}
    return {"@context": _CONTEXT, **entry}


def _part(draft: Draft, edition: str, name: str) -> dict[str, Any]:
    zh, en = dictionary.title(name)
    return {
        "@id": f"{edition}:{name}",
        "@type": "dcat:Dataset",
        "dct:title": [_text(zh, "zh"), _text(en, "en")],
        "dcat:distribution": [
            _file(f"data/{name}.{kind}", draft.data[f"{name}.{kind}"]) for kind in ("csv", "parquet")
        ],
    }


def _file(path: str, content: bytes) -> dict[str, Any]:
    return {
        "@type": "dcat:Distribution",
        "dct:title": path,
        "dcat:downloadURL": {"@id": path},
        "dcat:mediaType": _MEDIA.get(path.rsplit(".", 1)[-1], "application/octet-stream"),
        "dcat:byteSize": {"@value": str(len(content)), "@type": "xsd:nonNegativeInteger"},
        "spdx:checksum": {
            "@type": "spdx:Checksum",
            "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256"},
            "spdx:checksumValue": {"@value": hashlib.sha256(content).hexdigest(), "@type": "xsd:hexBinary"},
        },
    }


def _text(value: str, language: str) -> dict[str, str]:
    return {"@value": value, "@language": language}
