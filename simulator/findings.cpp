#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "simulator/decisions.hpp"
#include "simulator/matrix_rules.hpp"
#include "simulator/silence.hpp"
#include "simulator/unsaid_words.hpp"

namespace backout::simulator {
namespace {

using model::Finding;
using model::Severity;

/// Cells that are bad for one reason.
struct Group {
  const Cell* shortest = nullptr;
  std::vector<std::size_t> interruptions;
};

class Findings {
 public:
  Findings(const services::Context& context, const Matrix& matrix)
      : context_(context), plan_(context.plan()), matrix_(matrix) {}

  std::vector<Finding> all() {
    add_cells();
    for (const UnsaidTraffic& unsaid : matrix_.unsaid_traffic) add_unsaid(unsaid);
    add_point_of_no_return();
    add_places_without_path();
    for (const DeployStop& stop : matrix_.deploy_stops) add_stop(stop);
    model::sort_findings(found_);
    return std::move(found_);
  }

 private:
  using Key = std::tuple<model::PathIndex, Verdict, model::StepIndex>;

  void add_cells() {
    std::map<Key, Group> plain;
    std::map<std::pair<model::PathIndex, Verdict>, Group> faulty;
    for (const Cell& cell : matrix_.cells) {
      if (!cell.applicable) continue;
      const bool both = !cell.fault_free_reason.empty();
      if ((both || is_good(cell.fault_free)) && !is_good(cell.verdict))
        join(faulty[{cell.path, cell.verdict}], cell);
      if (cell.unsaid_traffic) continue;
      const Interruption& row = matrix_.interruptions[cell.interruption];
      // Where nothing has begun nobody needs to know what a path would come to.
      if (row.done.empty() && !row.half && cell.fault_free == Verdict::unknown &&
          !is_unwritten(cell.path))
        continue;
      if (!is_good(cell.fault_free)) {
        const bool per_step =
            cell.fault_free != Verdict::too_slow && cell.fault_free != Verdict::unknown;
        join(plain[{cell.path, cell.fault_free, per_step ? cell.culprit : model::kNone}], cell);
      }
    }
    for (const auto& [key, group] : plain) add_group(std::get<Verdict>(key), group, true);
    for (const auto& [key, group] : faulty) add_group(key.second, group, false);
  }

  static void join(Group& group, const Cell& cell) {
    group.interruptions.push_back(cell.interruption);
    if (group.shortest == nullptr ||
        cell.counterexample.size() < group.shortest->counterexample.size()) {
      group.shortest = &cell;
    }
  }

  std::string where(const Group& group) const {
    const std::string& first = matrix_.interruptions[group.shortest->interruption].label;
    if (group.interruptions.size() == 1) return fmt::format("when the deploy stops {}", first);
    const std::size_t more = group.interruptions.size() - 1;
    return fmt::format("when the deploy stops {} (and from {} more interruption{})", first, more,
                       more == 1 ? "" : "s");
  }

  void add_group(Verdict verdict, const Group& group, bool fault_free) {
    const Cell& cell = *group.shortest;
    const bool besides = fault_free && !cell.fault_free_reason.empty();
    const std::string& reason = besides ? cell.fault_free_reason : cell.reason;
    const model::StepIndex culprit = besides ? cell.fault_free_culprit : cell.culprit;
    Finding finding;
    if (is_unwritten(cell.path)) return add_unwritten(cell.path);
    finding.rule = rule_of(verdict)->id;
    finding.severity =
        fault_free && verdict != Verdict::unknown ? Severity::error : Severity::warning;
    finding.message =
        fmt::format("path '{}' {} {}{}: {}", matrix_.paths[cell.path], rule_of(verdict)->what,
                    where(group), fault_free ? "" : " and one more thing goes wrong", reason);
    finding.cause = fmt::format("{} {}", fault_free, reason);
    finding.paths = {matrix_.paths[cell.path]};
    place(finding, culprit);
    if (culprit == model::kNone && cell.path < plan_.paths.size())
      finding.span = plan_.paths[cell.path].span;
    const Interruption& row = matrix_.interruptions[cell.interruption];
    const model::StepIndex last = row.half           ? *row.half
                                  : row.done.empty() ? model::kNone
                                                     : row.done.back();
    if (last != model::kNone && last != culprit) {
      finding.related.push_back(
          {plan_.steps[last].id_span, fmt::format("the deploy stops {}", row.label)});
    }
    if (!besides && !cell.working_order.empty()) {
      std::vector<std::string> ids;
      for (const model::StepIndex step : cell.working_order)
        ids.push_back(fmt::format("'{}'", plan_.steps[step].id));
      finding.fix = fmt::format("run the same steps in the order {}", fmt::join(ids, ", "));
    }
    if (verdict == Verdict::unknown && finding.fix.empty())
      finding.fix = what_to_say(plan_, reason);
    if (const std::string asked = what_to_check(reason); !asked.empty()) finding.fix = asked;
    found_.push_back(std::move(finding));
  }

  bool is_unwritten(model::PathIndex path) const {
    return path < plan_.paths.size() && plan_.paths[path].steps.empty();
  }

  /// What counts on the path; empty: nothing does.
  std::string relied_on_by(const model::RollbackPath& path) const {
    if (path.full) return "it claims to restore everything";
    for (const model::DecisionRule& rule : plan_.decisions.rules) {
      if (rule.path == path.name) return fmt::format("decision '{}' chooses it", rule.id);
    }
    for (const model::Objective& objective : plan_.objectives) {
      if (objective.path == path.name)
        return fmt::format("an objective says how long its phase '{}' may take", objective.phase);
    }
    return {};
  }

  void add_unwritten(model::PathIndex index) {
    const model::RollbackPath& path = plan_.paths[index];
    const std::string relied = relied_on_by(path);
    Finding finding;
    finding.rule = "path-not-written";
    finding.severity = relied.empty() ? Severity::warning : Severity::error;
    finding.message = fmt::format(
        "nobody wrote down the steps of path '{}'{}: whether it works and how long it takes is not "
        "known",
        path.name, relied.empty() ? "" : fmt::format(", and {}", relied));
    finding.span = path.span;
    finding.fix = "write its `steps` down, in order, or take the path out";
    found_.push_back(std::move(finding));
  }

  void add_unsaid(const UnsaidTraffic& unsaid) {
    const model::Service& app = plan_.services[unsaid.app];
    const std::string& store = plan_.services[unsaid.store].name;
    Finding finding;
    finding.rule = "unknown-traffic";
    finding.severity = Severity::warning;
    finding.message = fmt::format(
        "what '{}' does to '{}' is not known, since {}: whether it works on what '{}' changes "
        "there, and "
        "whether a rollback keeps what it writes, nobody can tell",
        app.name, store, to_string(unsaid), plan_.steps[unsaid.step].id);
    const model::Version* version =
        unsaid.versions.empty() ? nullptr : app.find_version(unsaid.versions.front());
    const bool is_unnamed = version == nullptr && !unsaid.versions.empty();
    finding.fix = is_unnamed
                      ? "say which version runs before the deploy (`start`), and what it does"
                      : "say what it does, like `operations: {save: {sql: \"INSERT ...\"}}` or "
                        "`inserts: {table: [columns]}`; when it does nothing there, `operations: "
                        "none`";
    finding.span = version == nullptr ? app.span : version->span;
    finding.related.push_back(
        {plan_.steps[unsaid.step].id_span,
         fmt::format("'{}' changes '{}'", plan_.steps[unsaid.step].id, store)});
    found_.push_back(std::move(finding));
  }

  void place(Finding& finding, model::StepIndex step) const {
    if (step == model::kNone) return;
    finding.step = plan_.steps[step].id;
    finding.span = plan_.steps[step].id_span;
  }

  void add_point_of_no_return() {
    if (!matrix_.point_of_no_return) return;
    const PointOfNoReturn& point = *matrix_.point_of_no_return;
    const bool declared = point.step != model::kNone && plan_.steps[point.step].point_of_no_return;
    Finding finding;
    finding.rule = "matrix-point-of-no-return";
    finding.severity = declared ? Severity::note : Severity::warning;
    finding.message = fmt::format(
        "{}{} no order of the rollback steps and undos gives the old state back: {}",
        matrix_.interruptions[point.interruption].label,
        point.needs_traffic ? ", once live traffic wrote something," : "", point.reason);
    if (!declared)
      finding.fix =
          "check everything that can be checked before this step, and mark it `point_of_no_return: "
          "true`";
    place(finding, point.step);
    found_.push_back(std::move(finding));
  }

  /// The last step of the deploy that ran in whole and changed something; kNone: nothing is to be
  /// taken back, or the plan says that there is no way back.
  model::StepIndex changed_last(const Interruption& row) {
    model::StepIndex last = model::kNone;
    for (const model::StepIndex step : row.done) {
      if (plan_.steps[step].point_of_no_return) return model::kNone;
      if (leaves_something(step)) last = step;
    }
    return last;
  }

  /// Whether the step changes something that is to be taken back. Asked once a step, not once a
  /// step and row.
  bool leaves_something(model::StepIndex step) {
    if (leaves_.empty()) leaves_.resize(plan_.steps.size());
    if (!leaves_[step]) {
      const services::Traits traits =
          services::traits_of(context_, services::action_of(plan_, plan_.steps[step]));
      const bool stays =
          plan_.steps[step].undo.type == model::UndoRef::Type::none || !traits.takes_backup.empty();
      leaves_[step] = !traits.read_only && !stays;
    }
    return *leaves_[step];
  }

  void add_places_without_path() {
    if (plan_.paths.empty()) return;
    std::vector<bool> offered(matrix_.interruptions.size());
    for (const Cell& cell : matrix_.cells)
      offered[cell.interruption] = offered[cell.interruption] || cell.applicable;
    std::vector<std::string> places;
    model::StepIndex first = model::kNone;
    for (std::size_t i = 0; i < offered.size(); ++i) {
      const model::StepIndex last = offered[i] || matrix_.interruptions[i].half
                                        ? model::kNone
                                        : changed_last(matrix_.interruptions[i]);
      if (last == model::kNone) continue;
      places.push_back(matrix_.interruptions[i].label);
      if (first == model::kNone) first = last;
    }
    if (places.empty()) return;
    Finding finding;
    finding.rule = "matrix-no-path";
    finding.severity = Severity::warning;
    finding.message = fmt::format(
        "no path is offered when the deploy stops {}{}: what was done by then stays, or somebody "
        "makes a way back up",
        places.front(),
        places.size() == 1 ? ""
                           : fmt::format(" (and in {} more place{})", places.size() - 1,
                                         places.size() == 2 ? "" : "s"));
    finding.fix =
        "offer a path there (`from`), or mark the step from which there is no way back "
        "`point_of_no_return: true`";
    place(finding, first);
    found_.push_back(std::move(finding));
  }

  void add_stop(const DeployStop& stop) {
    Finding finding;
    finding.rule = "matrix-deploy-stops";
    finding.severity = Severity::error;
    finding.message =
        fmt::format("the deploy does not get past '{}'{}: {}", plan_.steps[stop.step].id,
                    stop.needs_traffic ? " once live traffic wrote something" : "", stop.reason);
    finding.fix = what_to_check(stop.reason);
    place(finding, stop.step);
    found_.push_back(std::move(finding));
  }

  const services::Context& context_;
  const model::Plan& plan_;
  const Matrix& matrix_;
  std::vector<Finding> found_;
  std::vector<std::optional<bool>> leaves_;  ///< by step; empty: not asked yet
};

}  // namespace

std::vector<Finding> findings_of(const services::Context& context, const Matrix& matrix) {
  std::vector<Finding> found = Findings(context, matrix).all();
  for (Finding& finding : findings_of_decisions(context.plan(), matrix))
    found.push_back(std::move(finding));
  model::sort_findings(found);
  return found;
}

}  // namespace backout::simulator
