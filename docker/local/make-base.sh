#!/bin/sh
# Where no registry is reachable: the base of all images, Debian with Python, made on this machine as `schoolhouse-base:bookworm`.
# Needs root, debootstrap and a docker engine. Mirrors and certificates are this machine's own (apt's configuration).
set -eu
image=schoolhouse-base:bookworm
if [ -n "$(docker image ls --quiet "$image")" ]; then
    echo "$image is there; to make it anew: docker image rm $image"
    exit 0
fi
if [ "$(id -u)" != 0 ] || ! command -v debootstrap >/dev/null; then
    echo "make-base.sh needs root and debootstrap: apt-get install debootstrap" >&2
    exit 69
fi
folder=$(mktemp -d "${TMPDIR:-/tmp}/schoolhouse-base.XXXXXX")
trap 'rm -rf "$folder"' EXIT
# The folder for temporary files is this machine's, not the new system's.
unset TMPDIR
root=$folder/root
# Archives of this release that apt knows here: the first carries the packages, the others their updates.
sources=$(apt-get indextargets --format 'deb $(REPO_URI) $(CODENAME) main' 'Created-By: Packages' 'Component: main' \
    | grep -E ' bookworm(-updates|-security)? main$' | sort -u || true)
mirror=$(printf '%s\n' "$sources" | awk '$3 == "bookworm" { print $2; exit }')
if [ -z "$mirror" ]; then
    echo "apt knows no archive of Debian bookworm here: add one to /etc/apt/sources.list.d and run apt-get update" >&2
    exit 69
fi
debootstrap --variant=minbase --include=ca-certificates,python3,python3-pip,python3-venv bookworm "$root" "$mirror" \
    >"$folder/log" || { tail -5 "$folder/log" >&2; exit 1; }
printf '%s\n' "$sources" >"$root/etc/apt/sources.list"
apt-config dump Acquire >"$root/etc/apt/apt.conf.d/90machine"
# An image that fails to be made is thrown away: nothing is worth a sync.
echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/unsafe-io"
DEBIAN_FRONTEND=noninteractive chroot "$root" sh -c \
    'apt-get update -qq && apt-get upgrade -y -qq --no-install-recommends && apt-get clean' >"$folder/log" 2>&1 </dev/null ||
    { tail -20 "$folder/log" >&2; exit 1; }
cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
# As in the image of Python's own project: `python`, and pip may install.
ln -s python3 "$root/usr/bin/python"
rm -f "$root"/usr/lib/python3*/EXTERNALLY-MANAGED
rm -rf "$root"/var/lib/apt/lists/* "$root"/usr/share/doc/* "$root"/usr/share/man/* "$root"/usr/share/locale/* "$root"/var/log/*
bundle=/etc/ssl/certs/ca-certificates.crt
tar -C "$root" -c . | docker import --change "ENV SSL_CERT_FILE=$bundle PIP_CERT=$bundle" --change 'CMD ["sh"]' - "$image"
