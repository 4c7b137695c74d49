#!/usr/bin/env python3
"""Searches of the same model by backout and by SPIN, in turns: search_pair.py ROUNDS LANES STEPS LANES_PROGRAM BACKOUT.

Prints states a second (CPU time) and bytes a state of each (peak of resident memory), then backout's rates over SPIN's on
its model by hand: on two threads (elapsed time, with and without loading the plan), and last on one.
"""
import os
import re
import subprocess
import sys
import tempfile
import time


class Job:
    def __init__(self, name, command, states, folder):
        self.name, self.command, self.pattern, self.folder = name, command, states, folder
        self.cpu = self.elapsed = self.memory = self.search = float("inf")

    def run(self):
        begin = time.monotonic()
        process = subprocess.Popen(self.command, cwd=self.folder, stdout=subprocess.PIPE, text=True)
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        if status != 0:
            sys.exit("failed: %s\n%s" % (" ".join(self.command), output))
        self.elapsed = min(self.elapsed, time.monotonic() - begin)
        self.cpu = min(self.cpu, usage.ru_utime + usage.ru_stime)
        self.memory = min(self.memory, usage.ru_maxrss * 1024)
        alone = re.search(r"([0-9.]+) s of search alone", output)
        self.search = min(self.search, float(alone.group(1)) if alone else self.search)
        self.states = int(re.search(self.pattern, output).group(1))

    def __str__(self):
        return "%-34s %9d states, %.2f s, %.2f M states/s, %.1f bytes a state" % (
            self.name, self.states, self.cpu, self.states / self.cpu / 1e6, self.memory / self.states)


def pan(folder, name, model):
    """SPIN's program for a model: all states, no reduction, otherwise as SPIN makes it."""
    with open(os.path.join(folder, "model.pml"), "w") as file:
        file.write(model)
    subprocess.run(["spin", "-a", "model.pml"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["gcc", "-O2", "-w", "-DSAFETY", "-DNOREDUCE", "-DMEMLIM=16000", "-o", name, "pan.c"], cwd=folder,
                   check=True)
    return [os.path.join(folder, name), "-m100000", "-w24"]


def main():
    rounds, size, (lanes, backout) = int(sys.argv[1]), sys.argv[2:4], sys.argv[4:6]
    with tempfile.TemporaryDirectory() as folder:
        def output(*command):
            return subprocess.run(command, cwd=folder, check=True, stdout=subprocess.PIPE, text=True).stdout
        with open(os.path.join(folder, "plan.yaml"), "w") as file:
            file.write(output(lanes, "plan", *size))
        ours, stored = r"^(\d+) states", r"(\d+) states, stored"
        jobs = [
            Job("backout", [lanes, "full", *size], ours, folder),
            Job("backout, 2 threads", [lanes, "full", *size, "2"], ours, folder),
            Job("SPIN, the model by hand", pan(folder, "hand", output(lanes, "promela", *size)), stored, folder),
            Job("SPIN, the same states (export)",
                pan(folder, "same", output(backout, "export", "--promela", "plan.yaml")), stored, folder),
        ]
        for _ in range(rounds):
            for job in jobs:
                job.run()
        for job in jobs:
            print(job)
        one, two, hand, same = jobs
        print("bytes a state: %.2f of SPIN's by hand, %.2f of SPIN's on the same states" % (
            one.memory / one.states / (hand.memory / hand.states), one.memory / one.states / (same.memory / same.states)))
        print("states a second, of SPIN's on the same states: %.1f" % (
            one.states / one.cpu / (same.states / same.cpu)))
        print("2 threads, of one: %.2f; the search alone: %.2f" % (one.elapsed / two.elapsed, one.search / two.search))
        print("%.2f" % (one.states / one.cpu / (hand.states / hand.cpu)))


if __name__ == "__main__":
    main()
