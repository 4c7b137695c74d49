#pragma once
// How `backout migrations` prints its verdicts.

#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/migrations/judge.hpp"
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
};

/// Everything that a report of migrations shows.
struct MigrationsReport {
  const model::Sources* sources = nullptr;
  std::vector<JudgedChain> chains;
  std::vector<model::Mistake> notes;  ///< of the import: files that were passed over
};

/// For people: findings with caret lines, then one line per migration that is not honest, then the counts.
void print_migrations_text(const MigrationsReport& report, std::ostream& out, bool colour);

/// For programs: docs/migrations.md has every key.
void print_migrations_json(const MigrationsReport& report, std::ostream& out);

/// Whether `backout migrations` can report in `format`: all that is made of findings alone, text and JSON.
bool takes_migrations(std::string_view format);

/// The findings, one report per chain, in a format that takes_migrations other than text and JSON.
void print_migrations_as(const Format& format, const MigrationsReport& report, std::ostream& out);

}  // namespace backout::reports
