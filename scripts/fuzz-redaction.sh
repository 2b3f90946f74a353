#!/usr/bin/env bash
# Looks for inputs that redaction does not treat as its reference does, by libFuzzer: fuzz-redaction.sh SCRATCH SECONDS
# What it finds is written to SCRATCH/finding-*; SCRATCH/corpus is gone on with the next time.
set -euo pipefail
scratch=$1 seconds=$2
mkdir -p "$scratch/corpus" "$scratch/CScanning"
clang -O2 -fsanitize=fuzzer-no-link -ISources/CScanning/include -c Sources/CScanning/Grams.c -o "$scratch/Grams.o"
clang -O2 -fsanitize=fuzzer-no-link -ISources/CScanning/include -c Sources/CScanning/Signs.c -o "$scratch/Signs.o"
cp Sources/CScanning/include/CScanning.h "$scratch/CScanning/"
echo 'module CScanning { header "CScanning.h" export * }' > "$scratch/CScanning/module.modulemap"

# compile MODULE FOLDER
compile() {
    mapfile -t files < <(find "$2" -name '*.swift')
    swiftc -O -wmo -parse-as-library -package-name hush -swift-version 6 -enable-upcoming-feature ExistentialAny \
        -enable-upcoming-feature InternalImportsByDefault -enable-upcoming-feature MemberImportVisibility \
        -sanitize=fuzzer -I "$scratch" -I "$scratch/CScanning" -module-name "$1" \
        -emit-module -emit-module-path "$scratch/$1.swiftmodule" -c -o "$scratch/$1.o" "${files[@]}"
}
compile SecretMemory Sources/SecretMemory
compile Redaction Sources/Redaction
compile RedactionReference Tests/RedactionReference
compile RedactionFuzzing Tests/RedactionFuzzing
swiftc -sanitize=fuzzer "$scratch"/*.o -o "$scratch/redaction-fuzzing"
SWIFT_BACKTRACE=enable=no exec "$scratch/redaction-fuzzing" "$scratch/corpus" -max_total_time="$seconds" -max_len=400 \
    -timeout=20 -artifact_prefix="$scratch/finding-" -print_final_stats=1
