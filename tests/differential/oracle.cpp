#include "differential/oracle.hpp"

#include <sstream>

#include <fmt/format.h>

namespace backout::tests {
namespace {

constexpr std::string_view kMark = "@@";

/// The psql script: a fresh database, then each statement, its SQLSTATE and, when it was accepted, the catalog.
std::string script_of(const std::vector<std::string>& statements) {
  static const std::string kSnapshot = std::string(BACKOUT_SOURCE_DIR) + "/tests/differential/snapshot.sql";
  std::string script =
      "\\set VERBOSITY terse\n"
      "DROP DATABASE IF EXISTS trial WITH (FORCE);\nCREATE DATABASE trial TEMPLATE template0 STRATEGY file_copy;\n"
      "\\c trial\nSET client_min_messages = fatal;\n";
  const std::string record = fmt::format(
      "\\set state :SQLSTATE\n\\echo {0} :state\n"
      "SELECT :'state' = '00000' AS accepted \\gset\n"
      "\\if :accepted\nSET search_path = '';\n\\i {1}\nRESET search_path;\n\\endif\n", kMark, kSnapshot);
  script += "SELECT 1 \\g /dev/null\n" + record;
  for (const std::string& statement : statements) {
    script += statement + " \\g /dev/null\n" + record;
  }
  return script;
}

}  // namespace

std::set<std::string> changes(const Snapshot& before, const Snapshot& after) {
  std::set<std::string> result;
  for (const auto& [object, digest] : before) {
    const auto other = after.find(object);
    if (other == after.end()) {
      result.insert("missing " + object);
    } else if (other->second != digest) {
      result.insert("changed " + object);
    }
  }
  for (const auto& [object, digest] : after) {
    if (!before.contains(object)) {
      result.insert("extra " + object);
    }
  }
  return result;
}

std::vector<Outcome> ask(const PostgresServer& server, const std::vector<std::string>& statements) {
  std::vector<Outcome> outcomes;
  std::istringstream lines(server.psql(script_of(statements)));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(kMark)) {
      outcomes.push_back({line.substr(kMark.size() + 1), {}});
    } else if (const std::size_t bar = line.rfind('|'); bar != std::string::npos && !outcomes.empty()) {
      outcomes.back().catalog[line.substr(0, bar)] = line.substr(bar + 1);
    }
  }
  return outcomes;
}

}  // namespace backout::tests
