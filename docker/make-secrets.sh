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

make_secret postgres_password "$(random_hex 24)"
make_secret jwt_secret "$(random_hex 64)"
make_secret api_secret_key "$(random_hex 32)"
make_secret fernet_key "$(head -c 32 /dev/urandom | base64 | tr '+/' '-_')"
# Accounts of the web interface, name: password. Two people sign an edition, so there are two.
make_secret accounts.json "$(printf '{"statistics_officer": "%s", "bureau_leader": "%s"}' "$(random_hex 12)" "$(random_hex 12)")"
# The containers run as another user and must read them.
chmod 0755 "$folder"
chmod 0644 "$folder"/*
echo "secrets are in $folder; the accounts of the web interface are in accounts.json"
