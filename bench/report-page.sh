#!/usr/bin/env bash
# How long a page of a generated plan takes to draw in Chromium: report-page [STEPS]
set -euo pipefail
steps=${1:-200}
source bench/lib/build.sh backout
backout=build/bench/backout
modules=build/bench/page
tests/page/install "$modules"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 - "$steps" >"$work/plan.json" <<'PLAN'
import json, sys
steps = int(sys.argv[1])
half = steps // 2
setting = lambda id, i, value, **more: {"id": id, "do": "set", "target": "conf", "key": f"k{i}", "value": value, "takes": "10-20s", **more}
deploy = [setting(f"set_{i}", i, "new", undo=f"back_{i}") for i in range(half)]
# The last undo is wrong: every place has a long run that shows it.
rollback = [setting(f"back_{i}", i, "old" if i > 0 else "older") for i in reversed(range(half))]
print(json.dumps({"backout": 1, "name": f"{steps} steps",
                  "services": {"conf": {"kind": "config", "items": {f"k{i}": "old" for i in range(half)}}},
                  "deploy": {"steps": deploy},
                  "rollback": {"steps": rollback, "paths": {"full": {"steps": [each["id"] for each in rollback], "full": True}}}}))
PLAN
"$backout" report "$work/plan.json" --output "$work/page.html" || [ $? -ne 2 ]
node "$modules/draw_time.mjs" "$work/page.html"
