"""Every block of the connection guide runs against a county just served, and each tool says the same figures."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from tests.conftest import COUNTY, Home
from warehouse.bi import grant, serve
from warehouse.postgres import Server, is_available, own_server
from warehouse.settings import PROJECT_ROOT, Settings

GUIDE = PROJECT_ROOT / "docs" / "connect.md"
BI = PROJECT_ROOT / "docs" / "bi.md"
PRINTED = "what was printed"
LOGIN, PASSWORD = "li_ming", "li ming's own"
_BLOCK = re.compile(r"^( *)```(\w+) (\w+)\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)

pytestmark = pytest.mark.skipif(not is_available(), reason="PostgreSQL is not installed")


def blocks() -> dict[tuple[str, str], list[str]]:
    """(language, client) -> its blocks, in order, without the indentation of a list."""
    found: dict[tuple[str, str], list[str]] = {}
    for indent, language, client, text in _BLOCK.findall(GUIDE.read_text(encoding="utf-8")):
        found.setdefault((language, client), []).append(re.sub(f"^{indent}", "", text, flags=re.MULTILINE))
    return found


@dataclass(frozen=True)
class Desk:
    """Where somebody with a login sits: an empty folder, the environment of the guide, and the figures to be seen."""

    folder: Path
    environment: Mapping[str, str]
    figures: tuple[tuple[str, str], ...]
    server: Server

    def run(self, *command: str, text: str | None = None) -> str:
        """What a program prints. Fails with its complaint."""
        done = subprocess.run(
            command, input=text, cwd=self.folder, env=dict(self.environment), capture_output=True, text=True
        )
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done.stdout

    def has_the_figures(self, printed: str) -> bool:
        """Whether every year stands before its value."""
        return all(re.search(rf"{year}\D*\b{re.escape(value)}\d*\b", printed) for year, value in self.figures)


@pytest.fixture(scope="module")
def served(county_home: Home) -> Iterator[tuple[Settings, Server]]:
    with own_server(county_home.settings) as server:
        serve(county_home.settings, server)
        grant(server, LOGIN, "county", regions=[COUNTY], password=PASSWORD)
        yield county_home.settings, server


@pytest.fixture
def desk(served: tuple[Settings, Server], county_home: Home, tmp_path: Path) -> Desk:
    settings, server = served
    with duckdb.connect(county_home.build.path, read_only=True) as con:
        rows = con.execute(
            "select period_id, numerator * 100 / denominator from fct_indicator_value"
            " where indicator_code = 'res_above_required_edu_teachers_per100' and entity_type = 'county'"
            " and stage = 'primary;junior' and urban_rural = 'all' and status = 'ok'"
        ).fetchall()
    assert len(rows) == 3
    named = re.findall(r"(PG\w+)=('[^']*'|\S+)", blocks()["sh", "connection"][0])
    assert [name for name, _ in named] == ["PGHOST", "PGPORT", "PGDATABASE", "PGUSER", "PGPASSWORD"]
    values = (server.host, str(server.port), server.database, LOGIN, PASSWORD)
    environment = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "PYTHONPATH": str(PROJECT_ROOT),
        "LANG": "C.UTF-8",
        "SCHOOLHOUSE_HOME": str(settings.home),
        **{name: value for (name, _), value in zip(named, values, strict=True)},
    }
    return Desk(tmp_path, environment, tuple((year, f"{value:.2f}") for year, value in rows), server)


def test_every_block_is_known_to_a_test() -> None:
    clients = {client for _, client in blocks()}
    assert clients == {"house", "connection", "psql", "odbc", "jdbc", "pandas", "r", "duckdb", "metrics"}
    unnamed = re.findall(r"^ *```(\w+)$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)
    assert unnamed == []
    assert "(connect.md)" in BI.read_text(encoding="utf-8")


def test_the_house_serves_lets_in_and_writes_a_file_for_excel(desk: Desk) -> None:
    first, second = blocks()["sh", "house"]
    server = {f"SCHOOLHOUSE_PG_{k.upper()}": str(v) for k, v in vars(desk.server).items()}
    there = Desk(desk.folder, {**desk.environment, **server}, desk.figures, desk.server)
    # The login of the guide has its password already: another one is let in by the same words.
    printed = there.run("bash", "-euc", first.replace(LOGIN, "wang_fang"))
    assert re.search(r"internal: \d+ tables, \d+ rows", printed)
    assert "wang_fang" in printed
    there.run("bash", "-euc", second)
    written = (desk.folder / "indicators.csv").read_text(encoding="utf-8-sig")
    assert "每百名学生拥有高于规定学历教师数" in written


def test_psql(desk: Desk) -> None:
    need("psql")
    printed = desk.run("bash", "-euc", blocks()["sh", "psql"][0])
    assert set(re.findall(r"\b(bi_\w+)", printed)) == {
        p.stem for p in (PROJECT_ROOT / "warehouse/bi/views/internal").glob("*")
    }
    assert desk.has_the_figures(printed)


def test_odbc_as_excel_and_power_bi_use_it(desk: Desk) -> None:
    need("isql")
    if "[PostgreSQL Unicode]" not in desk.run("odbcinst", "-q", "-d"):
        pytest.skip("psqlODBC is not installed")
    here = {
        "Port=5432": f"Port={desk.server.port}",
        "Server=127.0.0.1": f"Server={desk.server.host}",
        PRINTED: PASSWORD,
    }
    string = replaced(blocks()["text", "odbc"][0].strip(), here)
    statement = blocks()["sql", "odbc"][0]
    assert desk.has_the_figures(desk.run("isql", "-b", "-k", string, text=statement))


def test_jdbc(desk: Desk) -> None:
    need("java")
    driver = Path("/usr/share/java/postgresql.jar")
    if not driver.exists():
        pytest.skip("the JDBC driver of PostgreSQL is not installed")
    url = replaced(blocks()["text", "jdbc"][0].strip(), {"127.0.0.1:5432": f"{desk.server.host}:{desk.server.port}"})
    program = desk.folder / "Ask.java"
    program.write_text(_JAVA, encoding="utf-8")
    statement = blocks()["sql", "odbc"][0].strip().replace("internal.", "")
    printed = desk.run("java", "-cp", str(driver), str(program), url, LOGIN, PASSWORD, statement)
    assert desk.has_the_figures(printed)


_JAVA = """
import java.sql.*;
public class Ask {
    public static void main(String[] a) throws Exception {
        try (Connection c = DriverManager.getConnection(a[0], a[1], a[2])) {
            ResultSet r = c.createStatement().executeQuery(a[3]);
            while (r.next()) System.out.println(r.getString(1) + " " + r.getString(2));
        }
    }
}
"""


def test_pandas_to_a_chart(desk: Desk) -> None:
    printed = desk.run(sys.executable, "-c", blocks()["python", "pandas"][0])
    assert desk.has_the_figures(printed)
    chart = (desk.folder / "teachers.svg").read_text(encoding="utf-8")
    assert "每百名学生拥有高于规定学历教师数" in chart
    assert all(year in chart for year, _ in desk.figures)


def test_r_to_a_chart(desk: Desk) -> None:
    need("Rscript")
    if subprocess.run(["Rscript", "-e", "library(DBI); library(RPostgreSQL)"], capture_output=True).returncode:
        pytest.skip("r-cran-dbi and r-cran-rpostgresql are not installed")
    program = desk.folder / "ask.R"
    program.write_text(blocks()["r", "r"][0], encoding="utf-8")
    assert desk.has_the_figures(desk.run("Rscript", "--vanilla", str(program)))
    assert "<svg" in (desk.folder / "teachers-r.svg").read_text(encoding="utf-8")


def test_duckdb_without_a_server(desk: Desk) -> None:
    environment = {k: v for k, v in desk.environment.items() if not k.startswith("PG")}
    alone = Desk(desk.folder, environment, desk.figures, desk.server)
    of_file, of_parquet = alone.run(sys.executable, "-c", blocks()["python", "duckdb"][0]).splitlines()
    assert desk.has_the_figures(of_file)
    assert of_parquet == of_file


@pytest.mark.slow
def test_a_metric_by_its_name(desk: Desk) -> None:
    desk.run("bash", "-euc", blocks()["sh", "metrics"][0])
    written = (desk.folder / "teachers.csv").read_text(encoding="utf-8")
    rows = {line.split(",")[0]: line.split(",")[2] for line in written.splitlines()[1:]}
    assert {y: f"{float(v):.2f}" for y, v in rows.items() if v} == dict(desk.figures)


def replaced(text: str, by: Mapping[str, str]) -> str:
    for old, new in by.items():
        assert old in text
        text = text.replace(old, new)
    return text


def need(program: str) -> None:
    if not shutil.which(program):
        pytest.skip(f"{program} is not installed")
