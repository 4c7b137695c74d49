#pragma once
// The rollback matrix: for every interruption of the deploy and every rollback path, does the
// rollback work?

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/finding.hpp"
#include "model/plan.hpp"
#include "services/service.hpp"

namespace backout::simulator {

/// Worst first: the verdict of a cell is the worst over all orders, outcomes and traffic. What is
/// certain in one run outranks what is unknown in another.
enum class Verdict {
  stuck,  ///< it does not get through, or never ends
  data_lost,
  not_restored,  ///< every step of a full path ran, and the state is not the old one
  down,          ///< what served before the deploy serves no more at the end
  incompatible,
  too_slow,
  unknown,
  restored_with_residue,  ///< a full path: all but what is declared
  works,                  ///< a partial path: not the old state, and one that works
  restored,
};
inline constexpr std::size_t kVerdictCount = static_cast<std::size_t>(Verdict::restored) + 1;
inline bool is_worse(Verdict a, Verdict b) { return a < b; }
/// Whether a rollback that ends so is one that a reviewer may rely on: RESTORED, WORKS, RESTORED
/// WITH RESIDUE.
inline bool is_good(Verdict verdict) { return !is_worse(verdict, Verdict::restored_with_residue); }
const char* to_string(Verdict verdict);  ///< "RESTORED WITH RESIDUE", ...

/// One line of a counterexample.
struct TraceLine {
  enum class Actor { deploy, interruption, traffic, fault, rollback, check, end };
  Actor actor = Actor::deploy;
  std::string step;                  ///< step id or operation name
  std::string text;                  ///< what happened, one sentence
  std::vector<std::string> changes;  ///< the world's changes, "path: from -> to"
};

/// Where a deploy may stop. Rows of the matrix.
struct Interruption {
  std::vector<model::StepIndex> done;    ///< deploy steps that ended, in order
  std::optional<model::StepIndex> half;  ///< the step that stopped half way
  std::string label;                     ///< "before the deploy", "after 'm002'", "during 'm003'"
};

/// A piece of data that a rollback loses.
struct Loss {
  services::Datum datum;
  bool written_since = false;  ///< by live traffic since the deploy began; else it was there before
};

struct Cell {
  std::size_t interruption = 0;
  model::PathIndex path = 0;
  Verdict verdict = Verdict::unknown;     ///< with at most Completeness::faults_at_once faults
  Verdict fault_free = Verdict::unknown;  ///< with none
  bool applicable = true;                 ///< false: the plan does not offer the path from here
  std::string reason;                     ///< one sentence; empty for restored
  /// Why it is bad without a fault, too, where `reason` is about what it comes to with one; else
  /// empty.
  std::string fault_free_reason;
  model::StepIndex fault_free_culprit = model::kNone;
  std::vector<std::string> residue;  ///< what stays behind: declared, or kept by a partial path
  std::int64_t time_low_ms = 0;      ///< failure to verified, fault-free
  std::int64_t time_high_ms = 0;
  bool time_unknown = false;  ///< a step on the way has no estimate
  /// Failure to verified, fault-free, from a campaign's walks; nullopt without one or with
  /// time_unknown.
  std::optional<std::int64_t> time_p50_ms;
  std::optional<std::int64_t> time_p95_ms;
  std::vector<TraceLine> counterexample;    ///< shortest bad run; empty when restored
  model::StepIndex culprit = model::kNone;  ///< the step that makes it so; kNone when none does
  /// A step ran whose effect nobody can tell: the verdict if it does what it is there for, and if
  /// it does nothing.
  std::optional<Verdict> if_works;
  std::optional<Verdict> if_idle;
  bool unsaid_traffic = false;  ///< without a fault UNKNOWN because of Matrix::unsaid_traffic
  std::vector<Loss> lost;       ///< all of it, in the order of the data; DATA LOST only
  /// Bad in the order that the plan allows, but another order of the same steps works: that order.
  /// Empty: none does.
  std::vector<model::StepIndex> working_order;
};

/// A deploy step that does not get through although nothing fails: the deploy itself stops there.
struct DeployStop {
  model::StepIndex step = model::kNone;
  std::string reason;
  bool needs_traffic = false;  ///< only once live traffic wrote something
};

/// From here on no order of the available undos gives the state back.
struct PointOfNoReturn {
  std::size_t interruption = 0;
  model::StepIndex step = model::kNone;  ///< the deploy step after which it is passed
  std::string reason;
  bool needs_traffic = false;  ///< only once live traffic wrote something
};

/// Traffic that nobody described: a version that says nothing of what it does serves while a step
/// changes what it works on.
struct UnsaidTraffic {
  model::ServiceIndex app = model::kNone;
  std::vector<std::string> versions;  ///< that say nothing, in listed order
  std::string operation;  ///< else: why it is not known what one of their operations does
  model::ServiceIndex store = model::kNone;  ///< that they work on; the first one that is changed
  model::StepIndex step = model::kNone;      ///< the first one that changes it
};

struct Completeness {
  enum class Level { exhaustive, bounded, sampled };
  Level level = Level::exhaustive;
  std::string bound;  ///< bounded: by what
  std::uint64_t states = 0;
  std::uint64_t transitions = 0;
  std::map<std::string, std::uint64_t>
      faults;  ///< fault kind -> how often it fired; every kind considered is listed
  std::int64_t faults_at_once = 0;   ///< at most so many faults in one run
  std::int64_t traffic_at_once = 0;  ///< at most so many operations of live traffic in one run
  /// Checks that nothing could evaluate, such as those that a person makes: they were taken to
  /// pass.
  std::vector<std::string> unchecked;
  std::size_t operations = 0;      ///< of versions: how many the plan has
  std::size_t operations_run = 0;  ///< how many of them were run, or refused, in some state
};

struct Matrix {
  std::vector<Interruption> interruptions;
  std::vector<Cell> cells;  ///< interruptions x paths, row by row
  std::vector<std::string>
      paths;  ///< names, by Cell::path; one derived path when the plan has none
  std::optional<PointOfNoReturn> point_of_no_return;
  /// False: without a point of no return there may still be one; the limit was reached or a step is
  /// opaque.
  bool point_of_no_return_decided = true;
  std::vector<DeployStop> deploy_stops;
  std::vector<UnsaidTraffic> unsaid_traffic;  ///< by app
  std::map<std::string, std::string>
      opaque;  ///< steps that ran and whose effect nobody can tell, and why
  Completeness completeness;
};

struct SearchOptions {
  std::int64_t faults = -1;  ///< at once; -1 = the plan's limit
  std::uint64_t max_states = 2'000'000;
  std::vector<std::string> fault_kinds;  ///< empty = the plan's, or the default set
  bool reduction = true;                 ///< SearchMode::reduction
  std::size_t threads = 1;               ///< makes no difference to the matrix
  /// Asked now and then with the number of states; false: the search stops there and is bounded.
  std::function<bool(std::uint64_t states)> go_on = {};
};

/// How many faults at once in a plan that names no number.
inline constexpr std::int64_t kDefaultFaults = 1;
/// How many faults at once may befall a run: what the options say, or else the plan.
std::int64_t fault_budget(const model::Plan& plan, const SearchOptions& options);

/// Explores every interruption x path x order x outcome x traffic, and what nobody can tell both
/// ways. Deterministic.
Matrix explore(const services::Context& context, const services::World& start,
               const SearchOptions& options);

/// The matrix as findings: one per path and cause, not one per cell. Rule ids start with "matrix-".
std::vector<model::Finding> findings_of(const services::Context& context, const Matrix& matrix);

}  // namespace backout::simulator
