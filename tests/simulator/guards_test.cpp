// What the deploy asks before it changes rows: rows for which it stops are not those that it meets.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "explored.hpp"

namespace backout::simulator {
namespace {

constexpr const char* kMark = "UPDATE d SET mark = 'b7' WHERE mark IS NULL";
constexpr const char* kUnmark = "UPDATE d SET mark = NULL WHERE mark = 'b7'";

/// The verdict after rows were marked, with a check before the step that does it and one before the
/// step behind.
Verdict verdict(const std::string& first, const std::string& second = "") {
  const auto check = [](const std::string& sql) {
    return sql.empty() ? "" : fmt::format(", precheck: {{{}}}", sql);
  };
  const Loaded loaded(fmt::format(
      "backout: 1\nname: marks\nservices:\n  db: {{kind: postgres, tables: {{d: {{rows: 3, "
      "columns: {{id: bigint primary key, body: text not null, mark: text}}}}}}}}\n"
      "deploy:\n  steps:\n    - {{id: mark, do: sql, target: db, text: \"{}\"{}}}\n    - {{id: "
      "index, do: migrate, target: db, index: d.body{}}}\n"
      "rollback:\n  paths: {{full: [drop, unmark]}}\n  steps:\n    - {{id: drop, do: sql, target: "
      "db, text: DROP INDEX d_body_idx, undoes: [index]}}\n"
      "    - {{id: unmark, do: sql, target: db, text: \"{}\", undoes: [mark]}}\n",
      kMark, check(first), check(second), kUnmark));
  return cell(loaded.matrix(), "after 'mark'", "full").verdict;
}

TEST(Guards, RowsThatNoCheckKeepsOutMayHaveTheMark) { EXPECT_EQ(verdict(""), Verdict::data_lost); }

TEST(Guards, ACheckThatNoRowHasTheMarkIsBelieved) {
  EXPECT_EQ(verdict("sql: \"SELECT count(*) FROM d WHERE mark = 'b7'\", expect: 0"),
            Verdict::restored);
  EXPECT_EQ(verdict("sql: \"SELECT count(*) FROM public.d AS x WHERE x.mark = 'b7'\", expect: 0"),
            Verdict::restored);
}

TEST(Guards, ACheckOfSomethingElseIsNone) {
  for (const char* check : {"sql: \"SELECT count(*) FROM d WHERE mark = 'b8'\", expect: 0",
                            "sql: \"SELECT count(*) FROM d WHERE mark = 'b7'\", expect: 1",
                            "sql: \"SELECT count(*) FROM d WHERE mark = 'b7'\"",
                            "sql: \"SELECT count(*) FROM d GROUP BY mark\", expect: 0",
                            "sql: \"SELECT count(*) FROM gone WHERE mark = 'b7'\", expect: 0",
                            "sql: \"SELECT max(id) FROM d WHERE mark = 'b7'\", expect: 0"})
    EXPECT_EQ(verdict(check), Verdict::data_lost) << check;
}

/// The verdict where the check is that of a step of its own before the change, with `more` of that
/// step.
Verdict verdict_behind_gate(const std::string& more) {
  const Loaded loaded(fmt::format(
      "backout: 1\nname: marks\nservices:\n  db: {{kind: postgres, tables: {{d: {{rows: 3, "
      "columns: {{id: bigint primary key, body: text not null, mark: text}}}}}}}}\n"
      "deploy:\n  steps:\n    - {{id: look, do: sql, target: db, text: SELECT 1{}, precheck: "
      "{{sql: \"SELECT count(*) FROM d WHERE mark = 'b7'\", expect: 0}}}}\n"
      "    - {{id: mark, do: sql, target: db, text: \"{}\"}}\n"
      "rollback:\n  paths: {{full: [unmark]}}\n  steps:\n    - {{id: unmark, do: sql, target: db, "
      "text: \"{}\", undoes: [mark]}}\n",
      more, kMark, kUnmark));
  return cell(loaded.matrix(), "after 'mark'", "full").verdict;
}

TEST(Guards, ACheckThatStopsNothingIsNone) {
  for (const char* stops :
       {"", ", on_failure: abort", ", on_failure: rollback", ", critical: true"})
    EXPECT_EQ(verdict_behind_gate(stops), Verdict::restored) << stops;
  for (const char* goes_on : {", on_failure: continue", ", on_failure: 'goto:mark'",
                              ", critical: false", ", optional: true"}) {
    EXPECT_EQ(verdict_behind_gate(goes_on), Verdict::data_lost) << goes_on;
  }
}

TEST(Guards, ACheckBehindTheChangeComesTooLate) {
  EXPECT_EQ(verdict("", "sql: \"SELECT count(*) FROM d WHERE mark = 'b7'\", expect: 0"),
            Verdict::data_lost);
}

}  // namespace
}  // namespace backout::simulator
