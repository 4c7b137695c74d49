#include <csignal>
#include <exception>
#include <filesystem>
#include <iostream>
#include <string_view>

#include <fmt/format.h>
#include <unistd.h>

#include "cli/help.hpp"
#include "cli/terminal.hpp"
#include "reports/screen.hpp"

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

int dispatch(const std::vector<std::string>& words, std::ostream& out, std::ostream& err) {
  const Terminal terminal = terminal_of_output();
  if (words.empty()) {
    print_overview(terminal.width, err);
    return kUsage;
  }
  std::string name = words.front();
  if (name == "--help" || name == "-h") name = "help";
  if (name == "--version") name = "version";
  for (const Command& command : commands()) {
    if (name == command.name) {
      return command.run({{words.begin() + 1, words.end()},
                          std::cin,
                          out,
                          err,
                          terminal.colour,
                          nullptr,
                          name,
                          terminal.width,
                          terminal.links});
    }
  }
  throw UsageError{unknown_command(name)};
}

}  // namespace
}  // namespace backout::cli

int main(int argc, char** argv) {
  using namespace backout::cli;
  std::signal(SIGPIPE, SIG_DFL);  // quiet on a closed pipe
  std::ios::sync_with_stdio(false);
  backout::reports::Screen out_screen(*std::cout.rdbuf(), isatty(STDOUT_FILENO) != 0);
  backout::reports::Screen err_screen(*std::cerr.rdbuf());
  std::ostream out(&out_screen);
  std::ostream err(&err_screen);
  err << std::unitbuf;
  try {
    const int status = dispatch({argv + 1, argv + argc}, out, err);
    if (status != kOutput && !out.flush()) {
      err << "backout: cannot write standard output\n";
      return kOutput;
    }
    return status;
  } catch (const UsageError& error) {
    err << "backout: " << error.message << "\nTry 'backout --help'.\n";
    return kUsage;
  } catch (const InvalidInput& error) {
    err << error.message;
    return kInvalidInput;
  } catch (const std::filesystem::filesystem_error&
               error) {  // a name too long, a link to itself, a folder of others
    err << fmt::format("backout: cannot read '{}': {}\n", error.path1().string(),
                       error.code().message());
    return kInvalidInput;
  } catch (const std::exception& error) {
    err << "backout: internal error: " << error.what() << '\n';
    return kInternal;
  }
}
