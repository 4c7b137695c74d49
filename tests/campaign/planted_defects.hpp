#pragma once
// Defects of rollbacks by class: what a plan with it has, and what the same plan has without it.

#include <string>
#include <vector>

#include "simulator/matrix.hpp"

namespace backout::simulator {

/// A step of a planted defect: its text behind the id, but for `needs`.
struct PlantedStep {
  const char* id;
  const char* text;
  std::vector<std::string> needs = {};
};

/// The parts of a plan that make a defect, or its absence.
struct PlantedParts {
  std::vector<PlantedStep> deploy;
  std::vector<PlantedStep> rollback;
};

struct Planted {
  const char* name;
  Verdict verdict;    ///< what the defect comes to
  const char* fault;  ///< the fault that it does not survive; empty: it shows without any
  std::vector<const char*> services;  ///< a line each
  PlantedParts bad;
  PlantedParts good;
  const char* more = "";  ///< other keys of the plan
  bool last = false;      ///< the last step of the rollback part is the last of the plan
};

namespace planted {

const char* const kConf = R"(target: {kind: config, items: {t: "1", v: "1"}})";
const char* const kCalls =
    "db: {kind: postgres, tables: {calls: {columns: {id: int, note: text}, rows: 3}}}";
const char* const kApi =
    "api: {kind: app, uses: [db], versions: {v1: {inserts: {calls: [id]}}, v2: {inserts: {calls: "
    "[id]}}}, start: v1}";
const char* const kTwoVersions =
    "api: {kind: app, uses: [db], versions: {v1: {inserts: {calls: [id]}}, v2: {inserts: {calls: "
    "[id, extra]}}}, "
    "start: v1}";
const char* const kTwoAlike = "site: {kind: app, versions: {v1: {}, v2: {}}, start: v1}";
const char* const kWorker = "jobs: {kind: worker}";
const char* const kNewMayStay =
    "residue: [{path: db.tables.calls.columns.extra, reason: new}, {path: api.history, reason: "
    "log}]\n";

const PlantedStep kSet = {"p", "do: set, target: target, key: t, value: \"2\""};
const PlantedStep kCopy = {"copy", "do: backup, target: target, file: saved"};
const PlantedStep kSetAfterCopy = {"p", "do: set, target: target, key: t, value: \"2\"", {"copy"}};
const PlantedStep kAddColumn = {
    "p", "do: sql, target: db, text: \"ALTER TABLE calls ADD COLUMN extra text\""};
const PlantedStep kDropNotNull = {
    "p", "do: sql, target: db, text: \"ALTER TABLE calls ALTER COLUMN note DROP NOT NULL\""};
const PlantedStep kRelease = {"p2", "do: deploy, target: api, version: v2", {"p"}};
const PlantedStep kReleaseAlike = {"p", "do: deploy, target: site, version: v2"};
const char* const kAlikeBack = "do: deploy, target: site, version: v1, undoes: [p]";
const char* const kBack = "do: set, target: target, key: t, value: \"1\", undoes: [p]";
const char* const kRestore = "do: restore, target: target, from: saved";
/// Done twice it brings the bad state back.
const char* const kToggle =
    "do: restore, target: target, from: latest, backup_first: true, undoes: [p]";
const char* const kDeployBack = "do: deploy, target: api, version: v1, undoes: [p2]";
const char* const kSetNotNull =
    "do: sql, target: db, text: \"ALTER TABLE calls ALTER COLUMN note SET NOT NULL\", undoes: [p]";
const char* const kDropColumn =
    "do: sql, target: db, text: \"ALTER TABLE calls DROP COLUMN IF EXISTS extra\", undoes: [p]";
const char* const kNameAway =
    "do: rename_database, target: db, from: main, to: spare, on_failure: continue, undoes: [p2]";
const char* const kNameBack = "do: rename_database, target: db, from: aside, to: main, undoes: [p]";

inline std::vector<Planted> defects() {
  const PlantedParts from_copy = {{kCopy, kSetAfterCopy}, {{"q", kRestore}}};
  const PlantedParts toggle = {{kCopy, kSetAfterCopy}, {{"q", kToggle}}};
  const auto set_back = [](const char* text) { return PlantedParts{{kSet}, {{"q", text}}}; };
  const auto restore = [](const char* text) {
    return PlantedParts{{kCopy, kSetAfterCopy}, {{"q", text}}};
  };
  // Another database takes the place of the live one.
  const std::vector<PlantedStep> renamed = {
      {"p0", "do: create_database, target: db, name: spare"},
      {"p", "do: rename_database, target: db, from: main, to: aside", {"p0"}},
      {"p2", "do: rename_database, target: db, from: spare, to: main", {"p"}}};
  return {
      {"a step without an undo", Verdict::not_restored, "", {kConf}, {{kSet}, {}}, set_back(kBack)},
      {"an undo to the wrong value",
       Verdict::not_restored,
       "",
       {kConf},
       set_back("do: set, target: target, key: t, value: \"3\", undoes: [p]"),
       set_back(kBack)},
      {"a dropped column",
       Verdict::data_lost,
       "",
       {kCalls, kApi},
       {{{"p", "do: sql, target: db, text: \"ALTER TABLE calls DROP COLUMN note\""}},
        {{"q",
          "do: sql, target: db, text: \"ALTER TABLE calls ADD COLUMN note text\", undoes: [p], "
          "on_failure: continue"}}},
       {{kAddColumn}, {{"q", kDropColumn}}}},
      {"live writes block the undo",
       Verdict::stuck,
       "",
       {"db: {kind: postgres, tables: {calls: {columns: {id: int, note: text not null}, rows: 3}}}",
        "api: {kind: app, uses: [db], start: v1, versions: {v1: {inserts: {calls: [id, note]}}, "
        "v2: {inserts: {calls: "
        "[id]}}, "
        "v3: {inserts: {calls: [id, note]}}}}"},
       {{kDropNotNull, kRelease}, {{"q2", kDeployBack}, {"q", kSetNotNull, {"q2"}}}},
       {{kDropNotNull, {"p2", "do: deploy, target: api, version: v3", {"p"}}},
        {{"q2", kDeployBack}, {"q", kSetNotNull, {"q2"}}}},
       kNewMayStay},
      {"the schema goes back before the code",
       Verdict::incompatible,
       "",
       {kCalls, kTwoVersions},
       {{kAddColumn, kRelease}, {{"q", kDropColumn}, {"q2", kDeployBack, {"q"}}}},
       {{kAddColumn, kRelease}, {{"q2", kDeployBack}, {"q", kDropColumn, {"q2"}}}},
       kNewMayStay},
      {"an invariant broken on the way",
       Verdict::incompatible,
       "",
       {kConf},
       {{kSet},
        {{"q", "do: unset, target: target, key: v"},
         {"q2", "do: set, target: target, key: v, value: \"1\"", {"q"}},
         {"q3", kBack, {"q2"}}}},
       set_back(kBack),
       "invariants: {has_v: {fact: target.items.v, is: \"1\", when: always}}\n"},
      {"a rollback that goes round and round",
       Verdict::stuck,
       "",
       {kConf},
       {{kSet},
        {{"q0", "do: task, text: look"},
         {"q1", "do: restore, target: target, from: nowhere, on_failure: \"goto:q0\"", {"q0"}},
         {"q", kBack, {"q1"}}}},
       {{kSet}, {{"q0", "do: task, text: look"}, {"q", kBack, {"q0"}}}}},
      {"a command that nobody typed",
       Verdict::unknown,
       "",
       {kConf},
       set_back("do: run, command: ./back.sh, undoes: [p]"),
       set_back(kBack)},
      {"a rollback that takes too long",
       Verdict::too_slow,
       "",
       {kConf},
       set_back("do: set, target: target, key: t, value: \"1\", takes: 40m"),
       set_back("do: set, target: target, key: t, value: \"1\", takes: 4m"),
       "objectives: {rto: 30m}\n"},

      {"a failed start is passed over",
       Verdict::down,
       "fail",
       {kWorker},
       {{{"p", "do: stop, target: jobs"}},
        {{"q", "do: start, target: jobs, undoes: [p], on_failure: continue"}}},
       {{{"p", "do: stop, target: jobs"}},
        {{"q", "do: start, target: jobs, undoes: [p], on_failure: abort"}}}},
      {"a retry of what took effect and cannot be repeated",
       Verdict::not_restored,
       "fail_applied",
       {kConf},
       restore("do: restore, target: target, from: latest, backup_first: true, retry: 1"),
       restore("do: restore, target: target, from: saved, retry: 1")},
      {"half a restore is passed over",
       Verdict::not_restored,
       "half",
       {kConf},
       restore("do: restore, target: target, from: saved, on_failure: continue"),
       from_copy},
      {"a timeout is passed over",
       Verdict::not_restored,
       "timeout_none",
       {kConf},
       set_back("do: set, target: target, key: t, value: \"1\", timeout: 5m, on_failure: continue"),
       set_back("do: set, target: target, key: t, value: \"1\", timeout: 5m")},
      {"a retry after a timeout of what cannot be repeated",
       Verdict::not_restored,
       "timeout_applied",
       {kConf},
       restore(
           "do: restore, target: target, from: latest, backup_first: true, timeout: 5m, retry: 1"),
       restore("do: restore, target: target, from: saved, timeout: 5m, retry: 1")},
      {"a change that lands behind its undo",
       Verdict::not_restored,
       "late",
       {kConf},
       {{{"p", "do: set, target: target, key: t, value: \"2\", timeout: 5m"}},
        {{"q", "do: set, target: target, key: t, value: \"1\""},
         {"q2", "do: task, text: look", {"q"}}}},
       {{{"p", "do: set, target: target, key: t, value: \"2\", timeout: 5m"}},
        {{"q2", "do: task, text: look"},
         {"q", "do: set, target: target, key: t, value: \"1\"", {"q2"}}}},
       "",
       true},
      {"a runner that dies behind what cannot be repeated",
       Verdict::not_restored,
       "killed",
       {kConf},
       {{kCopy, kSetAfterCopy}, {{"q", kToggle}, {"q2", "do: task, text: look", {"q"}}}},
       {{kCopy, kSetAfterCopy}, {{"q", kRestore}, {"q2", "do: task, text: look", {"q"}}}}},
      {"a second run of what cannot be repeated",
       Verdict::not_restored,
       "second_run",
       {kConf},
       toggle,
       from_copy},
      {"success that nobody verifies",
       Verdict::not_restored,
       "lying_ok",
       {kConf},
       set_back(kBack),
       set_back("do: set, target: target, key: t, value: \"1\", undoes: [p], verify: [{fact: "
                "target.items.t, is: \"1\"}]")},
      {"success that one check verifies",
       Verdict::not_restored,
       "lying_check",
       {kConf},
       set_back("do: set, target: target, key: t, value: \"1\", verify: [{fact: target.items.t, "
                "is: \"1\"}]"),
       {{kSet},
        {{"q",
          "do: set, target: target, key: t, value: \"1\", verify: [{fact: target.items.t, is: "
          "\"1\"}]"},
         {"q2", "do: set, target: target, key: t, value: \"1\"", {"q"}}}}},
      {"a service that is down is passed over",
       Verdict::not_restored,
       "down",
       {kConf},
       set_back("do: set, target: target, key: t, value: \"1\", retry: 3, on_failure: continue"),
       set_back(kBack)},
      {"a copy that is the only way back",
       Verdict::stuck,
       "gone",
       {kConf},
       from_copy,
       {{kCopy, kSetAfterCopy},
        {{"q", "do: restore, target: target, from: saved, on_failure: continue"},
         {"q2", kBack, {"q"}}}}},
      {"a damaged copy that nobody looked at",
       Verdict::not_restored,
       "corrupt",
       {kConf},
       {{kCopy, kSetAfterCopy},
        {{"q", "do: restore, target: target, from: saved, on_failure: continue"},
         {"q2", kBack, {"q"}}}},
       {{kCopy, kSetAfterCopy},
        {{"q",
          "do: restore, target: target, from: saved, on_failure: continue, "
          "precheck: {service: target, fact: damaged.saved, is: absent}"},
         {"q2", kBack, {"q"}}}}},
      {"a copy older than the writes since",
       Verdict::data_lost,
       "stale",
       {"memory: {kind: sqlite, tables: {notes: 2}}",
        "writer: {kind: app, uses: [memory], versions: {v1: {operations: {remember: {write: notes, "
        "on: memory}}}}, "
        "start: v1}"},
       {{{"p", "do: write, target: memory, row: later"}},
        {{"q1", "do: stop, target: writer"},
         {"q2", "do: delete, target: memory, row: later", {"q1"}},
         {"q3", "do: backup, target: memory, file: saved", {"q2"}},
         {"q4", "do: restore, target: memory, from: saved", {"q3"}},
         {"q5", "do: start, target: writer", {"q4"}}}},
       {{{"p", "do: write, target: memory, row: later"}},
        {{"q1", "do: stop, target: writer"},
         {"q2", "do: delete, target: memory, row: later", {"q1"}},
         {"q5", "do: start, target: writer", {"q2"}}}}},
      {"a dump that its tool does not read",
       Verdict::not_restored,
       "wrong_format",
       {kCalls},
       {{{"copy", "do: backup, target: db, file: saved, format: plain"},
         {"p", kAddColumn.text, {"copy"}}},
        {{"q", "do: restore, target: db, from: saved, clean: true, tool: psql"}}},
       {{{"copy", "do: backup, target: db, file: saved, format: plain"},
         {"p", kAddColumn.text, {"copy"}}},
        {{"q",
          "do: restore, target: db, from: saved, clean: true, tool: psql, exit_on_error: true, "
          "on_failure: continue"},
         {"q2", kDropColumn, {"q"}}}}},
      {"a database that others are connected to",
       Verdict::stuck,
       "connected",
       {"db: {kind: postgres, database: main, tables: {calls: {columns: {id: int}}}}"},
       {renamed, {{"q", kNameAway}, {"q2", kNameBack, {"q"}}}},
       {renamed,
        {{"q", kNameAway},
         {"q0", "do: terminate_connections, target: db, undoes: [p2]", {"q"}},
         {"q1", kNameAway, {"q0"}},
         {"q2", kNameBack, {"q1"}}}}},
      {"a cache that nobody clears",
       Verdict::not_restored,
       "cached",
       {"read: {kind: config, items: {t: \"1\"}, read_by: reader}",
        "reader: {kind: app, versions: {v1: {}}, start: v1}"},
       {{{"p", "do: set, target: read, key: t, value: \"2\""}},
        {{"q", "do: set, target: read, key: t, value: \"1\""}}},
       {{{"p", "do: set, target: read, key: t, value: \"2\""}},
        {{"q", "do: set, target: read, key: t, value: \"1\""},
         {"q2", "do: reload, target: read", {"q"}}}}},
      {"an old instance that goes on",
       Verdict::not_restored,
       "lingering",
       {kCalls, kTwoVersions},
       {{kAddColumn, kRelease}, {{"q2", kDeployBack}, {"q", kDropColumn, {"q2"}}}},
       {{kAddColumn, kRelease},
        {{"q2", kDeployBack},
         {"q3", "do: restart, target: api, undoes: [p2]", {"q2"}},
         {"q", kDropColumn, {"q3"}}}},
       kNewMayStay},
      {"a version that serves nobody, and nobody asks",
       Verdict::down,
       "unhealthy",
       {kTwoAlike},
       {{kReleaseAlike}, {{"q", kAlikeBack}}},
       {{kReleaseAlike},
        {{"q",
          "do: deploy, target: site, version: v1, undoes: [p], verify: {http: site/health, expect: "
          "200}"}}}},
  };
}

}  // namespace planted
}  // namespace backout::simulator
