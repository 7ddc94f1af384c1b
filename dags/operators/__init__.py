"""What the DAGs need of Airflow beyond its own operators: the approval, the school-year partition, clear faults."""
