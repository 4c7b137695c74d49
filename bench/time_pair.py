#!/usr/bin/env python3
"""Times programs in turns: time_pair.py ROUNDS FOLDER BACKOUT SQUAWK SQUAWK_BY_NPM. Prints the ratios of medians last."""
import glob
import os
import resource
import statistics
import subprocess
import sys
import time


def run(command):
    """Seconds, and the largest resident size in MB, of one run. A status of 0 or 1 (findings) is a good one."""
    start = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - start
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        sys.exit("failed: " + " ".join(command[:3]))
    return seconds, usage.ru_maxrss / 1024


def main():
    rounds, (folder, backout, squawk, squawk_by_npm) = int(sys.argv[1]), sys.argv[2:6]
    small = sorted(glob.glob(os.path.join(folder, "small", "*.sql")))
    # 10,000 paths are longer than what the usual limit of the stack lets a command line have.
    resource.setrlimit(resource.RLIMIT_STACK, (64 << 20, resource.getrlimit(resource.RLIMIT_STACK)[1]))
    jobs = {
        "backout": [backout, "migrations", os.path.join(folder, "small")],
        "squawk": [squawk] + small,
        "squawk by npm": [squawk_by_npm] + small,
        "backout, 10 times as many": [backout, "migrations", os.path.join(folder, "large")],
        "backout, one pair": [backout, "migrations", os.path.join(folder, "one")],
        "backout --version": [backout, "--version"],
    }
    times = {name: [] for name in jobs}
    memory = dict.fromkeys(jobs, 0.0)
    for _ in range(rounds):
        for name, command in jobs.items():
            seconds, megabytes = run(command)
            times[name].append(seconds)
            memory[name] = max(memory[name], megabytes)
    median = {name: statistics.median(values) for name, values in times.items()}
    for name in jobs:
        print("%-26s median %.3f s, fastest %.3f s, %.0f MB" % (name, median[name], min(times[name]), memory[name]))
    print("growth from 1,000 to 10,000 files: %.1f times" % (median["backout, 10 times as many"] / median["backout"]))
    print("ratio backout/squawk by npm: %.2f" % (median["backout"] / median["squawk by npm"]))
    print("ratio backout/squawk: %.2f" % (median["backout"] / median["squawk"]))


if __name__ == "__main__":
    main()
