#!/bin/sh
# Builds the programs that the monitor loads into the kernel, for one byte order: little-endian machines (x86-64, aarch64).
# With --check it builds nothing but compares: the object in the repository must be what its source gives.
set -eu
cd "$(dirname "$0")"
out=monitor.bpf.o
[ "${1:-}" = --check ] && out=$(mktemp)
# -g: the types that the loader puts right by the kernel's; paths of this machine stay out of it
clang -target bpfel -O2 -g -Wall -Werror -ffile-prefix-map="$PWD=." -fdebug-compilation-dir=. -c monitor.bpf.c -o "$out"
llvm-strip -g "$out"
if [ "${1:-}" = --check ]; then
    # versions of clang choose registers differently; the instructions count, and those of the same version are the same
    cmp "$out" monitor.bpf.o && rm -f "$out"
fi
