#!/bin/sh
# Makes the dashboards' secrets of the compose stack once, in docker/secrets/ (never committed). Existing ones are kept.
set -eu
umask 077
folder=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)/docker/secrets
mkdir -p "$folder"

for name in serving_password superset_secret_key superset_metadata_password superset_admin_password \
    superset_county_password superset_research_password bi_county_password bi_research_password; do
    # Superset asks for letters of both cases, digits and a sign.
    [ -s "$folder/$name" ] || printf '%s-Aa1' "$(od -An -v -tx1 -N 24 /dev/urandom | tr -d ' \n')" > "$folder/$name"
done
# The containers run as another user and must read them.
chmod 0755 "$folder"
chmod 0644 "$folder"/*
echo "secrets are in $folder; the accounts of the dashboards are admin, county and research: superset_<account>_password"
