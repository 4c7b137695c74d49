// deploy.steps and rollback.steps: names first, then the steps themselves, groups flattened.

#include <algorithm>

#include <fmt/format.h>

#include "model/load_context.hpp"

namespace backout::model {
namespace {

/// First pass: the ids of steps and groups, in order.
class StepCollector {
 public:
  StepCollector(LoadContext& context, bool in_rollback)
      : context_(context), in_rollback_(in_rollback) {}

  void collect(Node& list, std::uint32_t group) {
    for (Node& node : list.items) {
      if (!context_.is_map(node, "a step")) continue;
      if (node.find("steps") != nullptr || node.find("migrations") != nullptr) {
        collect_group(node, group);
      } else {
        collect_step(node, group);
      }
    }
  }

 private:
  void collect_step(Node& node, std::uint32_t group) {
    Step step;
    step.in_rollback = in_rollback_;
    step.span = node.span;
    step.id_span = {node.span.file, node.span.begin, node.span.begin + 1};
    read_id(node, "step", step.id, step.id_span);
    if (group != kNone) step.group = context_.groups[group].id;
    context_.step_index.emplace(step.id, static_cast<StepIndex>(context_.plan.steps.size()));
    context_.plan.steps.push_back(std::move(step));
    context_.step_nodes.push_back(&node);
    context_.step_groups.push_back(group);
  }

  void collect_group(Node& node, std::uint32_t parent) {
    Group group;
    group.node = &node;
    group.parent = parent;
    group.first = static_cast<StepIndex>(context_.plan.steps.size());
    Span id_span = {node.span.file, node.span.begin, node.span.begin + 1};
    read_id(node, "group", group.id, id_span);
    context_.keys(node, SectionId::group, "a group of steps");
    const auto index = static_cast<std::uint32_t>(context_.groups.size());
    context_.group_index.emplace(group.id, index);
    context_.groups.push_back(std::move(group));
    const Node* steps = node.find("steps");
    if (steps != nullptr && node.find("migrations") != nullptr) {
      context_.mistake(node.find("migrations")->span,
                       "a group has 'steps' or 'migrations', not both", "make two groups");
    }
    if (const Node* to = node.find("to"); to != nullptr && node.find("migrations") == nullptr) {
      context_.mistake(to->span, "'to' goes with 'migrations'",
                       "a group of steps ends with its last step");
    }
    Node& members = steps == nullptr ? migration_steps(context_, node, in_rollback_)
                                     : *const_cast<Node*>(steps);
    if (steps == nullptr) {
      collect(members, index);
    } else if (context_.is_list(members, "'steps'")) {
      if (members.items.empty()) context_.mistake(members.span, "a group has no steps");
      collect(members, index);
    }
    context_.groups[index].last = static_cast<StepIndex>(context_.plan.steps.size());
  }

  void read_id(const Node& node, std::string_view what, std::string& id, Span& span) {
    const Node* written = node.find("id");
    if (written == nullptr) {
      const std::string said = said_instead("id", node, key_names(SectionId::step));
      context_.mistake(span, fmt::format("a {} needs 'id'", what),
                       fmt::format("{}reports and paths name steps by it",
                                   said.empty() ? "" : fmt::format("write 'id' for '{}': ", said)));
      return;
    }
    span = written->span;
    id = context_.text(*written);
    if (id.empty() || !context_.id(id, written->span, what)) return;
    Span earlier = span;
    if (const auto step = context_.step_index.find(id); step != context_.step_index.end()) {
      earlier = context_.plan.steps[step->second].id_span;
    } else if (const auto group = context_.group_index.find(id);
               group != context_.group_index.end()) {
      earlier = context_.groups[group->second].node->find("id")->span;
    } else {
      return;
    }
    const std::size_t line = (*context_.plan.sources)[earlier.file].line_of(earlier.begin);
    context_.mistake(
        span, fmt::format("two steps are called '{}'", id),
        fmt::format("the first is on line {}; ids are unique in the whole plan", line));
  }

  LoadContext& context_;
  bool in_rollback_;
};

/// The keys of a group that its members take when they do not say their own.
bool is_inherited(std::string_view key) {
  constexpr std::string_view kInherited[] = {"by",         "optional", "always", "critical",
                                             "on_failure", "source",   "within"};
  return std::find(std::begin(kInherited), std::end(kInherited), key) != std::end(kInherited);
}

/// Second pass: one step.
class StepReader {
 public:
  StepReader(LoadContext& context, StepIndex index)
      : context_(context),
        index_(index),
        step_(context.plan.steps[index]),
        node_(*context.step_nodes[index]) {}

  /// A verb's argument may have the name of a key, like `timeout`: then it is both. `verify: true`
  /// is the verb's alone.
  void read() {
    find_verb_of();
    for (Node::Entry& entry : node_.entries) {
      const bool is_key = find_key(SectionId::step, entry.key) != nullptr;
      const FieldSpec* arg = find_arg(entry.key);
      const bool check = entry.key == "verify" && entry.value.type != Node::Type::boolean;
      const bool both = arg == nullptr || (entry.key != "verify" && entry.key != "via") || check;
      if (is_key && both) read_key(entry.key, entry.value);
      if (arg != nullptr && !check) {
        context_.field(*arg, entry.value, step_.target);
        step_.args.entries.push_back(is_key ? entry : std::move(entry));
      } else if (!is_key && verb_ != nullptr) {
        unknown_argument(entry);
      }
    }
    read_groups();
    check_arguments();
    if (!step_.takes) step_.takes = time_of_verb();
    if (step_.by == By::ci) go_through_ci();
  }

 private:
  /// What CI runs needs the plan's CI to answer: the service that is called so, or the only one of
  /// that kind.
  void go_through_ci() {
    const std::vector<Service>& services = context_.plan.services;
    ServiceIndex ci = context_.plan.find_service("ci");
    const auto is_ci = [](const Service& service) { return service.kind == "ci"; };
    if (ci == kNone && std::count_if(services.begin(), services.end(), is_ci) == 1) {
      ci = static_cast<ServiceIndex>(std::find_if(services.begin(), services.end(), is_ci) -
                                     services.begin());
    }
    if (ci != kNone && std::find(step_.via.begin(), step_.via.end(), ci) == step_.via.end())
      step_.via.push_back(ci);
  }

  void find_verb_of() {
    const Node* target = node_.find("target");
    const Node* verb = node_.find("do");
    if (target != nullptr) step_.target = context_.service(*target);
    if (verb == nullptr) {
      const std::string said = said_instead("do", node_, key_names(SectionId::step));
      context_.mistake(step_.id_span, fmt::format("step '{}' needs 'do'", step_.id),
                       said.empty() ? "name the action, as in do: deploy"
                                    : fmt::format("write 'do' for '{}'", said));
      return;
    }
    step_.verb = context_.name(*verb, "an action");
    step_.verb_span = verb->span;
    if (target != nullptr && step_.target == kNone) return;  // an unknown service has said so
    const KindSpec* kind =
        target == nullptr ? context_.catalog.find("manual") : context_.kinds[step_.target];
    if (kind == nullptr || step_.verb.empty()) return;
    verb_ = find_verb(*kind, step_.verb);
    if (verb_ == nullptr) unknown_verb(*kind, target == nullptr);
  }

  /// "did you mean 'value'? 'set' takes key, value, command"
  static std::string with_all(const std::string& near, const std::string& who,
                              const std::vector<std::string>& all) {
    return fmt::format("{}{} {}", near.empty() ? "" : fmt::format("did you mean '{}'? ", near), who,
                       all.empty() ? "no argument" : fmt::format("{}", fmt::join(all, ", ")));
  }

  void unknown_verb(const KindSpec& kind, bool no_target) {
    std::vector<std::string> verbs;
    for (const VerbSpec& verb : kind.verbs) verbs.push_back(verb.name);
    if (no_target) {
      const std::string said = said_instead("target", node_, key_names(SectionId::step));
      context_.mistake(
          step_.verb_span,
          fmt::format("step '{}' needs 'target': only what a person does has none", step_.id),
          said.empty() ? did_you_mean(step_.verb, verbs)
                       : fmt::format("write 'target' for '{}'", said));
      return;
    }
    const std::string& service = context_.plan.services[step_.target].name;
    context_.mistake(step_.verb_span,
                     fmt::format("'{}' ({}) has no action '{}'", service, kind.name, step_.verb),
                     with_all(nearest(step_.verb, verbs), fmt::format("{} has", kind.name), verbs));
  }

  const FieldSpec* find_arg(std::string_view name) const {
    if (verb_ == nullptr) return nullptr;
    const auto found = std::find_if(verb_->args.begin(), verb_->args.end(),
                                    [&](const FieldSpec& arg) { return arg.name == name; });
    return found == verb_->args.end() ? nullptr : &*found;
  }

  void unknown_argument(const Node::Entry& entry) {
    std::vector<std::string> known;
    for (const FieldSpec& arg : verb_->args) known.push_back(arg.name);
    std::vector<std::string> all = known;
    for (const std::string& key : key_names(SectionId::step)) all.push_back(key);
    context_.mistake(
        entry.key_span, fmt::format("'{}' has no argument '{}'", step_.verb, entry.key),
        with_all(key_meant(entry.key, node_, all), fmt::format("'{}' takes", step_.verb), known));
  }

  void check_arguments() {
    if (verb_ == nullptr) return;
    for (const FieldSpec& arg : verb_->args) {
      if (arg.required && !step_.args.has(arg.name)) {
        context_.mistake(step_.verb_span, fmt::format("'{}' needs '{}'", step_.verb, arg.name),
                         as_hint(arg.help));
      }
    }
  }

  /// `for` of a wait, a watch or a drain is how long it takes.
  std::optional<Duration> time_of_verb() const {
    const FieldSpec* arg = find_arg("for");
    const Node* value = step_.args.find("for");
    if (arg == nullptr || arg->type != ValueType::duration || value == nullptr) return std::nullopt;
    const auto parsed = parse_duration(value->text);
    return parsed ? std::optional(*parsed) : std::nullopt;
  }

  void read_groups() {
    std::vector<const Node*> inner = {&node_};
    for (std::uint32_t at = context_.step_groups[index_]; at != kNone;
         at = context_.groups[at].parent) {
      const Group& group = context_.groups[at];
      for (const Node::Entry& entry : group.node->entries) {
        if (is_inherited(entry.key) && !said_by(inner, entry.key)) read_key(entry.key, entry.value);
        if (index_ == group.first && (entry.key == "needs" || entry.key == "precheck"))
          read_key(entry.key, entry.value);
        if (index_ + 1 == group.last && entry.key == "verify") read_key(entry.key, entry.value);
      }
      inner.push_back(group.node);
    }
  }

  static bool said_by(const std::vector<const Node*>& nodes, std::string_view key) {
    return std::any_of(nodes.begin(), nodes.end(),
                       [&](const Node* node) { return node->find(key) != nullptr; });
  }

  void read_key(std::string_view key, const Node& value) {
    if (key == "needs") {
      const std::vector<StepIndex> needs = context_.steps(value, step_.in_rollback, false);
      step_.needs.insert(step_.needs.end(), needs.begin(), needs.end());
      step_.has_needs = true;
      context_.needs_spans[index_] = value.span;
    } else if (key == "takes") {
      step_.takes = context_.duration(value);
    } else if (key == "after") {
      step_.settle = context_.duration(value);
    } else if (key == "timeout") {
      step_.timeout = context_.duration(value);
    } else if (key == "within") {
      step_.within = context_.duration(value);
    } else if (key == "retry") {
      step_.retry = context_.integer(value, 0);
    } else if (key == "by") {
      const std::string by = context_.choice(value, find_key(SectionId::step, "by")->choices);
      step_.by = by == "human"  ? By::human
                 : by == "ci"   ? By::ci
                 : by == "auto" ? By::automatic
                                : By::unspecified;
    } else if (key == "via") {
      step_.via = context_.services(value);
    } else if (key == "precheck" || key == "verify") {
      read_checks_of(key, value);
    } else {
      read_flag_or_reference(key, value);
    }
  }

  void read_checks_of(std::string_view key, const Node& value) {
    const bool none = value.is_scalar() && value.text == "none";
    if (key == "verify") step_.verify_none = none;
    if (none) return;
    const std::vector<Check> checks = read_checks(context_, value, step_.target);
    std::vector<Check>& all = key == "verify" ? step_.verify : step_.precheck;
    all.insert(all.end(), checks.begin(), checks.end());
  }

  void read_flag_or_reference(std::string_view key, const Node& value) {
    if (key == "on_failure") {
      step_.on_failure = read_on_failure(context_, value, step_.in_rollback);
    } else if (key == "critical") {
      step_.critical = context_.boolean(value, true);
    } else if (key == "always") {
      step_.always = context_.boolean(value, false);
    } else if (key == "optional") {
      step_.optional = context_.boolean(value, false);
    } else if (key == "gate") {
      step_.gate = context_.boolean(value, false);
    } else if (key == "point_of_no_return") {
      step_.point_of_no_return = context_.boolean(value, false);
    } else if (key == "priority") {
      step_.first =
          context_.choice(value, find_key(SectionId::step, "priority")->choices) == "first";
    } else if (key == "undo" || key == "compensate") {
      read_undo(key, value);
    } else if (key == "undoes") {
      read_undoes(value);
    } else if (key == "residue") {
      step_.residue = read_residue(context_, value);
    } else if (key == "source") {
      step_.source = context_.text(value);
    } else if (key == "note") {
      step_.note = context_.text(value);
    }
  }

  void read_undo(std::string_view key, const Node& value) {
    if (key == "compensate" && node_.find("undo") != nullptr) {
      context_.mistake(value.span, "'compensate' is another word for 'undo'",
                       "keep one of the two");
      return;
    }
    step_.undo.span = value.span;
    if (value.type == Node::Type::map) {
      const Node* why = value.entries.size() == 1 ? value.find("none") : nullptr;
      if (why == nullptr) {
        context_.mistake(value.span, "'undo' takes a step, none, auto, or {none: why}");
        return;
      }
      step_.undo.type = UndoRef::Type::none;
      step_.undo.why = context_.text(*why);
    } else if (value.text == "none") {
      step_.undo.type = UndoRef::Type::none;
    } else if (value.is_unknown()) {
      return;
    } else if (step_.in_rollback) {
      context_.mistake(
          value.span,
          fmt::format("step '{}' belongs to the rollback: nothing takes it back", step_.id),
          "'undo' belongs to a step of the deploy; a rollback step says 'undoes'");
    } else if (value.text == "auto") {
      step_.undo.type = UndoRef::Type::automatic;
    } else {
      const std::vector<StepIndex> steps = context_.steps(value, true, true);
      if (steps.empty()) return;
      step_.undo.type = UndoRef::Type::step;
      step_.undo.step = steps.back();
      for (const StepIndex step : steps) add_unique(context_.plan.steps[step].undoes, index_);
    }
  }

  void read_undoes(const Node& value) {
    if (!step_.in_rollback) {
      context_.mistake(value.span,
                       fmt::format("step '{}' belongs to the deploy: it undoes nothing", step_.id),
                       "'undoes' belongs to a step of the rollback; a deploy step says 'undo'");
      return;
    }
    for (const StepIndex undone : context_.steps(value, false, true)) {
      add_unique(step_.undoes, undone);
      UndoRef& undo = context_.plan.steps[undone].undo;
      if (undo.type == UndoRef::Type::unspecified) {
        undo = {UndoRef::Type::step, index_, {}, value.span};
      }
    }
    if (value.type == Node::Type::list && value.items.empty()) {
      context_.mistake(value.span, "'undoes' names no step",
                       "leave it out, or name the deploy steps that this takes back");
    }
  }

  static void add_unique(std::vector<StepIndex>& steps, StepIndex step) {
    if (std::find(steps.begin(), steps.end(), step) == steps.end()) steps.push_back(step);
  }

  LoadContext& context_;
  StepIndex index_;
  Step& step_;
  Node& node_;
  const VerbSpec* verb_ = nullptr;
};

/// A group's `takes` minus what its members say themselves, in equal shares for the others.
void share_time(LoadContext& context, const Group& group) {
  const Node* takes = group.node->find("takes");
  if (takes == nullptr) return;
  const auto total = context.duration(*takes);
  if (!total) return;
  std::vector<StepIndex> open;
  std::int64_t low = total->low_ms;
  std::int64_t high = total->high_ms;
  for (StepIndex step = group.first; step < group.last; ++step) {
    const auto& own = context.plan.steps[step].takes;
    if (!own) {
      open.push_back(step);
    } else {
      low = std::max<std::int64_t>(0, low - own->low_ms);
      high = std::max(low, high - own->high_ms);
    }
  }
  for (std::size_t i = 0; i < open.size(); ++i) {
    const auto share = [&](std::int64_t whole) {
      const auto count = static_cast<std::int64_t>(open.size());
      return whole / count + (static_cast<std::int64_t>(i) < whole % count ? 1 : 0);
    };
    Duration part = *total;
    part.likely_ms.reset();
    part.low_ms = share(low);
    part.high_ms = share(high);
    context.plan.steps[open[i]].takes = part;
  }
}

/// A migration that no step of the rollback takes back has its down.
void undo_migrations(LoadContext& context, const Group& group) {
  for (StepIndex step = group.first; step < group.last; ++step) {
    UndoRef& undo = context.plan.steps[step].undo;
    if (!context.plan.steps[step].in_rollback && undo.type == UndoRef::Type::unspecified)
      undo.type = UndoRef::Type::automatic;
  }
}

}  // namespace

void collect_steps(LoadContext& context, Node& steps, bool in_rollback) {
  if (context.is_list(steps, "'steps'")) StepCollector(context, in_rollback).collect(steps, kNone);
}

void read_steps(LoadContext& context) {
  const auto count = static_cast<StepIndex>(context.plan.steps.size());
  for (const Step& step : context.plan.steps) context.needs_spans.push_back(step.id_span);
  for (StepIndex i = 0; i < count; ++i) StepReader(context, i).read();
  for (auto group = context.groups.rbegin(); group != context.groups.rend(); ++group) {
    share_time(context, *group);
    if (group->node->find("migrations") != nullptr) undo_migrations(context, *group);
  }
  for (Step& step : context.plan.steps) {
    std::sort(step.needs.begin(), step.needs.end());
    step.needs.erase(std::unique(step.needs.begin(), step.needs.end()), step.needs.end());
    std::sort(step.undoes.begin(), step.undoes.end());
  }
}

}  // namespace backout::model
