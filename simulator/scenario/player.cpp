#include "simulator/scenario/player.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "simulator/cells.hpp"
#include "simulator/circle_watch.hpp"

namespace backout::simulator {
namespace {

using Kind = Happening::Kind;
using Actor = TraceLine::Actor;

/// What a budget of a run can count.
constexpr std::size_t kMostAtOnce = 255;

Kind kind_of(const Event& event) {
  if (event.actor == Actor::traffic) return Kind::traffic;
  if (event.actor == Actor::fault && !event.attempt && !event.fault) return Kind::sick;
  return event.attempt || event.fault ? Kind::step : Kind::skip;
}

std::string listed(const std::vector<Happening>& all) {
  std::vector<std::string> names;
  for (const Happening& each : all) {
    std::string name = describe(each);
    if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  }
  return names.empty() ? "nothing may happen there"
                       : fmt::format("possible there: {}", fmt::join(names, "; "));
}

}  // namespace

std::vector<TraceLine> lines_of(const Setting& setting, const Log& log) {
  const Worlds& worlds = setting.worlds();
  std::vector<TraceLine> lines;
  for (const Event& event : log) {
    TraceLine line{event.actor, event.step, event.text, {}};
    if (event.from != event.to) {
      line.changes = services::differences(worlds.context(), worlds.world(event.from),
                                           worlds.world(event.to), {}, false);
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

Happening Player::happening_of(const std::vector<Deploys::Next>& all, std::size_t which) {
  const Event& event = all[which].event;
  Happening happening;
  happening.kind = kind_of(event);
  happening.name = event.step;
  happening.fault = event.fault;
  for (std::size_t i = 0; i < which; ++i) {
    if (kind_of(all[i].event) == happening.kind && all[i].event.step == event.step &&
        all[i].event.fault == event.fault) {
      ++happening.part;
    }
  }
  return happening;
}

void Player::play_deploy(const Scenario& scenario, Played& played, DeployState& state) {
  for (const Happening& wanted : scenario.deploy) {
    const std::vector<Deploys::Next> all = deploys_.next(state);
    std::vector<Happening> possible;
    for (std::size_t i = 0; i < all.size(); ++i) possible.push_back(happening_of(all, i));
    const auto found =
        std::ranges::find_if(possible, [&](const Happening& each) { return each.same(wanted); });
    if (found == possible.end()) {
      played.mistakes.push_back(
          {wanted.span, fmt::format("{} cannot happen here", describe(wanted)), listed(possible)});
      continue;
    }
    const Deploys::Next& next = all[static_cast<std::size_t>(found - possible.begin())];
    played.deploy.push_back(*found);
    played.log.push_back(next.event);
    state = next.state;
  }
}

std::optional<Choices> Player::choices_of(const RunState& state, const Happening& happening) {
  const std::vector<Move> moves = runner_.moves(state);
  const std::vector<Task>& tasks = setting_.books().paths[state.path].tasks;
  const auto name = [&](const Move& move) -> std::string {
    if (move.kind == Move::Kind::serve) {
      return setting_.worlds()
          .operation(setting_.worlds().operations(state.world)[move.index].operation)
          .name;
    }
    const bool of_task = move.kind == Move::Kind::task || move.kind == Move::Kind::skip;
    return of_task ? name_of(setting_.plan(), tasks[move.index]) : std::string();
  };
  for (std::size_t i = 0; i < moves.size(); ++i) {
    const bool ends = moves[i].kind == Move::Kind::finish || moves[i].kind == Move::Kind::deadlock;
    if (ends || kind_of(moves[i].kind) != happening.kind || name(moves[i]) != happening.name)
      continue;
    Choices choices;
    if (moves.size() > 1) choices.push_back(static_cast<std::uint16_t>(i));
    if (!happening.fault) return happening.retries.empty() ? std::optional(choices) : std::nullopt;
    const auto faults = choices_of_faults(state, moves[i], happening);
    if (!faults) return std::nullopt;
    choices.insert(choices.end(), faults->begin(), faults->end());
    return choices;
  }
  return std::nullopt;
}

std::optional<Choices> Player::choices_of_faults(const RunState& state, const Move& move,
                                                 const Happening& happening) {
  const Task& task = setting_.books().paths[state.path].tasks[move.index];
  const bool person = move.kind == Move::Kind::take_over;
  if (person && state.landed.test(move.index)) return std::nullopt;  // looks, and attempts nothing
  const std::int64_t retries = person ? 0 : rules_of(setting_.plan(), task).retry;
  std::vector<Mishap> wanted = {{*happening.fault, happening.part}};
  wanted.insert(wanted.end(), happening.retries.begin(), happening.retries.end());
  if (wanted.size() > state.faults_left ||
      happening.retries.size() > static_cast<std::size_t>(retries)) {
    return std::nullopt;
  }
  Choices choices;
  Attempt last;
  last.world = state.world;
  last.observed = Observed::error;
  for (const Mishap& mishap : wanted) {
    if (last.observed == Observed::ok || last.hopeless) return std::nullopt;  // nobody tries again
    const std::vector<Fault> kinds = possible_faults(setting_, task, last.world);
    const auto kind = std::ranges::find(kinds, mishap.fault);
    if (kind == kinds.end()) return std::nullopt;
    Choices answers = {static_cast<std::uint16_t>(kind - kinds.begin() + 1)};
    if (mishap.fault == Fault::half) {
      const std::size_t parts = halves(setting_.worlds(), task, last.world).size();
      if (mishap.part >= parts) return std::nullopt;
      if (parts > 1) answers.push_back(static_cast<std::uint16_t>(mishap.part));
    }
    ReplayChooser chooser(answers);
    last = attempt(setting_, task, last.world, true, chooser);
    choices.insert(choices.end(), answers.begin(), answers.end());
  }
  return choices;
}

Happening Player::taken(const RunState& state, const Choices& choices) {
  const std::vector<Move> moves = runner_.moves(state);
  const Move move = moves[moves.size() > 1 && !choices.empty() ? choices.front() : 0];
  Happening happening;
  happening.kind = kind_of(move.kind);
  if (move.kind == Move::Kind::serve) {
    happening.name = setting_.worlds()
                         .operation(setting_.worlds().operations(state.world)[move.index].operation)
                         .name;
  } else if (move.kind == Move::Kind::task || move.kind == Move::Kind::skip) {
    happening.name = name_of(setting_.plan(), setting_.books().paths[state.path].tasks[move.index]);
  }
  return happening;
}

std::vector<Happening> Player::drawn(RunState run,
                                     const std::function<std::size_t(std::size_t count)>& choose,
                                     const std::function<bool()>& done) {
  std::vector<Happening> all;
  while (!done() && run.phase != Phase::ended && run.phase != Phase::stuck) {
    const std::vector<Move> moves = runner_.moves(run);
    Choices choices;
    if (moves.size() > 1) choices.push_back(static_cast<std::uint16_t>(choose(moves.size())));
    const Move move = moves[choices.empty() ? 0 : choices.front()];
    Happening happening = taken(run, choices);
    if (move.kind == Move::Kind::task && run.faults_left > 0) {
      const Task& task = setting_.books().paths[run.path].tasks[move.index];
      const std::vector<Fault> kinds = possible_faults(setting_, task, run.world);
      const std::size_t fault = kinds.empty() ? 0 : choose(kinds.size() + 1);
      if (fault > 0) {
        happening.fault = kinds[fault - 1];
        if (happening.fault == Fault::half)
          happening.part = choose(halves(setting_.worlds(), task, run.world).size());
      }
    }
    const std::optional<Choices> answers = choices_of(run, happening);
    if (move.kind != Move::Kind::finish && move.kind != Move::Kind::deadlock)
      all.push_back(happening);
    ReplayChooser chooser(answers ? *answers : choices);
    run = runner_.next(run, chooser, nullptr);
  }
  return all;
}

void Player::judge(Played& played) {
  const RunState& state = played.last;
  const bool final = state.phase == Phase::ended || state.phase == Phase::stuck;
  const Judgement now = final ? judge_.end(state) : judge_.visible(state);
  // Of two that are as bad, the one at the end counts.
  if (!is_worse(now.verdict, played.verdict) && !(final && now.verdict == played.verdict)) return;
  played.verdict = now.verdict;
  played.reason = setting_.worlds().text(now.why);
}

void Player::play_rollback(const Scenario& scenario, Played& played) {
  std::size_t next = 0;
  CircleWatch<RunState> circles;
  while (!circles.found()) {
    const RunState from = played.last;
    if (from.phase == Phase::ended || from.phase == Phase::stuck) break;
    Choices choices;
    std::optional<Happening> wanted;
    while (next < scenario.rollback.size() && !wanted) {
      const Happening& happening = scenario.rollback[next++];
      if (const auto possible = choices_of(from, happening)) {
        choices = *possible;
        wanted = happening;
        break;
      }
      std::vector<Happening> possible;
      for (std::size_t i = 0; i < runner_.moves(from).size(); ++i) {
        possible.push_back(taken(from, {static_cast<std::uint16_t>(i)}));
      }
      played.mistakes.push_back({happening.span,
                                 fmt::format("{} cannot happen here", describe(happening)),
                                 listed(possible)});
    }
    const bool ends = runner_.moves(from).front().kind == Move::Kind::finish && !wanted;
    if (!ends) played.rollback.push_back(wanted ? *wanted : taken(from, choices));
    ReplayChooser chooser(choices);
    played.last = runner_.next(from, chooser, &played.log);
    circles.comes_back(played.last);
    judge(played);
  }
  for (; next < scenario.rollback.size(); ++next) {
    played.mistakes.push_back(
        {scenario.rollback[next].span,
         fmt::format("{} comes after the end", describe(scenario.rollback[next])), ""});
  }
  if (played.last.phase == Phase::running || played.last.phase == Phase::stopped) {
    played.verdict = judge_.endless().verdict;
    played.reason = setting_.worlds().text(judge_.endless().why);
  }
}

std::vector<Broken> Player::broken(const Played& played) {
  std::vector<Broken> all;
  Worlds& worlds = setting_.worlds();
  for (std::size_t i = 0; i < worlds.predicates().size(); ++i) {
    const Predicate& predicate = worlds.predicates()[i];
    const auto fails = [&](WorldId world) {
      return worlds.holds(world, i).value == services::CheckResult::Value::fail;
    };
    const bool always = predicate.when == Predicate::When::every_step;
    const auto first = always ? std::ranges::find_if(
                                    played.log, [&](const Event& event) { return fails(event.to); })
                              : played.log.end();
    if (first != played.log.end()) {
      all.push_back({predicate.name, first->step, worlds.holds(first->to, i).why});
    } else if (fails(played.last.world)) {
      all.push_back({predicate.name, "", worlds.holds(played.last.world, i).why});
    }
  }
  return all;
}

Played Player::play(const Scenario& scenario) {
  Played played;
  DeployState stop = deploys_.start();
  play_deploy(scenario, played, stop);
  const std::vector<Playbook>& books = setting_.books().paths;
  const auto path = std::ranges::find_if(books, [&](const Playbook& book) {
    return scenario.path.empty() ? books.size() == 1 : book.name == scenario.path;
  });
  const Interruption where = deploys_.interruption(stop);
  if (path == books.end() || !is_offered(setting_, where, *path)) {
    std::vector<std::string> names;
    for (const Playbook& book : books) {
      if (is_offered(setting_, where, book)) names.push_back(book.name);
    }
    const std::string hint = fmt::format("offered {}: {}", where.label, fmt::join(names, ", "));
    played.mistakes.push_back(
        {scenario.path_span,
         scenario.path.empty() ? "'path' says which path is taken"
         : path == books.end() ? fmt::format("the plan has no path '{}'", scenario.path)
                               : fmt::format("the plan does not offer '{}' here", scenario.path),
         hint});
    return played;
  }
  played.path = path->name;
  played.log.push_back({Actor::interruption, "", where.label, stop.world, stop.world});
  RunState run = deploys_.run_from(stop);
  std::size_t faults = run.faults_left;
  std::size_t traffic = run.traffic_left;
  for (const Happening& happening : scenario.rollback) {
    const bool fault =
        happening.fault || happening.kind == Kind::killed || happening.kind == Kind::second_run;
    faults += (fault ? 1 : 0) + happening.retries.size();
    traffic += happening.kind == Kind::traffic ? 1 : 0;
  }
  run.faults_left = static_cast<std::uint8_t>(std::min<std::size_t>(faults, kMostAtOnce));
  run.traffic_left = static_cast<std::uint8_t>(std::min<std::size_t>(traffic, kMostAtOnce));
  played.last = runner_.begin(static_cast<model::PathIndex>(path - books.begin()), run);
  judge(played);
  play_rollback(scenario, played);
  played.broken = broken(played);
  if (is_good(played.verdict) && played.verdict != Verdict::restored)
    played.residue = judge_.residue(played.last);
  return played;
}

}  // namespace backout::simulator
