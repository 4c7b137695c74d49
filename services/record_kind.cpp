#include "services/record_kind.hpp"

#include <algorithm>
#include <cctype>
#include <stdexcept>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "model/scalar.hpp"
#include "services/copies.hpp"
#include "services/dependence.hpp"
#include "services/sealed.hpp"

namespace backout::services {

std::vector<Fact> RecordKind::facts(const Context&, ServiceIndex, const State& state) const {
  std::vector<std::string> prefixes = incidental();
  prefixes.insert(prefixes.end(), {kOutage, kKeyOfCopy, kBrought, kSealed});
  const Record& record = static_cast<const Record&>(state);
  const bool brings = std::ranges::any_of(
      record.facts(), [](const auto& fact) { return fact.first.starts_with(kBrought); });
  std::vector<Fact> all;
  for (const auto& [key, value] : record.facts()) {
    const bool brought = brings && record.has(std::string(kBrought) + '.' + key);
    const bool essential =
        !brought && std::ranges::none_of(prefixes, [&path = key](const std::string& prefix) {
          return overlaps(path, prefix) && path.size() >= prefix.size();
        });
    all.push_back({key, value, essential});
  }
  return all;
}

void unhandled(const model::KindSpec& kind, const Action& action, std::string_view what) {
  throw std::logic_error(
      fmt::format("kind '{}' has no {} for its verb '{}'", kind.name, what, action.verb));
}

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> items;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    items.emplace_back(text.substr(0, comma));
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
  }
  return items;
}

std::string join_list(const std::vector<std::string>& items) {
  return fmt::format("{}", fmt::join(items, ","));
}

bool has_step(const Plan& plan, ServiceIndex service, std::string_view verb) {
  return std::ranges::any_of(plan.steps, [&](const model::Step& step) {
    return step.target == service && step.verb == verb;
  });
}

std::string resource(const Context& context, ServiceIndex service, std::string_view path) {
  const std::string& name = context.plan().services[service].name;
  return path.empty() ? name : fmt::format("{}.{}", name, path);
}

Action with_arg(Action action, std::string name, std::string value) {
  model::Node node;
  node.type = model::plain_scalar_type(value);
  node.span = action.span;
  node.text = std::move(value);
  action.args.entries.push_back({std::move(name), action.span, std::move(node)});
  return action;
}

Action same_service(const Action& action, std::string verb,
                    std::vector<std::pair<std::string, std::string>> args) {
  Action made{
      action.service, std::move(verb), {}, action.span, fmt::format("undo of '{}'", action.label)};
  for (auto& [name, value] : args)
    made = with_arg(std::move(made), std::move(name), std::move(value));
  return made;
}

std::vector<ServiceIndex> named_services(const Plan& plan, const Args& fields,
                                         std::string_view field) {
  std::vector<ServiceIndex> found;
  for (const std::string& name : fields.strings(field)) {
    const ServiceIndex service = plan.find_service(name);
    if (service != model::kNone) found.push_back(service);
  }
  return found;
}

namespace {

/// A digest, a commit, a tag with a version number: these do not move.
bool is_fixed(std::string_view word) {
  if (word.find("@sha256:") != std::string_view::npos) return true;
  const auto hex = [](unsigned char c) { return std::isxdigit(c) != 0; };
  if (word.size() >= 7 && std::ranges::all_of(word, hex)) return true;
  return word.size() > 1 && word[0] == 'v' &&
         std::isdigit(static_cast<unsigned char>(word[1])) != 0;
}

}  // namespace

std::string moving_target(const std::string& word) {
  const std::string name = word.starts_with("git:") ? word.substr(4) : word;
  if (is_fixed(name)) return {};
  if (name == "previous") {
    return "'previous' is whatever came before, which may itself be bad; a second run goes back to "
           "the bad one";
  }
  if (name == "latest" || name.ends_with(":latest"))
    return "'latest' is whatever is newest when the step runs";
  if (name == "unknown") return "which one it goes to, nobody recorded";
  if (name == "HEAD") return "`HEAD` need not be the bad commit";
  if (name.starts_with("HEAD~"))
    return fmt::format("'{}' is counted from wherever the branch is when the step runs", name);
  if (name == "main" || name == "master" || name == "develop")
    return fmt::format("'{}' is a branch, and moves", name);
  if (name == "last_known_good") return "nothing records which one was good";
  return {};
}

namespace {

/// Whether a tag names one build: it holds a commit, a build number of two digits or more, or three
/// numbers.
bool is_full_tag(std::string_view tag) {
  const auto digit = [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; };
  const auto hex = [](char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; };
  if (tag.size() >= 2 && std::ranges::all_of(tag, digit)) return true;
  std::size_t numbers = 0;
  std::size_t at = 0;
  while (at < tag.size()) {
    const auto end =
        std::find_if(tag.begin() + static_cast<std::ptrdiff_t>(at), tag.end(),
                     [](char c) { return c == '.' || c == '-' || c == '_' || c == '+'; });
    const std::size_t length = static_cast<std::size_t>(end - tag.begin()) - at;
    std::string_view piece = tag.substr(at, length);
    if (piece.size() > 1 && piece[0] == 'v') piece.remove_prefix(1);
    if (piece.size() >= 7 && std::ranges::all_of(piece, hex)) return true;
    if (!piece.empty() && std::ranges::all_of(piece, digit)) ++numbers;
    at += length + 1;
  }
  return numbers >= 3;
}

}  // namespace

std::string moving_tag(const std::string& word) {
  if (std::string why = moving_target(word); !why.empty() || word.starts_with("git:")) return why;
  // A digest alone, and a revision that a cloud has given a number.
  if (word.starts_with("sha256:") || word.starts_with("sha512:") || word.starts_with("arn:"))
    return {};
  const std::size_t colon = word.rfind(':');
  const std::size_t slash = word.rfind('/');
  if (word.find('@') != std::string::npos || colon == std::string::npos ||
      (slash != std::string::npos && slash > colon) || word.find("://") != std::string::npos)
    return {};
  const std::string tag = word.substr(colon + 1);
  if (is_full_tag(tag)) return {};
  return fmt::format("'{}' is a tag that the next build may move", tag);
}

std::string moving_artefact(const Context& context, const Action& action) {
  const model::Version* version =
      context.plan().services[action.service].find_version(kDeployedVersion.in(action.args));
  const std::string word = kDeployedRef.in(action.args, kDeployedImage.in(action.args));
  return moving_tag(word.empty() && version != nullptr ? version->artefact : word);
}

Record without_area(const Record& record, const std::string& area) {
  std::map<std::string, std::string> facts;
  for (const auto& [key, value] : record.facts()) {
    if (!key.starts_with(area + '.')) facts.emplace(key, value);
  }
  return Record(std::move(facts));
}

Record copy_area(const Record& record, const std::string& from, const std::string& to) {
  return copy_area(record, from, record, to);
}

Record copy_area(const Record& source, const std::string& from, const Record& record,
                 const std::string& to) {
  std::map<std::string, std::string> facts = without_area(record, to).facts();
  for (const auto& [key, value] : source.facts()) {
    if (key.starts_with(from + '.')) facts[to + key.substr(from.size())] = value;
  }
  return Record(std::move(facts));
}

}  // namespace backout::services
