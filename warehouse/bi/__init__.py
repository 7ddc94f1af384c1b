"""The zones in PostgreSQL for BI tools: loading and swapping them, who may see which rows, and who reads."""

from __future__ import annotations

from warehouse.bi.load import ServeResult, serve
from warehouse.bi.readers import grant, readers, revoke

__all__ = ["ServeResult", "grant", "readers", "revoke", "serve"]
