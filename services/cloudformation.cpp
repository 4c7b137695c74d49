// A stack of AWS CloudFormation (CDK, SAM, Serverless Framework).
//
// What the real thing does: an update changes one resource after the other; when one fails it takes
// back by itself what it had changed, and where that does not work either the stack is
// UPDATE_ROLLBACK_FAILED: it takes no update any more until somebody continues the rollback, and
// skips the resources that do not go back. A setting that the service behind a resource does not
// take any more (a runtime that was retired) an older template brings no more than a resource that
// somebody deleted by hand. A resource with `DeletionPolicy: Retain` stays when the template leaves
// it out, and the template that has it again is refused, because one of that name is there: it is
// imported, or keeps its name from then on. A stack policy denies updates. Replaced resources are
// made first and destroyed at the end, so that one with a name of its own is not replaced. What a
// stack exports it neither takes away nor replaces while the template of another one imports it:
// the importers go first. Sources: AWS CloudFormation guide, "Update behaviors of stack resources",
// "Continue rolling back an update", "DeletionPolicy attribute", "Prevent updates to stack
// resources", "Import AWS resources into a stack", "Get exported outputs from a deployed
// CloudFormation stack"; aws-cdk#3414; AWS Lambda, "Runtime deprecation policy". What this fake
// leaves out: change sets, nested stacks, custom resources.
//
// Facts: real.<resource> = its settings, in_stack.<resource>, contents.<resource>; failed (the
// stack is UPDATE_ROLLBACK_FAILED).
#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "services/amend.hpp"
#include "services/give_back.hpp"
#include "services/row_kind.hpp"
#include "services/store.hpp"

namespace backout::services {

using model::ValueType;

namespace {

constexpr NodeArg kStackSet{"set", "resource: settings that it has then; a new one is made."};
constexpr ListArg kStackRemove{"remove", "Resources that the template leaves out."};
constexpr ListArg kStackSkip{"skip", "Resources that stay as they are."};
constexpr ListArg kStackImport =
    ListArg("resources", "Resources that are there and belong to the stack from then on.")
        .required();

bool is_listed(const model::Service& self, std::string_view list, const std::string& resource) {
  return holds(self.fields.strings(list), resource);
}

/// Whether nobody makes the resource with these settings any more.
bool is_retired(const model::Service& self, const std::string& resource,
                const std::string& settings) {
  const model::Node* all = self.fields.find("retired");
  const model::Node* of_it = all == nullptr ? nullptr : all->find(resource);
  return of_it != nullptr && holds(of_it->as_strings(), settings);
}

/// Whether the plan leaves open what nobody makes any more, of all resources or of one.
bool is_unknown_what_retired(const model::Service& self) {
  const model::Node* all = self.fields.find("retired");
  return all != nullptr &&
         (all->is_unknown() || std::ranges::any_of(all->entries, [](const auto& entry) {
            return entry.value.is_unknown();
          }));
}

/// One change of one resource; empty settings leave it out.
struct Change {
  std::string resource;
  std::string settings;
};

std::vector<Change> changes_of(const Call& call) {
  std::vector<Change> all;
  if (const model::Node* set = kStackSet.node(call.action.args)) {
    for (const model::Node::Entry& entry : set->entries) {
      if (call.now.get("real." + entry.key) != entry.value.text ||
          !call.now.has("in_stack." + entry.key))
        all.push_back({entry.key, entry.value.text});
    }
  }
  for (const std::string& each : kStackRemove.listed(call.action.args)) {
    if (call.now.has("in_stack." + each)) all.push_back({each, ""});
  }
  return all;
}

bool is_unknown_update(const Call& call) {
  return kStackSet.is_unknown(call.action.args) || kStackRemove.is_unknown(call.action.args) ||
         !(kStackSet.is_given(call.action.args) || kStackRemove.is_given(call.action.args));
}

/// The other stacks that use this one.
std::vector<ServiceIndex> stacks_on(const Plan& plan, ServiceIndex self) {
  std::vector<ServiceIndex> all;
  for (ServiceIndex each = 0; each < plan.services.size(); ++each) {
    const model::Service& other = plan.services[each];
    if (each != self && other.kind == "cloudformation" &&
        std::ranges::find(other.uses, self) != other.uses.end())
      all.push_back(each);
  }
  return all;
}

/// Whether settings name a resource: as a word of its own.
bool names_resource(const std::string& settings, const std::string& resource) {
  const auto is_inside = [&](std::size_t at) {
    return at < settings.size() && (std::isalnum(static_cast<unsigned char>(settings[at])) != 0 ||
                                    settings[at] == '_' || settings[at] == '-');
  };
  for (std::size_t at = settings.find(resource); at != std::string::npos;
       at = settings.find(resource, at + 1)) {
    if (!(at > 0 && is_inside(at - 1)) && !is_inside(at + resource.size())) return true;
  }
  return false;
}

/// The stack whose settings name what this one exports; empty: none does.
std::string importer_of(const Call& call, const std::string& resource) {
  if (!is_listed(call.self, "exports", resource)) return {};
  const Plan& plan = call.context.plan();
  for (const ServiceIndex each : stacks_on(plan, call.action.service)) {
    for (const auto& [key, value] : call.world.record(each).facts()) {
      if (key.starts_with("real.") && names_resource(value, resource))
        return plan.services[each].name;
    }
  }
  return {};
}

std::string why_not(const Call& call, const Change& change) {
  const std::string& resource = change.resource;
  const bool known = call.now.has("in_stack." + resource);
  const bool goes = change.settings.empty() || is_listed(call.self, "replaced_on_change", resource);
  if (const std::string importer = known && goes ? importer_of(call, resource) : std::string();
      !importer.empty())
    return fmt::format("Export {}:{} cannot be {} as it is in use by {}", call.self.name, resource,
                       change.settings.empty() ? "deleted" : "updated", importer);
  if (known && is_listed(call.self, "protected", resource))
    return fmt::format("Action denied by stack policy: {}", resource);
  if (known && !call.now.has("real." + resource) && !change.settings.empty())
    return fmt::format("{} does not exist: somebody deleted it by hand", resource);
  if (change.settings.empty()) return {};
  if (is_retired(call.self, resource, change.settings))
    return fmt::format("{} of {} is no longer supported for creating or updating", change.settings,
                       resource);
  if (!known && call.now.has("real." + resource))
    return fmt::format("{} already exists: it was retained when the template left it out",
                       resource);
  if (known && is_listed(call.self, "replaced_on_change", resource) &&
      is_listed(call.self, "fixed_name", resource))
    return fmt::format(
        "CloudFormation cannot update a stack when a custom-named resource "
        "requires replacing: rename {} and update the stack again",
        resource);
  return {};
}

void change_one(const Call& call, const Change& change, Amended& next) {
  const std::string& resource = change.resource;
  const bool retained = is_listed(call.self, "retained", resource);
  if (!change.settings.empty()) {
    const bool anew = call.now.has("real." + resource) &&
                      is_listed(call.self, "replaced_on_change", resource) && !retained;
    if (anew) next.without("contents." + resource);
    next.with("real." + resource, change.settings).with("in_stack." + resource, "true");
    return;
  }
  next.without("in_stack." + resource);
  if (!retained) next.without("real." + resource).without("contents." + resource);
}

/// The changed resources that the update would not get back if it failed behind them.
std::vector<Change> stuck_halfway(const Call& call) {
  std::vector<Change> stuck;
  for (const Change& change : changes_of(call)) {
    const std::string& was = call.now.get("real." + change.resource);
    if (!was.empty() && !change.settings.empty() && is_retired(call.self, change.resource, was))
      stuck.push_back(change);
  }
  return stuck;
}

Outcome update(const Call& call) {
  const std::string part = call.arg(kPart);
  if (call.now.has("failed") && part.empty()) {
    return Outcome::refused(fmt::format(
        "Stack {} is in UPDATE_ROLLBACK_FAILED state and can not be updated", call.self.name));
  }
  if (is_unknown_update(call))
    return Outcome::opaque("what the update changes, the plan does not say (`set`, `remove`)");
  if (is_unknown_what_retired(call.self) && kStackSet.is_given(call.action.args)) {
    return Outcome::opaque(fmt::format(
        "whether the resources of '{}' are still made so, the plan does not say", call.self.name));
  }
  Amended next = call.now.without("failed");
  const bool fails_halfway = part == "half";
  for (const Change& change : fails_halfway ? stuck_halfway(call) : changes_of(call)) {
    if (std::string why = why_not(call, change); !why.empty()) return Outcome::refused(why);
    change_one(call, change, next);
  }
  if (fails_halfway) next.with("failed", "true");
  return call.becomes(next);
}

std::vector<Action> pieces(const Call& call) {
  if (!update(call).ok() || stuck_halfway(call).empty()) return {call.action};
  return {with_arg(call.action, kPart.name(), "half"), with_arg(call.action, kPart.name(), "rest")};
}

/// Why a change is not taken back by the template before it; empty: it is.
std::string why_no_way_back(const Call& call, const Change& change) {
  const std::string& was = call.now.get("real." + change.resource);
  const bool loses =
      change.settings.empty() || is_listed(call.self, "replaced_on_change", change.resource);
  if (!was.empty() && is_retired(call.self, change.resource, was))
    return fmt::format("{} of {} is not made any more", was, change.resource);
  if (change.settings.empty() && is_listed(call.self, "retained", change.resource))
    return fmt::format("{} is retained: made again it is in its own way", change.resource);
  if (loses && call.now.has("contents." + change.resource))
    return fmt::format("{} is destroyed with what it holds", change.resource);
  if (was.empty() && is_listed(call.self, "retained", change.resource))
    return fmt::format("{} stays when the template leaves it out", change.resource);
  return {};
}

Undo undo_of_update(const Call& call) {
  if (is_unknown_update(call) || !update(call).ok() || call.now.has("failed")) return {};
  GiveBack back(call.action);
  for (const Change& change : changes_of(call)) {
    if (std::string why = why_no_way_back(call, change); !why.empty()) return no_undo(why);
    const std::string& was = call.now.get("real." + change.resource);
    if (was.empty())
      back.take(change.resource);
    else
      back.give(change.resource, was);
  }
  return back.undo("update", kStackSet, kStackRemove);
}

/// The older settings of what a failed update left behind, but for what is skipped.
Outcome continue_rollback(const Call& call) {
  if (!call.now.has("failed")) return Outcome::done();  // there is nothing to go on with
  const std::vector<std::string> skipped = kStackSkip.listed(call.action.args);
  const model::Node* first = call.self.fields.find("resources");
  for (const model::Node::Entry& entry :
       first == nullptr ? std::vector<model::Node::Entry>{} : first->entries) {
    if (call.now.get("real." + entry.key) == entry.value.text || holds(skipped, entry.key))
      continue;
    if (is_retired(call.self, entry.key, entry.value.text)) {
      return Outcome::refused(
          fmt::format("{} of {} is no longer supported for creating or updating: the stack stays "
                      "UPDATE_ROLLBACK_FAILED unless it is skipped (`skip`)",
                      entry.value.text, entry.key));
    }
  }
  return call.becomes(call.now.without("failed"));
}

Outcome import(const Call& call) {
  Amended next = call.now;
  for (const std::string& each : kStackImport.listed(call.action.args)) {
    if (!call.now.has("real." + each))
      return Outcome::refused(fmt::format("{} does not exist", each));
    next.with("in_stack." + each, "true");
  }
  return call.becomes(next);
}

Undo undo_of_import(const Call& call) {
  for (const std::string& each : kStackImport.listed(call.action.args)) {
    if (!call.now.has("in_stack." + each)) return {};
  }
  return nothing_to_undo();
}

std::vector<VerbRow> verbs_of_stack() {
  return {{{"update",
            {kStackSet, kStackRemove},
            "Updates the stack; what fails it takes back by itself."},
           update,
           undo_of_update,
           [](const Context& context, const Action& action, Traits& traits) {
             const model::Service& self = context.plan().services[action.service];
             for (const std::string& each : kStackRemove.listed(action.args)) {
               if (is_listed(self, "stateful", each) && !is_listed(self, "retained", each))
                 traits.destroys = fmt::format("{}, and what it holds", each);
             }
           },
           pieces,
           [](const Context& context, const Action& action) {
             Footprint others;
             for (const ServiceIndex each : stacks_on(context.plan(), action.service))
               others.reads.push_back(resource(context, each));
             return itself_and(context, action, std::move(others));
           }},
          {{"continue_rollback",
            {kStackSkip},
            "Goes on with a rollback that failed, without what is skipped."},
           continue_rollback,
           [](const Call& call) {
             return call.now.has("failed") ? no_undo("the stack was stuck") : nothing_to_undo();
           },
           no_traits},
          {{"import", {kStackImport}, "Takes resources that are there into the stack."},
           import,
           undo_of_import,
           no_traits},
          {{"detect_drift", {}, "Looks at what was changed by hand."},
           does_nothing,
           changes_nothing,
           looks}};
}

Record initial_stack(const Context& context, ServiceIndex self, std::vector<model::Mistake>&) {
  const model::Service& service = context.plan().services[self];
  Amended record;
  if (const model::Node* all = service.fields.find("resources")) {
    for (const model::Node::Entry& entry : all->entries) {
      record.with("real." + entry.key, entry.value.text).with("in_stack." + entry.key, "true");
      if (is_listed(service, "stateful", entry.key)) record.with("contents." + entry.key, "kept");
    }
  }
  for (const std::string& each : service.fields.strings("deleted"))
    record.without("real." + each).without("contents." + each);
  return record;
}

KindRow stack_row() {
  KindRow row;
  row.name = "cloudformation";
  row.help = "A stack of AWS CloudFormation.";
  row.fields = {
      field("resources", ValueType::map, "resource: settings before the deploy.", true),
      field("stateful", ValueType::strings, "Resources that hold data: destroyed, it is lost."),
      field("retained", ValueType::strings,
            "Resources that stay when the template leaves them out (DeletionPolicy: Retain)."),
      field("replaced_on_change", ValueType::strings,
            "Resources that a change of settings replaces."),
      field("fixed_name", ValueType::strings, "Resources with a name of their own."),
      field("exports", ValueType::strings,
            "Resources that other stacks import: those that use this one, and name it in a "
            "setting."),
      field("protected", ValueType::strings, "Resources that the stack policy protects."),
      field("deleted", ValueType::strings, "Resources that somebody deleted by hand."),
      field("retired", ValueType::map,
            "resource: settings with which nobody makes it any more, like a runtime."),
      field("provider", ValueType::string, "Who runs it."),
      field("location", ValueType::string, "Account and region.")};
  row.verbs = verbs_of_stack();
  row.aliases = {"cdk", "sam"};
  row.initial = initial_stack;
  row.data = [](const Plan&, ServiceIndex, const Record& record) {
    return area_data(record, "contents");
  };
  return row;
}

}  // namespace

const Kind& kind_cloudformation() {
  static const std::unique_ptr<const Kind> kKind = make_kind(stack_row());
  return *kKind;
}

}  // namespace backout::services
