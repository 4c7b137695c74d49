#include "simulator/scenario/shrink.hpp"

#include <algorithm>
#include <utility>

namespace backout::simulator {
namespace {

class Shrinker {
 public:
  Shrinker(Player& player, const Scenario& scenario, std::size_t most_plays)
      : player_(player), best_(scenario), left_(most_plays) {
    const Played played = player_.play(best_);
    verdict_ = played.verdict;
    reason_ = played.reason;
    best_.deploy = played.deploy;
    best_.rollback = played.rollback;
    size_ = size_of(played.deploy, played.rollback);
    full_length_ = played.rollback.size();
  }

  Scenario run() {
    if (is_worse(verdict_, Verdict::restored_with_residue)) {
      do {
        while (shrink_list(&Scenario::rollback) || shrink_list(&Scenario::deploy) ||
               drop_faults()) {
        }
        drop_plain_end();
      } while (
          shrink_list(&Scenario::deploy));  // what runs by itself goes another way without them
    }
    best_.verdict = verdict_;
    best_.reason = reason_;
    for (auto* list : {&best_.deploy, &best_.rollback}) {
      for (Happening& each : *list) each.at_ms.reset();
    }
    return best_;
  }

 private:
  /// Takes one happening after the other out, from the end, in shrinking pieces. Whether anything
  /// could go.
  bool shrink_list(std::vector<Happening> Scenario::*list) {
    bool any = false;
    for (std::size_t piece = std::max<std::size_t>((best_.*list).size() / 2, 1); piece > 0;
         piece /= 2) {
      for (std::size_t end = (best_.*list).size(); end > 0;) {
        const std::size_t begin = end > piece ? end - piece : 0;
        Scenario candidate = best_;
        auto& happenings = candidate.*list;
        happenings.erase(happenings.begin() + static_cast<std::ptrdiff_t>(begin),
                         happenings.begin() + static_cast<std::ptrdiff_t>(end));
        any = accept(std::move(candidate)) || any;
        end = std::min(begin, (best_.*list).size());
      }
    }
    return any;
  }

  bool drop_faults() {
    bool any = false;
    for (std::size_t i = 0; i < best_.rollback.size(); ++i) {
      if (!best_.rollback[i].fault) continue;
      Scenario candidate = best_;
      Happening& happening = candidate.rollback[i];
      if (happening.retries.empty())
        happening.fault.reset();
      else
        happening.retries.pop_back();
      any = accept(std::move(candidate)) || any;
    }
    return any;
  }

  /// What would run by itself need not be written down: everything behind the last thing out of the
  /// ordinary.
  void drop_plain_end() {
    while (!best_.rollback.empty()) {
      Scenario candidate = best_;
      candidate.rollback.pop_back();
      const Played played = player_.play(candidate);
      if (!played.mistakes.empty() || played.verdict != verdict_ || played.reason != reason_ ||
          played.rollback.size() != full_length_) {
        return;
      }
      best_.rollback.pop_back();
    }
  }

  /// Smaller is: fewer things happen, or as many with fewer faults.
  static std::pair<std::size_t, std::size_t> size_of(const std::vector<Happening>& deploy,
                                                     const std::vector<Happening>& rollback) {
    std::size_t odd = 0;
    for (const Happening& each : rollback) {
      odd += (each.fault || each.kind != Happening::Kind::step ? 1 : 0) + each.retries.size();
    }
    return {deploy.size() + rollback.size(), odd};
  }

  bool accept(Scenario candidate) {
    if (left_ == 0) return false;
    --left_;
    const Played played = player_.play(candidate);
    if (played.verdict != verdict_ || played.reason != reason_) return false;
    const auto size = size_of(played.deploy, played.rollback);
    if (size >= size_) return false;
    size_ = size;
    best_.deploy = played.deploy;
    best_.rollback = played.rollback;
    full_length_ = played.rollback.size();
    return true;
  }

  Player& player_;
  Scenario best_;
  Verdict verdict_ = Verdict::restored;
  std::string reason_;
  std::size_t left_;
  std::pair<std::size_t, std::size_t> size_;  ///< of the best, with what runs by itself
  std::size_t full_length_ = 0;
};

}  // namespace

Scenario shrink(Player& player, const Scenario& scenario, std::size_t most_plays) {
  return Shrinker(player, scenario, most_plays).run();
}

}  // namespace backout::simulator
