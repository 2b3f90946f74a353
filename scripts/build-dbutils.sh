#!/bin/sh
# Builds what notebooks import: DBUtils.swiftinterface and libDBUtils.so, into the folder TARGET_DIR.
#
# The interface loads in every compiler of Swift 6, and neither file depends on anything but Swift's own libraries.
# hush looks for them in ../lib/hush/swift beside its own folder, or in hush-dbutils in its own folder.
#
# Usage: scripts/build-dbutils.sh TARGET_DIR         (SWIFTC names the compiler; default: swiftc)
set -eu

if [ $# -ne 1 ]; then
    echo "usage: $0 TARGET_DIR" >&2
    exit 64
fi
target=$1
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
swiftc=${SWIFTC:-swiftc}

mkdir -p "$target"
work=$(mktemp -d "$target/.build-XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# The library carries no path of a toolchain, so what it uses itself is found only when the program names it too: the
# interface makes programs link these.
"$swiftc" -O -whole-module-optimization -swift-version 6 -module-name DBUtils \
    -Xfrontend -public-autolink-library -Xfrontend swiftSynchronization \
    -Xfrontend -public-autolink-library -Xfrontend swiftGlibc \
    -enable-library-evolution -emit-module-interface-path "$work/DBUtils.swiftinterface" \
    -emit-module-path "$work/DBUtils.swiftmodule" \
    -emit-library -o "$work/libDBUtils.so" -Xlinker -soname=libDBUtils.so -no-toolchain-stdlib-rpath \
    "$root"/Sources/DBUtils/*.swift

# Files that did not change keep their dates, so that notebooks compiled against them stay cached.
for file in libDBUtils.so DBUtils.swiftinterface; do
    if ! cmp -s "$work/$file" "$target/$file"; then
        mv -f "$work/$file" "$target/$file"
    fi
done
