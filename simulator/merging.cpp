// Which differences between states nobody can observe any more, and why.
//
// - A final state is judged and nothing else: by its world, the expected data, the path, the
// reason, and where it is stuck
//   by the step and whether that took effect.
// - Which operations were refused where the deploy stopped counts as long as no fault befell the
// run (Judge::visible).
// - At which step somebody took over counts until she did.
// - Which deploy steps ran says what is left out when the path is started over; which steps took
// effect is asked when one
//   is stopped at. Where nothing starts a path over any more (no fault is left or befell the run,
//   or it was started over already, and no reaction jumps), the first counts no more and the second
//   only for steps that have not ended: so runs that begin at different interruptions meet as soon
//   as the same steps are left to do. Where something may, sets of deploy steps that leave the same
//   out are one.
// - How often a deploy or rollback went a roundabout way is not part of a state in the first place.
#include "simulator/relation.hpp"

namespace backout::simulator {

SituationId Relation::without(SituationId id, Forget what) {
  std::atomic<SituationId>& known = nodes_[id].without[static_cast<std::size_t>(what)];
  if (const SituationId found = known.load(std::memory_order_acquire); found != 0) return found - 1;
  Situation rest = situation(id);
  rest.broken = 0;
  if (what != Forget::broken) {
    rest.traffic = 0;
    rest.late = 0;
  }
  const SituationId found = intern(rest);
  known.store(found + 1, std::memory_order_release);
  return found;
}

}  // namespace backout::simulator
