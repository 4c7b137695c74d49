#include "simulator/search.hpp"

namespace backout::simulator {
namespace {

bool is_final(const RunState& state) {
  return state.opaque || state.phase == Phase::ended || state.phase == Phase::stuck;
}

}  // namespace

const Value& Search::worst(const RunState& state) {
  if (const auto found = values_.find(state); found != values_.end()) {
    if (!found->second.open) return found->second.value;
    circle_.judgement = judge_.endless();
    return circle_;
  }
  if (values_.size() >= max_states_) {
    limit_reached_ = true;
    unexplored_.judgement = judge_.unexplored();
    return unexplored_;
  }
  values_.emplace(state, Entry{});
  Entry entry = explore(state);
  return values_.insert_or_assign(state, std::move(entry)).first->second.value;
}

Search::Entry Search::explore(const RunState& state) {
  Entry entry;
  entry.open = false;
  Value& best = entry.value;
  if (is_final(state)) {
    best.judgement = judge_.end(state);
    return entry;
  }
  best.judgement = judge_.visible(state);
  ExhaustiveChooser chooser;
  bool first = best.judgement.verdict == Verdict::restored;
  do {
    chooser.rewind();
    const RunState next = runner_.next(state, chooser, nullptr);
    ++transitions_;
    const Value& after = worst(next);
    const Verdict verdict = after.judgement.verdict;
    const bool shorter = verdict == best.judgement.verdict && after.length + 1 < best.length;
    if (first || is_worse(verdict, best.judgement.verdict) || shorter) {
      best = {after.judgement, after.length + 1, chooser.choices()};
      first = false;
    }
  } while (chooser.advance());
  return entry;
}

RunState Search::replay(RunState state, Log& log) {
  // Counted, because a run in circles has no last state.
  for (std::uint32_t left = worst(state).length; left > 0; --left) {
    const Choices first = worst(state).first;
    ReplayChooser chooser(first);
    state = runner_.next(state, chooser, &log);
  }
  return state;
}

}  // namespace backout::simulator
