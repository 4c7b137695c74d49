#include "differential/oracle.hpp"
#include "support/places.hpp"

#include <sstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "rehearsal/snapshot_query.hpp"

namespace backout::tests {
namespace {

constexpr std::string_view kMark = "@@";
constexpr std::string_view kRows = "rows|";

/// Nothing of the sequence before is left: databases are, roles belong to the server.
constexpr std::string_view kFresh =
    "\\set VERBOSITY terse\n"
    "DROP DATABASE IF EXISTS trial WITH (FORCE);\n"
    "SELECT format('DROP ROLE %I', rolname) FROM pg_roles WHERE rolname !~ '^pg_' AND rolname <> "
    "'postgres' \\gexec\n"
    "CREATE DATABASE trial TEMPLATE template0 STRATEGY file_copy;\n"
    "ALTER DATABASE trial SET client_min_messages = fatal;\n"
    "ALTER DATABASE trial SET statement_timeout = '10s';\n"
    "\\c trial\nSELECT 1 \\g /dev/null\n";

std::string sql_of(const Piece& piece) {
  std::string script;
  if (piece.one_transaction) {
    // psql sends what `\;` separates as one simple query, which PostgreSQL runs in one transaction.
    for (const std::string& statement : piece.statements)
      script += (script.empty() ? "" : "\\;\n") + statement;
    return script + " \\g /dev/null\n";
  }
  script = "SELECT 1 \\g /dev/null\n";
  for (const std::string& statement : piece.statements) {
    script += "\\if :ERROR\n\\else\n" + statement + " \\g /dev/null\n\\endif\n";
  }
  return script;
}

/// What a new connection would not have, but for the prepared snapshot.
constexpr std::string_view kReset =
    "ROLLBACK;\nSET SESSION AUTHORIZATION DEFAULT;\nRESET ALL;\nDISCARD TEMP;\nDISCARD "
    "SEQUENCES;\n";

/// Whether a refusal leaves the database as it was.
bool is_atomic(const Piece& piece) { return piece.one_transaction || piece.statements.size() == 1; }

/// The psql script: a fresh database, then each piece, its SQLSTATE, the catalog and the rows.
std::string script_of(const std::vector<Piece>& pieces) {
  static const std::string kFolder = std::string(kSourceDir) + "/tests/differential/";
  const std::string record = fmt::format(
      "SET search_path = '';\nEXECUTE snapshot;\n\\i {}rows.sql\nRESET ALL;\n", kFolder);
  const std::string state = fmt::format(
      "\\set failed :ERROR\n\\set state :SQLSTATE\n{}\\echo {} :state\n", kReset, kMark);
  // Prepared, as planning it takes longer than running it.
  const std::string prepare = fmt::format(
      "SET search_path = '';\nPREPARE snapshot AS SELECT k || '|' || name || '|' || "
      "md5(coalesce(def, '')) FROM ({}) catalog ORDER BY 1;\n",
      rehearsal::kSnapshotQuery);
  std::string script = std::string(kFresh) + prepare + state + record;
  for (const Piece& piece : pieces) {
    script += sql_of(piece) + state +
              (is_atomic(piece) ? "\\if :failed\n\\else\n" + record + "\\endif\n" : record);
  }
  return script;
}

Rows read_rows(const std::string& text) {
  Rows rows;
  for (const auto& row : nlohmann::json::parse(text)) {
    auto& cells = rows.emplace_back();
    for (const auto& cell : row)
      cells.push_back(cell.is_null() ? Cell() : Cell(cell.get<std::string>()));
  }
  return rows;
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

std::vector<Outcome> ask(const PostgresServer& server, const std::vector<Piece>& pieces) {
  std::vector<Outcome> outcomes;
  std::istringstream lines(server.psql(script_of(pieces)));
  for (std::string line; std::getline(lines, line);) {
    const std::size_t bar = line.rfind('|');
    if (line.starts_with(kMark)) {
      outcomes.push_back({line.substr(kMark.size() + 1), {}, {}});
    } else if (outcomes.empty() || bar == std::string::npos) {
      continue;
    } else if (line.starts_with(kRows)) {
      const std::size_t end = line.find('|', kRows.size());
      outcomes.back().rows[line.substr(kRows.size(), end - kRows.size())] =
          read_rows(line.substr(end + 1));
    } else {
      outcomes.back().catalog[line.substr(0, bar)] = line.substr(bar + 1);
    }
  }
  for (std::size_t at = 1; at < outcomes.size(); ++at) {
    if (outcomes[at].sqlstate == "00000" || !is_atomic(pieces[at - 1])) continue;
    outcomes[at].catalog = outcomes[at - 1].catalog;
    outcomes[at].rows = outcomes[at - 1].rows;
  }
  return outcomes;
}

}  // namespace backout::tests
