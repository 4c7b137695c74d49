"""formats_test.py PROGRAM: every format end to end, on plans and migrations with hostile names."""
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree
from pathlib import Path

PROGRAM = os.path.abspath(sys.argv.pop(1))
HOSTILE = "a\\u0007<b>\\\"'&]]>%0A::error::\\n|`x`,y:z\\r\\ufffe"
# The name of a plan is one line without control characters.
NAME = "a<b>\\\"'&]]>%0A::error::|`x`,y:z"
PLAN = """backout: 1
name: "%s"
services:
  api: {kind: app, versions: {v1: {}, v2: {}}, start: v1}
objectives: {rto: 10m, rpo: 0}
deploy:
  steps:
    - {id: release, do: deploy, target: api, version: v2, ref: v2.0.0, takes: 2m, undo: back}
rollback:
  paths: {full: {steps: [script, back], full: true}}
  steps:
    - {do: run, command: "%s", id: script, takes: 1m, timeout: 5m}
    - {id: back, do: deploy, target: api, version: v1, ref: "git:main", takes: 1-2m, timeout: 5m,
       verify: {http: api/health, expect: 200, version: v1}}
""" % (NAME, HOSTILE)
BAD = """backout: 1
name: bad
services:
  api: {kind: app, versions: {v1: {}, v2: {}}, start: v1}
deploy:
  steps:
    - {id: release, do: deploy, target: api, version: v2, ref: v2.0.0, takes: 2m, undo: back}
rollback:
  paths: {full: {steps: [back], full: true}}
  steps:
    - {id: back, do: deploy, target: api, version: v2, ref: v2.0.0, takes: 1-2m, timeout: 5m}
"""
UP = b"CREATE TABLE t (a int);\n"
DOWN = b"-- \xff\xfe\nSELECT 1;\n"
PLAN_FORMATS = ["text", "concise", "json", "sarif", "junit", "github", "gitlab", "markdown", "rdjson", "jsonl", "dot"]
MIGRATION_FORMATS = ["text", "concise", "json", "sarif", "junit", "github", "gitlab", "rdjson", "markdown"]


class Formats(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.root = Path(self.folder.name)

    def write(self, name, content):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def run_backout(self, *words, text=b"", environment=None):
        done = subprocess.run([PROGRAM, *map(str, words)], input=text, capture_output=True, cwd=self.root,
                              env=environment, check=False)
        self.assertIn(done.returncode, (0, 1, 4), done.stderr)
        return done.stdout

    def check(self, name, *plans):
        return self.run_backout("check", "--format", name, *plans).decode()

    def migrations(self, name):
        folder = b"mi<g>&\"\xff,%:\n"
        os.makedirs(os.path.join(os.fsencode(self.root), folder), exist_ok=True)
        for ending, content in ((b"up", UP), (b"down", DOWN)):
            Path(os.fsdecode(os.path.join(os.fsencode(self.root), folder, b"001_t." + ending + b".sql"))).write_bytes(content)
        return self.run_backout("migrations", "--format", name, os.fsdecode(folder))

    def test_every_format_is_utf8_and_says_the_same_twice(self):
        self.write("a,b:%.yaml", PLAN)
        for name in PLAN_FORMATS:
            self.assertEqual(self.check(name, "a,b:%.yaml"), self.check(name, "a,b:%.yaml"), name)
            self.assertTrue(self.check(name, "a,b:%.yaml"), name)
        for name in MIGRATION_FORMATS:
            if name != "text":  # which shows the bytes of the file as they are
                self.assertTrue(self.migrations(name).decode(), name)

    def test_junit_counts_what_it_holds(self):
        self.write("p.yaml", PLAN)
        self.write("bad.yaml", BAD)
        for text in (self.check("junit", "p.yaml", "bad.yaml"), self.migrations("junit").decode()):
            suites = list(xml.etree.ElementTree.fromstring(text))
            self.assertTrue(suites)
            for suite in suites:
                self.assertEqual(int(suite.get("tests")), len(suite.findall("testcase")))
                self.assertEqual(int(suite.get("failures")), len(suite.findall("testcase/failure")))
                self.assertEqual(int(suite.get("skipped")), len(suite.findall("testcase/skipped")))
            self.assertGreater(sum(int(suite.get("failures")) for suite in suites), 0)

    def test_github_gives_one_line_per_finding_with_every_property_escaped(self):
        self.write("a,b:%.yaml", PLAN)
        count = len(json.loads(self.check("json", "a,b:%.yaml"))["findings"])
        lines = self.check("github", "a,b:%.yaml").splitlines()
        self.assertEqual(len(lines), count)
        for line in lines + self.migrations("github").decode().splitlines():
            self.assertRegex(line, r"^::(notice|warning|error) file=[^,:]+,line=\d+,endLine=\d+,col=\d+,endColumn=\d+,"
                                   r"title=backout [a-z-]+::.+$")
        self.assertIn("file=a%2Cb%3A%25.yaml", lines[0])

    def test_gitlab_has_its_required_keys_and_unique_fingerprints(self):
        self.write("bad.yaml", BAD)
        for text in (self.check("gitlab", "bad.yaml", "bad.yaml"), self.migrations("gitlab")):
            issues = json.loads(text)
            self.assertTrue(issues)
            self.assertEqual(len({each["fingerprint"] for each in issues}), len(issues))
            for each in issues:
                self.assertTrue(each["description"] and each["check_name"])
                self.assertIn(each["severity"], ("info", "minor", "major", "critical", "blocker"))
                self.assertIsInstance(each["location"]["lines"]["begin"], int)

    def test_concise_has_a_line_for_each_finding_and_nothing_else(self):
        self.write("a\nb.yaml", BAD)
        found = json.loads(self.check("json", "a\nb.yaml"))["findings"]
        lines = self.check("concise", "a\nb.yaml").splitlines()
        self.assertEqual(len(lines), len(found))
        for line, finding in zip(lines, found):
            self.assertRegex(line, r"^a\\u000ab\.yaml:\d+:\d+: (error|warning|note)\[[a-z-]+\] .")
            self.assertIn(f"[{finding['rule']}]", line)
        self.assertTrue(self.migrations("concise"))

    def test_rdjson_counts_columns_in_bytes(self):
        self.write("bad.yaml", PLAN.replace(HOSTILE, "äöü"))
        there = json.loads(self.check("rdjson", "bad.yaml"))
        here = json.loads(self.check("json", "bad.yaml"))["findings"]
        lines = (self.root / "bad.yaml").read_bytes().split(b"\n")
        self.assertEqual(there["source"]["name"], "backout")
        self.assertEqual(len(there["diagnostics"]), len(here))
        differ = 0
        for diagnostic, finding in zip(there["diagnostics"], here):
            for end, prefix in (("start", ""), ("end", "end_")):
                place = diagnostic["location"]["range"][end]
                self.assertEqual(place["line"], finding[prefix + "line"])
                before = lines[place["line"] - 1][: place["column"] - 1]
                self.assertEqual(len(before.decode()) + 1, finding[prefix + "column"])
                differ += place["column"] != finding[prefix + "column"]
            self.assertIn(diagnostic["severity"], ("INFO", "WARNING", "ERROR"))
            self.assertEqual(diagnostic["code"]["value"], finding["rule"])
        self.assertGreater(differ, 0)
        self.assertTrue(json.loads(self.migrations("rdjson"))["diagnostics"])

    def test_markdown_rows_have_the_cells_of_their_head(self):
        self.write("p.yaml", PLAN)
        text = self.check("markdown", "p.yaml")
        self.assertNotIn("<b>", text)
        width = 0
        rows = 0
        for line in text.splitlines():
            cells = len(re.findall(r"(?<!\\)\|", line)) if line.startswith("|") else 0
            self.assertTrue(cells == 0 or width in (0, cells), line)
            width = cells
            rows += cells > 0
        self.assertGreater(rows, 4)

    def test_markdown_of_migrations_has_a_row_for_what_is_not_honest(self):
        text = self.migrations("markdown").decode()
        self.assertIn("1 judged: 0 honest, **1 broken**, 0 unknown.", text)
        self.assertRegex(text, r"\| 001\\_t \| broken \|")
        self.assertNotIn("<g>", text)

    def test_several_formats_at_once(self):
        self.write("bad.yaml", BAD)
        out = self.run_backout("check", "bad.yaml", "--format", "json", "--output", "a.json",
                               "--format", "junit", "--output", "b.xml", "--format", "text")
        self.assertEqual(out.decode(), self.check("text", "bad.yaml"))
        self.assertEqual((self.root / "a.json").read_text(), self.check("json", "bad.yaml"))
        self.assertEqual((self.root / "b.xml").read_text(), self.check("junit", "bad.yaml"))


if __name__ == "__main__":
    unittest.main()
