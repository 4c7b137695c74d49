#pragma once
// How `backout migrations` prints its verdicts.

#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/migrations/chain_judge.hpp"
#include "analyzer/migrations/rehearsed.hpp"
#include "model/finding.hpp"
#include "model/migration.hpp"
#include "model/source.hpp"
#include "reports/report.hpp"

namespace backout::reports {

/// One judged chain with its findings.
struct JudgedChain {
  std::string folder;
  std::string convention;
  analyzer::ChainJudgement judgement;
  std::vector<model::Finding> findings;
  std::optional<analyzer::Rehearsed> rehearsed = std::nullopt;
};

/// Everything that a report of migrations shows.
struct MigrationsReport {
  const model::Sources* sources = nullptr;
  std::vector<JudgedChain> chains;
  std::vector<model::Mistake> notes;  ///< of the import: files that were passed over
};

/// For people: findings with caret lines, then one line per migration that is not honest, then the
/// counts.
void write_migrations_text(const MigrationsReport& report, const Style& style, std::ostream& out);

/// For programs: docs/migrations.md has every key.
void write_migrations_json(const MigrationsReport& report, const Style& style, std::ostream& out);

/// A format of reports of migrations, as reports/migrations/formats.inc lists it.
struct MigrationsFormat {
  const char* name;
  void (*write)(const MigrationsReport& report, const Style& style, std::ostream& out);
};

const std::vector<MigrationsFormat>& all_migrations_formats();
/// nullptr when migrations are not reported so.
const MigrationsFormat* find_migrations_format(std::string_view name);

}  // namespace backout::reports
