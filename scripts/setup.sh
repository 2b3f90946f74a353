#!/usr/bin/env bash
# Installs the system packages that are missing, and says what to do where it cannot.
set -euo pipefail

if ! command -v swift >/dev/null; then
    echo "Error: there is no Swift toolchain. Install Swift 6.3 or newer and put it on the PATH." >&2
    exit 1
fi

missing=()
pkg-config --version >/dev/null 2>&1 || missing+=(pkg-config)
pkg-config --exists libcrypto 2>/dev/null || missing+=(libssl-dev)
pkg-config --exists sqlite3 2>/dev/null || missing+=(libsqlite3-dev)
[ ${#missing[@]} -eq 0 ] && exit 0

if ! command -v apt-get >/dev/null; then
    echo "Error: these packages are missing: ${missing[*]}. Install them by your system's means." >&2
    exit 1
fi
sudo=()
[ "$(id -u)" -eq 0 ] || sudo=(sudo)
"${sudo[@]}" apt-get update -qq
"${sudo[@]}" apt-get install -y -qq "${missing[@]}"
