"""Where a build's tables are made when it is not a DuckDB file: a schema of PostgreSQL or of Spark.

What a build asks of either is the same: whether a build is there, a schema with its inputs for as long as it is being
made, and a name that stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from warehouse import postgres_load, spark_load
from warehouse.postgres import Server, running_server
from warehouse.settings import Settings
from warehouse.spark import Spark, running_spark


class Engine(Protocol):
    """A database other than the build's own file."""

    @property
    def profile(self) -> str:
        """The output of dbt's profile."""
        ...

    def environment(self, build_id: str) -> Mapping[str, str]:
        """The variables that the profile reads."""
        ...

    def has(self, build_id: str) -> bool:
        """Whether a finished build of that name is there."""
        ...

    def building(self, build_id: str, inputs: Path, raw: Path, finished: Sequence[str]) -> AbstractContextManager[None]:
        """A schema with the inputs; what was not settled is dropped at the end. `finished`: builds, newest first."""
        ...

    def settle(self, build_id: str, finished: Sequence[str]) -> None:
        """Keep what was made under the build's name, and of the `finished` ones the newest."""
        ...


@contextmanager
def running_engine(settings: Settings, target: str) -> Iterator[Engine | None]:
    """The engine of a target for as long as it is needed; None for DuckDB, whose file is the build's own."""
    if target == "postgres":
        with running_server(settings) as server:
            yield PostgresEngine(server)
    elif target == "spark":
        with running_spark(settings) as spark:
            yield SparkEngine(spark)
    else:
        yield None


@dataclass(frozen=True)
class PostgresEngine:
    """A build is made in the schema `building`, which takes the build's name at the end."""

    server: Server
    profile: str = "postgres"

    def environment(self, build_id: str) -> Mapping[str, str]:
        return self.server.environment()

    def has(self, build_id: str) -> bool:
        return postgres_load.has_schema(self.server, build_id)

    @contextmanager
    def building(self, build_id: str, inputs: Path, raw: Path, finished: Sequence[str]) -> Iterator[None]:
        with postgres_load.one_build(self.server):
            postgres_load.load_inputs(self.server, inputs, raw)
            yield

    def settle(self, build_id: str, finished: Sequence[str]) -> None:
        postgres_load.settle(self.server, build_id, finished)


@dataclass
class SparkEngine:
    """Spark renames no schema: it has the build's name from the beginning, and is dropped unless it is finished."""

    spark: Spark
    _settled: set[str] = field(default_factory=set)

    @property
    def profile(self) -> str:
        return self.spark.profile

    def environment(self, build_id: str) -> Mapping[str, str]:
        return self.spark.environment(build_id)

    def has(self, build_id: str) -> bool:
        return spark_load.has_schema(self.spark, build_id)

    @contextmanager
    def building(self, build_id: str, inputs: Path, raw: Path, finished: Sequence[str]) -> Iterator[None]:
        # What a killed build left behind goes first.
        spark_load.sweep(self.spark, [name for name in finished if name != build_id])
        try:
            spark_load.load_inputs(self.spark, build_id, inputs, raw)
            yield
        finally:
            if build_id not in self._settled:
                spark_load.drop_schema(self.spark, build_id)

    def settle(self, build_id: str, finished: Sequence[str]) -> None:
        self._settled.add(build_id)
        spark_load.sweep(self.spark, finished, build_id)
