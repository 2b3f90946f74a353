#!/usr/bin/env bash
# Installs what redaction is measured beside and measures it: bench-redaction.sh SCRATCH [SIZE]
set -euo pipefail
if ! command -v rg >/dev/null; then
    if ! command -v apt-get >/dev/null; then
        echo "Error: ripgrep is missing. Install it by your system's means." >&2
        exit 1
    fi
    sudo=()
    [ "$(id -u)" -eq 0 ] || sudo=(sudo)
    "${sudo[@]}" apt-get update -qq
    "${sudo[@]}" apt-get install -y -qq --no-install-recommends ripgrep >/dev/null
fi
venv=$1/benchmark-peers
if [ Benchmarks/Peers/requirements.txt -nt "$venv/ready" ]; then
    "${PYTHON:-python3}" -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check -r Benchmarks/Peers/requirements.txt
    touch "$venv/ready"
fi
HUSH_BENCH_PYTHON=$PWD/$venv/bin/python3 exec "$(dirname "$0")/bench.sh" "$1" "${2:-full}" --only redaction
