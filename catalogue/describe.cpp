// What is known of a command, as text.
#include <fmt/format.h>

#include "catalogue/catalogue.hpp"

namespace backout::catalogue {

namespace {

void row(std::string& text, std::string_view what, const std::string& value) {
  if (!value.empty()) text += fmt::format("  {:<12}{}\n", what, value);
}

std::string words(const Answer& answer) {
  using Value = Answer::Value;
  if (answer.value == Value::unknown) return "";
  if (answer.value == Value::depends) return answer.why;
  const std::string plain = answer.value == Value::yes ? "yes" : "no";
  return answer.why.empty() ? plain : plain + ": " + answer.why;
}

std::string words(const std::vector<Argument>& args) {
  std::string text;
  for (const Argument& arg : args)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", arg.name, arg.value);
  return text;
}

std::string_view existence(const Known& known) {
  switch (known.existence) {
    case Existence::known:
      return "";
    case Existence::exists:
      return "exists; the catalogue knows no more of it";
    case Existence::does_not_exist:
      return "does not exist";
    default:
      return "not known";
  }
}

}  // namespace

std::string describe(const Known& known) {
  std::string text = known.command + '\n';
  if (!known.about.empty()) text += "  " + known.about + '\n';
  row(text, "existence", std::string(existence(known)));
  row(text, "", known.hint);
  for (const Wrapper& wrapper : known.wrappers) {
    row(text, "inside",
        wrapper.command + (wrapper.args.empty() ? "" : " (" + words(wrapper.args) + ")"));
  }
  row(text, "does", known.does);
  for (const Effect& effect : known.effects) {
    if (!effect.kind.empty()) row(text, "action", effect.kind + '/' + effect.verb);
    row(text, "names", words(effect.args));
  }
  row(text, "where", known.where);
  row(text, "destroys", known.destroys);
  row(text, "reversible", words(known.reversible));
  row(text, "repeatable", words(known.repeatable));
  row(text, "exit tells", words(known.exit_tells));
  for (const std::string& option : known.unknown_options)
    row(text, "option", option + " is not one of its options");
  for (const Trap& trap : known.traps) {
    row(text, "trap", fmt::format("{}: {}", name_of(trap.kind), trap.says));
    row(text, "", trap.only_if.empty() ? "" : "only if " + trap.only_if);
    row(text, "", trap.instead.empty() ? "" : "instead: " + trap.instead);
    row(text, "",
        trap.source.empty() || trap.source == known.source ? "" : "source: " + trap.source);
  }
  row(text, "source", known.source);
  return text;
}

}  // namespace backout::catalogue
