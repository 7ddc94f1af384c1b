#!/bin/sh
# Reads the secrets from their files into the settings that Airflow knows, then becomes the command.
set -eu

read_secret() {
    if [ ! -s "/run/secrets/$1" ]; then
        echo "the secret $1 is missing or empty: run docker/make-secrets.sh" >&2
        exit 78
    fi
    cat "/run/secrets/$1"
}

password=$(read_secret postgres_password)
# Hex and URL-safe text only (docker/make-secrets.sh), so nothing in it needs escaping in a URL.
export AIRFLOW__DATABASE__SQL_ALCHEMY_CONN="postgresql+psycopg2://airflow:${password}@postgres:5432/airflow"
AIRFLOW__API_AUTH__JWT_SECRET=$(read_secret jwt_secret)
AIRFLOW__API__SECRET_KEY=$(read_secret api_secret_key)
AIRFLOW__CORE__FERNET_KEY=$(read_secret fernet_key)
export AIRFLOW__API_AUTH__JWT_SECRET AIRFLOW__API__SECRET_KEY AIRFLOW__CORE__FERNET_KEY
unset password
# Airflow opens its accounts file for writing, and a secret is read-only.
accounts=${AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE:?}
mkdir -p "$(dirname "$accounts")"
(umask 077 && read_secret accounts.json > "$accounts")
exec "$@"
