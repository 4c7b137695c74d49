#include "services/unknown_values.hpp"

#include <algorithm>

#include "services/app.hpp"
#include "services/features.hpp"
#include "services/record_kind.hpp"

namespace backout::services {

namespace {

using model::ValueType;

// More words than these say nothing that the first ones do not.
constexpr std::size_t kMostWords = 12;
constexpr const char* kOneOfTwo = "one of two";

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

/// Names that the plan uses about a service: of its versions, of what its maps hold, and what its
/// steps say.
std::vector<std::string> words_about(const Plan& plan, ServiceIndex service) {
  std::vector<std::string> words;
  const auto add = [&](const std::string& word) {
    const bool is_new = std::ranges::find(words, word) == words.end();
    if (is_new && !word.empty() && word != "unknown") words.push_back(word);
  };
  for (const model::Version& version : plan.services[service].versions) {
    add(version.name);
    for (const model::Node::Entry& said : version.extra.entries) {
      for (const model::Node& item : said.value.items) add(item.text);
    }
  }
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

/// One map without anything, one in which every word stands for something, and one in which every
/// service does.
std::vector<model::Node> maps_of(const Plan& plan, const std::vector<std::string>& words,
                                 const model::Node& like) {
  model::Node empty = like;
  empty.text.clear();
  empty.type = model::Node::Type::map;
  model::Node full = empty;
  model::Node of_services = empty;
  for (const std::string& word : words) {
    full.entries.push_back({word, like.span, scalar(kOneOfTwo, like)});
    if (plan.find_service(word) != model::kNone)
      of_services.entries.push_back({word, like.span, scalar(kOneOfTwo, like)});
  }
  return {std::move(empty), std::move(full), std::move(of_services)};
}

/// What is not given.
model::Node nothing() { return {}; }

/// Services whose state every kind can ask for a fact.
std::vector<std::string> services_with_facts(const Context& context, ServiceIndex self) {
  std::vector<std::string> names;
  const Plan& plan = context.plan();
  for (ServiceIndex each = 0; each < plan.services.size(); ++each) {
    std::vector<model::Mistake> reported_before;
    const StatePtr state = context.kind(each).initial(context, each, reported_before);
    if (each != self && (features_of(context.kind(self)).copies_any_store ||
                         dynamic_cast<const Record*>(state.get()) != nullptr))
      names.push_back(plan.services[each].name);
  }
  return names;
}

std::vector<std::string> versions_of(const Plan& plan, ServiceIndex service) {
  std::vector<std::string> names;
  for (const model::Version& version : plan.services[service].versions)
    names.push_back(version.name);
  return names;
}

/// What can be said of the type alone, in words.
std::vector<std::string> plain_values(const model::FieldSpec& field) {
  switch (field.type) {
    case ValueType::boolean:
      return {"true", "false"};
    case ValueType::integer:
      return {"0", "1", "100"};
    case ValueType::number:
      return {"0", "1"};
    case ValueType::duration:
      return {"0s", "90d"};
    case ValueType::choice: {
      std::vector<std::string> words = field.choices;
      std::erase(words, "unknown");
      return words;
    }
    case ValueType::any:
      return {"true", "false", "1", "100"};
    case ValueType::string:
    case ValueType::strings:
    case ValueType::service:
    case ValueType::services:
    case ValueType::version:
    case ValueType::step:
    case ValueType::file:
    case ValueType::migrations:
    case ValueType::migration:
    case ValueType::map:
      break;
  }
  if (field.name == "value" || field.name == "key") return {kOneOfTwo, "the other"};
  return {};
}

void add_scalars(const std::vector<std::string>& words, const model::Node& like,
                 std::vector<model::Node>& all) {
  for (const std::string& word : words) {
    if (all.size() < kMostWords) all.push_back(scalar(word, like));
  }
}

}  // namespace

void give(std::vector<model::Node::Entry>& entries, std::size_t at, model::Node value) {
  if (value.type == model::Node::Type::null)
    entries.erase(entries.begin() + static_cast<std::ptrdiff_t>(at));
  else
    entries[at].value = std::move(value);
}

bool says_unknown_itself(const model::FieldSpec& field) {
  return field.type == ValueType::choice &&
         std::ranges::find(field.choices, "unknown") != field.choices.end();
}

std::vector<model::Node> values_of_field(const Context& context, ServiceIndex service,
                                         const model::FieldSpec& field, const model::Node& like) {
  const Plan& plan = context.plan();
  const std::vector<std::string> words = words_about(plan, service);
  std::vector<model::Node> all;
  if (field.type == ValueType::map) return maps_of(plan, words, like);
  if (field.type == ValueType::strings || field.type == ValueType::any)
    all = {list_of({}, like), list_of(words, like)};
  if (field.type == ValueType::services) {
    std::vector<std::string> names = services_about(plan, service);
    all = {list_of({}, like), list_of(names, like)};
    std::ranges::reverse(names);
    all.push_back(list_of(names, like));
    // One of them alone, or something else.
    for (const model::Service& other : plan.services) {
      if (all.size() < kMostWords) all.push_back(list_of({other.name}, like));
    }
  }
  if (field.type == ValueType::service) {
    if (!field.required) all.push_back(nothing());
    add_scalars(services_with_facts(context, service), like, all);
  }
  if (field.type == ValueType::string) {
    if (!field.required) all.push_back(nothing());
    add_scalars(words, like, all);
  }
  for (const std::string& value : plain_values(field)) {
    // There is no side of nothing: how many there are is a number above.
    if (value != "0") all.push_back(scalar(value, like));
  }
  return all;
}

std::vector<model::Node> values_of_argument(const Context& context, const World& world,
                                            const Action& action, const model::FieldSpec& field,
                                            const model::Node& like) {
  const Plan& plan = context.plan();
  const std::vector<std::string> words = words_about(plan, action.service);
  std::vector<model::Node> all;
  if (field.type == ValueType::map) return maps_of(plan, words, like);
  if (field.type == ValueType::strings) return {list_of({}, like), list_of(words, like)};
  // A copy may have any name, and a command is what people type.
  if (field.type == ValueType::string &&
      (field.name == kCommand.name() ||
       !context.kind(action.service).traits(context, action).takes_backup.empty()))
    return {};
  const bool names_one = field.type == ValueType::version || field.type == ValueType::service ||
                         field.type == ValueType::services || field.type == ValueType::string;
  if (names_one && !field.required) all.push_back(nothing());
  if (field.type == ValueType::version) add_scalars(versions_of(plan, action.service), like, all);
  if (field.type == ValueType::service || field.type == ValueType::services) {
    for (ServiceIndex each = 0; each < plan.services.size(); ++each) {
      if (dynamic_cast<const Record*>(world.states[each].get()) != nullptr)
        add_scalars({plan.services[each].name}, like, all);
    }
  }
  add_scalars(plain_values(field), like, all);
  if (field.type == ValueType::string) add_scalars(words, like, all);
  return all;
}

}  // namespace backout::services
