// backout help [COMMAND]: the overview, or what one subcommand accepts; as text or as a man page.
#include "cli/help.hpp"

#include <iostream>

#include <fmt/format.h>
#include <boost/program_options.hpp>

#include "cli/options.hpp"
#include "model/load.hpp"
#include "reports/text/fold.hpp"

namespace backout::cli {

namespace po = boost::program_options;

namespace {

constexpr const char* kHelpHelp =
    "Usage: backout help [--format text|man] [COMMAND]\n\nSays what backout, or one COMMAND of it, "
    "does and accepts.\n";

const Command& find_command(const std::string& name) {
  for (const Command& command : commands()) {
    if (name == command.name) return command;
  }
  throw UsageError{unknown_command(name)};
}

}  // namespace

std::string unknown_command(const std::string& name) {
  std::vector<std::string> known;
  for (const Command& command : commands()) known.emplace_back(command.name);
  const std::string near = model::nearest(name, known);
  return fmt::format("unknown command '{}'{}", name,
                     near.empty() ? "" : fmt::format(" (did you mean '{}'?)", near));
}

void print_overview(std::size_t width, std::ostream& out) {
  std::string text =
      "backout: if we have to roll this back, will it work, in time, and without losing data?\n\n"
      "Usage: backout COMMAND [ARGUMENTS]\n\nCommands:\n";
  for (const Command& command : commands())
    text += fmt::format("  {:<12} {}\n", command.name, command.summary);
  text +=
      "\n`backout help COMMAND` explains one command, `backout --version` says what this build "
      "is.\n\n"
      "Exit status: 0 no finding at or above --fail-on, 1 findings, 2 wrong command line, 3 input "
      "cannot be read or is "
      "invalid, 4 verdict incomplete, 70 internal error, 74 output cannot be written.\n";
  reports::write_folded(text, width, out);
}

int run_help(const Invocation& invocation) {
  po::options_description options("Options");
  options.add_options()("format",
                        po::value<std::string>()->default_value("text")->value_name("FORMAT"),
                        "text|man: for a terminal, or the page for man(1)");
  const auto values = parse_arguments(invocation, kHelpHelp, options, "command");
  if (!values) return kOk;
  const std::string format = (*values)["format"].as<std::string>();
  if (format != "text" && format != "man") {
    throw UsageError{fmt::format("--format takes text or man, not '{}'", format)};
  }
  if (!values->count("command")) {
    format == "man" ? write_man(invocation.out) : print_overview(invocation.width, invocation.out);
    return kOk;
  }
  for (const std::string& name : (*values)["command"].as<std::vector<std::string>>()) {
    const Command& command = find_command(name);
    if (format == "man")
      write_man(command, invocation.out);
    else
      command.run({{"--help"},
                   invocation.in,
                   invocation.out,
                   invocation.err,
                   false,
                   nullptr,
                   name,
                   invocation.width});
  }
  return kOk;
}

}  // namespace backout::cli
