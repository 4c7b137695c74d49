#!/usr/bin/env bash
# seconds of `check --faults 2` on the slowest of the plans of four systems, on one thread (wanted: below 2)
set -euo pipefail
source bench/lib/build.sh backout
worst=0
for plan in plans/*/*.yaml; do
  line="$plan:"
  for threads in 2 1; do
    best=999
    for _ in 1 2 3; do
      begin=$(date +%s%N)
      build/bench/backout check --faults 2 --threads "$threads" --format json --output /dev/null --fail-on never --unknown ignore "$plan" || true
      best=$(awk -v ns=$(($(date +%s%N) - begin)) -v best="$best" 'BEGIN {s = ns / 1e9; print (s < best ? s : best)}')
    done
    line="$line $best s on $threads"
  done
  echo "$line"
  worst=$(awk -v a="$worst" -v b="$best" 'BEGIN {print (a > b ? a : b)}')
done
echo "$worst"
