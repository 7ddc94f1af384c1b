"""The tables of the ledger. They never hold an identifier of a person: rejects name row and column, not the value."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

METADATA = sa.MetaData()
_S = sa.String


def _table(name: str, *columns: sa.Column[Any] | sa.schema.SchemaItem) -> sa.Table:
    return sa.Table(name, METADATA, *columns)


def _text(name: str, **kw: Any) -> sa.Column[str]:
    return sa.Column(name, _S, nullable=kw.pop("nullable", False), **kw)


# One row each time bytes are seen under a new path; outcome: new, duplicate, rejected.
arrival = _table(
    "arrival",
    _text("file_sha256", primary_key=True),
    _text("path", primary_key=True),
    _text("outcome"),
    _text("received_at"),
)

submission = _table(
    "submission",
    _text("submission_id", primary_key=True),
    _text("region_code"),
    _text("source"),
    _text("unit_code"),
    _text("period"),
    _text("scope"),
    sa.Column("version", sa.Integer, nullable=False),
    _text("file_sha256", index=True),
    _text("file_name"),
    _text("status"),
    _text("batch_id"),
    _text("received_at"),
    _text("reason_en"),
    _text("reason_zh"),
    _text("column_map"),
    sa.Column("rows_accepted", sa.Integer, nullable=False),
    sa.Column("rows_rejected", sa.Integer, nullable=False),
)

# Every row of every sheet has one class; the counts of a sheet add up to its rows.
row_class = _table(
    "row_class",
    _text("submission_id", primary_key=True),
    _text("sheet", primary_key=True),
    _text("row_class", primary_key=True),
    sa.Column("row_count", sa.Integer, nullable=False),
)

reject = _table(
    "reject",
    _text("submission_id", primary_key=True),
    _text("sheet", primary_key=True),
    sa.Column("row", sa.Integer, primary_key=True),
    _text("column", primary_key=True),
    _text("rule", primary_key=True),
    _text("message_zh"),
    _text("message_en"),
)

# A file that was sent back corrected, and what became of the rejects it answers. Places only, never values.
answer = _table(
    "answer",
    _text("submission_id", primary_key=True),
    _text("answers", primary_key=True),
    _text("file_sha256", index=True),
    _text("answers_sha256", index=True),
    sa.Column("cells_fixed", sa.Integer, nullable=False),
    sa.Column("cells_wrong", sa.Integer, nullable=False),
    sa.Column("cells_vanished", sa.Integer, nullable=False),
    sa.Column("rows_lost", sa.Integer, nullable=False),
    sa.Column("rows_changed", sa.Integer, nullable=False),
    sa.Column("rows_added", sa.Integer, nullable=False),
    _text("detail"),
    _text("judged_at"),
)

# A file that was turned away whole, without a rejected cell, and the one that came in its place. basis: path, claim,
# name (in the same folder), school or region (of one source and year).
correction = _table(
    "correction",
    _text("submission_id", primary_key=True),
    _text("corrected_by", index=True),
    _text("file_name"),
    _text("by_file_name"),
    _text("basis"),
    _text("noted_at"),
)

# Bytes of the identity zone that were erased. kind: landing (name is the sha256), quarantine, return.
erasure = _table(
    "erasure",
    _text("kind", primary_key=True),
    _text("name", primary_key=True),
    _text("sha256"),
    sa.Column("size", sa.BigInteger, nullable=False),
    _text("policy"),
    _text("erased_at"),
)

# One row a use of the vault; `entry_hash` is the hash of its line in the vault's own log, which holds the rest.
vault_use = _table(
    "vault_use",
    sa.Column("entry", sa.Integer, primary_key=True),
    _text("action"),
    _text("used_by"),
    _text("outcome"),
    _text("used_at"),
    _text("entry_hash"),
)

build = _table(
    "build",
    _text("build_id", primary_key=True),
    _text("target"),
    _text("status"),
    _text("pin_sha256"),
    _text("code_sha256"),
    _text("started_at"),
    _text("finished_at"),
    _text("detail"),
)

gate_run = _table(
    "gate_run",
    _text("gate_id", primary_key=True),
    _text("build_id"),
    _text("region_code"),
    _text("school_year"),
    _text("verdict"),
    _text("ran_at"),
    # What was judged, and the decision on it that publication asks for; '' for a gate of some checks only.
    _text("content_sha256", server_default=""),
    _text("token", server_default=""),
)

# What each check of a gate looked at, and how much of it failed.
gate_check = _table(
    "gate_check",
    _text("gate_id", primary_key=True),
    _text("check_id", primary_key=True),
    _text("stage"),
    _text("severity"),
    sa.Column("looked_at", sa.Integer, nullable=False),
    sa.Column("failed", sa.Integer, nullable=False),
)

finding = _table(
    "finding",
    _text("gate_id", primary_key=True),
    _text("check_id", primary_key=True),
    _text("entity_type", primary_key=True),
    _text("entity_id", primary_key=True),
    _text("severity"),
    _text("observed"),
    _text("expected"),
    _text("message_zh"),
    _text("message_en"),
    _text("resolve_zh"),
    _text("explanation_id"),
)

explanation = _table(
    "explanation",
    _text("explanation_id", primary_key=True),
    _text("region_code"),
    _text("school_year"),
    _text("check_id"),
    _text("entity_type"),
    _text("entity_id"),
    # The value that was explained; '' where the explanation speaks of the thing, whatever its value.
    _text("observed", server_default=""),
    _text("reason_code"),
    _text("text_zh"),
    _text("signer"),
    _text("signed_on"),
    _text("origin"),
    _text("registered_at"),
)

# A cell of raw that is read as another value, and who answers for it (`warehouse/corrections.py`).
declared_correction = _table(
    "declared_correction",
    _text("correction_id", primary_key=True),
    _text("region_code"),
    _text("source"),
    _text("period"),
    _text("row_key"),
    _text("column_name"),
    _text("from_value"),
    _text("to_value"),
    _text("reason"),
    _text("provider"),
    _text("provided_on"),
    _text("expires_on"),
    _text("registered_at"),
)

# One role's word that a critical finding, with this value, may pass (`warehouse/overrides.py`).
override_entry = _table(
    "override_entry",
    _text("entry_id", primary_key=True),
    _text("region_code"),
    _text("school_year"),
    _text("check_id"),
    _text("entity_type"),
    _text("entity_id"),
    _text("observed"),
    _text("role"),
    _text("signer"),
    _text("reason"),
    _text("signed_on"),
    _text("registered_at"),
)

# mode: file (answered by a register file in an unattended run), cli, airflow.
approval = _table(
    "approval",
    _text("approval_id", primary_key=True),
    _text("region_code"),
    _text("school_year"),
    _text("role"),
    _text("approver"),
    _text("decision"),
    _text("decided_on"),
    _text("comment"),
    _text("mode"),
    _text("gate_id"),
    _text("registered_at"),
)

edition = _table(
    "edition",
    _text("region_code", primary_key=True),
    _text("school_year", primary_key=True),
    _text("version", primary_key=True),
    _text("path"),
    _text("verdict"),
    _text("data_sha256"),
    _text("gate_id"),
    _text("build_id"),
    _text("published_at"),
)

# A printed total, subtotal or mean that its rows do not give.
total_mismatch = _table(
    "total_mismatch",
    _text("submission_id", primary_key=True),
    _text("sheet", primary_key=True),
    sa.Column("row", sa.Integer, primary_key=True),
    _text("column", primary_key=True),
    _text("row_class"),
    _text("field"),
    _text("printed"),
    _text("computed"),
)

# Two files that claim the same rows. kind: same_claim (the later superseded the other), replaced (for the school
# `unit_code` the region's list counts, the school's own file is superseded), overlap (both count, which blocks).
claim_conflict = _table(
    "claim_conflict",
    _text("submission_id", primary_key=True),
    _text("other_submission_id", primary_key=True),
    _text("kind"),
    _text("region_code"),
    _text("source"),
    _text("unit_code"),
    _text("period"),
    _text("scope"),
    _text("file_name"),
    _text("other_file_name"),
    sa.Column("shared_rows", sa.Integer, nullable=False),
    _text("noted_at"),
)

# Claims of a period on which an edition had been published already; flag: late_after_edition.
late_arrival = _table(
    "late_arrival",
    _text("submission_id", primary_key=True),
    _text("flag", primary_key=True),
    _text("school_year"),
    _text("edition_version"),
)

# What a file was found to be, and the reference data it was last checked against.
file_source = _table(
    "file_source",
    _text("file_sha256", primary_key=True),
    _text("source"),
    _text("reference_state"),
)
