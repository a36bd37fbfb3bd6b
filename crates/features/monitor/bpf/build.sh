#!/bin/sh
# Builds the programs that the monitor loads into the kernel, for little-endian machines (x86-64, aarch64).
# With --check the object in the repository must be what its source gives: byte for byte with the compiler that it was made
# with; another version of it chooses registers differently, so that the source is only compiled, and that is said.
set -eu
cd "$(dirname "$0")"
made_with=14
out=monitor.bpf.o
[ "${1:-}" = --check ] && out=$(mktemp)
# -g: the types that the loader puts right by the kernel's; paths of this machine stay out of it
clang -target bpfel -O2 -g -Wall -Werror -ffile-prefix-map="$PWD=." -fdebug-compilation-dir=. -c monitor.bpf.c -o "$out"
"$(command -v llvm-strip || command -v "llvm-strip-$made_with")" -g "$out"
if [ "${1:-}" = --check ]; then
    version=$(clang -dumpversion)
    if [ "${version%%.*}" = "$made_with" ]; then
        cmp "$out" monitor.bpf.o || { echo "bpf/monitor.bpf.o is not what monitor.bpf.c gives: run bpf/build.sh" >&2; exit 1; }
    else
        echo "bpf/monitor.bpf.o: not compared, it is made with clang $made_with and this is $version; the source compiles" >&2
    fi
    rm -f "$out"
fi
