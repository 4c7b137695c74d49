// Messages to people: chat, mail, status page.
//
// What the real thing does: a message that was sent cannot be unsent; one that says "operational"
// before anything was verified is a claim. What this fake leaves out: delivery.
//
// Facts: sent (the last claim) is not essential.
#include <fmt/format.h>

#include "services/row_kind.hpp"

namespace backout::services {

using model::ValueType;

namespace {

constexpr TextArg kNotifierChannel{"channel", "Where it goes."};
constexpr TextArg kNotifierClaim =
    TextArg("claim", "What it says.").among({"started", "done", "operational", "failed"});
constexpr TextArg kNotifierText{"text", "The message."};

KindRow notifier_row() {
  KindRow row;
  row.name = "notifier";
  row.help = "A channel to people: chat, mail, status page.";
  row.fields = {kNotifierChannel, field("provider", ValueType::string, "Who runs it.")};
  row.verbs = {{{"send", {kNotifierChannel, kNotifierClaim, kNotifierText}, "Sends a message."},
                [](const Call& call) {
                  return call.becomes(
                      call.now.with("sent", kNotifierClaim.in(call.action.args, "something")));
                },
                [](const Call&) { return no_undo("a message cannot be unsent"); },
                [](const Context& context, const Action& action, Traits& traits) {
                  const model::Service& self = context.plan().services[action.service];
                  traits.irrevocable = fmt::format(
                      "a message to {}",
                      kNotifierChannel.in(action.args, self.fields.text_or("channel", self.name)));
                }}};
  row.incidental = {"sent"};
  row.initial = [](const Context&, ServiceIndex, std::vector<model::Mistake>&) {
    return Record().with("sent", "nothing");
  };
  return row;
}

}  // namespace

const Kind& kind_notifier() {
  static const std::unique_ptr<const Kind> kKind = make_kind(notifier_row());
  return *kKind;
}

}  // namespace backout::services
