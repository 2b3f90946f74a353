#!/usr/bin/env bash
# Installs wrk and nginx where they are missing and measures the server beside them: bench-server.sh SCRATCH [SIZE]
set -euo pipefail
missing=()
command -v wrk >/dev/null || missing+=(wrk)
command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] || missing+=(nginx-light)
if [ ${#missing[@]} -gt 0 ]; then
    if ! command -v apt-get >/dev/null; then
        echo "Error: these packages are missing: ${missing[*]}. Install them by your system's means." >&2
        exit 1
    fi
    sudo=()
    [ "$(id -u)" -eq 0 ] || sudo=(sudo)
    "${sudo[@]}" apt-get update -qq
    # nginx is started by the measurement alone.
    "${sudo[@]}" apt-get install -y -qq --no-install-recommends -o Dpkg::Options::=--force-confold \
        "${missing[@]}" >/dev/null
fi
exec "$(dirname "$0")/bench.sh" "$1" "${2:-full}" --only server
