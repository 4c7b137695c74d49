// deploy and rollback around their steps: window, paths, response, on_failure.

#include <algorithm>

#include <fmt/format.h>

#include "model/load_context.hpp"

namespace backout::model {
namespace {

constexpr std::int64_t kMinute = 60'000;
constexpr std::int64_t kDay = 24 * 60 * kMinute;

/// Minutes of the day of "HH:MM", in ms.
std::optional<std::int64_t> clock(LoadContext& context, const Node& node) {
  const std::string text = context.text(node);
  const auto digit = [&](std::size_t i) { return text[i] >= '0' && text[i] <= '9'; };
  const bool shaped =
      text.size() == 5 && text[2] == ':' && digit(0) && digit(1) && digit(3) && digit(4);
  const int hour = shaped ? (text[0] - '0') * 10 + text[1] - '0' : 99;
  const int minute = shaped ? (text[3] - '0') * 10 + text[4] - '0' : 99;
  if (hour > 23 || minute > 59) {
    if (!node.is_unknown())
      context.mistake(node.span, fmt::format("'{}' is no time of day", text),
                      "write it like \"02:00\"");
    return std::nullopt;
  }
  return (hour * 60 + minute) * kMinute;
}

std::optional<Duration> read_window(LoadContext& context, const Node& window) {
  if (window.type != Node::Type::map) return context.duration(window);
  context.keys(window, SectionId::window, "'window'");
  const Node* from = window.find("from");
  const Node* to = window.find("to");
  if (from == nullptr || to == nullptr) return std::nullopt;
  const auto opens = clock(context, *from);
  const auto closes = clock(context, *to);
  if (!opens || !closes) return std::nullopt;
  Duration length;
  length.low_ms = length.high_ms = *closes > *opens ? *closes - *opens : *closes - *opens + kDay;
  return length;
}

}  // namespace

OnFailure read_on_failure(LoadContext& context, const Node& node, bool in_rollback) {
  OnFailure result;
  if (node.is_unknown()) return result;
  const std::string text = context.text(node);
  const std::size_t colon = text.find(':');
  const std::string word = text.substr(0, colon);
  const std::string rest = colon == std::string::npos ? "" : text.substr(colon + 1);
  result.written = true;
  result.span = node.span;
  Node named = node;
  named.text = rest;
  if (text == "abort") {
    result.type = OnFailure::Type::abort;
  } else if (text == "continue") {
    result.type = OnFailure::Type::carry_on;
  } else if (word == "rollback" && (colon == std::string::npos || !rest.empty())) {
    result.type = OnFailure::Type::rollback;
    result.path = rest;
    if (!rest.empty()) context.path(node, rest);
  } else if (word == "goto" && !rest.empty()) {
    result.type = OnFailure::Type::go_to;
    const std::vector<StepIndex> steps = context.steps(named, in_rollback, true);
    result.step = steps.empty() ? kNone : steps.front();
  } else if (!text.empty()) {
    result.written = false;
    context.mistake(node.span, fmt::format("'on_failure' cannot be '{}'", text),
                    "write abort, continue, rollback, rollback:<path> or goto:<step>");
  }
  return result;
}

void read_deploy(LoadContext& context, Node& deploy) {
  if (!context.is_map(deploy, "'deploy'")) return;
  context.keys(deploy, SectionId::deploy, "'deploy'");
  if (const Node* window = deploy.find("window")) {
    context.plan.window = read_window(context, *window);
    context.plan.window_span = window->span;
  }
  for (Node::Entry& entry : deploy.entries) {
    if (entry.key == "steps") collect_steps(context, entry.value, false);
  }
}

namespace {

bool is_derived(const Node& steps) { return steps.is_scalar() && steps.text == "derived"; }

const Node* steps_of_path(const Node& path) {
  return path.type == Node::Type::list ? &path : path.find("steps");
}

/// The whole rollback as one path, when the plan names none.
RollbackPath whole_path(const LoadContext& context, const Span& span) {
  RollbackPath path;
  path.name = "full";
  path.full = true;
  path.span = span;
  for (auto step = static_cast<StepIndex>(context.plan.deploy_count);
       step < context.plan.steps.size(); ++step) {
    path.steps.push_back(step);
  }
  return path;
}

void read_path_steps(LoadContext& context, RollbackPath& path, const Node& steps) {
  path.steps = context.steps(steps, true, true);
  if (steps.type == Node::Type::list && steps.items.size() == path.steps.size()) {
    for (const Node& item : steps.items) path.places.push_back(item.span);
  }
  std::vector<StepIndex> sorted = path.steps;
  std::sort(sorted.begin(), sorted.end());
  const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
  if (twice != sorted.end()) {
    context.mistake(steps.span, fmt::format("path '{}' names step '{}' twice", path.name,
                                            context.plan.steps[*twice].id));
    path.steps.clear();
  } else if (steps.type == Node::Type::list && steps.items.empty()) {
    context.mistake(steps.span, fmt::format("path '{}' has no steps", path.name));
  }
}

void read_path(LoadContext& context, RollbackPath& path, const Node& body) {
  if (const Node* steps = steps_of_path(body)) read_path_steps(context, path, *steps);
  path.full = path.name == "full" || context.plan.paths.size() == 1;
  if (body.type != Node::Type::map) return;
  if (const Node* total = body.find("total")) path.total = context.duration(*total);
  if (const Node* timeout = body.find("timeout")) path.timeout = context.duration(*timeout);
  if (const Node* full = body.find("full")) path.full = context.boolean(*full, path.full);
  if (const Node* when = body.find("when")) path.when = context.text(*when);
  if (const Node* from = body.find("from")) {
    for (const StepIndex step : context.steps(*from, false, false))
      path.from.push_back(context.plan.steps[step].id);
  }
}

void read_response(LoadContext& context, const Node& response) {
  if (!context.is_map(response, "'response'")) return;
  context.keys(response, SectionId::response, "'response'");
  Plan& plan = context.plan;
  if (const Node* detect = response.find("detect")) plan.detect = context.duration(*detect);
  for (const std::string_view key : {"decide", "respond"}) {
    const Node* part = response.find(key);
    const auto duration = part == nullptr ? std::nullopt : context.duration(*part);
    if (!duration) continue;
    if (!plan.respond || duration->unknown) {
      plan.respond = plan.respond && plan.respond->unknown ? plan.respond : duration;
    } else if (!plan.respond->unknown) {
      plan.respond->low_ms += duration->low_ms;
      plan.respond->high_ms += duration->high_ms;
      plan.respond->likely_ms.reset();
      plan.respond->strict |= duration->strict;
    }
  }
}

}  // namespace

void collect_rollback(LoadContext& context, Node& rollback) {
  if (!context.is_map(rollback, "'rollback'")) return;
  context.keys(rollback, SectionId::rollback, "'rollback'");
  for (Node::Entry& entry : rollback.entries) {
    if (entry.key == "steps" && !is_derived(entry.value)) collect_steps(context, entry.value, true);
  }
  const Node* paths = rollback.find("paths");
  if (paths == nullptr && context.plan.steps.size() > context.plan.deploy_count) {
    context.plan.paths.push_back(whole_path(context, rollback.span));
  }
  if (paths == nullptr || !context.is_map(*paths, "'paths'")) return;
  // Each is a column of the matrix.
  constexpr std::size_t kMostPaths = 400;
  if (paths->entries.size() > kMostPaths) {
    context.mistake(paths->entries[kMostPaths].key_span,
                    fmt::format("{} paths are too many: at most {} are looked at",
                                paths->entries.size(), kMostPaths),
                    "a plan of its own for what has nothing to do with the others");
    return;
  }
  for (const Node::Entry& entry : paths->entries) {
    context.id(entry.key, entry.key_span, "path");
    RollbackPath path;
    path.name = entry.key;
    path.span = entry.key_span;
    context.plan.paths.push_back(std::move(path));
  }
}

void read_rollback(LoadContext& context, const Node* rollback) {
  Plan& plan = context.plan;
  if (rollback == nullptr || rollback->type != Node::Type::map) return;
  if (const Node* total = rollback->find("total")) {
    plan.rollback_total = context.duration(*total);
    plan.rollback_total_span = total->span;
  }
  if (const Node* response = rollback->find("response")) read_response(context, *response);
  if (const Node* source = rollback->find("source")) context.text(*source);
  if (const Node* on_failure = rollback->find("on_failure")) {
    plan.rollback_on_failure = read_on_failure(context, *on_failure, true);
    for (std::size_t i = plan.deploy_count; i < plan.steps.size(); ++i) {
      if (!plan.steps[i].on_failure.written) plan.steps[i].on_failure = plan.rollback_on_failure;
    }
  }
  const Node* paths = rollback->find("paths");
  if (paths == nullptr || paths->type != Node::Type::map) return;
  for (std::size_t i = 0; i < plan.paths.size(); ++i) {
    const Node& body = paths->entries[i].value;
    if (body.type == Node::Type::map) {
      context.keys(body, SectionId::path, fmt::format("path '{}'", plan.paths[i].name));
    } else if (body.type != Node::Type::list) {
      context.is_map(body, fmt::format("path '{}'", plan.paths[i].name));
      continue;
    }
    read_path(context, plan.paths[i], body);
  }
}

}  // namespace backout::model
