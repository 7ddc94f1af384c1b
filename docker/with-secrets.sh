#!/bin/sh
# Reads the secrets that a service was given from their files into the settings that Airflow and the house know, then becomes
# the command. A service has no setting of a secret that it was not given.
set -eu
folder=/run/secrets

for file in "$folder"/*; do
    [ -e "$file" ] || continue
    if [ ! -f "$file" ] || [ ! -s "$file" ]; then
        echo "the secret $(basename "$file") is missing or empty: run docker/make-secrets.sh" >&2
        exit 78
    fi
done

# Hex and URL-safe text only (docker/make-secrets.sh), so nothing in it needs escaping in a URL.
if [ -f "$folder/postgres_password" ]; then
    AIRFLOW__DATABASE__SQL_ALCHEMY_CONN="postgresql+psycopg2://airflow:$(cat "$folder/postgres_password")@postgres:5432/airflow"
    export AIRFLOW__DATABASE__SQL_ALCHEMY_CONN
fi
if [ -f "$folder/redis_password" ]; then
    broker="redis://:$(cat "$folder/redis_password")@redis:6379"
    export AIRFLOW__CELERY__BROKER_URL="$broker/0" AIRFLOW__CELERY__RESULT_BACKEND="$broker/1"
    unset broker
fi
if [ -f "$folder/jwt_secret" ]; then
    AIRFLOW__API_AUTH__JWT_SECRET=$(cat "$folder/jwt_secret")
    export AIRFLOW__API_AUTH__JWT_SECRET
fi
if [ -f "$folder/api_secret_key" ]; then
    AIRFLOW__API__SECRET_KEY=$(cat "$folder/api_secret_key")
    export AIRFLOW__API__SECRET_KEY
fi
if [ -f "$folder/fernet_key" ]; then
    AIRFLOW__CORE__FERNET_KEY=$(cat "$folder/fernet_key")
    export AIRFLOW__CORE__FERNET_KEY
fi
if [ -f "$folder/serving_password" ]; then
    SCHOOLHOUSE_PG_PASSWORD=$(cat "$folder/serving_password")
    export SCHOOLHOUSE_PG_PASSWORD
fi
exec "$@"
