#include "model/load_context.hpp"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace backout::model {

std::string_view type_name(const Node& node) {
  switch (node.type) {
    case Node::Type::null:
      return "nothing";
    case Node::Type::boolean:
      return "a boolean";
    case Node::Type::integer:
      return "a whole number";
    case Node::Type::real:
      return "a number";
    case Node::Type::string:
      return "a string";
    case Node::Type::list:
      return "a list";
    case Node::Type::map:
      return "a map";
  }
  return "";
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& known) {
  constexpr std::size_t kFew = 12;
  if (const std::string near = nearest(word, known); !near.empty()) {
    return fmt::format("did you mean '{}'?", near);
  }
  if (known.empty() || known.size() > kFew) {
    return {};
  }
  return fmt::format("known: {}", fmt::join(known, ", "));
}

std::string as_hint(std::string_view help) {
  std::string hint(help.ends_with('.') ? help.substr(0, help.size() - 1) : help);
  if (hint.size() > 1 && hint[1] >= 'a' && hint[1] <= 'z')
    hint[0] = static_cast<char>(std::tolower(hint[0]));
  return hint;
}

namespace {

template <typename Items, typename Name>
std::vector<std::string> names_of(const Items& items, Name name) {
  std::vector<std::string> names;
  for (const auto& item : items) names.push_back(name(item));
  return names;
}

}  // namespace

std::vector<std::string> key_names(SectionId section) {
  return names_of(keys_of(section), [](const KeySpec& key) { return std::string(key.name); });
}

std::vector<std::string> LoadContext::service_names() const {
  return names_of(plan.services, [](const Service& service) { return service.name; });
}

std::vector<std::string> LoadContext::step_names(bool in_rollback) const {
  std::vector<std::string> names;
  for (const Step& step : plan.steps) {
    if (step.in_rollback == in_rollback) names.push_back(step.id);
  }
  for (const Group& group : groups) {
    if (group.first < plan.steps.size() && plan.steps[group.first].in_rollback == in_rollback) {
      names.push_back(group.id);
    }
  }
  return names;
}

std::vector<std::string> LoadContext::path_names() const {
  return names_of(plan.paths, [](const RollbackPath& path) { return path.name; });
}

std::vector<std::string> LoadContext::version_names(const Service& service) const {
  return names_of(service.versions, [](const Version& version) { return version.name; });
}

ServiceIndex LoadContext::service(const Node& node) {
  if (node.is_unknown()) return kNone;
  const std::string name = this->name(node, "the name of a service");
  if (name.empty()) return kNone;
  const ServiceIndex found = plan.find_service(name);
  if (found == kNone) {
    mistake(node.span, fmt::format("unknown service '{}'", name),
            did_you_mean(name, service_names()));
  }
  return found;
}

std::vector<ServiceIndex> LoadContext::services(const Node& node) {
  std::vector<ServiceIndex> found;
  const auto add = [&](const Node& one) {
    const ServiceIndex index = service(one);
    if (index != kNone) found.push_back(index);
  };
  if (node.type == Node::Type::list) {
    for (const Node& item : node.items) add(item);
  } else {
    add(node);
  }
  return found;
}

std::vector<StepIndex> LoadContext::steps(const Node& node, bool in_rollback, bool expand) {
  std::vector<StepIndex> found;
  const auto add = [&](const Node& one) {
    if (one.is_unknown()) return;
    const std::string id = name(one, "the name of a step");
    if (id.empty()) return;
    StepIndex first = kNone;
    StepIndex last = kNone;
    if (const auto step = step_index.find(id); step != step_index.end()) {
      first = step->second;
      last = first + 1;
    } else if (const auto group = group_index.find(id); group != group_index.end()) {
      first = groups[group->second].first;
      last = groups[group->second].last;
    }
    if (first == kNone) {
      mistake(one.span, fmt::format("unknown step '{}'", id),
              did_you_mean(id, step_names(in_rollback)));
    } else if (first == last) {
      return;  // an empty group: its own mistake
    } else if (plan.steps[first].in_rollback != in_rollback) {
      mistake(one.span, fmt::format("step '{}' belongs to the {}, not to the {}", id,
                                    in_rollback ? "deploy" : "rollback",
                                    in_rollback ? "rollback" : "deploy"));
    } else {
      for (StepIndex step = expand ? first : last - 1; step < last; ++step) found.push_back(step);
    }
  };
  if (node.type == Node::Type::list) {
    for (const Node& item : node.items) add(item);
  } else {
    add(node);
  }
  return found;
}

bool LoadContext::is_path(std::string_view name) const {
  return plan.find_path(name) != kNone || (plan.paths.empty() && name == "undo");
}

void LoadContext::path(const Node& node, std::string_view name) {
  if (!is_path(name)) {
    mistake(node.span, fmt::format("unknown path '{}'", name),
            plan.paths.empty() ? "a rollback without paths has one, 'undo'"
                               : did_you_mean(name, path_names()));
  }
}

void LoadContext::version(const Node& node, ServiceIndex app) {
  if (node.is_unknown()) return;
  const std::string name = this->name(node, "the name of a version");
  if (name.empty()) return;
  if (app != kNone) {
    const Service& service = plan.services[app];
    if (service.find_version(name) == nullptr) {
      mistake(node.span, fmt::format("service '{}' has no version '{}'", service.name, name),
              service.versions.empty()
                  ? fmt::format("declare it: services.{}.versions.{}", service.name, name)
                  : did_you_mean(name, version_names(service)));
    }
    return;
  }
  std::vector<std::string> known;
  for (const Service& service : plan.services) {
    if (service.find_version(name) != nullptr) return;
    const std::vector<std::string> names = version_names(service);
    known.insert(known.end(), names.begin(), names.end());
  }
  mistake(node.span, fmt::format("no app has a version '{}'", name), did_you_mean(name, known));
}

bool LoadContext::is_map(const Node& node, std::string_view what) {
  if (node.type == Node::Type::map) return true;
  mistake(node.span, fmt::format("{} takes a map, not {}", what, type_name(node)));
  return false;
}

bool LoadContext::is_list(const Node& node, std::string_view what) {
  if (node.type == Node::Type::list) return true;
  mistake(node.span, fmt::format("{} takes a list, not {}", what, type_name(node)));
  return false;
}

void LoadContext::keys(const Node& map, SectionId section, std::string_view what) {
  const std::vector<std::string> known = key_names(section);
  for (const Node::Entry& entry : map.entries) {
    if (find_key(section, entry.key) == nullptr) unknown_key(map, entry, known);
  }
  for (const KeySpec& key : keys_of(section)) {
    if (key.required && map.find(key.name) == nullptr) {
      mistake({map.span.file, map.span.begin, map.span.begin + 1},
              fmt::format("{} needs '{}'", what, key.name), as_hint(key.help));
    }
  }
}

void LoadContext::unknown_key(const Node& map, const Node::Entry& entry,
                              const std::vector<std::string>& known) {
  const std::string near = key_meant(entry.key, map, known);
  mistake(entry.key_span, fmt::format("unknown key '{}'", entry.key),
          near.empty() ? fmt::format("known here: {}", fmt::join(known, ", "))
                       : fmt::format("did you mean '{}'?", near));
}

bool LoadContext::id(std::string_view text, const Span& span, std::string_view what) {
  if (!is_id(text)) {
    mistake(span, fmt::format("'{}' is no name for a {}", text, what),
            "names are lower-case letters, digits, _ and -, beginning with a letter");
    return false;
  }
  const auto& reserved = reserved_ids();
  if (std::find(reserved.begin(), reserved.end(), text) != reserved.end()) {
    mistake(span, fmt::format("'{}' is reserved and cannot name a {}", text, what),
            "the word means something else where a name may stand");
    return false;
  }
  return true;
}

}  // namespace backout::model
