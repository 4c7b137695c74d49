#!/usr/bin/env bash
# milliseconds of the reduced search of 4 lanes x 5 steps (wanted: below 100)
set -euo pipefail
source bench/lib/build.sh lanes
for _ in 1 2 3 4 5; do build/bench/bench/lanes reduced 4 5; done | best
