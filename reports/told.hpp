#pragma once
// What text, Markdown and the page without its script say of a plan in the same words.

#include <string>
#include <vector>

#include "reports/report.hpp"

namespace backout::reports {

/// A sentence behind its title: "Point of no return" and "none; ...".
struct Titled {
  std::string title;
  std::string text;
};

/// Of each interruption its label and what each path comes to from there, in the order of the
/// matrix.
std::vector<std::vector<std::string>> matrix_rows(const simulator::Matrix& matrix);
/// What the stars of the matrix mean; empty without one.
std::string star_note(const simulator::Matrix& matrix);
/// Where the deploy stops by itself, and the point of no return.
std::vector<Titled> no_return(const model::Plan& plan, const simulator::Matrix& matrix);
/// How much was looked at, and which limit ended it.
std::string completeness_words(const simulator::Completeness& done);

/// "path", "estimate", "P95", "objective", "verdict"; and these of a row.
std::vector<std::string> time_heads();
std::vector<std::string> time_cells(const PlanReport& report, const TimeRow& row);

}  // namespace backout::reports
