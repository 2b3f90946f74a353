#!/usr/bin/env bash
# The main job on real input: a throw-away workspace, the scopes of scopes/demo, and the demo notebook, run by somebody
# who may read the secret and by somebody who may not. Ends by looking for the value wherever it must not be.
set -euo pipefail

hush=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

export HUSH_HOME="$work/home"
# A value of this run alone, so that finding it anywhere is a leak.
HUSH_DEMO_API_KEY="tok_live_$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')"
export HUSH_DEMO_API_KEY
value=$HUSH_DEMO_API_KEY

step() {
    printf '\n$ hush %s\n' "$*"
    "$hush" "$@" 2>&1 | tee -a "$work/output"
}

step init
step apply scopes/demo --yes
# The value is in the store now; nothing below gets it from the environment.
unset HUSH_DEMO_API_KEY
step secrets list-scopes
step secrets list-acls payments
step run notebooks/daily-revenue.swift --as ana@example.com --save "$work/out.ipynb"

printf '\n$ hush run notebooks/daily-revenue.swift --as bob@example.com\n'
status=0
"$hush" run notebooks/daily-revenue.swift --as bob@example.com >"$work/refused" 2>&1 || status=$?
tee -a "$work/output" <"$work/refused"
if [ "$status" -eq 0 ] || ! grep -q PERMISSION_DENIED "$work/refused"; then
    echo "Error: bob@example.com was not refused." >&2
    exit 1
fi
echo "(refused with exit code $status, as it should be)"

step audit who-read payments api-key
step audit verify

if ! grep -q '\[REDACTED\]' "$work/output"; then
    echo "Error: the notebook printed nothing that was redacted." >&2
    exit 1
fi
if grep -rlaF -- "$value" "$work"; then
    echo "Error: the value stands in the files above." >&2
    exit 1
fi
printf '\nThe value was printed by the notebook and appears nowhere: not in the output, the saved notebook, the store or the caches.\n'
