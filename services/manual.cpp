// What a person does, and scripts of which the plan knows only the name.
//
// What the real thing does: a person reads, decides, answers a prompt, opens a ticket, waits. A prompt in a script that
// nobody watches hangs. A vendor's support has no bound. An opaque command does something that the plan does not say.
// What this fake leaves out: everything that the person changes; steps on services say that.
//
// `manual` is also the kind of steps without a target.
#include <algorithm>

#include <fmt/format.h>

#include "services/record_kind.hpp"

namespace backout::services {

using model::ValueType;

namespace {

model::KindSpec manual_spec() {
  const auto command = field("command", ValueType::string, "The command as people type it, or unknown.");
  return {"manual", "People, and commands whose effects are not declared.", false,
          {field("who", ValueType::string, "Who does it.")},
          {{"manual", {field("text", ValueType::string, "What is done."), command}, "A person does something that changes no service of the plan."},
           {"task", {field("text", ValueType::string, "What is done."), field("runbook", ValueType::string, "Where it is described."), command}, "The same as manual."},
           {"confirm", {field("prompt", ValueType::string, "The question."), field("text", ValueType::string, "The answer that goes on."),
                        field("default", ValueType::string, "What holds when nobody answers."), command}, "Asks and waits for an answer."},
           {"decide", {field("question", ValueType::string, "What is decided."), command}, "Somebody decides."},
           {"ticket", {field("vendor", ValueType::string, "Whose support."), field("response", ValueType::string, "Agreed response time, or unbounded."), command}, "Asks somebody else's support."},
           {"wait", {field("for", ValueType::duration, "How long."), command}, "Waits."},
           {"login", {field("to", ValueType::string, "Where."), command}, "Logs in interactively."},
           {"install", {field("package", ValueType::string, "What."), command}, "Installs a tool."},
           {"run", {field("command", ValueType::string, "The command as people type it, or unknown."), field("file", ValueType::string, "The script."),
                    field("interactive", ValueType::boolean, "It asks questions."), field("effects", ValueType::string, "`none` when it changes no service of the plan."),
                    field("hides_failure", ValueType::boolean, "It goes on after a failure and exits 0.")}, "Runs a command whose effects the plan does not type."}}};
}

class ManualKind : public RecordKind {
 public:
  ManualKind() : RecordKind(manual_spec()) {}

  StatePtr initial(const Context&, ServiceIndex, std::vector<model::Mistake>&) const override { return Record().share(); }

  Outcome apply(const Context&, const World&, const Action& action) const override {
    if (action.verb == "run" && action.args.text("effects") != "none") {
      return Outcome::opaque("what the command changes is not declared; type it as actions, or write `effects: none`");
    }
    return Outcome::done();
  }

  Footprint footprint(const Context&, const Action&) const override { return {}; }

  Undo undo(const Context&, const World&, const Action& action) const override {
    if (action.verb == "run" && action.args.text("effects") != "none") return {};
    return {Undo::Class::exact, "", {}};
  }

  Traits traits(const Context&, const Action& action) const override {
    Traits traits;
    const std::string& verb = action.verb;
    if (verb == "confirm" && !action.args.has("default")) traits.waits_for = "asks for a confirmation";
    if (verb == "login") traits.waits_for = "logs in interactively";
    if (verb == "run" && action.args.flag("interactive")) traits.waits_for = "asks questions";
    traits.is_interactive = !traits.waits_for.empty();
    if (verb == "ticket" && action.args.text_or("response", "unbounded") == "unbounded") {
      traits.waits_for = fmt::format("waits for {}, which answers when it answers", action.args.text_or("vendor", "somebody else's support"));
    }
    if (action.args.flag("hides_failure")) traits.hides_failure = "it goes on after a failure and exits 0";
    traits.read_only = verb != "run" || action.args.text("effects") == "none";
    return traits;
  }
};

}  // namespace

const Kind& kind_manual() {
  static const ManualKind kKind;
  return kKind;
}

}  // namespace backout::services
