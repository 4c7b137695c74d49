#!/usr/bin/env python3
"""A plan of LANES x STEPS: parallel lanes of configuration changes with cross edges, undone in reverse, live writes besides."""
import sys

lanes, steps = int(sys.argv[1]), int(sys.argv[2])
print("backout: 1\nname: lanes\nservices:")
for lane in range(lanes):
    print(f'  conf{lane}: {{kind: config, items: {{a: "0"}}}}')
print("  db: {kind: postgres, tables: {orders: {columns: {id: int}}}}")
print("  api: {kind: app, uses: [db], versions: {v1: {inserts: {orders: [id]}}}, start: v1}")
print("deploy:\n  steps:")
for lane in range(lanes):
    for step in range(steps):
        needs = [f"d{lane}_{step - 1}"] if step else []
        if step == 2 and lane:
            needs.append(f"d{lane - 1}_1")
        print(f'    - {{id: d{lane}_{step}, do: set, target: conf{lane}, key: a, value: "{step + 1}", '
              f'needs: [{", ".join(needs)}], takes: 1-3m}}')
print("rollback:\n  steps:")
for lane in range(lanes):
    for step in reversed(range(steps)):
        needs = f"r{lane}_{step + 1}" if step + 1 < steps else ""
        print(f'    - {{id: r{lane}_{step}, do: set, target: conf{lane}, key: a, value: "{step}", needs: [{needs}], '
              f'undoes: [d{lane}_{step}], takes: 1-3m, timeout: 5m}}')
