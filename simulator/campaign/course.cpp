#include "simulator/campaign/course.hpp"

#include <algorithm>

namespace backout::simulator {
namespace {

std::uint64_t key_of(std::uint32_t node, std::size_t move, std::size_t fault, std::size_t part) {
  return std::uint64_t{node} << 32 | std::uint64_t{move} << 16 | std::uint64_t{fault} << 8 | part;
}

}  // namespace

void Course::clear() {
  infos_.clear();
  states_.clear();
  ids_.clear();
  edges_.clear();
  operations_.clear();
  faulty_.clear();
  faults_.clear();
}

Course::Node Course::at(const RunState& state) {
  const auto [found, fresh] = ids_.try_emplace(state, static_cast<Node>(infos_.size()));
  if (!fresh) return found->second;
  infos_.push_back(describe(state));
  states_.push_back(state);
  return found->second;
}

Course::Info Course::describe(const RunState& state) {
  Info info;
  info.path = state.path;
  info.final = state.phase == Phase::ended || state.phase == Phase::stuck;
  const Judgement judgement = info.final ? judge_.end(state) : judge_.visible(state);
  info.verdict = judgement.verdict;
  info.why = judgement.why;
  info.first_edge = static_cast<std::uint32_t>(edges_.size());
  if (info.final) return info;
  info.first_operation = static_cast<std::uint32_t>(operations_.size());
  const std::vector<Move> moves = runner_.moves(state);
  edges_.resize(edges_.size() + moves.size(), {kUnknownNode, 0});
  for (std::size_t i = 0; i < moves.size(); ++i) {
    const auto at = static_cast<std::uint16_t>(i);
    switch (moves[i].kind) {
      case Move::Kind::task:
        info.ready.set(moves[i].index);
        break;
      case Move::Kind::skip:
        info.may_skip.set(moves[i].index);
        break;
      case Move::Kind::serve:
        if (info.serves++ == 0) info.first_serve = at;
        operations_.push_back(setting_.worlds().operations(state.world)[moves[i].index].operation);
        break;
      case Move::Kind::late:
        info.late = at;
        break;
      case Move::Kind::killed:
        info.killed = at;
        break;
      case Move::Kind::second_run:
        info.second_run = at;
        break;
      case Move::Kind::finish:
      case Move::Kind::deadlock:
        info.finish = at;
        break;
      case Move::Kind::take_over:
        info.take_over = at;
        break;
    }
  }
  return info;
}

Course::Edge Course::take(Node node, const Choices& choices) {
  const RunState from = states_[node];
  ReplayChooser chooser(choices);
  Log log;
  const RunState to = runner_.next(from, chooser, &log);
  const std::vector<Task>& tasks = setting_.books().paths[from.path].tasks;
  std::vector<AttemptNote> notes;
  for (const Event& event : log) {
    if (!event.attempt) continue;
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      if (name_of(setting_.plan(), tasks[i]) != event.step) continue;
      notes.push_back({static_cast<std::uint16_t>(i), event.fault});
      break;
    }
  }
  Edge edge{at(to), 0};
  if (notes.size() != 1 || notes.front().fault) {
    const auto known = std::ranges::find(attempts_.begin() + 1, attempts_.end(), notes);
    edge.attempts = static_cast<std::uint32_t>(known - attempts_.begin());
    if (known == attempts_.end()) attempts_.push_back(std::move(notes));
  }
  return edge;
}

Course::Edge Course::work_out(Node node, std::size_t move) {
  const Edge edge = take(node, choices(node, move, std::nullopt, 0));
  edges_[infos_[node].first_edge + move] = edge;
  return edge;
}

Choices Course::choices(Node node, std::size_t move, std::optional<Fault> fault, std::size_t part) {
  Choices answers;
  if (runner_.moves(states_[node]).size() > 1) answers.push_back(static_cast<std::uint16_t>(move));
  if (!fault) return answers;
  const std::span<const Fault> kinds = faults(node, task_of(node, move));
  answers.push_back(
      static_cast<std::uint16_t>(std::ranges::find(kinds, *fault) - kinds.begin() + 1));
  if (*fault == Fault::half && parts(node, task_of(node, move)) > 1)
    answers.push_back(static_cast<std::uint16_t>(part));
  return answers;
}

Course::Edge Course::faulty(Node node, std::size_t move, Fault fault, std::size_t part) {
  const std::uint64_t key = key_of(node, move, static_cast<std::size_t>(fault), part);
  if (const auto found = faulty_.find(key); found != faulty_.end()) return found->second;
  const Edge edge = take(node, choices(node, move, fault, part));
  faulty_.emplace(key, edge);
  return edge;
}

std::span<const Fault> Course::faults(Node node, std::size_t task) {
  const std::uint64_t key = key_of(node, task, 0, 0);
  if (const auto found = faults_.find(key); found != faults_.end()) return found->second;
  const RunState& state = states_[node];
  std::vector<Fault> kinds;
  if (state.faults_left > 0) {
    kinds = possible_faults(setting_, setting_.books().paths[state.path].tasks[task], state.world);
  }
  return faults_.emplace(key, std::move(kinds)).first->second;
}

std::size_t Course::parts(Node node, std::size_t task) {
  const RunState& state = states_[node];
  return halves(setting_.worlds(), setting_.books().paths[state.path].tasks[task], state.world)
      .size();
}

std::size_t Course::task_of(Node node, std::size_t move) {
  return runner_.moves(states_[node])[move].index;
}

}  // namespace backout::simulator
