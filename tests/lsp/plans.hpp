#pragma once
// Small inputs of the sessions.

#include <string>

namespace backout::tests {

/// The text with the first `from` replaced.
inline std::string replaced(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

/// One finding: nothing asks which version answers. Everything restores.
inline constexpr const char* kPlan = R"(backout: 1
name: small
services:
  db: {kind: postgres, tables: {users: {columns: {id: int primary key}}}}
  api:
    kind: systemd
    unit: api
    versions:
      old: {operations: none}
      new: {operations: none}
    start: old
deploy:
  steps:
    - id: add
      do: migrate
      target: db
      add_column: users.locale text
      takes: 1m
      undo: drop
    - {id: ship, do: deploy, target: api, version: new, takes: 1m, undo: back, verify: {http: api/health, expect: 200}}
rollback:
  paths:
    full: {steps: [back, drop], full: true}
  steps:
    - {id: back, do: deploy, target: api, version: old, takes: 1m, verify: {version: old, of: api}}
    - {id: drop, do: migrate, target: db, drop_column: users.locale, takes: 1m, verify: {sql: "SELECT 1", on: db, expect: 1}}
)";

inline constexpr const char* kRunbook = R"(# Rollback

## Steps

1. Put the old schema back:

   ```bash
   psql "$DATABASE_URL" -f down.sql
   ```

2. Deploy the old version:

   ```bash
   git checkout main
   ```
)";

}  // namespace backout::tests
