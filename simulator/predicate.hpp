#pragma once
// An invariant of one's own, written in C++: what must hold of every world, or of the last one.

#include <functional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "services/world_view.hpp"
#include "simulator/matrix.hpp"

namespace backout::simulator {

/// Something that must hold. It is judged as the plan's own invariants are: broken on the way it
/// makes a rollback INCOMPATIBLE, broken at the end NOT RESTORED, undecided UNKNOWN; findings,
/// cells and counterexamples name it.
///
/// It must be a pure function of the world that it is given: the same world, the same answer,
/// whoever asks, from any thread. Answers are remembered. What it looks at before the deploy must
/// hold there, see Completeness::unchecked.
struct Predicate {
  enum class When {
    every_step,  ///< after every step, attempt and operation of traffic of the rollback, and at its
                 ///< end
    at_end,      ///< where a rollback ends or is stuck
  };
  std::string name;  ///< one line: "prices are in euros"
  std::function<services::CheckResult(const services::WorldView&)> look;
  When when = When::every_step;
};

/// A predicate out of a function that says `true` or `false` of a world, or a services::CheckResult
/// with its reason.
template <typename Look>
Predicate predicate(std::string name, Look look,
                    Predicate::When when = Predicate::When::every_step) {
  using Answer = std::invoke_result_t<Look, const services::WorldView&>;
  if constexpr (std::is_same_v<Answer, bool>) {
    return {std::move(name),
            [look = std::move(look)](const services::WorldView& world) {
              using Value = services::CheckResult::Value;
              return services::CheckResult{look(world) ? Value::pass : Value::fail, {}};
            },
            when};
  } else {
    return {std::move(name), std::move(look), when};
  }
}

/// What is wrong with a predicate that does not pass before the deploy: "does not hold before the
/// deploy", and why; empty: it passes.
std::string unmet_before(const services::CheckResult& then);

/// explore() with predicates that must hold besides the plan's invariants.
Matrix explore(const services::Context& context, const services::World& start,
               const SearchOptions& options, const std::vector<Predicate>& predicates);

}  // namespace backout::simulator
