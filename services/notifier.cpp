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

KindRow notifier_row() {
  const auto channel = field("channel", ValueType::string, "Where it goes.");
  KindRow row;
  row.name = "notifier";
  row.help = "A channel to people: chat, mail, status page.";
  row.fields = {channel, field("provider", ValueType::string, "Who runs it.")};
  row.verbs = {
      {{"send",
        {channel, choice("claim", {"started", "done", "operational", "failed"}, "What it says."),
         field("text", ValueType::string, "The message.")},
        "Sends a message."},
       [](const Call& call) {
         return call.becomes(call.now.with("sent", call.action.args.text_or("claim", "something")));
       },
       [](const Call&) { return no_undo("a message cannot be unsent"); },
       [](const Context& context, const Action& action, Traits& traits) {
         const model::Service& self = context.plan().services[action.service];
         traits.irrevocable =
             fmt::format("a message to {}",
                         action.args.text_or("channel", self.fields.text_or("channel", self.name)));
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
