#!/usr/bin/env bash
# Builds the release and prints what it does beside its ceilings, in one run: bench.sh SCRATCH [SIZE [option...]]
set -euo pipefail
scratch=$1 size=${2:-full}
swift build -c release --static-swift-stdlib --scratch-path "$scratch" --product hush
swift build -c release --static-swift-stdlib --scratch-path "$scratch" --product hush-bench
exec "$scratch/release/hush-bench" run --hush "$scratch/release/hush" --cache "$scratch/benchmark-stores" \
    --size "$size" "${@:3}"
