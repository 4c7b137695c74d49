// A restore from what was never made, has another format, or is a literal of one day.
#include <cctype>

#include <fmt/format.h>

#include "analyzer/documents/common.hpp"

namespace backout::analyzer::documents {


namespace {

/// Eight digits that are a day: 20240115.
bool is_dated(std::string_view text) {
  std::size_t digits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    digits = std::isdigit(static_cast<unsigned char>(text[i])) != 0 ? digits + 1 : 0;
    if (digits != 8) continue;
    const std::string_view day = text.substr(i - 7, 8);
    const bool ends = i + 1 >= text.size() || std::isdigit(static_cast<unsigned char>(text[i + 1])) == 0;
    if (ends && day.starts_with("20") && day.substr(4, 2) <= "12" && day.substr(6, 2) <= "31") return true;
  }
  return false;
}

/// The value of `$NAME` or `${NAME}` in the block; the text itself when it is no variable.
std::string resolved(const Block& block, const std::string& text) {
  std::string name;
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_') name += c;
  }
  if (!text.starts_with('$')) return text;
  for (const importers::Assignment& each : block.script.assignments) {
    if (each.name == name) return each.value;
  }
  return text;
}

/// What a command restores from: its last operand, or what it reads.
std::string source_of(const Command& command) {
  if (command.name() == "cp" || command.name() == "mv") return command.words.size() > 2 ? command.words[command.words.size() - 2].text : "";
  for (const importers::Redirect& redirect : command.redirects) {
    if (redirect.op == "<") return redirect.target;
  }
  if (const auto file = command.value("-f"); file && command.name() == "psql") return *file;
  return command.words.empty() ? "" : command.words.back().text;
}

bool restores(const Command& command) {
  if (command.name() == "pg_restore") return true;
  if (command.name() == "cp" || command.name() == "mv" || command.name() == "psql" || command.name() == "tar" || command.name() == "mysql") {
    return has_any(lower(source_of(command)), {"backup", ".dump", "snapshot", "bak"}) && !(command.name() == "tar" && !command.has("-x"));
  }
  return false;
}

}  // namespace

std::vector<model::Finding> check_runbook_restore_source(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  for (const Block* block : shell_blocks(facts.document)) {
    if (facts.document.role(block->section) == Role::drill) continue;
    for (const Command& command : block->script.commands) {
      if (!restores(command)) continue;
      const std::string source = resolved(*block, source_of(command));
      if (command.name() == "pg_restore" && (source.ends_with(".sql") || source.ends_with(".sql.gz"))) {
        found.push_back(finding(model::Severity::error, command.span,
                                fmt::format("pg_restore reads archives; '{}' is a script by its name: it is refused, and nothing is restored", source),
                                "psql -v ON_ERROR_STOP=1 -f FILE.sql, or make the dump with --format=custom and call it .dump"));
      }
      if (is_dated(source)) {
        found.push_back(finding(model::Severity::error, command.span,
                                fmt::format("'{}' is the backup of one day: whoever copies this line restores that day and loses every write since", source),
                                "name the newest backup that was tested, and say how to find it"));
      }
    }
  }
  return found;
}

}  // namespace backout::analyzer::documents
