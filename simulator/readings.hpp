#pragma once
// What a step is taken to do whose effect nobody can tell: nothing, or what it is there for.

#include <functional>
#include <string>
#include <tuple>
#include <vector>

#include "services/service.hpp"
#include "simulator/matrix.hpp"
#include "simulator/worlds.hpp"

namespace backout::simulator {

/// The step that something with this label belongs to: the one that it names, or the one whose undo
/// it is.
std::string step_of(const std::string& label);

/// A deploy step that is taken back.
struct UndoneStep {
  model::StepIndex step = model::kNone;
  services::Action action;  ///< its own
};
/// The deploy steps that the action's rollback step takes back (`undoes`, or the `undo` of a deploy
/// step), the last first.
std::vector<UndoneStep> undone_by_action(const model::Plan& plan, const services::Action& action);
/// The same of a step, in plan order.
std::vector<model::StepIndex> undone_by(const model::Plan& plan, model::StepIndex rollback_step);

/// Takes back in `world` what the deploy step `undone` made of `before`, which was `after`: a
/// service that has not changed since is as before; of one that has, the facts that the step
/// changed are; else the step's own undo runs, if it has one.
void take_back(const services::Context& context, const services::World& before,
               const services::World& after, const services::Action& undone,
               services::World& world);

/// What makes two rows of matrices under different readings the same one.
using RowKey = std::tuple<std::size_t, std::vector<model::StepIndex>, model::StepIndex>;
RowKey row_key(const Interruption& row);

/// Bad, whatever else there may be.
inline bool is_certain(Verdict verdict) { return is_worse(verdict, Verdict::unknown); }
/// What two readings say together: the better of two bad verdicts, the worse of two good ones; else
/// nobody knows.
Verdict joined(Verdict one, Verdict other);
/// Whether the cell's reason and its counterexample are about what it comes to with a fault.
inline bool is_about_fault(const Cell& cell) {
  return is_good(cell.fault_free) || !cell.fault_free_reason.empty();
}

/// What every matrix keeps to, whichever way it was made: a cell per row and path in their order; a
/// fault makes no cell better; times lie in their order.
void assert_sound(const Matrix& matrix);

/// Which cells are looked at; empty: all, and the point of no return.
using Wanted = std::function<bool(const Interruption& row, model::PathIndex path)>;

/// explore() under one reading of what nobody can tell. Cells that are not wanted are not
/// applicable.
Matrix explore_as(const Reading& reading, const services::Context& context,
                  const services::World& start, const SearchOptions& options,
                  const std::vector<Predicate>& predicates = {}, const Wanted& wanted = {});

/// Looks at mixes of several opaque steps, some of which work and some of which do not, in the
/// cells of `joined` that are bad where all work and where none does: what is good in one is
/// UNKNOWN. All mixes of up to three steps are looked at; of more ten, in each of which one step is
/// taken the other way than all others, and the matrix is bounded then. Costs as many searches of
/// those cells.
Matrix with_mixes(Matrix joined, const services::Context& context, const services::World& start,
                  const SearchOptions& options, const std::vector<Predicate>& predicates = {});

/// The opaque steps of which nobody can work out what they leave when they do what they are there
/// for: a step that they take back changed a service whose state cannot be put together again once
/// somebody else changed it, too.
std::vector<model::StepIndex> beyond_imagining(const services::Context& context,
                                               const services::World& start,
                                               const std::map<std::string, std::string>& opaque);

/// What two matrices of one plan say together: `works` under the reading that what nobody can tell
/// does what it is there for, `idle` under the one that it does nothing. What is bad in both is
/// certain; else it is UNKNOWN. Where a path runs one of `beyond`, what comes of the first reading
/// is not known.
Matrix both(const model::Plan& plan, Matrix works, const Matrix& idle,
            const std::vector<model::StepIndex>& beyond);

}  // namespace backout::simulator
