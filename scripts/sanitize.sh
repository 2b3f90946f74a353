#!/usr/bin/env bash
# Runs the tests of the core under the thread and the address sanitizer, each in a build folder of its own.
# The leak checker is off: it reports what the test harness leaves behind.
set -euo pipefail
targets=(SecretMemoryTests SecretCryptoTests SecretScopesTests ScopeStorageTests RedactionTests)
export SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=0

for sanitizer in "$@"; do
    scratch=.build-${sanitizer:0:1}san
    preloaded=
    swift build --build-tests --sanitize="$sanitizer" --scratch-path "$scratch"
    if [ "$sanitizer" = thread ]; then
        preloaded=$PWD/$scratch/mutex.so
        "$(dirname "$(readlink -f "$(command -v swift)")")/clang" -O1 -Wall -shared -fPIC \
            -o "$preloaded" scripts/sanitizers/mutex.c
    fi
    for target in "${targets[@]}"; do
        echo "== $target, $sanitizer sanitizer"
        LD_PRELOAD=$preloaded swift test --skip-build --sanitize="$sanitizer" --scratch-path "$scratch" \
            --filter "^$target\\." 2>&1
    done
done
echo "sanitize: no finding"
