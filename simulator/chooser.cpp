#include "simulator/chooser.hpp"

namespace backout::simulator {

bool ExhaustiveChooser::advance() {
  while (!answers_.empty() && answers_.back().first + 1 == answers_.back().second)
    answers_.pop_back();
  if (answers_.empty()) return false;
  ++answers_.back().first;
  return true;
}

Choices ExhaustiveChooser::choices() const {
  Choices all;
  for (const auto& [answer, count] : answers_) all.push_back(answer);
  return all;
}

std::size_t ExhaustiveChooser::decide(std::size_t count) {
  if (position_ == answers_.size()) answers_.emplace_back(0, static_cast<std::uint16_t>(count));
  return answers_[position_++].first;
}

std::size_t ReplayChooser::decide(std::size_t count) {
  const std::size_t answer = position_ < choices_.size() ? choices_[position_++] : 0;
  return answer < count ? answer : 0;
}

std::size_t SeededChooser::decide(std::size_t count) {
  state_ += 0x9e3779b97f4a7c15ULL;
  std::uint64_t bits = state_;
  bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9ULL;
  bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebULL;
  return (bits ^ (bits >> 31)) % count;
}

}  // namespace backout::simulator
