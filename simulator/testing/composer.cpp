#include "simulator/testing/composer.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "simulator/cells.hpp"
#include "simulator/circle_watch.hpp"

namespace backout::simulator {
namespace {

using Kind = Happening::Kind;
using Names = std::vector<std::string>;

std::string hint_of(const Names& possible) {
  return possible.empty() ? "nothing may happen there"
                          : fmt::format("possible there: {}", fmt::join(possible, ", "));
}

class Composer {
 public:
  Composer(const Stage& stage, const Script& script) : stage_(stage), script_(script) {
    for (const TrafficAt& each : script.traffic) traffic_.push_back({each});
    for (const FaultAt& each : script.faults) faults_.push_back({each});
  }

  Composed compose() && {
    if (!run_deploy() || !begin())
      return std::move(composed_);  // whatever else is said would follow from that
    while (!circles_.found() && go_on()) {
    }
    drop_plain_end();
    expand_late();
    tell_unused();
    return std::move(composed_);
  }

 private:
  template <typename Part>
  struct Wanted {
    Part part;
    bool used = false;
  };

  void mistake(std::string message, std::string hint = {}) {
    composed_.mistakes.push_back({{}, std::move(message), std::move(hint)});
  }

  /// The fault that the script has for this attempt; nullptr: none, or it is used.
  Wanted<FaultAt>* fault_at(const std::string& step, std::size_t attempt, bool killed) {
    for (Wanted<FaultAt>& each : faults_) {
      const bool kills = each.part.fault == Fault::killed;
      if (!each.used && kills == killed && each.part.step == step && each.part.attempt == attempt)
        return &each;
    }
    return nullptr;
  }

  /// Marks it used; a late effect is remembered until it takes effect.
  void use(Wanted<FaultAt>& fault) {
    fault.used = true;
    if (fault.part.fault != Fault::late) return;
    if (late_) tell_late();
    late_ = fault.part;
    if (late_->lands.empty()) {
      mistake(fmt::format("{}: 'lands' says before which step it takes effect", describe(*late_)));
    }
  }

  void tell_late() {
    if (!late_->lands.empty()) {
      mistake(fmt::format("{}: '{}' has no attempt after it, or another effect is late by then",
                          describe(*late_), late_->lands));
    }
    late_.reset();
  }

  // --- the deploy
  // -------------------------------------------------------------------------------------------------

  bool run_deploy() {
    stop_ = stage_.deploys.start();
    for (const std::string& step : script_.deploy) {
      serve_in_deploy(step);
      if (!run_deploy_step(step)) return false;
    }
    return true;
  }

  void serve_in_deploy(const std::string& step) {
    for (Wanted<TrafficAt>& wanted : traffic_) {
      if (wanted.used || wanted.part.before != step) continue;
      const Happening happening{Kind::traffic, wanted.part.operation, {}, 0, {}, {}};
      wanted.used = true;
      if (!take_in_deploy(happening))
        tell_traffic(wanted.part, served_next(stage_.deploys.next(stop_)));
    }
    for (const std::string& name : served_next(stage_.deploys.next(stop_))) {
      composed_.more_traffic.push_back({name, step});
    }
  }

  static Names served_next(const std::vector<Deploys::Next>& all) {
    Names names;
    for (const Deploys::Next& next : all) {
      if (next.event.actor == TraceLine::Actor::traffic) names.push_back(next.event.step);
    }
    return names;
  }

  void tell_traffic(const TrafficAt& traffic, const Names& possible) {
    mistake(fmt::format("{} cannot be served", describe(traffic)),
            possible.empty() ? "no operation would be accepted and change anything there, as often "
                               "as the plan's limits allow"
                             : hint_of(possible));
  }

  bool run_deploy_step(const std::string& step) {
    const std::vector<Deploys::Next> all = stage_.deploys.next(stop_);
    Names ready;
    bool any = false;
    for (std::size_t i = 0; i < all.size(); ++i) {
      const Happening each = Player::happening_of(all, i);
      if (each.kind != Kind::step) continue;
      if (std::ranges::find(ready, each.name) == ready.end()) ready.push_back(each.name);
      if (each.name != step) continue;
      any = true;
      if (each.fault) note_fault({step, 1, *each.fault, each.part, {}});
    }
    if (!any) {
      const std::string why =
          stop_.stopped ? "the deploy stopped before" : "it may not run yet, or no more";
      mistake(fmt::format("'{}' cannot run in the deploy here: {}", step, why), hint_of(ready));
      return false;
    }
    ++attempts_[step];
    Happening happening{Kind::step, step, {}, 0, {}, {}};
    if (Wanted<FaultAt>* fault = fault_at(step, 1, false)) {
      happening.fault = fault->part.fault;
      happening.part = fault->part.part;
      if (take_in_deploy(happening)) {
        use(*fault);
        return true;
      }
      happening.fault.reset();
      happening.part = 0;
    }
    return take_in_deploy(happening);
  }

  bool take_in_deploy(const Happening& happening) {
    const std::vector<Deploys::Next> all = stage_.deploys.next(stop_);
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (!Player::happening_of(all, i).same(happening)) continue;
      composed_.scenario.deploy.push_back(happening);
      stop_ = all[i].state;
      return true;
    }
    return false;
  }

  // --- the rollback
  // -----------------------------------------------------------------------------------------------

  bool begin() {
    const std::vector<Playbook>& books = stage_.setting.books().paths;
    const auto book = std::ranges::find(books, script_.path, &Playbook::name);
    const Interruption where = stage_.deploys.interruption(stop_);
    if (book == books.end() || !is_offered(stage_.setting, where, *book)) {
      Names names;
      for (const Playbook& each : books) {
        if (is_offered(stage_.setting, where, each)) names.push_back(each.name);
      }
      mistake(book == books.end()
                  ? fmt::format("the plan has no path '{}'", script_.path)
                  : fmt::format("the plan does not offer '{}' {}", script_.path, where.label),
              hint_of(names));
      return false;
    }
    composed_.scenario.path = script_.path;
    RunState run = stage_.deploys.run_from(stop_);
    // One of each more than the script has, so that what could happen besides is seen.
    const auto budget = [](std::size_t wanted) {
      return static_cast<std::uint8_t>(std::min<std::size_t>(wanted + 1, 255));
    };
    run.faults_left = budget(faults_.size());
    run.traffic_left = budget(traffic_.size());
    run_ = stage_.runner.begin(static_cast<model::PathIndex>(book - books.begin()), run);
    return true;
  }

  const Task& task(const Move& move) const {
    return stage_.setting.books().paths[run_.path].tasks[move.index];
  }
  std::string name(const Move& move) const { return name_of(stage_.setting.plan(), task(move)); }

  /// One happening more; false: the run is over.
  bool go_on() {
    if (run_.phase == Phase::ended || run_.phase == Phase::stuck) return false;
    const std::vector<Move> moves = stage_.runner.moves(run_);
    const auto has = [&](Move::Kind kind) {
      return std::ranges::find(moves, kind, &Move::kind) != moves.end();
    };
    if (moves.front().kind == Move::Kind::deadlock) return false;
    if (moves.front().kind == Move::Kind::finish) return has(Move::Kind::second_run) && run_again();
    const std::string next = name(moves.front());
    if (late_ && late_->lands == next && has(Move::Kind::late)) {
      late_.reset();
      return take({Kind::late, {}, {}, 0, {}, {}});
    }
    if (begun_.insert(next).second) serve(next);
    if (circles_.found()) return false;
    if (has(Move::Kind::killed)) {
      Wanted<FaultAt>* killed = fault_at(next, attempts_[next] + 1, true);
      if (killed != nullptr) {
        use(*killed);
        return take({Kind::killed, {}, {}, 0, {}, {}});
      }
      note_fault({next, attempts_[next] + 1, Fault::killed, 0, {}});
    }
    return attempt(moves.front(), next);
  }

  bool run_again() {
    if (Wanted<FaultAt>* fault = fault_at("", 1, false);
        fault != nullptr && fault->part.fault == Fault::second_run) {
      use(*fault);
      return take({Kind::second_run, {}, {}, 0, {}, {}});
    }
    note_fault({"", 1, Fault::second_run, 0, {}});
    return false;
  }

  void serve(const std::string& step) {
    const auto possible = [&] {
      Names names;
      for (const Move& move : stage_.runner.moves(run_)) {
        if (move.kind != Move::Kind::serve) continue;
        const OperationId operation =
            stage_.setting.worlds().operations(run_.world)[move.index].operation;
        names.push_back(stage_.setting.worlds().operation(operation).name);
      }
      return names;
    };
    for (Wanted<TrafficAt>& wanted : traffic_) {
      if (wanted.used || wanted.part.before != step) continue;
      wanted.used = true;
      if (!take({Kind::traffic, wanted.part.operation, {}, 0, {}, {}}))
        tell_traffic(wanted.part, possible());
    }
    for (const std::string& each : possible()) composed_.more_traffic.push_back({each, step});
  }

  /// The attempts of a move at `step`, with the faults that the script has for them, as far as they
  /// can be.
  bool attempt(const Move& move, const std::string& step) {
    const bool person = move.kind == Move::Kind::take_over;
    Happening happening{person ? Kind::person : Kind::step, person ? "" : step, {}, 0, {}, {}};
    std::vector<Wanted<FaultAt>*> befalling;
    for (std::size_t number = attempts_[step] + 1;; ++number) {
      Wanted<FaultAt>* fault = fault_at(step, number, false);
      if (fault == nullptr) break;
      Happening more = happening;
      if (more.fault) {
        more.retries.push_back({fault->part.fault, fault->part.part});
      } else {
        more.fault = fault->part.fault;
        more.part = fault->part.part;
      }
      if (!stage_.player.choices_of(run_, more)) break;
      happening = std::move(more);
      befalling.push_back(fault);
    }
    Log log;
    const Task what = task(move);
    take(happening, &log);
    for (const Event& event : log) {
      if (!event.attempt) continue;
      ++attempts_[event.step];
      order_.push_back(event.step);
      if (event.step == step) note_faults(what, event);
    }
    for (Wanted<FaultAt>* fault : befalling) use(*fault);
    return true;
  }

  bool take(const Happening& happening, Log* log = nullptr) {
    const auto choices = stage_.player.choices_of(run_, happening);
    if (!choices) return false;
    ReplayChooser chooser(*choices);
    run_ = stage_.runner.next(run_, chooser, log);
    circles_.comes_back(run_);
    composed_.scenario.rollback.push_back(happening);
    return true;
  }

  // --- what else could happen
  // --------------------------------------------------------------------------------------

  void note_faults(const Task& task, const Event& event) {
    for (const Fault fault : possible_faults(stage_.setting, task, event.from)) {
      const std::size_t parts =
          fault == Fault::half ? halves(stage_.setting.worlds(), task, event.from).size() : 1;
      for (std::size_t part = 0; part < parts; ++part) {
        // A person may attempt the same step next, so a late effect may come before it, too.
        possible_.push_back(
            {{event.step, attempts_[event.step], fault, part, {}}, order_.size() - 1});
      }
    }
  }

  void note_fault(FaultAt fault) { possible_.push_back({std::move(fault), order_.size()}); }

  /// Late effects by where they may take effect; without the attempts that a fault of the script
  /// befalls.
  void expand_late() {
    for (const auto& [possible, at] : possible_) {
      const FaultAt& fault = possible;
      const auto same = [&](const FaultAt& other) {
        return other.step == fault.step && other.attempt == fault.attempt &&
               (other.fault == Fault::killed) == (fault.fault == Fault::killed);
      };
      if (std::ranges::any_of(script_.faults, same)) continue;
      Names lands = {""};
      if (fault.fault == Fault::late)
        lands.assign(order_.begin() + static_cast<std::ptrdiff_t>(at), order_.end());
      std::ranges::sort(lands);
      lands.erase(std::unique(lands.begin(), lands.end()), lands.end());
      for (const std::string& step : lands) {
        composed_.more_faults.push_back(fault);
        composed_.more_faults.back().lands = step;
      }
    }
  }

  // --- the end
  // ------------------------------------------------------------------------------------------------------

  /// What the player does by itself need not be written down.
  void drop_plain_end() {
    std::vector<Happening>& all = composed_.scenario.rollback;
    const auto plain = [](const Happening& each) {
      return (each.kind == Kind::step || each.kind == Kind::person) && !each.fault;
    };
    while (!all.empty() && plain(all.back())) all.pop_back();
  }

  void tell_unused() {
    if (late_) tell_late();
    for (const Wanted<TrafficAt>& wanted : traffic_) {
      if (!wanted.used) {
        mistake(fmt::format("{} cannot be served: the step does not begin in this run",
                            describe(wanted.part)));
      }
    }
    for (const Wanted<FaultAt>& wanted : faults_) {
      if (!wanted.used) tell_unused(wanted.part);
    }
  }

  void tell_unused(const FaultAt& fault) {
    const std::size_t attempts = attempts_[fault.step];
    if (!fault.step.empty() && fault.attempt > attempts) {
      return mistake(fmt::format("{} cannot be: attempts at the step in this run: {}",
                                 describe(fault), attempts));
    }
    Names names;
    for (const auto& [possible, at] : possible_) {
      if (possible.step != fault.step || possible.attempt != fault.attempt) continue;
      names.push_back(possible.fault == Fault::half ? fmt::format("half, part {}", possible.part)
                                                    : to_string(possible.fault));
    }
    mistake(fmt::format("{} cannot be", describe(fault)), hint_of(names));
  }

  const Stage& stage_;
  const Script& script_;
  std::vector<Wanted<TrafficAt>> traffic_;
  std::vector<Wanted<FaultAt>> faults_;
  Composed composed_;
  DeployState stop_;
  RunState run_;
  CircleWatch<RunState>
      circles_;  ///< as the player's, so that both give a run up at the same transition
  std::map<std::string, std::size_t> attempts_;  ///< by step
  std::set<std::string> begun_;  ///< steps of the path before which traffic was served
  Names order_;                  ///< steps attempted in the rollback, in order
  std::vector<std::pair<FaultAt, std::size_t>> possible_;  ///< and how many attempts came before
  std::optional<FaultAt> late_;                            ///< the one that is to take effect
};

}  // namespace

Composed compose(const Stage& stage, const Script& script) {
  return Composer(stage, script).compose();
}

}  // namespace backout::simulator
