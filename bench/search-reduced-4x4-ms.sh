#!/usr/bin/env bash
# milliseconds of the reduced search of 4 lanes x 4 steps (wanted: below 20)
set -euo pipefail
source bench/lib/build.sh lanes
for _ in 1 2 3 4 5; do build/bench/bench/lanes reduced 4 4; done | best
