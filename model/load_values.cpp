// Single values: types, durations, files, and what kinds say about their fields and arguments.

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "model/files.hpp"
#include "model/load_context.hpp"

namespace backout::model {

namespace fs = std::filesystem;

std::string LoadContext::text(const Node& node) {
  if (node.is_scalar() && node.type != Node::Type::null) return node.text;
  mistake(node.span, fmt::format("expected a string, not {}", type_name(node)));
  return {};
}

std::string LoadContext::name(const Node& node, std::string_view what) {
  std::string found = text(node);
  if (found.empty() && node.is_scalar() && node.type != Node::Type::null) {
    mistake(node.span, fmt::format("expected {}, not an empty string", what));
  }
  return found;
}

std::vector<std::string> LoadContext::texts(const Node& node) {
  if (node.type != Node::Type::list) {
    std::string one = text(node);
    return one.empty() ? std::vector<std::string>() : std::vector<std::string>{std::move(one)};
  }
  std::vector<std::string> all;
  for (const Node& item : node.items) all.push_back(text(item));
  return all;
}

std::int64_t LoadContext::integer(const Node& node, std::int64_t fallback) {
  if (node.is_unknown()) return fallback;
  const auto value = node.as_integer();
  if (value && *value >= 0) return *value;
  mistake(node.span, value ? fmt::format("expected 0 or more, not {}", node.text)
                           : fmt::format("expected a whole number, not {}", type_name(node)));
  return fallback;
}

bool LoadContext::boolean(const Node& node, bool fallback) {
  if (node.is_unknown()) return fallback;
  if (const auto value = node.as_boolean()) return *value;
  mistake(node.span, fmt::format("expected true or false, not {}", type_name(node)));
  return fallback;
}

std::optional<Duration> LoadContext::duration(const Node& node) {
  if (!node.is_scalar() || node.type == Node::Type::null) {
    mistake(node.span, fmt::format("expected a duration like 10-15m, not {}", type_name(node)));
    return std::nullopt;
  }
  const auto parsed = parse_duration(node.text);
  if (!parsed) {
    mistake(node.span, parsed.error());
    return std::nullopt;
  }
  return *parsed;
}

std::string LoadContext::choice(const Node& node, const std::vector<std::string>& choices) {
  if (node.is_unknown()) return {};
  const std::string word = name(node, fmt::format("one of {}", fmt::join(choices, ", ")));
  if (word.empty() || std::find(choices.begin(), choices.end(), word) != choices.end()) return word;
  const std::string near = nearest(word, choices);
  mistake(node.span, fmt::format("expected one of {}, not '{}'", fmt::join(choices, ", "), word),
          near.empty() ? "" : fmt::format("did you mean '{}'?", near));
  return {};
}

std::string LoadContext::choice(const Node& node, const std::vector<std::string_view>& choices) {
  return choice(node, std::vector<std::string>(choices.begin(), choices.end()));
}

namespace {

/// `95%` as 95.
std::optional<double> percentage(const Node& node) {
  if (!node.is_scalar() || !node.text.ends_with('%')) return std::nullopt;
  Node number;
  number.text = node.text.substr(0, node.text.size() - 1);
  number.type = number.text.find('.') == std::string::npos ? Node::Type::integer : Node::Type::real;
  return number.as_number();
}

}  // namespace

std::optional<double> LoadContext::quantity(const Node& node, std::string_view unit) {
  if (const auto number = node.as_number()) return number;
  if (const auto percent = percentage(node)) {
    if (unit.empty() || unit == "percent" || unit == "unknown") return percent;
    if (unit == "ratio") return *percent / 100;
    mistake(node.span,
            fmt::format("'{}' is a percentage, but the metric is in {}", node.text, unit));
    return std::nullopt;
  }
  const auto duration =
      node.is_scalar() ? parse_duration(node.text) : tl::unexpected(std::string());
  if (duration && !duration->unknown && duration->low_ms == duration->high_ms) {
    if (unit == "ms") return static_cast<double>(duration->high_ms);
    if (unit == "s") return static_cast<double>(duration->high_ms) / 1000;
    mistake(node.span, fmt::format("'{}' is a time, but the metric is in {}", node.text,
                                   unit.empty() ? "no unit" : unit));
    return std::nullopt;
  }
  mistake(node.span, node.is_scalar() && node.type != Node::Type::null
                         ? fmt::format("expected a number, not '{}'", node.text)
                         : fmt::format("expected a number, not {}", type_name(node)));
  return std::nullopt;
}

std::string unit_named(std::string word) { return word == "%" ? "percent" : word; }

std::string LoadContext::unit_of(std::string_view metric) const {
  const auto unit_in = [&](const Node* metrics) {
    const Node* found = metrics == nullptr ? nullptr : metrics->find(metric);
    const Node* unit =
        found != nullptr && found->type == Node::Type::map ? found->find("unit") : found;
    return unit != nullptr && unit->is_scalar() ? unit->text : std::string();
  };
  std::string unit = unit_in(decisions_node == nullptr ? nullptr : decisions_node->find("metrics"));
  for (const Service& service : plan.services) {
    if (unit.empty() && service.kind == "monitor") unit = unit_in(service.fields.find("metrics"));
  }
  return unit_named(std::move(unit));
}

namespace {

constexpr std::uintmax_t kFileLimit = 64 * 1024 * 1024;

/// Reads one file into the plan, once. Empty on success, else what is wrong.
std::string read_into(Plan& plan, const std::string& name, const fs::path& path) {
  if (plan.files.contains(name)) return {};
  auto text = read_file(path, kFileLimit);
  if (!text) return text.error();
  const fs::path folder = fs::path((*plan.sources)[0].name()).parent_path();
  plan.files.emplace(name, plan.sources->add((folder / name).lexically_normal().generic_string(),
                                             std::move(*text)));
  return {};
}

/// The .sql files directly in a folder, sorted.
std::vector<fs::path> sql_files(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".sql") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

std::optional<fs::path> LoadContext::below(const Node& node, const std::string& name,
                                           std::string_view what) {
  const auto wrong = [&](std::string_view how, std::string hint) {
    mistake(node.span, fmt::format("{} '{}' {}", what, name, how), std::move(hint));
    return std::nullopt;
  };
  if (folder.empty())
    return wrong("cannot be named here", "a plan without a folder of its own names no files");
  std::error_code error;
  const fs::path root = fs::canonical(folder, error);
  const fs::path path = fs::weakly_canonical(root / name, error);
  if (error || !is_below(path, root))
    return wrong("lies outside the plan's folder", "copy it beside the plan");
  if (!fs::exists(path, error)) {
    return wrong("does not exist",
                 "paths are relative to the plan's folder; `missing` says that the runbook's file "
                 "is not there");
  }
  return path;
}

void LoadContext::file(const Node& node) {
  if (node.is_unknown() || node.text == "missing") return;
  const std::string name = this->name(node, "the path of a file");
  if (name.empty()) return;
  const std::optional<fs::path> path = below(node, name, "file");
  if (!path) return;
  std::error_code error;
  const fs::path root = fs::canonical(folder, error);
  if (!fs::is_directory(*path, error)) {
    if (const std::string wrong = read_into(plan, name, *path); !wrong.empty()) {
      mistake(node.span, fmt::format("file '{}' {}", name, wrong));
    }
    return;
  }
  for (const fs::path& below : sql_files(*path)) {
    const std::string below_name = (fs::path(name) / below.filename()).generic_string();
    const fs::path real = fs::weakly_canonical(below, error);
    const std::string wrong =
        is_below(real, root) ? read_into(plan, below_name, real) : "lies outside the plan's folder";
    if (!wrong.empty()) mistake(node.span, fmt::format("file '{}' {}", below_name, wrong));
  }
}

namespace {

bool is_number(const Node& node) {
  if (node.as_number() || percentage(node)) return true;
  const std::size_t slash = node.text.find('/');  // a ratio: 1/3
  if (!node.is_scalar() || slash == std::string::npos) return false;
  const auto digits = [](std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
  };
  return digits(std::string_view(node.text).substr(0, slash)) &&
         digits(std::string_view(node.text).substr(slash + 1));
}

}  // namespace

void LoadContext::field(const FieldSpec& spec, const Node& node, ServiceIndex target) {
  if (node.is_unknown() || spec.type == ValueType::any) return;
  if (node.type == Node::Type::null) {
    return mistake(node.span, fmt::format("'{}' has no value", spec.name), "write one, or unknown");
  }
  switch (spec.type) {
    case ValueType::string:
      text(node);
      break;
    case ValueType::strings:
      texts(node);
      break;
    case ValueType::integer:
      integer(node, 0);
      break;
    case ValueType::number:
      if (!is_number(node))
        mistake(node.span, fmt::format("'{}' takes a number, `95%` or a ratio", spec.name));
      break;
    case ValueType::boolean:
      boolean(node, false);
      break;
    case ValueType::duration:
      duration(node);
      break;
    case ValueType::service:
      service(node);
      break;
    case ValueType::services:
      services(node);
      break;
    case ValueType::version: {
      // Who looks at others, like a monitor, names a version of one of them.
      const bool has_some =
          target != kNone && catalog.find(plan.services[target].kind)->has_versions;
      version(node, has_some ? target : kNone);
      break;
    }
    case ValueType::step:
      steps(node,
            step_index.contains(node.text) && plan.steps[step_index.at(node.text)].in_rollback,
            false);
      break;
    case ValueType::file:
      file(node);
      break;
    case ValueType::migrations:
      break;  // collect_migrations() has read the folder
    case ValueType::migration:
      migration(node, target);
      break;
    case ValueType::choice:
      choice(node, spec.choices);
      break;
    case ValueType::map:
      is_map(node, fmt::format("'{}'", spec.name));
      break;
    case ValueType::any:
      break;
  }
}

}  // namespace backout::model
