// What a person does, and scripts of which the plan knows only the name.
//
// What the real thing does: a person reads, decides, answers a prompt, opens a ticket, waits. A
// prompt in a script that nobody watches hangs. A vendor's support has no bound. An opaque command
// does something that the plan does not say. What this fake leaves out: everything that the person
// changes; steps on services say that.
//
// `manual` is also the kind of steps without a target. It has no facts.
#include <algorithm>

#include <fmt/format.h>

#include "services/record_kind.hpp"

namespace backout::services {

using model::ValueType;

namespace {

std::vector<model::VerbSpec> manual_verbs() {
  const auto text = field("text", ValueType::string, "What is done.");
  return {
      {"manual",
       {text, command_field()},
       "A person does something that changes no service of the plan."},
      {"task",
       {text, field("runbook", ValueType::string, "Where it is described."), command_field()},
       "The same as manual."},
      {"confirm",
       {field("prompt", ValueType::string, "The question."),
        field("text", ValueType::string, "The answer that goes on."),
        field("default", ValueType::string, "What holds when nobody answers."), command_field()},
       "Asks and waits for an answer."},
      {"decide",
       {field("question", ValueType::string, "What is decided."), command_field()},
       "Somebody decides."},
      {"ticket",
       {field("vendor", ValueType::string, "Whose support."), text,
        field("response", ValueType::string, "Agreed response time, or unbounded (default)."),
        command_field()},
       "Asks somebody else's support."},
      {"wait", {field("for", ValueType::duration, "How long."), command_field()}, "Waits."},
      {"login",
       {field("to", ValueType::string, "Where."), command_field()},
       "Logs in interactively."},
      {"install",
       {field("package", ValueType::string, "What."), command_field()},
       "Installs a tool."},
      {"run",
       {command_field(), field("file", ValueType::string, "The script."),
        field("contains", ValueType::strings, "What it does, in words."),
        field("interactive", ValueType::boolean, "It asks questions."),
        field("effects", ValueType::string, "`none` when it changes no service of the plan."),
        field("hides_failure", ValueType::boolean, "It goes on after a failure and exits 0.")},
       "Runs a command whose effects the plan does not type."}};
}

model::KindSpec manual_spec() {
  return {"manual",
          "People, and commands whose effects are not declared.",
          false,
          {field("who", ValueType::string, "Who does it.")},
          manual_verbs()};
}

bool is_known(std::string_view verb) {
  return is_one_of(verb, {"manual", "task", "confirm", "decide", "ticket", "wait", "login", "install", "run"});
}

/// A command, or a verb of a kind that is not known because its target is not.
bool is_opaque(const Action& action) {
  const bool target_unknown = action.service == model::kNone && !is_known(action.verb);
  return target_unknown || (action.verb == "run" && action.args.text("effects") != "none");
}

/// For whom or what the step waits; empty for nobody.
std::string waits_for(const Action& action) {
  const std::string& verb = action.verb;
  if (verb == "confirm" && !action.args.has("default")) return "asks for a confirmation";
  if (verb == "login") return "logs in interactively";
  if (verb == "run" && action.args.flag("interactive")) return "asks questions";
  const std::string response = action.args.text_or("response", "unbounded");
  if (verb == "ticket" && (response == "unbounded" || response == "unknown")) {
    const std::string vendor = action.args.text_or("vendor", "somebody else's support");
    return fmt::format("waits for {}, which answers when it answers", vendor);
  }
  return {};
}

class ManualKind : public RecordKind {
 public:
  ManualKind() : RecordKind(manual_spec()) {}

  StatePtr initial(const Context&, ServiceIndex, std::vector<model::Mistake>&) const override {
    return Record().share();
  }

  Outcome apply(const Context&, const World&, const Action& action) const override {
    if (!is_known(action.verb) && !is_opaque(action)) unhandled(spec(), action, "apply");
    if (!is_opaque(action)) return Outcome::done();
    return Outcome::opaque(
        "what the command changes is not declared; type it as actions, or write `effects: none`");
  }

  Footprint footprint(const Context&, const Action& action) const override {
    if (!is_known(action.verb) && !is_opaque(action)) unhandled(spec(), action, "footprint");
    return {};
  }

  Undo undo(const Context&, const World&, const Action& action) const override {
    if (is_opaque(action) || !is_known(action.verb)) return {};
    return {Undo::Class::exact, "", {}};
  }

  Traits traits(const Context&, const Action& action) const override {
    Traits traits;
    traits.waits_for = waits_for(action);
    traits.is_interactive = !traits.waits_for.empty() && action.verb != "ticket";
    if (action.args.flag("hides_failure"))
      traits.hides_failure = "it goes on after a failure and exits 0";
    traits.read_only = !is_opaque(action);
    return traits;
  }
};

}  // namespace

const Kind& kind_manual() {
  static const ManualKind kKind;
  return kKind;
}

}  // namespace backout::services
