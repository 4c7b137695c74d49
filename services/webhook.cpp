// A webhook: somebody else's service that calls an app of ours with events.
//
// What the real thing does: sends the payload that it is configured for, to the URL that it is configured for, whatever
// version is there to receive it. A consumer that misses a field answers 400. Some providers send again, most give up;
// an event that is given up is lost. Paused webhooks queue or drop, depending on the provider.
// What this fake leaves out: signatures, ordering, rate limits, retry schedules.
//
// Facts: fields (of the payload), url, paused.
#include <algorithm>

#include <fmt/format.h>

#include "services/record_kind.hpp"

namespace backout::services {

using model::ValueType;

namespace {

model::KindSpec webhook_spec() {
  const auto command = field("command", ValueType::string, "The command as people type it, or unknown.");
  return {"webhook", "A provider that calls an app with events.", false,
          {field("provider", ValueType::string, "Who calls."), field("event", ValueType::string, "Name of the event.", true),
           field("to", ValueType::service, "The app that is called.", true),
           field("fields", ValueType::strings, "Fields of the payload before the deploy.", true),
           field("url", ValueType::string, "URL that is called."),
           field("retries", ValueType::any, "Whether it sends again after an error: true, false or unknown.")},
          {{"set", {field("fields", ValueType::strings, "Fields of the payload."), field("url", ValueType::string, "URL."),
                    field("events", ValueType::strings, "Events."), command}, "Changes what is sent."},
           {"pause", {command}, "Sends nothing for now."}, {"resume", {command}, "Sends again."},
           {"replay", {field("since", ValueType::string, "From when."), command}, "Sends past events again."},
           {"test_event", {field("cleanup", ValueType::boolean, "What it writes is removed."), command}, "Sends one made-up event."}}};
}

class WebhookKind : public RecordKind {
 public:
  WebhookKind() : RecordKind(webhook_spec()) {}

  StatePtr initial(const Context& context, ServiceIndex self, std::vector<model::Mistake>&) const override {
    const Args& fields = context.plan().services[self].fields;
    Record record({{"fields", join_list(sorted(fields.strings("fields")))}, {"paused", "false"}});
    return (fields.has("url") ? record.with("url", fields.text("url")) : record).share();
  }

  Outcome apply(const Context&, const World& world, const Action& action) const override {
    Record next = record(world, action.service);
    if (action.verb == "set") {
      if (action.args.is_unknown("fields")) return Outcome::opaque("which fields it sends then, the plan does not say");
      if (action.args.has("fields")) next = next.with("fields", join_list(sorted(action.args.strings("fields"))));
      if (action.args.has("url")) next = next.with("url", action.args.text("url"));
    }
    if (action.verb == "pause") next = next.with("paused", "true");
    if (action.verb == "resume") next = next.with("paused", "false");
    return Outcome::done().set(action.service, next);
  }

  Undo undo(const Context&, const World& before, const Action& action) const override {
    const Record& webhook = record(before, action.service);
    if (action.verb == "pause") return {Undo::Class::exact, "", {same_service(action, "resume", {})}};
    if (action.verb == "resume") return {Undo::Class::exact, "", {same_service(action, "pause", {})}};
    if (action.verb != "set") return {Undo::Class::exact, "", {}};
    Action back = same_service(action, "set", {});
    if (action.args.has("url") && webhook.has("url")) back = same_service(action, "set", {{"url", webhook.get("url")}});
    model::Node list;
    list.type = model::Node::Type::list;
    for (const std::string& name : split_list(webhook.get("fields"))) {
      model::Node item;
      item.type = model::Node::Type::string;
      item.text = name;
      list.items.push_back(std::move(item));
    }
    back.args.entries.push_back({"fields", action.span, std::move(list)});
    return {Undo::Class::exact, "", {std::move(back)}};
  }

  Traits traits(const Context& context, const Action& action) const override {
    Traits traits;
    const std::string& name = context.plan().services[action.service].name;
    if (action.verb == "pause") traits.acquires = {"events of " + name};
    if (action.verb == "resume") traits.releases = {"events of " + name};
    if (action.verb == "test_event" && !action.args.flag("cleanup")) traits.leaves = {"the records of the made-up event"};
    return traits;
  }

  Outcome operate(const Context& context, const World& world, const Operation& operation, const std::string&) const override {
    const Record& webhook = record(world, operation.on);
    if (webhook.get("paused") == "true") return Outcome::done();
    const std::vector<std::string> sent = split_list(webhook.get("fields"));
    for (const std::string& needed : operation.fields) {
      if (std::ranges::find(sent, needed) != sent.end()) continue;
      return Outcome::refused(fmt::format("'{}' sends {} and the app needs '{}': it answers 400 and the event is lost{}",
                                          context.plan().services[operation.on].name, webhook.get("fields"), needed,
                                          retried(context, operation.on) ? " unless it is sent again in time" : ""));
    }
    return Outcome::done();
  }

 private:
  static bool retried(const Context& context, ServiceIndex self) { return context.plan().services[self].fields.flag("retries"); }
  static std::vector<std::string> sorted(std::vector<std::string> names) {
    std::sort(names.begin(), names.end());
    return names;
  }
};

}  // namespace

const Kind& kind_webhook() {
  static const WebhookKind kKind;
  return kKind;
}

}  // namespace backout::services
