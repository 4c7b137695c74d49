#!/usr/bin/env bash
# every state of the lanes model, unreduced: states a second of backout over SPIN's, memory a state; LANES STEPS (4 4)
set -euo pipefail
source bench/lib/build.sh backout lanes
command -v spin > /dev/null || scripts/setup test
python3 bench/search_pair.py "${ROUNDS:-3}" "${1:-4}" "${2:-4}" "$PWD/build/bench/bench/lanes" "$PWD/build/bench/backout"
