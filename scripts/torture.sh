#!/usr/bin/env bash
# Runs the durability tests again and again for so many seconds, each round with another seed, and stops at a failure.
# TORTURE_SEED=N repeats the round of that seed alone; TORTURE_SCALE=N tries N times as much a round as `make test`.
set -euo pipefail
seconds=$1
export TORTURE_SCALE=${TORTURE_SCALE:-4}
only=${TORTURE_SEED:-}

swift build --build-tests
trap 'echo "torture: failed with TORTURE_SEED=${TORTURE_SEED:-} TORTURE_SCALE=$TORTURE_SCALE" >&2' ERR
round=0
while [ "$round" -eq 0 ] || { [ -z "$only" ] && [ "$SECONDS" -lt "$seconds" ]; }; do
    round=$((round + 1))
    export TORTURE_SEED=${only:-$(od -An -N6 -tu8 /dev/urandom | tr -d ' ')}
    echo "== torture: round $round, TORTURE_SEED=$TORTURE_SEED TORTURE_SCALE=$TORTURE_SCALE"
    SWIFT_BACKTRACE=enable=no swift test --skip-build --filter '^DurabilityTests\.' 2>&1
done
echo "torture: $round rounds without a finding"
