"""Arrow's compute kernels. They are made at import, so type checkers cannot see them: one untyped door for all."""

from __future__ import annotations

from importlib import import_module
from typing import Any

pc: Any = import_module("pyarrow.compute")
