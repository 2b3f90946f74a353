#!/usr/bin/env bash
# Sends generated requests to a server over a new workspace, and finds answers that are no answers: a status from 500 on,
# or anything that the server's own description does not tell of. Usage: fuzz-api.sh HUSH SCHEMATHESIS [SEED]
set -euo pipefail

hush=$(realpath "$1")
schemathesis=$(realpath -s "$2")
seed=${3:-$RANDOM}
folder=$(mktemp -d)
server=
finish() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    rm -rf "$folder"
}
trap finish EXIT

cd "$folder"
export HUSH_HOME=$folder/home
"$hush" init --admin root@example.com >/dev/null
"$hush" secrets create-scope payments
printf tok_live_5f2a | "$hush" secrets put-secret payments api-key
token=$("$hush" tokens create 2>/dev/null)
"$hush" serve --listen 127.0.0.1:0 2>"$folder/log" &
server=$!
until url=$(sed -n 's/^Listening on //p' "$folder/log") && [ -n "$url" ]; do
    kill -0 "$server" || { cat "$folder/log" >&2; exit 1; }
    sleep 0.1
done

echo "seed $seed"
"$schemathesis" run "$url/api/2.0/hush/openapi.json" --header "Authorization: Bearer $token" --seed "$seed" \
    --max-examples 50 --phases examples,coverage,fuzzing --no-color --warnings off \
    --checks not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance
# The record of all of it is intact, and the server is well.
curl --silent --fail "$url/health" >/dev/null
"$hush" verify
