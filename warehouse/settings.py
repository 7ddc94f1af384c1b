"""Where everything lives. One object, read once from the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parents[1]
ZONES = ("published", "internal", "restricted")
_IDENTITY = ("landing", "quarantine", "vault")
_OPEN = ("inbox", "raw", "ledger", "build", "serving", "editions", "airflow")


@dataclass(frozen=True)
class Settings:
    """Paths and URLs of one home. Folders are made by `prepare()`, never by reading a property."""

    home: Path
    inbox: Path
    registers: tuple[Path, ...]
    ledger_url: str
    language: str = "zh"
    # The engine of a build that names none.
    target: str = "duckdb"

    @classmethod
    def load(cls, env: Mapping[str, str] | None = None) -> Settings:
        env = os.environ if env is None else env
        home = Path(env.get("SCHOOLHOUSE_HOME") or "var").resolve()
        inbox = Path(env.get("SCHOOLHOUSE_INBOX") or home / "inbox").resolve()
        registers = env.get("SCHOOLHOUSE_REGISTERS")
        folders = (
            tuple(Path(p).resolve() for p in registers.split(os.pathsep) if p)
            if registers is not None
            else (inbox, PROJECT_ROOT / "samples")
        )
        url = env.get("SCHOOLHOUSE_LEDGER_URL") or f"sqlite:///{home / 'ledger' / 'ledger.db'}"
        language, target = env.get("SCHOOLHOUSE_LANGUAGE") or "zh", env.get("SCHOOLHOUSE_TARGET") or "duckdb"
        return cls(home, inbox, folders, url, language, target)

    def prepare(self) -> Settings:
        """Make the folders; the identity zone is readable by its owner only."""
        for name in _OPEN:
            (self.home / name).mkdir(parents=True, exist_ok=True)
        for name in _IDENTITY:
            folder = self.home / name
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o700)
        return self

    @property
    def landing(self) -> Path:
        return self.home / "landing"

    @property
    def raw(self) -> Path:
        return self.home / "raw"

    @property
    def quarantine(self) -> Path:
        return self.home / "quarantine"

    @property
    def vault(self) -> Path:
        return self.home / "vault"

    @property
    def build(self) -> Path:
        return self.home / "build"

    @property
    def serving(self) -> Path:
        return self.home / "serving"

    @property
    def editions(self) -> Path:
        return self.home / "editions"

    @property
    def airflow(self) -> Path:
        return self.home / "airflow"

    @property
    def dbt_project(self) -> Path:
        return PROJECT_ROOT / "dbt_project"
