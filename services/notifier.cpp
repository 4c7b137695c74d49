// Messages to people: chat, mail, status page.
//
// What the real thing does: a message that was sent cannot be unsent; one that says "operational"
// before anything was verified is a claim. What this fake leaves out: delivery.
//
// Facts: sent (the last claim) is not essential.
#include <fmt/format.h>

#include "services/record_kind.hpp"

namespace backout::services {

using model::ValueType;

namespace {

model::KindSpec notifier_spec() {
  const auto channel = field("channel", ValueType::string, "Where it goes.");
  return {
      "notifier",
      "A channel to people: chat, mail, status page.",
      false,
      {channel, field("provider", ValueType::string, "Who runs it.")},
      {{"send",
        {channel, choice("claim", {"started", "done", "operational", "failed"}, "What it says."),
         field("text", ValueType::string, "The message."), command_field()},
        "Sends a message."}}};
}

class NotifierKind : public RecordKind {
 public:
  NotifierKind() : RecordKind(notifier_spec()) {}

  StatePtr initial(const Context&, ServiceIndex, std::vector<model::Mistake>&) const override {
    return Record().with("sent", "nothing").share();
  }

  Outcome apply(const Context&, const World& world, const Action& action) const override {
    if (action.verb != "send") unhandled(spec(), action, "apply");
    const std::string claim = action.args.text_or("claim", "something");
    return Outcome::done().set(action.service, record(world, action.service).with("sent", claim));
  }

  Undo undo(const Context&, const World&, const Action& action) const override {
    if (action.verb != "send") return {};
    return {Undo::Class::none, "a message cannot be unsent", {}};
  }

  Traits traits(const Context& context, const Action& action) const override {
    Traits traits;
    const model::Service& service = context.plan().services[action.service];
    const std::string channel =
        action.args.text_or("channel", service.fields.text_or("channel", service.name));
    traits.irrevocable = fmt::format("a message to {}", channel);
    return traits;
  }

 protected:
  std::vector<std::string> incidental() const override { return {"sent"}; }
};

}  // namespace

const Kind& kind_notifier() {
  static const NotifierKind kKind;
  return kKind;
}

}  // namespace backout::services
