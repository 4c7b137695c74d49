// Infrastructure as code with a state: Terraform, OpenTofu.
//
// What the real thing does: an apply changes what is to what the configuration says, one resource
// after the other, and writes the state; it is not taken back when it fails half way. A client that
// dies leaves the state locked ("Error acquiring the state lock"). Some changes replace a resource:
// it is destroyed with what it holds, and made anew. `prevent_destroy` refuses that, in a rollback
// too. A name may stay taken after a destroy (fleet#6278, terraform-provider-google#19299). With
// `create_before_destroy` the new one is made first, which fails where two of that name cannot be
// there at once; without it there is none for a while. What `ignore_changes` names an apply leaves
// as others made it, in both directions. What somebody changed by hand (drift) the next apply takes
// back. An older state file put back changes no resource. Sources: developer.hashicorp.com "State
// locking", "The lifecycle meta-argument", "terraform apply", "Manage resource drift". What this
// fake leaves out: providers, modules, dependencies, plan files that have become stale.
//
// Facts: real.<resource>, state.<resource> = its settings; locked, kept.<resource>,
// contents.<resource>.
#include <fmt/format.h>

#include "services/amend.hpp"
#include "services/give_back.hpp"
#include "services/row_kind.hpp"
#include "services/store.hpp"

namespace backout::services {

using model::ValueType;

namespace {

constexpr TextArg kTerraformOut{"out", "Where it is written."};
constexpr NodeArg kTerraformSet{"set", "resource: settings that it has then; a new one is made."};
constexpr ListArg kTerraformReplace{"replace", "Resources that are destroyed and made anew."};
constexpr ListArg kTerraformDestroy{"destroy", "Resources that are destroyed."};
constexpr TextArg kTerraformFrom{"from", "Version of the state file, or the backup."};

bool is_listed(const model::Service& self, std::string_view list, const std::string& resource) {
  return holds(self.fields.strings(list), resource);
}

/// One change of one resource; an empty value destroys it.
struct Change {
  std::string resource;
  std::string value;
  bool replaces = false;
};

/// Whether an apply leaves the resource, which is there, as others made it.
bool is_ignored(const Call& call, const std::string& resource) {
  return is_listed(call.self, "ignore_changes", resource) && call.now.has("real." + resource);
}

std::vector<Change> changes_of(const Call& call) {
  std::vector<Change> all;
  if (const model::Node* set = kTerraformSet.node(call.action.args)) {
    for (const model::Node::Entry& entry : set->entries) {
      if (is_ignored(call, entry.key)) continue;
      const bool differs = call.now.get("real." + entry.key) != entry.value.text &&
                           call.now.has("real." + entry.key);
      all.push_back({entry.key, entry.value.text,
                     differs && is_listed(call.self, "replaced_on_change", entry.key)});
    }
  }
  for (const std::string& each : kTerraformReplace.listed(call.action.args))
    all.push_back({each, call.now.get("state." + each), true});
  for (const std::string& each : kTerraformDestroy.listed(call.action.args))
    all.push_back({each, "", false});
  return all;
}

bool is_unknown_apply(const Call& call) {
  return kTerraformSet.is_unknown(call.action.args) ||
         kTerraformDestroy.is_unknown(call.action.args) ||
         !(kTerraformSet.is_given(call.action.args) ||
           kTerraformReplace.is_given(call.action.args) ||
           kTerraformDestroy.is_given(call.action.args));
}

constexpr const char* kNameTaken =
    "{} already exists: its name stays taken for a while after it was deleted";

std::string why_not(const Call& call, const Change& change) {
  const bool exists = call.now.has("real." + change.resource);
  const bool destroys = exists && (change.replaces || change.value.empty());
  if (destroys && is_listed(call.self, "prevent_destroy", change.resource)) {
    return fmt::format(
        "Instance cannot be destroyed: resource {} has lifecycle.prevent_destroy set",
        change.resource);
  }
  if (!exists && !change.value.empty() && call.now.has("kept." + change.resource))
    return fmt::format(kNameTaken, change.resource);
  if (change.replaces && is_listed(call.self, "create_before_destroy", change.resource) &&
      is_listed(call.self, "fixed_name", change.resource)) {
    return fmt::format(
        "{} already exists: the new one is made before the old one of that name is "
        "destroyed (create_before_destroy)",
        change.resource);
  }
  if (change.replaces && is_listed(call.self, "name_kept", change.resource))
    return fmt::format(kNameTaken, change.resource);
  return {};
}

/// The resources that are gone for a while: destroyed before the new ones are made.
std::vector<std::string> gone_meanwhile(const Call& call) {
  std::vector<std::string> gone;
  for (const Change& change : changes_of(call)) {
    if (change.replaces && call.now.has("real." + change.resource) &&
        !is_listed(call.self, "create_before_destroy", change.resource))
      gone.push_back(change.resource);
  }
  return gone;
}

/// What the apply would set and leaves as it is; empty: it sets all.
std::string first_ignored(const Call& call) {
  const model::Node* set = kTerraformSet.node(call.action.args);
  if (set == nullptr) return {};
  for (const model::Node::Entry& entry : set->entries) {
    if (is_ignored(call, entry.key) && call.now.get("real." + entry.key) != entry.value.text)
      return entry.key;
  }
  return {};
}

Record changed(const Call& call, const Record& now, const Change& change) {
  Record next = now;
  const bool exists = now.has("real." + change.resource);
  if (exists && (change.replaces || change.value.empty()))
    next = next.without("contents." + change.resource);
  if (change.value.empty()) {
    if (exists && is_listed(call.self, "name_kept", change.resource))
      next = next.with("kept." + change.resource, "true");
    return next.without("real." + change.resource).without("state." + change.resource);
  }
  return next.with("real." + change.resource, change.value)
      .with("state." + change.resource, change.value);
}

Outcome apply_configuration(const Call& call) {
  const std::string part = call.arg(kPart);
  if (call.now.has("locked") && part.empty())
    return Outcome::refused("Error acquiring the state lock");
  if (is_unknown_apply(call))
    return Outcome::opaque(
        "what the apply changes, the plan does not say (`set`, `replace`, `destroy`)");
  if (call.self.fields.is_unknown("ignore_changes") && kTerraformSet.is_given(call.action.args))
    return Outcome::opaque("which resources the apply leaves alone, the plan does not say");
  if (part == "lock") return call.becomes(call.now.with("locked", "true"));
  if (part == "gone") {
    Amended next = call.now;
    for (const std::string& each : gone_meanwhile(call))
      next.without("contents." + each).without("real." + each);
    return call.becomes(next);
  }
  Record next = call.now.without("locked");
  for (const Change& change : changes_of(call)) {
    if (std::string why = why_not(call, change); !why.empty()) return Outcome::refused(why);
    next = changed(call, next, change);
  }
  // What was changed by hand is taken back, whatever the apply is for.
  for (const auto& [key, value] : call.now.facts()) {
    const std::string resource = key.starts_with("state.") ? key.substr(6) : std::string();
    if (!resource.empty() && next.get(key) == value && next.has("real." + resource) &&
        !is_ignored(call, resource))
      next = next.with("real." + resource, value);
  }
  const std::string left = first_ignored(call);
  if (left.empty() || !next.equals(call.now)) return call.becomes(next);
  return Outcome::noop(fmt::format(
      "No changes. Your infrastructure matches the configuration: {} is among ignore_changes",
      left));
}

std::vector<Action> pieces(const Call& call) {
  if (!apply_configuration(call).ok()) return {call.action};
  std::vector<Action> all = {with_arg(call.action, kPart.name(), "lock")};
  if (!gone_meanwhile(call).empty()) all.push_back(with_arg(call.action, kPart.name(), "gone"));
  all.push_back(with_arg(call.action, kPart.name(), "rest"));
  return all;
}

bool has_drift(const Call& call) {
  return std::ranges::any_of(call.now.facts(), [&](const auto& fact) {
    return fact.first.starts_with("real.") && !is_ignored(call, fact.first.substr(5)) &&
           call.now.get("state." + fact.first.substr(5)) != fact.second;
  });
}

Undo undo_of_apply(const Call& call) {
  if (is_unknown_apply(call) || !apply_configuration(call).ok()) return {};
  if (has_drift(call))
    return no_undo("what was changed by hand, the apply takes back and nobody recorded");
  GiveBack back(call.action);
  for (const Change& change : changes_of(call)) {
    const bool exists = call.now.has("real." + change.resource);
    if (exists && (change.value.empty() || change.replaces)) {
      if (is_listed(call.self, "stateful", change.resource))
        return no_undo(fmt::format("{} is destroyed with what it holds", change.resource));
      if (is_listed(call.self, "name_kept", change.resource))
        return no_undo(fmt::format("the name of {} stays taken", change.resource));
    }
    if (exists && is_listed(call.self, "replaced_on_change", change.resource) &&
        is_listed(call.self, "prevent_destroy", change.resource))
      return no_undo(fmt::format("{} may not be replaced", change.resource));
    if (!exists && (is_listed(call.self, "prevent_destroy", change.resource) ||
                    is_listed(call.self, "stateful", change.resource) ||
                    is_listed(call.self, "name_kept", change.resource)))
      return no_undo(
          fmt::format("{} is not destroyed again without leaving something", change.resource));
    if (exists)
      back.give(change.resource, call.now.get("real." + change.resource));
    else if (!change.value.empty())
      back.take(change.resource);
  }
  return back.undo("apply", kTerraformSet, kTerraformDestroy);
}

void apply_traits(const Context& context, const Action& action, Traits& traits) {
  const model::Service& self = context.plan().services[action.service];
  std::vector<std::string> gone = kTerraformDestroy.listed(action.args);
  for (std::string& each : kTerraformReplace.listed(action.args)) gone.push_back(std::move(each));
  for (const std::string& each : gone) {
    if (is_listed(self, "stateful", each))
      traits.destroys = fmt::format("{}, and what it holds", each);
  }
  if (kTerraformReplace.is_given(action.args))
    traits.not_repeatable = "every run replaces it once more";
}

std::vector<VerbRow> verbs_of_terraform() {
  return {{{"plan", {kTerraformOut}, "Looks at what an apply would do."},
           [](const Call& call) {
             return call.now.has("locked") ? Outcome::refused("Error acquiring the state lock")
                                           : Outcome::done();
           },
           changes_nothing,
           looks},
          {{"apply",
            {kTerraformSet, kTerraformReplace, kTerraformDestroy},
            "Makes what is what the configuration says; takes changes by hand back."},
           apply_configuration,
           undo_of_apply,
           apply_traits,
           pieces},
          {{"force_unlock", {}, "Removes a lock that a dead client left."},
           [](const Call& call) { return call.becomes(call.now.without("locked")); },
           changes_nothing,
           no_traits},
          {{"restore_state",
            {kTerraformFrom},
            "Puts the state file from before the deploy back: no resource changes."},
           [](const Call& call) {
             Amended next = without_area(call.now, "state");
             if (const model::Node* all = call.self.fields.find("resources")) {
               for (const model::Node::Entry& entry : all->entries)
                 next.with("state." + entry.key, entry.value.text);
             }
             return call.becomes(next);
           },
           [](const Call&) { return no_undo("the state that it replaces"); },
           [](const Context&, const Action&, Traits& traits) {
             traits.leaves = {
                 "the resources are as the newer state says; what the older one does not know, "
                 "nothing manages"};
           }}};
}

KindRow terraform_row() {
  KindRow row;
  row.name = "terraform";
  row.help = "Infrastructure as code with a state: Terraform, OpenTofu.";
  row.fields = {
      field("resources", ValueType::map, "resource: settings before the deploy.", true),
      field("drift", ValueType::map, "resource: settings that somebody gave it by hand."),
      field("stateful", ValueType::strings, "Resources that hold data: destroyed, it is lost."),
      field("replaced_on_change", ValueType::strings,
            "Resources that a change of settings replaces."),
      field("prevent_destroy", ValueType::strings, "Resources that protect themselves."),
      field("name_kept", ValueType::strings, "Resources whose name stays taken after a destroy."),
      field("create_before_destroy", ValueType::strings,
            "Resources of which the new one is made before the old one is destroyed."),
      field("fixed_name", ValueType::strings,
            "Resources of whose name two cannot be there at once."),
      field("ignore_changes", ValueType::strings,
            "Resources that an apply leaves as others made them."),
      field("provider", ValueType::string, "Who runs it."),
      field("location", ValueType::string, "Where the state is kept.")};
  row.verbs = verbs_of_terraform();
  row.aliases = {"opentofu"};
  row.incidental = {"kept"};
  row.initial = [](const Context& context, ServiceIndex self, std::vector<model::Mistake>&) {
    const model::Service& service = context.plan().services[self];
    Amended record = Record().with("contents", "kept");
    if (const model::Node* all = service.fields.find("resources")) {
      for (const model::Node::Entry& entry : all->entries)
        record.with("real." + entry.key, entry.value.text)
            .with("state." + entry.key, entry.value.text);
    }
    if (const model::Node* drift = service.fields.find("drift")) {
      for (const model::Node::Entry& entry : drift->entries)
        record.with("real." + entry.key, entry.value.text);
    }
    for (const std::string& each : service.fields.strings("stateful")) {
      if (record.has("real." + each)) record.with("contents." + each, "kept");
    }
    return record;
  };
  row.data = [](const Plan&, ServiceIndex, const Record& record) {
    return area_data(record, "contents");
  };
  return row;
}

}  // namespace

const Kind& kind_terraform() {
  static const std::unique_ptr<const Kind> kKind = make_kind(terraform_row());
  return *kKind;
}

}  // namespace backout::services
