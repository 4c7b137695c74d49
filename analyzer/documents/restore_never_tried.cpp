// Copies are restored, and nothing says that one of them ever was.
#include <algorithm>

#include "analyzer/documents/parts.hpp"
#include "analyzer/documents/prose.hpp"
#include "analyzer/documents/ways_back.hpp"

namespace backout::analyzer::documents {

namespace {

/// Whether a text in lower case says that a copy was tried, is looked at, or is known to be whole.
bool says_tried(std::string_view low) {
  if (has_any(low, {"drill",
                    "rehears",
                    "integrity",
                    "checksum",
                    "sha256",
                    "md5",
                    "gunzip -t",
                    "gzip -t",
                    "--list",
                    "verifyonly",
                    "verify backup",
                    "verify the backup",
                    "backup verif",
                    "verified backup",
                    "dry run",
                    "dry-run",
                    "simulacr",
                    "ensayo",
                    "restore test",
                    "test restore",
                    "tested restore",
                    "restauração test",
                    "restore was tested",
                    "game day",
                    "exercice",
                    "wiederherstellungstest",
                    "演练",
                    "учени",
                    "scratch database",
                    "scratch instance",
                    "validate backup",
                    "backup valid"})) {
    return true;
  }
  const bool copy = has_any(low, {"backup", "restor", "snapshot", "dump", "recover", "copia",
                                  "sauvegarde", "sicherung", "备份", "恢复"});
  return copy &&
         (begins_word(low, {"test", "prueb", "probar", "probad", "essai", "verif", "valid"}) ||
          has_any(low, {"测试", "验证", "провер", "staging"}));
}

void report(model::Span span, Findings& found) {
  add_once(
      found,
      finding(model::Severity::warning, span,
              "nothing in this document says that such a copy was ever restored: whether it can be "
              "read, how long that takes and what is missing from it is learned in the emergency",
              "a restore into a database beside it each month, with the counts it has to show and "
              "the time it took; and the date of the last one here"));
}

/// The same of a restore in words: "2. Restore the database from last night's backup".
void look_at_words(const DocumentFacts& facts, Findings& found) {
  const Document& document = facts.document;
  if (document.is_script || document.is_workflow || !is_about_way_back(facts)) return;
  for (std::size_t i = 0; i < document.lines.size(); ++i) {
    const importers::Line& line = document.lines[i];
    const std::string& low = document.low().lines[i];
    const bool copy =
        has_any(low, {"backup", "snapshot", "dump"}) || is_click_on_data(document, line);
    if (line.kind != importers::Line::Kind::item || !line.ordered || !copy ||
        order_of(line) != Order::restore || !leads_back(facts, line.section) ||
        has_any(low, {"config", ".env", "staging", " if ", "code", "file"}))
      continue;
    report(line.span, found);
    return;
  }
}

}  // namespace

std::vector<model::Finding> check_restore_never_tried(const DocumentFacts& facts) {
  Findings found;
  const Document& document = facts.document;
  if (document.is_aside || is_note(document)) return found;
  const auto anywhere = [](std::uint32_t) { return true; };
  if (is_said_where(document, anywhere, says_tried)) return found;
  for (const WayBack& way : ways_back(facts)) {
    if (way.restores.empty() || document.role(way.section) == Role::drill) continue;
    const bool config = section_says(document, way.section, {"config", "environment", "settings"});
    if (!config) report(way.restores.front().command->span, found);
  }
  if (found.empty()) look_at_words(facts, found);
  return found;
}

}  // namespace backout::analyzer::documents
