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
#include "services/give_back.hpp"

namespace backout::services {

using model::ValueType;

namespace {

constexpr ListArg kWebhookFields{"fields", "Fields of the payload."};
constexpr TextArg kWebhookUrl{"url", "URL."};
constexpr ListArg kWebhookEvents{"events", "Events that are sent."};
constexpr TextArg kWebhookSince{"since", "From when."};
constexpr FlagArg kWebhookCleanup{"cleanup", "What it writes is removed."};

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
    node.items.push_back(text_node(std::move(each)));
  }
  action.args.entries.push_back({name, action.span, std::move(node)});
}

Outcome receive(const Context& context, const World& world, const Operation& operation,
                const std::string&) {
  const Record& webhook = world.record(operation.on);
  if (webhook.get("paused") == "true") return Outcome::done();
  if (webhook.get("fields") == "unknown")
    return Outcome::opaque("which fields it sends, the plan does not say");
  const std::vector<std::string> sent = split_list(webhook.get("fields"));
  for (const std::string& needed : operation.fields) {
    if (std::ranges::find(sent, needed) != sent.end()) continue;
    const bool retried = context.plan().services[operation.on].fields.flag("retries");
    return Outcome::refused(
        fmt::format("'{}' sends {} and the app needs '{}': it answers 400 and the event is lost{}",
                    context.plan().services[operation.on].name, webhook.get("fields"), needed,
                    retried ? " unless it is sent again in time" : ""));
  }
  return Outcome::done();
}

/// What the live versions of the receiver answer to an event of the present payload.
Outcome send(const Call& call) {
  const ServiceIndex app = receiver(call.context, call.action.service);
  if (app == model::kNone || !answers(call.context, call.world, app))
    return Outcome::refused("connection refused");
  for (const std::string& name :
       call.context.kind(app).live_versions(call.context, call.world, app)) {
    const model::Version* version = call.context.plan().services[app].find_version(name);
    if (version == nullptr) continue;
    for (const Operation& operation : version->operations) {
      if (operation.type != Operation::Type::event || operation.on != call.action.service) continue;
      const Outcome outcome = receive(call.context, call.world, operation, {});
      if (!outcome.ok()) return outcome;
    }
  }
  return Outcome::done();
}

void via_receiver(const Context& context, const Action& action, Traits& traits) {
  if (const ServiceIndex app = receiver(context, action.service); app != model::kNone)
    traits.via = {app};
}

/// An event that is sent reads the webhook, and whether its receiver takes it.
Footprint read_to_send(const Context& context, const Action& action) {
  Footprint print{{resource(context, action.service)}, {}};
  const ServiceIndex app = receiver(context, action.service);
  if (app != model::kNone) print.reads.push_back(resource(context, app));
  std::sort(print.reads.begin(), print.reads.end());
  return print;
}

VerbRow sending_row(model::VerbSpec spec, TellTraits traits) {
  return {std::move(spec),
          send,
          [](const Call&) { return no_undo("events that were sent cannot be unsent"); },
          std::move(traits),
          {},
          read_to_send};
}

VerbRow pause_row(bool pauses, std::string help, TellTraits traits) {
  return {{pauses ? "pause" : "resume", {}, std::move(help)},
          [pauses](const Call& call) {
            return call.becomes(call.now.with("paused", pauses ? "true" : "false"));
          },
          [](const Call& call) {
            return call.back(call.now.get("paused") == "true" ? "pause" : "resume");
          },
          std::move(traits),
          {},
          [](const Context& context, const Action& action) {
            return Footprint{{}, {resource(context, action.service, "paused")}};
          }};
}

Outcome set_payload(const Call& call) {
  if (kWebhookFields.is_unknown(call.action.args))
    return Outcome::opaque("which fields it sends then, the plan does not say");
  Record next = call.now;
  for (const ListArg& list : {kWebhookFields, kWebhookEvents}) {
    if (list.is_given(call.action.args)) next = next.with(list.name(), sorted_list(call.arg(list)));
  }
  return call.becomes(
      kWebhookUrl.is_given(call.action.args) ? next.with("url", call.arg(kWebhookUrl)) : next);
}

Undo undo_set(const Call& call) {
  Action back = same_service(call.action, "set", {});
  if (kWebhookUrl.is_given(call.action.args))
    back = same_service(call.action, "set", {{kWebhookUrl.name(), call.now.get("url")}});
  for (const ListArg& list : {kWebhookFields, kWebhookEvents}) {
    if (list.is_given(call.action.args)) add_list(back, list.name(), call.now.get(list.name()));
  }
  return {Undo::Class::exact, "", {std::move(back)}};
}

Footprint written_by_set(const Context& context, const Action& action) {
  Footprint print;
  const auto add = [&](const auto& arg) {
    if (arg.is_given(action.args))
      print.writes.push_back(resource(context, action.service, arg.name()));
  };
  add(kWebhookEvents);
  add(kWebhookFields);
  add(kWebhookUrl);
  return print;
}

std::vector<VerbRow> verbs_of_webhook() {
  return {
      {{"set", {kWebhookFields, kWebhookUrl, kWebhookEvents}, "Changes what is sent."},
       set_payload,
       undo_set,
       no_traits,
       {},
       written_by_set},
      pause_row(true, "Sends nothing for now.",
                [](const Context& context, const Action& action, Traits& traits) {
                  const model::Service& self = context.plan().services[action.service];
                  traits.acquires = {"events of " + self.name};
                  if (self.fields.text("retries") == "false")
                    traits.leaves = {"events that happen meanwhile are not sent again"};
                }),
      pause_row(false, "Sends again.",
                [](const Context& context, const Action& action, Traits& traits) {
                  traits.releases = {"events of " + context.plan().services[action.service].name};
                }),
      sending_row({"replay", {kWebhookSince}, "Sends past events again."},
                  [](const Context& context, const Action& action, Traits& traits) {
                    traits.not_repeatable = "the app gets the same events again";
                    via_receiver(context, action, traits);
                  }),
      sending_row({"test_event", {kWebhookCleanup}, "Sends one made-up event."},
                  [](const Context& context, const Action& action, Traits& traits) {
                    if (!kWebhookCleanup.in(action.args))
                      traits.leaves = {"the records of the made-up event"};
                    via_receiver(context, action, traits);
                  })};
}

KindRow webhook_row() {
  KindRow row;
  row.name = "webhook";
  row.help = "A provider that calls an app with events.";
  row.fields = {
      field("provider", ValueType::string, "Who calls."),
      field("event", ValueType::string, "Name of the event.", true),
      field("to", ValueType::service, "The app that is called.", true),
      field("fields", ValueType::strings, "Fields of the payload before the deploy.", true),
      field("url", ValueType::string, "URL that is called."),
      field("retries", ValueType::any,
            "Whether it sends again after an error: true, false or unknown.")};
  row.verbs = verbs_of_webhook();
  row.initial = [](const Context& context, ServiceIndex self, std::vector<model::Mistake>&) {
    const Args& fields = context.plan().services[self].fields;
    return Record({{"fields", sorted_list(fields.strings("fields"))},
                   {"url", fields.text_or("url", "unset")},
                   {"events", fields.text("event")},
                   {"paused", "false"}});
  };
  row.operate = receive;
  return row;
}

}  // namespace

const Kind& kind_webhook() {
  static const std::unique_ptr<const Kind> kKind = make_kind(webhook_row());
  return *kKind;
}

}  // namespace backout::services
