#!/usr/bin/env bash
# 1,000 migration files, 5,000 statements: `backout migrations` judges them, squawk lints them, in turns, one run.
# Prints medians, memory, growth to 10,000 files, the time to start, and the ratios: to squawk as npm starts it, and last to its
# native program (below 1: backout is faster).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
backout=${BACKOUT:-$here/../build/release/backout}
rounds=${ROUNDS:-11}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[ -x "$backout" ] || { echo "build the release first: cmake --preset release && ninja -C build/release backout" >&2; exit 1; }
npm install --silent --no-audit --no-fund --prefix "$work/npm" squawk-cli@2 >/dev/null
# The native program, without the time that Node takes to start it.
squawk=$(find "$work/npm" -type f -name squawk -path '*squawk-cli/linux*' -size +1M | head -1)
python3 "$here/make_migrations.py" "$work/one" 1
python3 "$here/make_migrations.py" "$work/small" 500
python3 "$here/make_migrations.py" "$work/large" 5000
python3 "$here/time_pair.py" "$rounds" "$work" "$backout" "$squawk" "$work/npm/node_modules/.bin/squawk"
