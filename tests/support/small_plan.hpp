#pragma once
// A plan of one step and its undo, for tests of the command line.

#include <string>

namespace backout::tests {

/// Deploys version v2 of one app; `step` is the only step of the rollback and says what `back`
/// says.
inline std::string small_plan_back(const std::string& back, const std::string& step = "back") {
  return R"(backout: 1
name: small
services:
  api: {kind: app, versions: {v1: {}, v2: {}}, start: v1}
objectives: {rto: 10m, rpo: 0}
deploy:
  steps:
    - {id: release, do: deploy, target: api, version: v2, ref: v2.0.0, takes: 2m, undo: )" +
         step + R"(}
rollback:
  paths: {full: {steps: [)" +
         step + R"(], full: true}}
  steps:
    - {id: )" +
         step + ", " + back + "}\n";
}

/// The rollback deploys `version` from `ref`.
inline std::string small_plan(const std::string& version = "v1", const std::string& ref = "v1.0.0",
                              const std::string& step = "back") {
  return small_plan_back("do: deploy, target: api, version: " + version + ", ref: '" + ref +
                             R"(', takes: 1-2m, timeout: 5m,
       verify: {http: api/health, expect: 200, version: )" +
                             version + "}",
                         step);
}

}  // namespace backout::tests
