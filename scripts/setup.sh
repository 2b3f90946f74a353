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
# Keeps runs from the workspace's files. Runs do without where it is missing, and say so.
optional=()
command -v bwrap >/dev/null || optional+=(bubblewrap)
[ ${#missing[@]} -eq 0 ] && [ ${#optional[@]} -eq 0 ] && exit 0

if ! command -v apt-get >/dev/null; then
    [ ${#missing[@]} -eq 0 ] && exit 0
    echo "Error: these packages are missing: ${missing[*]}. Install them by your system's means." >&2
    exit 1
fi
sudo=()
[ "$(id -u)" -eq 0 ] || sudo=(sudo)
# For what is optional alone, nobody is asked for a password.
[ ${#missing[@]} -gt 0 ] || [ ${#sudo[@]} -eq 0 ] || sudo=(sudo -n)
install() {
    "${sudo[@]}" apt-get update -qq && "${sudo[@]}" apt-get install -y -qq "$@"
}
[ ${#missing[@]} -eq 0 ] || install "${missing[@]}"
[ ${#optional[@]} -eq 0 ] || install "${optional[@]}" ||
    echo "Note: ${optional[*]} could not be installed. Runs will not be isolated." >&2
