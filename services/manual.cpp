// What a person does, and scripts of which the plan knows only the name.
//
// What the real thing does: a person reads, decides, answers a prompt, opens a ticket, waits. A
// prompt in a script that nobody watches hangs. A vendor's support has no bound. An opaque command
// does something that the plan does not say. What this fake leaves out: everything that the person
// changes; steps on services say that.
//
// `manual` is also the kind of steps without a target. It has no facts.
#include <fmt/format.h>

#include "services/commands.hpp"
#include "services/row_kind.hpp"
#include "services/ticket.hpp"

namespace backout::services {

using model::ValueType;

namespace {

/// For whom or what a run, a login or a question waits: somebody is there, and answers.
void ask(std::string what, Traits& traits) {
  traits.waits_for = std::move(what);
  traits.is_interactive = true;
}

void ticket_traits(const Context&, const Action& action, Traits& traits) {
  traits.read_only = true;
  wait_for_support(action, "somebody else's support", traits);
}

bool says_no_effects(const Action& action) { return action.args.text("effects") == "none"; }

Outcome undeclared() {
  return Outcome::opaque(
      "what the command changes is not declared; type it as actions, or write `effects: none`");
}

VerbRow run_row() {
  return {
      {kRunVerb,
       {command_field(), field("file", ValueType::string, "The script."),
        field("contains", ValueType::strings, "What it does, in words."),
        field("interactive", ValueType::boolean, "It asks questions."),
        field("effects", ValueType::string, "`none` when it changes no service of the plan."),
        field("hides_failure", ValueType::boolean, "It goes on after a failure and exits 0.")},
       "Runs a command whose effects the plan does not type."},
      [](const Call& call) {
        return says_no_effects(call.action) ? Outcome::done() : undeclared();
      },
      [](const Call& call) { return says_no_effects(call.action) ? nothing_to_undo() : Undo{}; },
      [](const Context&, const Action& action, Traits& traits) {
        traits.read_only = says_no_effects(action);
        if (action.args.flag("interactive")) ask("asks questions", traits);
        if (action.args.flag("hides_failure"))
          traits.hides_failure = "it goes on after a failure and exits 0";
      }};
}

std::vector<VerbRow> verbs_of_manual() {
  const auto text = field("text", ValueType::string, "What is done.");
  return {
      {{"manual", {text}, "A person does something that changes no service of the plan."},
       does_nothing,
       changes_nothing,
       looks},
      {{"task",
        {text, field("runbook", ValueType::string, "Where it is described.")},
        "The same as manual."},
       does_nothing,
       changes_nothing,
       looks},
      {{"confirm",
        {field("prompt", ValueType::string, "The question."),
         field("text", ValueType::string, "The answer that goes on."),
         field("default", ValueType::string, "What holds when nobody answers.")},
        "Asks and waits for an answer."},
       does_nothing,
       changes_nothing,
       [](const Context&, const Action& action, Traits& traits) {
         traits.read_only = true;
         if (!action.args.has("default")) ask("asks for a confirmation", traits);
       }},
      {{"decide", {field("question", ValueType::string, "What is decided.")}, "Somebody decides."},
       does_nothing,
       changes_nothing,
       looks},
      {{"ticket",
        {field("vendor", ValueType::string, "Whose support."), text,
         field("response", ValueType::string, "Agreed response time, or unbounded (default).")},
        "Asks somebody else's support."},
       does_nothing,
       changes_nothing,
       ticket_traits},
      {{"wait", {field("for", ValueType::duration, "How long.")}, "Waits."},
       does_nothing,
       changes_nothing,
       looks},
      {{"login", {field("to", ValueType::string, "Where.")}, "Logs in interactively."},
       does_nothing,
       changes_nothing,
       [](const Context&, const Action&, Traits& traits) {
         traits.read_only = true;
         ask("logs in interactively", traits);
       }},
      {{"install", {field("package", ValueType::string, "What.")}, "Installs a tool."},
       does_nothing,
       changes_nothing,
       looks},
      run_row()};
}

KindRow manual_row() {
  KindRow row;
  row.name = "manual";
  row.help = "People, and commands whose effects are not declared.";
  row.fields = {field("who", ValueType::string, "Who does it.")};
  row.verbs = verbs_of_manual();
  row.initial = [](const Context&, ServiceIndex, std::vector<model::Mistake>&) { return Record(); };
  row.footprint = [](const Context&, const Action&) { return Footprint{}; };
  // A verb of a kind that is not known because its target is not.
  row.stray = VerbRow{{}, [](const Call&) { return undeclared(); }, unknown_undo, no_traits};
  return row;
}

}  // namespace

const Kind& kind_manual() {
  static const std::unique_ptr<const Kind> kKind = make_kind(manual_row());
  return *kKind;
}

}  // namespace backout::services
