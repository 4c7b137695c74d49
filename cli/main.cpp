#include <csignal>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <iostream>
#include <string_view>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/help.hpp"
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

struct Terminal {
  bool colour = false;
  std::size_t width = 80;
};

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

/// NO_COLOR is stronger than FORCE_COLOR, and both are stronger than what standard output is.
Terminal terminal_of_output() {
  Terminal terminal;
  const char* name = std::getenv("TERM");
  const bool dumb = name != nullptr && std::string_view(name) == "dumb";
  const char* force = std::getenv("FORCE_COLOR");
  const bool forced = is_set("FORCE_COLOR") && std::string_view(force) != "0";
  const bool is_terminal = isatty(STDOUT_FILENO) != 0;
  terminal.colour = !is_set("NO_COLOR") && (forced || (is_terminal && !dumb));
  winsize size{};
  constexpr std::size_t kNarrowest = 40;
  if (is_terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= kNarrowest)
    terminal.width = size.ws_col;
  return terminal;
}

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
                          terminal.width});
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
