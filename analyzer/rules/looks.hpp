#pragma once
// Which steps of a run nobody has looked at yet.

#include <vector>

#include "analyzer/rules/support.hpp"

namespace backout::analyzer {

/// Whether the step only looks, and some answer makes it fail.
bool is_look(const Facts& facts, model::StepIndex step);

/// Whether the step changes something whose success only a look can tell: a version, a schema,
/// data, a setting. What is merely turned on or off again, copied, purged or said is not meant.
bool is_weighty(const Facts& facts, const Replayed& replayed);

/// Whether the step lets users or traffic in: a balancer, the end of maintenance, an intake that
/// opens.
bool is_switch_of_traffic(const Facts& facts, const Replayed& replayed);

/// Follows a run and remembers what changed since somebody looked last.
class Unseen {
 public:
  explicit Unseen(const Facts& facts) : facts_(facts) {}

  /// What a step's precheck or its own look covers, before it changes anything.
  void begin(const Replayed& replayed);
  /// What the step changes, and whether its verify looks.
  void end(const Replayed& replayed);

  /// Weighty steps that nobody has looked at, in order.
  const std::vector<model::StepIndex>& weighty() const { return weighty_; }
  /// The last step that changed anything since somebody looked; kNone when there is none.
  model::StepIndex last_change() const { return last_change_; }

 private:
  void look();

  const Facts& facts_;
  std::vector<model::StepIndex> weighty_;
  model::StepIndex last_change_ = model::kNone;
};

}  // namespace backout::analyzer
