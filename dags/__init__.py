"""Floor 4: Airflow DAGs. Wiring only; every step is one call of the same function that the command line calls."""
