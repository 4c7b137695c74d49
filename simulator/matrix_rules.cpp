#include "simulator/matrix_rules.hpp"

#include <algorithm>
#include <array>

namespace backout::simulator {

namespace {

using model::Severity;

constexpr std::array<MatrixRule, 13> kRules = {{
    {"matrix-stuck", Severity::error, "A rollback path does not get through, or never ends."},
    {"matrix-data-lost", Severity::error, "A rollback path loses data."},
    {"matrix-not-restored", Severity::error,
     "A full path runs to its end and the state is not the old one."},
    {"matrix-down", Severity::error,
     "After a rollback path something that served before serves no more."},
    {"matrix-incompatible", Severity::error,
     "After a rollback path a live version does not work on the state that it meets."},
    {"matrix-too-slow", Severity::error, "A rollback path takes longer than its objective."},
    {"matrix-unknown", Severity::warning, "Whether a rollback path works cannot be told."},
    {"matrix-point-of-no-return", Severity::warning,
     "From here on no order of the undos gives the old state back."},
    {"matrix-deploy-stops", Severity::error, "The deploy itself does not get through."},
    {"decision-path-fails", Severity::error, "A decision is for a path that works from nowhere."},
    {"matrix-no-path", Severity::warning,
     "From some place where the deploy may stop no path is offered."},
    {"path-not-written", Severity::error,
     "A rollback path is promised and nobody wrote its steps down."},
    {"unknown-traffic", Severity::warning,
     "A version that serves says nothing of its traffic, and a step changes what it works on."},
}};

constexpr std::array<VerdictRule, 7> kVerdictRules = {{
    {Verdict::stuck, "matrix-stuck", "gets stuck"},
    {Verdict::data_lost, "matrix-data-lost", "loses data"},
    {Verdict::not_restored, "matrix-not-restored", "does not give the old state back"},
    {Verdict::down, "matrix-down", "leaves down what served before"},
    {Verdict::incompatible, "matrix-incompatible", "breaks a version that is live"},
    {Verdict::too_slow, "matrix-too-slow", "is too slow"},
    {Verdict::unknown, "matrix-unknown", "cannot be judged"},
}};
// Every verdict that is not good has a row.
static_assert(kVerdictRules.size() == static_cast<std::size_t>(Verdict::restored_with_residue));

}  // namespace

std::span<const MatrixRule> matrix_rules() { return kRules; }

const VerdictRule* rule_of(Verdict verdict) {
  const auto* row = std::ranges::find(kVerdictRules, verdict, &VerdictRule::verdict);
  return row == kVerdictRules.end() ? nullptr : row;
}

}  // namespace backout::simulator
