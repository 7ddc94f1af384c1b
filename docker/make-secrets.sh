#!/bin/sh
# Makes the secrets of the stack once, in docker/secrets/ (never committed). Existing ones are kept.
set -eu
umask 077
folder=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)/secrets
mkdir -p "$folder"

make_secret() {
    [ -s "$folder/$1" ] || printf %s "$2" > "$folder/$1"
}

random_hex() {
    od -An -v -tx1 -N "$1" /dev/urandom | tr -d ' \n'
}

make_secret jwt_secret "$(random_hex 64)"
make_secret api_secret_key "$(random_hex 32)"
make_secret fernet_key "$(head -c 32 /dev/urandom | base64 | tr '+/' '-_')"
for name in postgres_password redis_password serving_password; do
    make_secret "$name" "$(random_hex 24)"
done
# Where alerts go (docs/operations.md), addresses one a line: nowhere until somebody says so.
make_secret alert_urls "#nowhere"
# The people's: Airflow's accounts, then Superset's. Two people sign an edition, so there are two beside the administrator.
# Superset asks for letters of both cases, digits and a sign.
for name in airflow_admin_password airflow_statistics_officer_password airflow_bureau_leader_password \
    superset_secret_key superset_metadata_password superset_admin_password superset_county_password superset_research_password \
    bi_county_password bi_research_password; do
    make_secret "$name" "$(random_hex 24)-Aa1"
done
# The containers run as other users and must read the files; on this machine nobody else gets into the folder.
chmod 0644 "$folder"/*
chmod 0700 "$folder"
echo "secrets are in $folder; passwords to log in with: airflow_<account>_password, superset_<account>_password"
