// Copies are restored, and nothing says that one of them ever was.
#include <algorithm>

#include "analyzer/documents/parts.hpp"
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

}  // namespace

std::vector<model::Finding> check_restore_never_tried(const DocumentFacts& facts) {
  Findings found;
  const Document& document = facts.document;
  if (document.is_aside || is_note(document)) return found;
  const std::vector<WayBack> ways = ways_back(facts);
  for (const WayBack& way : ways) {
    if (way.restores.empty() || document.role(way.section) == Role::drill) continue;
    const bool config = section_says(document, way.section, {"config", "environment", "settings"});
    if (config || is_said_where(
                      document, [](std::uint32_t) { return true; }, says_tried))
      continue;
    add_once(
        found,
        finding(
            model::Severity::warning, way.restores.front().command->span,
            "nothing in this document says that such a copy was ever restored: whether it can be "
            "read, how long that takes and what is missing from it is learned in the emergency",
            "a restore into a database beside it each month, with the counts it has to show and "
            "the time it took; and the date of the last one here"));
  }
  return found;
}

}  // namespace backout::analyzer::documents
