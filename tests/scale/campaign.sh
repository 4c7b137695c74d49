# shellcheck shell=bash disable=SC2034
# Sourced by the tests of this folder: a campaign, its result on one machine, and a backout whose shard 3 dies once.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
export BACKOUT_REAL=$1 BACKOUT_DEAD=$work/dead
plan=$root/plans/call-sid/plan.yaml
shards=5
campaign=(--runs 100003 --seed 7)
fail() { echo "FAILED: $*" >&2; exit 1; }

mkdir "$work/bin"
cat >"$work/bin/backout" <<'SHIM'
#!/usr/bin/env bash
# The shard 3 is given more to do than it can, and killed while it does, the first time; all else is backout.
shard=${SLURM_ARRAY_TASK_ID:-${PARALLEL_SEQ:-}}
if [ "$1" = simulate ] && [ "$shard" = 3 ] && mkdir "$BACKOUT_DEAD" 2>/dev/null; then
  if [ -n "${BACKOUT_NODES:-}" ]; then  # the whole node dies: its daemon, the job's own, and this
    kill -9 "$(cat "$BACKOUT_NODES/slurmd.$SLURMD_NODENAME.pid")" "$(ps -o ppid= -p $PPID)" && kill -9 0
  fi
  "$BACKOUT_REAL" "${@/#100003/100000000000}" &
  sleep 0.3
  kill -9 $!
  wait $!
  exit
fi
exec "$BACKOUT_REAL" "$@"
SHIM
chmod +x "$work/bin/backout"
export PATH=$work/bin:$PATH
"$BACKOUT_REAL" simulate "$plan" "${campaign[@]}" --fail-on never --unknown ignore --format json --output "$work/alone.json" ||
  fail "the campaign on one machine: $?"
