#!/usr/bin/env bash
# What `check` costs with every format at once against one format, in turns in one run: formats-cost [ROUNDS]
# Needs a built backout (build/release, or $BACKOUT). Prints the ratio of the medians last.
set -euo pipefail
exec python3 bench/formats_cost.py "${1:-15}" "${BACKOUT:-build/release/backout}" plans/*/plan.yaml
