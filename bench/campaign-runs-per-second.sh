#!/usr/bin/env bash
# how many timed runs a second one core does on the model of 4 lanes x 4 steps, and on the four systems
set -euo pipefail
source bench/lib/build.sh backout lanes
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
build/bench/bench/lanes plan 4 4 > "$work/lanes.yaml"
rate() {  # PLAN RUNS THREADS: runs a second over the whole process, its start included
  local begin end
  begin=$(date +%s%N)
  build/bench/backout simulate "$1" --runs "$2" --threads "$3" --format json --output /dev/null --fail-on never --unknown ignore
  end=$(date +%s%N)
  echo $(( $2 * 1000000000 / (end - begin) ))
}
for plan in plans/*/plan.yaml; do
  echo "$plan: 1000000 runs at $(rate "$plan" 1000000 2) a second on two threads"
done
echo "lanes 4 x 4, 100,000 runs: $(rate "$work/lanes.yaml" 100000 1) a second on one thread"
best=0
for _ in 1 2 3; do
  one=$(rate "$work/lanes.yaml" 4000000 1)
  echo "lanes 4 x 4, 4,000,000 runs with faults and traffic: $one a second on one thread"
  [ "$one" -gt "$best" ] && best=$one
done
echo "$best"
