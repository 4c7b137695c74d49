#include "simulator/unsaid_words.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace backout::simulator {

namespace {

/// What stands between two of these marks, in order, each once.
std::vector<std::string> between(const std::string& text, char mark) {
  std::vector<std::string> all;
  for (std::size_t from = text.find(mark); from != std::string::npos;) {
    const std::size_t to = text.find(mark, from + 1);
    if (to == std::string::npos) break;
    const std::string word = text.substr(from + 1, to - from - 1);
    if (std::ranges::find(all, word) == all.end()) all.push_back(word);
    from = text.find(mark, to + 1);
  }
  return all;
}

/// A service or a step of the plan, and what it says.
struct Place {
  std::string name;
  model::Span span;
  const model::Args* says = nullptr;
};

std::size_t line_of(const model::Plan& plan, const model::Span& span) {
  return plan.sources == nullptr ? 0 : plan.sources->place(span).line;
}

/// Those that the reason names: services that own a word (`keeps` of 'api') before steps.
std::vector<Place> places_in(const model::Plan& plan, const std::string& reason) {
  std::vector<Place> owners;
  std::vector<Place> steps;
  std::vector<Place> others;
  for (const std::string& name : between(reason, '\'')) {
    if (const model::StepIndex step = plan.find_step(name); step != model::kNone)
      steps.push_back({name, plan.steps[step].id_span, &plan.steps[step].args});
    const model::ServiceIndex service = plan.find_service(name);
    if (service == model::kNone) continue;
    const model::Service& self = plan.services[service];
    const bool owns = reason.find(fmt::format("` of '{}'", name)) != std::string::npos;
    (owns ? owners : others).push_back({name, self.span, &self.fields});
  }
  owners.insert(owners.end(), steps.begin(), steps.end());
  owners.insert(owners.end(), others.begin(), others.end());
  return owners;
}

}  // namespace

std::string what_to_say(const model::Plan& plan, const std::string& reason) {
  const std::vector<std::string> words = between(reason, '`');
  const std::vector<Place> places = places_in(plan, reason);
  if (words.empty()) return {};
  for (const Place& place : places) {
    for (const std::string& word : words) {
      const model::Node* node = place.says->find(word);
      if (node != nullptr && node->is_unknown())
        return fmt::format("write what `{}` of '{}' is, in place of `unknown` (line {})", word,
                           place.name, line_of(plan, node->span));
    }
  }
  if (places.empty()) return fmt::format("say it: `{}`", fmt::join(words, "` or `"));
  return fmt::format("say it at '{}' (line {}): `{}`", places.front().name,
                     line_of(plan, places.front().span), fmt::join(words, "` or `"));
}

std::string what_to_check(const std::string& reason) {
  constexpr std::string_view kHas = "' has ";
  const std::size_t absent = reason.find(" is absent, not ");
  const std::size_t list = absent == std::string::npos ? absent : reason.find("; '", absent);
  const std::size_t has = list == std::string::npos ? list : reason.find(kHas, list);
  if (has == std::string::npos) return {};
  return fmt::format("ask for a fact that {}' has (`backout kinds` explains them)",
                     reason.substr(list + 2, has - list - 2));
}

}  // namespace backout::simulator
