// Messages to people: chat, mail, status page.
//
// What the real thing does: a message that was sent cannot be unsent; one that says "operational" before anything was
// verified is a claim.
// What this fake leaves out: delivery.
//
// Facts: sent (how many) is not essential.
#include <fmt/format.h>

#include "services/record_kind.hpp"

namespace backout::services {

using model::ValueType;

namespace {

model::KindSpec notifier_spec() {
  return {"notifier", "A channel to people: chat, mail, status page.", false,
          {field("channel", ValueType::string, "Where it goes."), field("provider", ValueType::string, "Who runs it.")},
          {{"send", {field("channel", ValueType::string, "Where it goes."),
                     choice("claim", {"started", "done", "operational", "failed"}, "What it says."),
                     field("text", ValueType::string, "The message."), field("command", ValueType::string, "The command as people type it, or unknown.")}, "Sends a message."}}};
}

class NotifierKind : public RecordKind {
 public:
  NotifierKind() : RecordKind(notifier_spec()) {}

  StatePtr initial(const Context&, ServiceIndex, std::vector<model::Mistake>&) const override { return Record().with("sent", "no").share(); }

  Outcome apply(const Context&, const World& world, const Action& action) const override {
    return Outcome::done().set(action.service, record(world, action.service).with("sent", "yes"));
  }

  Undo undo(const Context&, const World&, const Action&) const override {
    return {Undo::Class::none, "a message cannot be unsent", {}};
  }

  Traits traits(const Context& context, const Action& action) const override {
    Traits traits;
    traits.irrevocable = fmt::format("a message to {}", action.args.text_or("channel", context.plan().services[action.service].name));
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
