#include "services/unknown_args.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "services/app.hpp"
#include "services/record_kind.hpp"

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

/// Names that the plan uses about a service: of its versions, of what its maps hold, and what its
/// steps say.
std::vector<std::string> words_about(const Plan& plan, ServiceIndex service) {
  std::vector<std::string> words;
  const auto add = [&](const std::string& word) {
    const bool is_new = std::ranges::find(words, word) == words.end();
    if (is_new && !word.empty() && word != "unknown") words.push_back(word);
  };
  for (const model::Version& version : plan.services[service].versions) add(version.name);
  for (const model::Node::Entry& field : plan.services[service].fields.entries) {
    for (const model::Node::Entry& entry : field.value.entries) add(entry.key);
  }
  for (const model::Service& app : plan.services) {
    for (const model::Version& version : app.versions) {
      for (const model::Operation& operation : version.operations) {
        if (operation.on == service) add(operation.subject);
      }
    }
  }
  for (const model::Step& step : plan.steps) {
    if (step.target != service) continue;
    for (const model::Node::Entry& arg : step.args.entries) {
      if (arg.key == "command") continue;
      add(arg.value.text);
      for (const model::Node& item : arg.value.items) add(item.text);
      for (const model::Node::Entry& entry : arg.value.entries) add(entry.key);
    }
  }
  return words;
}

/// Services that the other fields of a service name, in order.
std::vector<std::string> services_about(const Plan& plan, ServiceIndex service) {
  std::vector<std::string> names;
  for (const model::FieldSpec& field : find_kind(plan.services[service].kind)->spec().fields) {
    if (field.type != ValueType::services) continue;
    for (const std::string& name : plan.services[service].fields.strings(field.name)) {
      if (plan.find_service(name) != model::kNone) names.push_back(name);
    }
  }
  if (!names.empty()) return names;
  for (const model::Service& other : plan.services) {
    if (is_app(find_kind(other.kind)->spec())) names.push_back(other.name);
  }
  return names;
}

model::Node list_of(const std::vector<std::string>& words, const model::Node& like) {
  model::Node node = like;
  node.text.clear();
  node.type = model::Node::Type::list;
  for (const std::string& word : words) {
    model::Node item = like;
    item.text = word;
    node.items.push_back(std::move(item));
  }
  return node;
}

/// Values that stand for all that a field may have.
std::vector<model::Node> nodes_of(const Plan& plan, ServiceIndex service,
                                  const model::FieldSpec& field, const model::Node& like) {
  if (field.type == ValueType::strings)
    return {list_of({}, like), list_of(words_about(plan, service), like)};
  if (field.type == ValueType::services) {
    std::vector<std::string> names = services_about(plan, service);
    std::vector<model::Node> all = {list_of({}, like), list_of(names, like)};
    std::ranges::reverse(names);
    all.push_back(list_of(names, like));
    return all;
  }
  std::vector<model::Node> all;
  for (const std::string& value : values_of(field)) {
    // There is no side of nothing: how many there are is a number above.
    if (value != "0") all.push_back(scalar(value, like));
  }
  return all;
}

/// The same of an argument of an action.
std::vector<model::Node> arguments_of(const Context& context, const Action& action,
                                      const model::FieldSpec& field, const model::Node& like) {
  const std::vector<std::string> words = words_about(context.plan(), action.service);
  if (field.type == ValueType::strings) return {list_of({}, like), list_of(words, like)};
  std::vector<model::Node> all;
  for (const std::string& value : values_of(field)) all.push_back(scalar(value, like));
  // What it is done to is one of what there is; a copy may have any name.
  if (field.type == ValueType::string && field.required &&
      context.kind(action.service).traits(context, action).takes_backup.empty()) {
    for (const std::string& word : words) all.push_back(scalar(word, like));
  }
  return all;
}

bool says_unknown_itself(const model::FieldSpec& field) {
  return field.type == ValueType::choice &&
         std::ranges::find(field.choices, "unknown") != field.choices.end();
}

/// Whether the state before the deploy is another one with another of these values.
bool starts_differently(const Plan& plan, ServiceIndex service, std::size_t field,
                        const std::vector<model::Node>& values) {
  std::vector<StatePtr> states;
  for (const model::Node& value : values) {
    Plan known = plan;
    known.services[service].fields.entries[field].value = value;
    const Context context(known);
    std::vector<model::Mistake> reported_before;
    states.push_back(context.kind(service).initial(context, service, reported_before));
  }
  return std::ranges::any_of(states,
                             [&](const StatePtr& each) { return !each->equals(*states.front()); });
}

/// Whether what happens differs with what this field of a service may be.
bool makes_a_difference(const Context& context, const World& world, const Action& action,
                        ServiceIndex service, std::size_t field, const Happens& happens) {
  const Plan& plan = context.plan();
  const model::Node::Entry& entry = plan.services[service].fields.entries[field];
  const auto& specs = context.kind(service).spec().fields;
  const auto spec = std::ranges::find(specs, entry.key, &model::FieldSpec::name);
  if (spec == specs.end() || says_unknown_itself(*spec)) return false;
  const std::vector<model::Node> values = nodes_of(plan, service, *spec, entry.value);
  std::vector<Outcome> all;
  for (const model::Node& value : values) {
    Plan known = plan;
    known.services[service].fields.entries[field].value = value;
    all.push_back(happens(Context(known), world, action));
  }
  if (std::ranges::any_of(all,
                          [&](const Outcome& each) { return !same_outcome(each, all.front()); }))
    return true;
  const bool is_state = spec->type == ValueType::boolean || spec->type == ValueType::choice;
  if (!is_state || action.service == model::kNone ||
      !starts_differently(plan, service, field, values))
    return false;
  const Footprint own{{resource(context, service)}, {}};
  Footprint touched = context.kind(action.service).footprint(context, action);
  touched.writes.insert(touched.writes.end(), touched.reads.begin(), touched.reads.end());
  return conflict(touched, own);
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
    if (says_unknown_itself(*field)) continue;
    const model::Node& unknown = action.args.entries[i].value;
    std::vector<Outcome> all;
    for (model::Node& value : arguments_of(context, action, *field, unknown)) {
      Action known = action;
      known.args.entries[i].value = std::move(value);
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

Outcome whatever_fields_say(const Context& context, const World& world, const Action& action,
                            const Happens& happens) {
  Outcome outcome = happens(context, world, action);
  const Plan& plan = context.plan();
  for (ServiceIndex i = 0; i < plan.services.size(); ++i) {
    const std::vector<model::Node::Entry>& fields = plan.services[i].fields.entries;
    for (std::size_t field = 0; field < fields.size(); ++field) {
      if (outcome.result == Outcome::Result::opaque) return outcome;
      if (!fields[field].value.is_unknown() ||
          !makes_a_difference(context, world, action, i, field, happens))
        continue;
      outcome.result = Outcome::Result::opaque;
      outcome.reported_ok = true;
      outcome.message = fmt::format("what `{}` of '{}' is, the plan does not say",
                                    fields[field].key, plan.services[i].name);
    }
  }
  return outcome;
}

}  // namespace backout::services
