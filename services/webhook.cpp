// A webhook: somebody else's service that calls an app of ours with events.
//
// What the real thing does: sends the payload that it is configured for, to the URL that it is
// configured for, whatever version is there to receive it. A consumer that misses a field answers
// 400. Some providers send again, most give up; an event that is given up is lost. Paused webhooks
// queue or drop, depending on the provider. What this fake leaves out: signatures, ordering, rate
// limits, retry schedules, events while it is paused.
//
// Facts: fields (of the payload), url, events, paused.
#include <algorithm>

#include <fmt/format.h>

#include "services/app.hpp"

namespace backout::services {

using model::ValueType;

namespace {

model::KindSpec webhook_spec() {
  return {"webhook",
          "A provider that calls an app with events.",
          false,
          {field("provider", ValueType::string, "Who calls."),
           field("event", ValueType::string, "Name of the event.", true),
           field("to", ValueType::service, "The app that is called.", true),
           field("fields", ValueType::strings, "Fields of the payload before the deploy.", true),
           field("url", ValueType::string, "URL that is called."),
           field("retries", ValueType::any,
                 "Whether it sends again after an error: true, false or unknown.")},
          {{"set",
            {field("fields", ValueType::strings, "Fields of the payload."),
             field("url", ValueType::string, "URL."),
             field("events", ValueType::strings, "Events that are sent."), command_field()},
            "Changes what is sent."},
           {"pause", {command_field()}, "Sends nothing for now."},
           {"resume", {command_field()}, "Sends again."},
           {"replay",
            {field("since", ValueType::string, "From when."), command_field()},
            "Sends past events again."},
           {"test_event",
            {field("cleanup", ValueType::boolean, "What it writes is removed."), command_field()},
            "Sends one made-up event."}}};
}

std::string sorted_list(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  return join_list(names);
}

ServiceIndex receiver(const Context& context, ServiceIndex self) {
  return context.plan().find_service(context.plan().services[self].fields.text("to"));
}

/// A list argument.
void add_list(Action& action, const std::string& name, const std::string& list) {
  model::Node node;
  node.type = model::Node::Type::list;
  for (std::string& each : split_list(list)) {
    model::Node item;
    item.type = model::Node::Type::string;
    item.text = std::move(each);
    node.items.push_back(std::move(item));
  }
  action.args.entries.push_back({name, action.span, std::move(node)});
}

class WebhookKind : public RecordKind {
 public:
  WebhookKind() : RecordKind(webhook_spec()) {}

  StatePtr initial(const Context& context, ServiceIndex self,
                   std::vector<model::Mistake>&) const override {
    const Args& fields = context.plan().services[self].fields;
    return Record({{"fields", sorted_list(fields.strings("fields"))},
                   {"url", fields.text_or("url", "unset")},
                   {"events", fields.text("event")},
                   {"paused", "false"}})
        .share();
  }

  Outcome apply(const Context& context, const World& world, const Action& action) const override {
    Record next = record(world, action.service);
    if (action.verb == "replay" || action.verb == "test_event")
      return send(context, world, action.service);
    if (action.verb == "set") {
      if (action.args.is_unknown("fields"))
        return Outcome::opaque("which fields it sends then, the plan does not say");
      for (const char* name : {"fields", "events"}) {
        if (action.args.has(name)) next = next.with(name, sorted_list(action.args.strings(name)));
      }
      if (action.args.has("url")) next = next.with("url", action.args.text("url"));
    }
    if (!is_one_of(action.verb, {"set", "pause", "resume"})) unhandled(spec(), action, "apply");
    if (action.verb == "pause") next = next.with("paused", "true");
    if (action.verb == "resume") next = next.with("paused", "false");
    return Outcome::done().set(action.service, next);
  }

  Footprint footprint(const Context& context, const Action& action) const override {
    const std::string self = resource(context, action.service);
    if (action.verb == "pause" || action.verb == "resume") return {{}, {self + ".paused"}};
    if (action.verb == "set") {
      Footprint print;
      for (const char* name : {"events", "fields", "url"}) {
        if (action.args.has(name)) print.writes.push_back(fmt::format("{}.{}", self, name));
      }
      return print;
    }
    if (!is_one_of(action.verb, {"replay", "test_event"})) unhandled(spec(), action, "footprint");
    Footprint print{{self}, {}};
    const ServiceIndex app = receiver(context, action.service);
    if (app != model::kNone) print.reads.push_back(resource(context, app));
    std::sort(print.reads.begin(), print.reads.end());
    return print;
  }

  Undo undo(const Context&, const World& before, const Action& action) const override {
    const Record& webhook = record(before, action.service);
    if (action.verb == "pause" || action.verb == "resume") {
      const bool was_paused = webhook.get("paused") == "true";
      return {Undo::Class::exact, "", {same_service(action, was_paused ? "pause" : "resume", {})}};
    }
    if (!is_one_of(action.verb, {"set", "replay", "test_event"})) return {};
    if (action.verb != "set")
      return {Undo::Class::none, "events that were sent cannot be unsent", {}};
    Action back = same_service(action, "set", {});
    if (action.args.has("url")) back = same_service(action, "set", {{"url", webhook.get("url")}});
    for (const char* name : {"fields", "events"}) {
      if (action.args.has(name)) add_list(back, name, webhook.get(name));
    }
    return {Undo::Class::exact, "", {std::move(back)}};
  }

  Traits traits(const Context& context, const Action& action) const override {
    Traits traits;
    const std::string& name = context.plan().services[action.service].name;
    if (action.verb == "pause") {
      traits.acquires = {"events of " + name};
      if (context.plan().services[action.service].fields.text("retries") == "false")
        traits.leaves = {"events that happen meanwhile are not sent again"};
    }
    if (action.verb == "resume") traits.releases = {"events of " + name};
    if (action.verb == "replay") traits.not_repeatable = "the app gets the same events again";
    if (action.verb == "test_event" && !action.args.flag("cleanup"))
      traits.leaves = {"the records of the made-up event"};
    if (action.verb == "test_event" || action.verb == "replay") {
      if (const ServiceIndex app = receiver(context, action.service); app != model::kNone)
        traits.via = {app};
    }
    return traits;
  }

  Outcome operate(const Context& context, const World& world, const Operation& operation,
                  const std::string&) const override {
    const Record& webhook = record(world, operation.on);
    if (webhook.get("paused") == "true") return Outcome::done();
    if (webhook.get("fields") == "unknown")
      return Outcome::opaque("which fields it sends, the plan does not say");
    const std::vector<std::string> sent = split_list(webhook.get("fields"));
    for (const std::string& needed : operation.fields) {
      if (std::ranges::find(sent, needed) != sent.end()) continue;
      const bool retried = context.plan().services[operation.on].fields.flag("retries");
      return Outcome::refused(fmt::format(
          "'{}' sends {} and the app needs '{}': it answers 400 and the event is lost{}",
          context.plan().services[operation.on].name, webhook.get("fields"), needed,
          retried ? " unless it is sent again in time" : ""));
    }
    return Outcome::done();
  }

 private:
  /// What the live versions of the receiver answer to an event of the present payload.
  Outcome send(const Context& context, const World& world, ServiceIndex self) const {
    const ServiceIndex app = receiver(context, self);
    if (app == model::kNone || !answers(context, world, app))
      return Outcome::refused("connection refused");
    for (const std::string& name : context.kind(app).live_versions(context, world, app)) {
      const model::Version* version = context.plan().services[app].find_version(name);
      if (version == nullptr) continue;
      for (const Operation& operation : version->operations) {
        if (operation.type != Operation::Type::event || operation.on != self) continue;
        const Outcome outcome = operate(context, world, operation, {});
        if (!outcome.ok()) return outcome;
      }
    }
    return Outcome::done();
  }
};

}  // namespace

const Kind& kind_webhook() {
  static const WebhookKind kKind;
  return kKind;
}

}  // namespace backout::services
