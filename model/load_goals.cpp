// objectives, residue, backups, limits, ignore, workload.

#include <algorithm>

#include <fmt/format.h>

#include "model/load_context.hpp"
#include "model/rate.hpp"

namespace backout::model {
namespace {

void add_objective(LoadContext& context, const std::string& path, std::string_view phase,
                   const Node& value) {
  if (!path.empty() && !value.quoted && value.text == "none") {
    Duration no_limit;
    no_limit.unknown = true;
    context.plan.objectives.push_back({path, std::string(phase), no_limit, value.span});
  } else if (const auto limit = context.duration(value)) {
    context.plan.objectives.push_back({path, std::string(phase), *limit, value.span});
  }
}

bool is_phase(std::string_view key) {
  return key == "detect" || key == "decide" || key == "execute" || key == "verify" ||
         key == "downtime" || key == "total";
}

void read_path_objectives(LoadContext& context, const Node& paths) {
  if (!context.is_map(paths, "'paths'")) return;
  for (const Node::Entry& entry : paths.entries) {
    Node name;
    name.span = entry.key_span;
    context.path(name, entry.key);
    if (entry.value.type != Node::Type::map) {
      add_objective(context, entry.key, "total", entry.value);
      continue;
    }
    context.keys(entry.value, SectionId::path_objectives,
                 fmt::format("the objectives of path '{}'", entry.key));
    for (const Node::Entry& phase : entry.value.entries) {
      if (is_phase(phase.key)) add_objective(context, entry.key, phase.key, phase.value);
    }
  }
}

}  // namespace

void read_objectives(LoadContext& context, const Node& objectives) {
  if (!context.is_map(objectives, "'objectives'")) return;
  context.keys(objectives, SectionId::objectives, "'objectives'");
  for (const Node::Entry& entry : objectives.entries) {
    if (entry.key == "rpo") {
      context.plan.rpo_span = entry.value.span;
      context.plan.rpo_unknown = entry.value.is_unknown();
      if (!context.plan.rpo_unknown) context.plan.rpo = context.duration(entry.value);
    } else if (entry.key == "rto" || is_phase(entry.key)) {
      add_objective(context, "", entry.key == "rto" ? "total" : entry.key, entry.value);
    } else if (entry.key == "paths") {
      read_path_objectives(context, entry.value);
    }
  }
}

std::vector<Residue> read_residue(LoadContext& context, const Node& residue) {
  std::vector<Residue> all;
  const auto add = [&](const Node& node) {
    Residue one;
    one.span = node.span;
    const Node* path = &node;
    if (node.type == Node::Type::map) {
      context.keys(node, SectionId::residue, "a residue");
      path = node.find("path");
      if (const Node* reason = node.find("reason")) one.reason = context.text(*reason);
    }
    if (path == nullptr || path->is_unknown()) return;
    one.path = context.text(*path);
    if (one.path.empty()) return;
    const std::string service = one.path.substr(0, one.path.find('.'));
    if (service != "*" && context.plan.find_service(service) == kNone) {
      context.mistake(path->span,
                      fmt::format("unknown service '{}' in residue '{}'", service, one.path),
                      did_you_mean(service, context.service_names()));
    }
    all.push_back(std::move(one));
  };
  if (residue.type == Node::Type::list) {
    for (const Node& item : residue.items) add(item);
  } else {
    add(residue);
  }
  return all;
}

void read_backups(LoadContext& context, const Node& backups) {
  if (!context.is_map(backups, "'backups'")) return;
  for (const Node::Entry& entry : backups.entries) {
    context.id(entry.key, entry.key_span, "backup");
    Backup backup;
    backup.name = entry.key;
    backup.span = entry.key_span;
    if (!context.is_map(entry.value, fmt::format("backup '{}'", entry.key))) continue;
    context.keys(entry.value, SectionId::backup, fmt::format("backup '{}'", entry.key));
    if (const Node* of = entry.value.find("of")) backup.of = context.service(*of);
    if (const Node* format = entry.value.find("format")) backup.format = context.text(*format);
    if (const Node* location = entry.value.find("location"))
      backup.location = context.text(*location);
    if (const Node* age = entry.value.find("age")) backup.age = context.duration(*age);
    if (const Node* verified = entry.value.find("verified"))
      backup.verified = context.text(*verified);
    context.plan.backups.push_back(std::move(backup));
  }
}

void read_notes(LoadContext& context, const Node& notes) {
  if (!context.is_list(notes, "'notes'")) return;
  for (const Node& note : notes.items) {
    if (!context.is_map(note, "a note")) continue;
    context.keys(note, SectionId::remark, "a note");
    for (const char* key : {"about", "text", "source"}) {
      if (const Node* text = note.find(key)) context.text(*text);
    }
    if (const Node* commands = note.find("commands")) context.texts(*commands);
    if (const Node* takes = note.find("takes")) context.duration(*takes);
  }
}

void read_limits(LoadContext& context, const Node& limits) {
  if (!context.is_map(limits, "'limits'")) return;
  context.keys(limits, SectionId::limits, "'limits'");
  Limits& read = context.plan.limits;
  if (const Node* faults = limits.find("faults"))
    read.faults = context.integer(*faults, read.faults);
  if (const Node* kinds = limits.find("fault_kinds")) read.fault_kinds = context.texts(*kinds);
  if (const Node* traffic = limits.find("traffic"))
    read.traffic = context.integer(*traffic, read.traffic);
  if (const Node* states = limits.find("states"))
    read.states = context.integer(*states, read.states);
}

namespace {

/// A day that exists, YYYY-MM-DD.
bool is_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  const auto number = [&](std::size_t begin, std::size_t count) {
    int value = 0;
    for (const char c : text.substr(begin, count)) {
      if (c < '0' || c > '9') return -1;
      value = value * 10 + (c - '0');
    }
    return value;
  };
  const int year = number(0, 4);
  const int month = number(5, 2);
  const int day = number(8, 2);
  if (year < 0 || month < 1 || month > 12) return false;
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return day >= 1 && day <= kDays[month - 1] + (month == 2 && leap ? 1 : 0);
}

}  // namespace

void read_ignore(LoadContext& context, const Node& ignore) {
  if (!context.is_list(ignore, "'ignore'")) return;
  for (const Node& node : ignore.items) {
    if (!context.is_map(node, "a suppression")) continue;
    context.keys(node, SectionId::suppression, "a suppression");
    Suppression one;
    one.span = node.span;
    if (const Node* rule = node.find("rule")) one.rule = context.text(*rule);
    if (const Node* reason = node.find("reason")) one.reason = context.text(*reason);
    if (const Node* step = node.find("step")) {
      one.step = context.text(*step);
      if (!one.step.empty() && !context.step_index.contains(one.step) &&
          !context.group_index.contains(one.step)) {
        std::vector<std::string> names = context.step_names(false);
        const std::vector<std::string> more = context.step_names(true);
        names.insert(names.end(), more.begin(), more.end());
        context.mistake(step->span, fmt::format("unknown step '{}'", one.step),
                        did_you_mean(one.step, names));
      }
    }
    if (const Node* until = node.find("until")) {
      one.until = context.text(*until);
      if (until->is_scalar() && until->type != Node::Type::null && !is_date(one.until)) {
        context.mistake(until->span, fmt::format("'{}' is no day", one.until),
                        "write it like 2027-01-31");
      }
    }
    context.plan.ignore.push_back(std::move(one));
  }
}

namespace {

/// `20/min`, `1.5/s`, `1%`, `unknown`.
bool is_rate(const std::string& text) {
  if (text == "unknown" || per_hour(text)) return true;
  return text.size() > 1 && text.find_first_not_of("0123456789.") == text.size() - 1 &&
         text.back() == '%';
}

}  // namespace

void read_workload(LoadContext& context, const Node& workload) {
  if (!context.is_map(workload, "'workload'")) return;
  for (const Node::Entry& entry : workload.entries) {
    const std::string rate = context.text(entry.value);
    if (!rate.empty() && !is_rate(rate)) {
      context.mistake(entry.value.span, fmt::format("'{}' is no rate", rate),
                      "write a number per s, min, h or d, like 20/min, or unknown");
    }
    context.plan.workload.emplace(entry.key, rate);
  }
}

}  // namespace backout::model
