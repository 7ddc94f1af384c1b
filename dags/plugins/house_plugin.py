"""Registers what Airflow must know by name before it can read the DAGs back from its database."""

from __future__ import annotations

from airflow.plugins_manager import AirflowPlugin

from dags.operators.school_year import SchoolYearTimetable


class HousePlugin(AirflowPlugin):
    name = "schoolhouse"
    timetables = [SchoolYearTimetable]  # noqa: RUF012 - Airflow reads a plain list
