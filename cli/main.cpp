#include <csignal>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string_view>

#include <fmt/format.h>
#include <unistd.h>

#include "cli/command.hpp"

namespace backout::cli {

#define BACKOUT_COMMAND(name, summary) int run_##name(const Invocation&);
#include "cli/commands.inc"
#undef BACKOUT_COMMAND

const std::vector<Command>& commands() {
  static const std::vector<Command> kAll = {
#define BACKOUT_COMMAND(name, summary) {#name, summary, &run_##name},
#include "cli/commands.inc"
#undef BACKOUT_COMMAND
  };
  return kAll;
}

namespace {

void print_help(std::ostream& out) {
  out << "backout: if we have to roll this back, will it work, in time, and without losing data?\n\n"
         "Usage: backout COMMAND [ARGUMENTS]\n\nCommands:\n";
  for (const Command& command : commands()) {
    out << fmt::format("  {:<12} {}\n", command.name, command.summary);
  }
  out << "  help         this text; `backout COMMAND --help` explains one command\n"
         "  --version    the version\n\n"
         "Exit status: 0 no finding at or above --fail-on, 1 findings, 2 wrong command line,\n"
         "3 input cannot be read or is invalid, 4 verdict incomplete, 70 internal error.\n";
}

int dispatch(const std::vector<std::string>& words) {
  if (words.empty()) {
    print_help(std::cerr);
    return kUsage;
  }
  const std::string& name = words.front();
  if (name == "help" || name == "--help" || name == "-h") {
    print_help(std::cout);
    return kOk;
  }
  if (name == "--version") {
    std::cout << "backout " << BACKOUT_VERSION << '\n';
    return kOk;
  }
  const bool colour = isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr;
  for (const Command& command : commands()) {
    if (name == command.name) {
      return command.run({{words.begin() + 1, words.end()}, std::cin, std::cout, std::cerr, colour});
    }
  }
  throw UsageError{fmt::format("unknown command '{}'", name)};
}

}  // namespace
}  // namespace backout::cli

int main(int argc, char** argv) {
  using namespace backout::cli;
  std::signal(SIGPIPE, SIG_DFL);  // quiet on a closed pipe
  std::ios::sync_with_stdio(false);
  try {
    const int status = dispatch({argv + 1, argv + argc});
    std::cout.flush();
    return status;
  } catch (const UsageError& error) {
    std::cerr << "backout: " << error.message << "\nTry 'backout --help'.\n";
    return kUsage;
  } catch (const std::exception& error) {
    std::cerr << "backout: internal error: " << error.what() << '\n';
    return kInternal;
  }
}
