#pragma once
// A plan whose rollback can leave workers stopped: what a fix with `always: true` mends.

#include <string>

namespace backout::tests {

inline const std::string kGo = "{id: go, do: start, target: mailer}";
inline const std::string kMendedGo = "{id: go, do: start, target: mailer, always: true}";

/// Workers that stay stopped when 'back' fails; `go` is the step that starts them, written as it
/// is.
inline std::string stopped_workers(const std::string& go = kGo, const std::string& rest = "") {
  return R"(backout: 1
name: workers-left-stopped
services:
  api: {kind: app, versions: {v1: {}, v2: {}}, start: v1}
  mailer: {kind: workers, uses: [api]}
deploy:
  steps:
    - {id: new, do: deploy, target: api, version: v2, undo: back}
rollback:
  paths: {full: [halt, back, go]}
  steps:
    - {id: halt, do: stop, target: mailer, drain: true}
    - {id: back, do: deploy, target: api, version: v1, on_failure: abort, verify: {version: v1}}
    - )" +
         go + "\n" + rest;
}

}  // namespace backout::tests
