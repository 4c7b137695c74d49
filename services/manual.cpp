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

constexpr TextArg kManualFile{"file", "The script."};
constexpr FlagArg kManualInteractive{"interactive", "It asks questions."};
constexpr TextArg kManualEffects{"effects", "`none` when it changes no service of the plan."};
constexpr FlagArg kManualHidesFailure{"hides_failure", "It goes on after a failure and exits 0."};
constexpr TextArg kManualRunbook{"runbook", "Where it is described."};
constexpr TextArg kManualPrompt{"prompt", "The question."};
constexpr TextArg kManualDefault{"default", "What holds when nobody answers."};
constexpr TextArg kManualQuestion{"question", "What is decided."};
constexpr TextArg kManualFor = TextArg("for", "How long.").of(ValueType::duration);
constexpr TextArg kManualTo{"to", "Where."};
constexpr TextArg kManualPackage{"package", "What."};

/// For whom or what a run, a login or a question waits: somebody is there, and answers.
void ask(std::string what, Traits& traits) {
  traits.waits_for = std::move(what);
  traits.is_interactive = true;
}

void ticket_traits(const Context&, const Action& action, Traits& traits) {
  traits.read_only = true;
  wait_for_support(action, "somebody else's support", traits);
}

bool says_no_effects(const Action& action) { return kManualEffects.in(action.args) == "none"; }

Outcome undeclared() {
  return Outcome::opaque(
      "what the command changes is not declared; type it as actions, or write `effects: none`");
}

VerbRow run_row() {
  return {
      {kRunVerb,
       {kCommand, kManualFile, kSaidContains, kManualInteractive, kManualEffects,
        kManualHidesFailure},
       "Runs a command whose effects the plan does not type."},
      [](const Call& call) {
        return says_no_effects(call.action) ? Outcome::done() : undeclared();
      },
      [](const Call& call) { return says_no_effects(call.action) ? nothing_to_undo() : Undo{}; },
      [](const Context&, const Action& action, Traits& traits) {
        traits.read_only = says_no_effects(action);
        if (kManualInteractive.in(action.args)) ask("asks questions", traits);
        if (kManualHidesFailure.in(action.args))
          traits.hides_failure = "it goes on after a failure and exits 0";
      }};
}

std::vector<VerbRow> verbs_of_manual() {
  return {
      {{"manual", {kSaidText}, "A person does something that changes no service of the plan."},
       does_nothing,
       changes_nothing,
       looks},
      {{"task", {kSaidText, kManualRunbook}, "The same as manual."},
       does_nothing,
       changes_nothing,
       looks},
      {{"confirm",
        {kManualPrompt, kSaidText.saying("The answer that goes on."), kManualDefault},
        "Asks and waits for an answer."},
       does_nothing,
       changes_nothing,
       [](const Context&, const Action& action, Traits& traits) {
         traits.read_only = true;
         if (!kManualDefault.is_given(action.args)) ask("asks for a confirmation", traits);
       }},
      {{"decide", {kManualQuestion}, "Somebody decides."}, does_nothing, changes_nothing, looks},
      {{"ticket", {kTicketVendor, kSaidText, kTicketResponse}, "Asks somebody else's support."},
       does_nothing,
       changes_nothing,
       ticket_traits},
      {{"wait", {kManualFor}, "Waits."}, does_nothing, changes_nothing, looks},
      {{"login", {kManualTo}, "Logs in interactively."},
       does_nothing,
       changes_nothing,
       [](const Context&, const Action&, Traits& traits) {
         traits.read_only = true;
         ask("logs in interactively", traits);
       }},
      {{"install", {kManualPackage}, "Installs a tool."}, does_nothing, changes_nothing, looks},
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
