#!/usr/bin/env bash
# Builds the release and prints what it does a second, beside its ceilings, in one run.
set -euo pipefail
scratch=$1
swift build -c release --static-swift-stdlib --scratch-path "$scratch" --product hush
swift build -c release --static-swift-stdlib --scratch-path "$scratch" --product hush-bench
"$scratch/release/hush-bench" "$scratch/release/hush"
