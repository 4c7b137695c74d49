#include "reports/causes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <tuple>
#include <utility>

#include "analyzer/documents/rule.hpp"
#include "analyzer/rule.hpp"

namespace backout::reports {

namespace {

using model::Finding;

/// What happens to people when a finding comes true; worst first.
enum class Harm { loss, not_back, broken, late, undecided, other };

/// The harm of each class of rules (the group in rules.inc).
constexpr std::pair<std::string_view, Harm> kHarms[] = {
    {"IRR", Harm::loss},      {"BAK", Harm::loss},     {"DAT", Harm::loss},
    {"CON", Harm::loss},      {"CMD", Harm::not_back}, {"ORD", Harm::not_back},
    {"STA", Harm::not_back},  {"SCR", Harm::not_back}, {"TGT", Harm::not_back},
    {"COV", Harm::not_back},  {"IDM", Harm::not_back}, {"CMP", Harm::broken},
    {"SEQ", Harm::broken},    {"DEP", Harm::broken},   {"TIM", Harm::late},
    {"DEC", Harm::undecided},
};

/// A verdict of the search: its rule, its harm, the classes of rules that say why it is so (the
/// likeliest first), and what to write against it.
struct Told {
  std::string_view rule;
  Harm harm;
  std::string_view because;
  std::string_view fix;
};
constexpr Told kTold[] = {
    {"matrix-data-lost", Harm::loss, "BAK DAT IRR CON SCR",
     "back up and check right before the step that loses it, stop the writers first, or declare it "
     "as `residue`"},
    {"matrix-stuck", Harm::not_back, "BAK CMD ORD STA SCR IDM IRR TGT CMP CON SEQ COV",
     "make the step pass or repeatable (`precheck`, `retry`, `undo`), or give the path another way "
     "past it (`on_failure`)"},
    {"matrix-not-restored", Harm::not_back, "CMD COV IRR ORD BAK STA SCR IDM TGT CFG SEQ CON",
     "add the steps that take back what differs, or declare it as `residue` with a reason"},
    {"matrix-down", Harm::not_back, "STA SEQ CMD ORD SCR BAK CMP COV IDM",
     "end the path with the step that lets the service serve again, with `always: true`"},
    {"matrix-deploy-stops", Harm::not_back, "BAK CMD CMP CON ORD",
     "mend the step, or put what it needs before it"},
    {"matrix-incompatible", Harm::broken, "CMP SEQ ORD",
     "put a version in between that works with both, or change the order"},
    {"matrix-too-slow", Harm::late, "TIM",
     "use a faster method on this path, or state an objective that it can meet"},
    {"matrix-unknown", Harm::other, "DOC CMP TIM TGT CFG",
     "write what the step does: an action, or its `effects`"},
    {"path-not-written", Harm::not_back, "", ""},
};

const Told* told_of(std::string_view rule) {
  const auto* known = std::ranges::find(kTold, rule, &Told::rule);
  return known == std::end(kTold) ? nullptr : known;
}

std::string_view group_of(std::string_view rule) {
  if (const analyzer::Rule* known = analyzer::find_rule(rule)) return known->group;
  if (const analyzer::DocumentRule* known = analyzer::find_document_rule(rule)) return known->group;
  return "";
}

Harm harm_of(std::string_view rule) {
  if (const Told* told = told_of(rule)) return told->harm;
  const auto* known =
      std::ranges::find(kHarms, group_of(rule), &std::pair<std::string_view, Harm>::first);
  return known == std::end(kHarms) ? Harm::other : known->second;
}

bool share_path(const Finding& one, const Finding& other) {
  return std::ranges::any_of(one.paths, [&](const std::string& path) {
    return std::ranges::find(other.paths, path) != other.paths.end();
  });
}

/// Whether `cause` is about what `effect` shows: the same step, or the same path where no step is
/// to blame.
bool meets(const Finding& effect, const Finding& cause) {
  if (effect.rule == "matrix-too-slow") return share_path(effect, cause);
  if (effect.step.empty()) return false;
  if (!effect.paths.empty() && !cause.paths.empty() && !share_path(effect, cause)) return false;
  return effect.step == cause.step ||
         std::ranges::any_of(cause.related, [&](const model::RelatedPlace& related) {
           return related.span == effect.span;
         });
}

const Finding* cause_of(const Finding& effect, const Told& told,
                        std::span<const Finding> findings) {
  for (std::string_view groups = told.because; !groups.empty();
       groups.remove_prefix(std::min<std::size_t>(4, groups.size()))) {
    for (const Finding& each : findings) {
      if (group_of(each.rule) == groups.substr(0, 3) && each.severity != model::Severity::note &&
          meets(effect, each))
        return &each;
    }
  }
  return nullptr;
}

/// Errors first, then by harm: of a cause, the worst of what it leads to.
auto rank(const Cause& cause) {
  model::Severity severity = cause.finding->severity;
  Harm harm = harm_of(cause.finding->rule);
  for (const Finding* each : cause.consequences) {
    severity = std::max(severity, each->severity);
    harm = std::min(harm, harm_of(each->rule));
  }
  return std::tuple(-static_cast<int>(severity), harm);
}

}  // namespace

void link_consequences(std::vector<Finding>& findings) {
  for (Finding& effect : findings) {
    const Told* told = told_of(effect.rule);
    if (told == nullptr) continue;
    if (const Finding* cause = cause_of(effect, *told, findings)) {
      // Under a finding that counts for less it would be hidden: then it stands for itself, and
      // names the other.
      if (cause->severity >= effect.severity)
        effect.because = {cause->rule, cause->span, cause->step};
      effect.related.push_back({cause->span, "because of " + cause->rule});
    }
    if (effect.fix.empty()) effect.fix = told->fix;
  }
}

std::vector<Cause> causes_of(std::span<const Finding> findings) {
  std::vector<Cause> causes;
  for (const Finding& finding : findings) {
    if (!finding.because) causes.push_back({&finding, {}});
  }
  for (const Finding& finding : findings) {
    if (!finding.because) continue;
    const auto cause = std::ranges::find_if(causes, [&](const Cause& each) {
      return each.finding->rule == finding.because->rule &&
             each.finding->span == finding.because->span;
    });
    if (cause != causes.end()) {
      cause->consequences.push_back(&finding);
    } else {
      causes.push_back({&finding, {}});  // its cause was not selected
    }
  }
  std::ranges::stable_sort(causes, [](const Cause& a, const Cause& b) {
    return std::tuple(rank(a), a.finding->span) < std::tuple(rank(b), b.finding->span);
  });
  return causes;
}

bool is_worse(const Cause& one, const Cause& other) { return rank(one) < rank(other); }

}  // namespace backout::reports
