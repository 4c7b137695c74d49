#include <csignal>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string_view>

#include <fmt/format.h>
#include <unistd.h>

#include "cli/help.hpp"

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

int dispatch(const std::vector<std::string>& words) {
  if (words.empty()) {
    print_overview(std::cerr);
    return kUsage;
  }
  std::string name = words.front();
  if (name == "--help" || name == "-h") name = "help";
  if (name == "--version") name = "version";
  const bool colour = isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr;
  for (const Command& command : commands()) {
    if (name == command.name) {
      return command.run({{words.begin() + 1, words.end()}, std::cin, std::cout, std::cerr, colour, nullptr, name});
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
    if (status != kOutput && !std::cout.flush()) {
      std::cerr << "backout: cannot write standard output\n";
      return kOutput;
    }
    return status;
  } catch (const UsageError& error) {
    std::cerr << "backout: " << error.message << "\nTry 'backout --help'.\n";
    return kUsage;
  } catch (const std::exception& error) {
    std::cerr << "backout: internal error: " << error.what() << '\n';
    return kInternal;
  }
}
