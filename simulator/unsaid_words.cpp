#include "simulator/unsaid_words.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "services/service.hpp"

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
  const std::vector<model::FieldSpec>* takes = nullptr;  ///< what it may say; null: nobody knows

  bool may_say(const std::string& word) const {
    const std::string field = word.substr(0, word.find(':'));
    return takes != nullptr &&
           std::ranges::find(*takes, field, &model::FieldSpec::name) != takes->end();
  }
};

std::size_t line_of(const model::Plan& plan, const model::Span& span) {
  return plan.sources == nullptr ? 0 : plan.sources->place(span).line;
}

Place place_of(const model::Plan& plan, model::ServiceIndex service) {
  const model::Service& self = plan.services[service];
  const services::Kind* kind = services::find_kind(self.kind);
  return {self.name, self.span, &self.fields, kind == nullptr ? nullptr : &kind->spec().fields};
}

Place place_of_step(const model::Plan& plan, model::StepIndex index) {
  const model::Step& step = plan.steps[index];
  const services::Kind* kind =
      step.target == model::kNone ? nullptr : services::find_kind(plan.services[step.target].kind);
  const model::VerbSpec* verb =
      kind == nullptr ? nullptr : model::find_verb(kind->spec(), step.verb);
  return {step.id, step.id_span, &step.args, verb == nullptr ? nullptr : &verb->args};
}

/// Those that the reason names: services that own a word (`keeps` of 'api') before steps, and
/// behind all the targets of steps.
std::vector<Place> places_in(const model::Plan& plan, const std::string& reason) {
  std::vector<Place> owners;
  std::vector<Place> steps;
  std::vector<Place> others;
  std::vector<Place> targets;
  for (const std::string& name : between(reason, '\'')) {
    if (const model::StepIndex step = plan.find_step(name); step != model::kNone) {
      steps.push_back(place_of_step(plan, step));
      if (const model::ServiceIndex target = plan.steps[step].target; target != model::kNone)
        targets.push_back(place_of(plan, target));
    }
    const model::ServiceIndex service = plan.find_service(name);
    if (service == model::kNone) continue;
    const bool owns = reason.find(fmt::format("` of '{}'", name)) != std::string::npos;
    (owns ? owners : others).push_back(place_of(plan, service));
  }
  for (const std::vector<Place>* more : {&steps, &others, &targets})
    owners.insert(owners.end(), more->begin(), more->end());
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
  const auto fits = std::ranges::find_if(places, [&](const Place& place) {
    return std::ranges::any_of(words, [&](const std::string& word) { return place.may_say(word); });
  });
  const bool owned =
      reason.find(fmt::format("` of '{}'", places.front().name)) != std::string::npos;
  const Place& place = owned || fits == places.end() ? places.front() : *fits;
  return fmt::format("say it at '{}' (line {}): `{}`", place.name, line_of(plan, place.span),
                     fmt::join(words, "` or `"));
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
