#include "simulator/search.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "simulator/depth_first.hpp"

namespace backout::simulator {
namespace {

template <std::size_t kWords>
std::unique_ptr<Search::Table> make_table(const SearchParts& parts, std::size_t threads) {
  if (threads == 1) return std::make_unique<DepthFirst<kWords, false>>(parts, 1);
  return std::make_unique<DepthFirst<kWords, true>>(parts, threads);
}

std::unique_ptr<Search::Table> make_table(const Setting& setting, const SearchParts& parts,
                                          std::size_t threads) {
  std::size_t tasks = 0;
  for (const Playbook& path : setting.books().paths) tasks = std::max(tasks, path.tasks.size());
  switch (words_for(tasks)) {
    case 2:
      return make_table<2>(parts, threads);
    case 3:
      return make_table<3>(parts, threads);
    case 6:
      return make_table<6>(parts, threads);
    default:
      return make_table<words_for(kMaxSteps)>(parts, threads);
  }
}

/// Asks until the answer is no, which stays.
GoOn remembering(const GoOn& go_on, std::atomic<bool>& stopped) {
  if (!go_on) return {};
  return [go_on, &stopped](std::uint64_t states) {
    if (!stopped && !go_on(states)) stopped = true;
    return !stopped;
  };
}

}  // namespace

Search::Search(Setting& setting, std::uint64_t max_states, const SearchMode& mode)
    : setting_(setting),
      max_states_(max_states),
      mode_(mode),
      go_on_(remembering(mode.go_on, stopped_)),
      runner_(setting),
      judge_(setting),
      relation_(setting, runner_, judge_),
      threads_(relation_.has_circles() ? 1 : std::max<std::size_t>(mode.threads, 1)),
      all_(make_table(setting, {relation_, judge_, nullptr, mode.reduction, max_states, &go_on_},
                      threads_)) {}

Search::~Search() = default;

std::uint64_t Search::states() const {
  return forgotten_states_ + all_->states() + (reduced_ ? reduced_->states() : 0);
}
std::uint64_t Search::transitions() const {
  return forgotten_transitions_ + all_->transitions() + (reduced_ ? reduced_->transitions() : 0);
}
std::uint64_t Search::bytes() const { return all_->bytes() + (reduced_ ? reduced_->bytes() : 0); }
bool Search::limit_reached() const { return incomplete_; }

Value Search::answer(Table& table, const RunState& state) {
  const auto [id, progress] = relation_.split(state);
  const Value value = table.answer(id, progress).value;
  table.count(setting_);
  return value;
}

void Search::begin_anew() {
  independence_ = std::make_unique<Independence>(setting_, runner_);
  if (reduced_) forgotten_states_ += reduced_->states();
  if (reduced_) forgotten_transitions_ += reduced_->transitions();
  reduced_ = make_table(
      setting_, {relation_, judge_, independence_.get(), true, max_states_, &go_on_}, threads_);
}

bool Search::may_reduce(const RunState& state) {
  // Made late: the more of live operations was seen, the less often it must be made anew.
  if (mode_.reduction && !independence_)
    independence_ = std::make_unique<Independence>(setting_, runner_);
  return mode_.reduction && independence_->is_useful(state.path);
}

void Search::work_out(Table& table, const std::vector<RunState>& begins) {
  std::vector<std::pair<SituationId, Progress>> roots;
  for (const RunState& begin : begins) roots.push_back(relation_.split(begin));
  table.work_out(roots);
  table.count(setting_);
}

bool Search::prepare(const std::vector<RunState>& begins) {
  do {
    if (reduced_ && independence_->is_outdated()) begin_anew();
    std::vector<RunState> few;
    std::vector<RunState> every;
    for (const RunState& begin : begins) (may_reduce(begin) ? few : every).push_back(begin);
    if (!few.empty()) {
      if (!reduced_) begin_anew();
      work_out(*reduced_, few);
      if (threads_ > 1 && reduced_->limit_reached) return false;
      if (independence_->is_outdated()) continue;
    }
    for (const RunState& begin : few) {
      const Value value = answer(*reduced_, begin);
      if (!is_sure(value) || wants_shortest(value)) every.push_back(begin);
    }
    work_out(*all_, every);
    if (threads_ > 1 && all_->limit_reached) return false;
  } while (reduced_ && independence_->is_outdated());
  return true;
}

bool Search::is_sure(const Value& value) const {
  return !value.escapes || value.judgement.verdict == Verdict::stuck;
}

bool Search::wants_shortest(const Value& value) const {
  return mode_.shortest && is_worse(value.judgement.verdict, Verdict::restored_with_residue);
}

bool Search::is_reduced(const RunState& state) {
  if (!may_reduce(state)) return false;
  if (!reduced_ || independence_->is_outdated()) begin_anew();
  Value value = answer(*reduced_, state);
  while (independence_->is_outdated()) {
    begin_anew();
    value = answer(*reduced_, state);
  }
  if (!is_sure(value)) return false;
  if (reduced_->limit_reached) incomplete_ = true;
  if (!wants_shortest(value)) return true;
  answer(*all_, state);
  return all_->limit_reached;
}

Value Search::worst(const RunState& state) {
  if (is_reduced(state)) return answer(*reduced_, state);
  const Value value = answer(*all_, state);
  incomplete_ = incomplete_ || all_->limit_reached;
  return value;
}

RunState Search::replay(RunState state, Log& log) {
  Table& table = is_reduced(state) ? *reduced_ : *all_;
  const auto [id, progress] = relation_.split(state);
  for (const std::uint16_t ordinal : table.answer(id, progress).way)
    state = take(table, state, ordinal, log);
  return state;
}

RunState Search::take(Table& table, const RunState& state, std::uint32_t ordinal, Log& log) {
  const auto [id, progress] = relation_.split(state);
  auto [move, way] = table.find(id, progress, ordinal);
  if (move.kind == Move::Kind::serve) {
    std::vector<Move> moves = runner_.moves(state);
    std::erase_if(moves, [](const Move& each) { return each.kind != Move::Kind::serve; });
    move = moves.at(std::exchange(way, 0));
  }
  ExhaustiveChooser chooser;
  const Setting::FaultCounts before = setting_.fired();
  for (; way > 0; --way) {
    chooser.rewind();
    runner_.take(state, move, chooser, nullptr);
    chooser.advance();
  }
  setting_.set_fired(before);
  chooser.rewind();
  return runner_.take(state, move, chooser, &log);
}

}  // namespace backout::simulator
