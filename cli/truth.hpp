#pragma once

#include <iosfwd>

#include "reports/migrations/migrations_report.hpp"

namespace backout::cli {

/// What PostgreSQL said of rehearsed migrations, one JSON object a line, in the form that
/// scripts/corpus-score reads.
void write_truth(const reports::MigrationsReport& report, std::ostream& out);

}  // namespace backout::cli
