#include "services/unknown_args.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace backout::services {

namespace {

using model::ValueType;

/// Values that the argument may have and that stand for all others.
std::vector<std::string> values_of(const model::FieldSpec& field) {
  switch (field.type) {
    case ValueType::boolean:
      return {"true", "false"};
    case ValueType::integer:
      return {"0", "1", "100"};
    case ValueType::number:
      return {"0", "1"};
    case ValueType::choice: {
      std::vector<std::string> words = field.choices;
      std::erase(words, "unknown");
      return words;
    }
    case ValueType::string:
    case ValueType::strings:
    case ValueType::duration:
    case ValueType::service:
    case ValueType::services:
    case ValueType::version:
    case ValueType::step:
    case ValueType::file:
    case ValueType::migrations:
    case ValueType::migration:
    case ValueType::map:
    case ValueType::any:
      break;
  }
  if (field.name == "value" || field.name == "key") return {"one of two", "the other"};
  return {};
}

model::Node scalar(const std::string& text, const model::Node& like) {
  model::Node node = like;
  node.text = text;
  const bool truth = text == "true" || text == "false";
  const bool number = std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  node.type = truth    ? model::Node::Type::boolean
              : number ? model::Node::Type::integer
                       : model::Node::Type::string;
  return node;
}

bool same_outcome(const Outcome& a, const Outcome& b) {
  return a.result == b.result && a.reported_ok == b.reported_ok &&
         std::ranges::equal(a.changes, b.changes, [](const auto& x, const auto& y) {
           return x.first == y.first && x.second->equals(*y.second);
         });
}

}  // namespace

Outcome without_guess(const Context& context, const World& world, const Action& action,
                      Outcome outcome) {
  if (action.service == model::kNone || outcome.result == Outcome::Result::opaque) return outcome;
  const Kind& kind = context.kind(action.service);
  for (std::size_t i = 0; i < action.args.entries.size(); ++i) {
    if (!action.args.entries[i].value.is_unknown()) continue;
    const model::VerbSpec* verb = model::find_verb(kind.spec(), action.verb);
    if (verb == nullptr) return outcome;
    const auto field =
        std::ranges::find(verb->args, action.args.entries[i].key, &model::FieldSpec::name);
    if (field == verb->args.end()) continue;
    // A choice that has the word says itself what it means: a copy of a format that nobody knows is
    // a copy.
    if (field->type == ValueType::choice &&
        std::ranges::find(field->choices, "unknown") != field->choices.end())
      continue;
    std::vector<Outcome> all;
    for (const std::string& value : values_of(*field)) {
      Action known = action;
      known.args.entries[i].value = scalar(value, action.args.entries[i].value);
      all.push_back(kind.apply(context, world, known));
    }
    const bool matters = std::ranges::any_of(
        all, [&](const Outcome& each) { return !same_outcome(each, all.front()); });
    if (!matters) continue;
    Outcome guess =
        Outcome::opaque(fmt::format("what its `{}` is, the plan does not say", field->name));
    guess.changes = all.front().changes;
    return guess;
  }
  return outcome;
}

}  // namespace backout::services
