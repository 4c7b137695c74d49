#!/usr/bin/env python3
"""Times `check` with one format and with all, in turns: formats_cost.py ROUNDS BACKOUT PLAN... Prints the ratio last."""
import os
import statistics
import subprocess
import sys
import tempfile

ALL = "text json jsonl sarif junit github gitlab rdjson markdown html dot".split()


def cpu_seconds(command):
    """Processor time of one run: what other programs do does not count. Statuses 0, 1 and 4 are verdicts."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 1, 4):
        sys.exit("failed: " + " ".join(command[:3]))
    return usage.ru_utime + usage.ru_stime


def main():
    rounds, backout, plans = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
    with tempfile.TemporaryDirectory() as folder:
        def check(plan, formats):
            words = [word for name in formats for word in ("--format", name, "--output", os.path.join(folder, name))]
            return [backout, "check", plan] + words

        totals = [0.0, 0.0]
        for plan in plans:
            commands = check(plan, ["json"]), check(plan, ALL)
            times = [[], []]
            for _ in range(rounds):
                for one, command in zip(times, commands):
                    one.append(cpu_seconds(command))
            one, every = (statistics.median(each) for each in times)
            totals = [totals[0] + one, totals[1] + every]
            print("%-32s one format %.3f s, all %d %.3f s: %.2f" % (plan, one, len(ALL), every, every / one))
        print("ratio all formats/one format: %.2f" % (totals[1] / totals[0]))


if __name__ == "__main__":
    main()
