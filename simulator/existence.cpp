#include "simulator/existence.hpp"

#include <algorithm>
#include <queue>
#include <set>
#include <tuple>
#include <unordered_set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "services/entries.hpp"
#include "services/residue.hpp"
#include "services/sealed.hpp"

namespace backout::simulator {
namespace {

constexpr std::size_t kMaxOrders = 50;       // orders that are tried in full
constexpr std::size_t kMaxPrefixes = 5'000;  // states of orders that are looked at
constexpr std::size_t kMaxWorlds = 1'500;    // worlds in a search for a way back

/// Orders of a path's tasks whose plain run, without traffic, ends well. Depth first, listed order
/// first.
class Orders {
 public:
  Orders(Setting& setting, Judge& judge, model::PathIndex path, const RunState& start)
      : setting_(setting), judge_(judge), book_(setting.books().paths[path]), start_(start) {
    left_.reserve(book_.tasks.size());
    for (std::size_t i = 0; i < book_.tasks.size(); ++i) {
      if (!start.ended.test(i)) left_.push_back(i);
    }
  }

  /// The next order that works for the plain run; empty when there is none or the limit is reached.
  template <typename Try>
  std::vector<std::size_t> first(Try&& works) {
    return extend(start_, works) ? order_ : std::vector<std::size_t>();
  }

 private:
  /// Where a beginning of an order leads.
  struct Prefix {
    WorldId world;
    StepSet ended;
    bool operator==(const Prefix&) const = default;
  };
  struct PrefixHash {
    std::size_t operator()(const Prefix& prefix) const {
      return (std::hash<StepSet>{}(prefix.ended) ^ prefix.world) * 0x9e3779b97f4a7c15ULL;
    }
  };

  template <typename Try>
  bool extend(const RunState& state, Try&& works) {
    if (order_.size() == left_.size()) {
      RunState end = state;
      end.phase = Phase::ended;
      const Verdict verdict = judge_.end(end).verdict;
      return is_worse(Verdict::unknown, verdict) && tried_++ < kMaxOrders && works(order_);
    }
    for (const std::size_t task : left_) {
      if (state.ended.test(task) || seen_.size() > kMaxPrefixes || tried_ > kMaxOrders) continue;
      ReplayChooser plain({});
      const Attempt result = attempt(setting_, book_.tasks[task], state.world, false, plain);
      if (result.observed != Observed::ok || (result.truth != Truth::all && !result.opaque))
        continue;
      RunState next = state;
      next.world = result.world;
      next.began = true;
      next.ended.set(task);
      if (judge_.visible(next).verdict != Verdict::restored) continue;
      order_.push_back(task);
      // A world with the same tasks done has the same future, unless it is the traffic that spoils
      // it.
      const bool fresh =
          seen_.insert({next.world, next.ended}).second || order_.size() == left_.size();
      if (fresh && extend(next, works)) return true;
      order_.pop_back();
    }
    return false;
  }

  Setting& setting_;
  Judge& judge_;
  const Playbook& book_;
  RunState start_;
  std::vector<std::size_t> left_;
  std::vector<std::size_t> order_;
  std::unordered_set<Prefix, PrefixHash> seen_;
  std::size_t tried_ = 0;
};

}  // namespace

std::vector<std::size_t> working_order(Setting& setting, model::PathIndex path,
                                       const std::vector<RunState>& starts) {
  Judge judge(setting);
  Orders orders(setting, judge, path, starts.front());
  return orders.first([&](const std::vector<std::size_t>& order) {
    // The order must also hold under traffic, and wherever else the deploy stops with the same
    // steps done: the whole search once more, over this order alone.
    Setting other = setting.with_order(path, order);
    Search search(other, kMaxPrefixes, {.shortest = false});
    return std::ranges::all_of(starts, [&](RunState run) {
      run.faults_left = 0;
      const Verdict verdict = search.worst(search.runner().begin(path, run)).judgement.verdict;
      return is_worse(Verdict::unknown, verdict);
    });
  });
}

WayBackSearch::WayBackSearch(Setting& setting)
    : setting_(setting),
      residue_(setting.books().deploy.residue),
      narrow_(setting.books().deploy.narrow) {
  for (const model::Step& step : setting.plan().steps) {
    if (!step.in_rollback) continue;
    residue_.insert(residue_.end(), step.residue.begin(), step.residue.end());
    narrow_.insert(narrow_.end(), step.residue.begin(), step.residue.end());
  }
  essences_.resize(setting.plan().services.size());
}

std::vector<ActionId> WayBackSearch::moves(const std::vector<model::StepIndex>& done) {
  Worlds& worlds = setting_.worlds();
  const model::Plan& plan = setting_.plan();
  std::vector<ActionId> all;
  const auto add = [&](const services::Action& action) {
    const services::Traits traits = services::traits_of(worlds.context(), action);
    if (traits.read_only || !traits.irrevocable.empty() || !traits.takes_backup.empty()) return;
    const ActionId id = worlds.intern(action);
    if (std::ranges::find(all, id) == all.end()) all.push_back(id);
  };
  WorldId world = Worlds::start();
  std::vector<services::Action> undos;
  for (const model::StepIndex step : done) {
    const services::Action action = services::action_of(plan, plan.steps[step]);
    // Where the plan says that there is no way back, there is none, whatever the kind could do.
    const model::Step& said = plan.steps[step];
    const bool denied = said.undo.type == model::UndoRef::Type::none || said.point_of_no_return;
    for (services::Action& undo :
         denied ? std::vector<services::Action>{}
                : services::undo_of(worlds.context(), worlds.world(world), action).actions) {
      undos.push_back(std::move(undo));
    }
    world = worlds.run(world, worlds.intern(action)).world;
  }
  std::reverse(undos.begin(), undos.end());
  for (const services::Action& undo : undos) add(undo);
  for (auto step = static_cast<model::StepIndex>(plan.deploy_count); step < plan.steps.size();
       ++step) {
    add(services::action_of(plan, plan.steps[step]));
  }
  return all;
}

WayBackSearch::Essence WayBackSearch::essence(std::size_t service, WorldId world) {
  Worlds& worlds = setting_.worlds();
  const auto [found, fresh] = essences_[service].try_emplace(worlds.row(world)[service]);
  if (!fresh) return found->second;
  const auto index = static_cast<model::ServiceIndex>(service);
  const services::Kind& kind = worlds.context().kind(index);
  const services::State& state = *worlds.world(world).states[service];
  const std::string prefix = setting_.plan().services[service].name + '.';
  std::vector<std::string> facts;
  for (const services::Fact& fact : kind.facts(worlds.context(), index, state)) {
    if (fact.essential && !services::is_declared(prefix + fact.path, narrow_))
      facts.push_back(fact.path + '=' + fact.value);
  }
  std::sort(facts.begin(), facts.end());
  std::string text = fmt::format("{}", fmt::join(facts, "\n"));
  found->second.facts = worlds.text(text);
  text += "\n\n";
  for (const services::Datum& datum : kind.data(worlds.context(), index, state))
    text += datum.id + '\n';
  // What decides which work is refused: who works, and on entries of which formats.
  for (const std::string& version :
       kind.live_versions(worlds.context(), worlds.world(world), index))
    text += version + '\n';
  const auto* record = dynamic_cast<const services::Record*>(&state);
  if (record != nullptr && services::has_entries(kind.spec()))
    text += fmt::format("{}", fmt::join(services::formats_in(*record), "\n"));
  // What was encrypted with which version decides what a destroyed one takes along.
  if (record != nullptr) text += services::seals_in(*record);
  found->second.all = worlds.text(text);
  return found->second;
}

Row WayBackSearch::key(WorldId world) {
  Row key;
  for (std::size_t service = 0; service < essences_.size(); ++service)
    key.push_back(essence(service, world).all);
  return key;
}

std::vector<DatumId> WayBackSearch::lost(WorldId world, SetId expected) {
  std::vector<DatumId> all;
  for (const Setting::Lost& each : setting_.lost(expected, world)) {
    if (!services::is_declared(setting_.worlds().datum(each.datum), residue_))
      all.push_back(each.datum);
  }
  return all;
}

std::size_t WayBackSearch::distance(WorldId world, SetId expected) {
  std::size_t differing = lost(world, expected).size();
  for (std::size_t service = 0; service < essences_.size(); ++service) {
    differing += essence(service, world).facts != essence(service, Worlds::start()).facts ? 1 : 0;
  }
  // Operations are asked only where everything else is right: asking costs more than looking.
  return differing > 0 ? 1 + differing : setting_.refused(world).empty() ? 0 : 1;
}

std::string WayBackSearch::nearest(WorldId world, SetId expected) {
  Worlds& worlds = setting_.worlds();
  // The ids follow the order in which the plan writes its keys; what is said must not.
  const auto order = [&](DatumId id) {
    const services::Datum& datum = worlds.datum(id);
    return std::pair(services::is_absence(datum), datum.id);
  };
  if (const std::vector<DatumId> gone = lost(world, expected); !gone.empty()) {
    const DatumId first = *std::ranges::min_element(gone, {}, order);
    return fmt::format("{} is gone for good", services::describe(worlds.datum(first)));
  }
  const std::vector<std::string> rest = services::differences(
      worlds.context(), worlds.world(Worlds::start()), worlds.world(world), narrow_);
  if (!rest.empty()) return rest.front();
  if (const Sets::Members& refused = setting_.refused(world); !refused.empty()) {
    return fmt::format("{} is refused: {}", worlds.operation(refused.front()).name,
                       setting_.refusal(world, refused.front()));
  }
  return {};
}

WayBack WayBackSearch::find(const std::vector<model::StepIndex>& done, const RunState& run) {
  using Entry =
      std::tuple<std::size_t, std::size_t, WorldId>;  // distance, order of discovery, world
  const std::vector<ActionId> actions = moves(done);
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> open;
  std::set<Row> seen{key(run.world)};
  open.emplace(distance(run.world, run.expected), 0, run.world);
  Entry best = open.top();
  while (!open.empty()) {
    const Entry entry = open.top();
    open.pop();
    if (std::get<0>(entry) < std::get<0>(best)) best = entry;
    if (std::get<0>(entry) == 0) return {WayBack::Answer::yes, ""};
    for (const ActionId action : actions) {
      const Ran ran = setting_.worlds().run(std::get<2>(entry), action);
      if (!seen.insert(key(ran.world)).second) continue;
      if (seen.size() > kMaxWorlds) return {};
      open.emplace(distance(ran.world, run.expected), seen.size(), ran.world);
    }
  }
  return {WayBack::Answer::no, nearest(std::get<2>(best), run.expected)};
}

std::optional<PointOfNoReturn> point_of_no_return(Setting& setting, const Deploys& deploys,
                                                  const std::vector<bool>& restored,
                                                  bool& undecided) {
  WayBackSearch ways(setting);
  for (std::size_t row = 0; row < deploys.interruptions().size(); ++row) {
    const Interruption& interruption = deploys.interruptions()[row];
    // Only the states along the deploy: a half step belongs to the whole one behind it.
    if (restored[row] || interruption.half || interruption.done.empty()) continue;
    for (const std::size_t stop : deploys.stops(row)) {
      if (deploys.state(stop).faulted || deploys.state(stop).sick != DeployState::kNobody) continue;
      const WayBack way = ways.find(interruption.done, deploys.run_from(stop));
      if (way.answer == WayBack::Answer::unknown) undecided = true;
      if (way.answer != WayBack::Answer::no) continue;
      return PointOfNoReturn{row, interruption.done.back(), way.nearest, deploys.traffic(stop) > 0};
    }
  }
  return std::nullopt;
}

}  // namespace backout::simulator
