#include "cli/terminal.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <string_view>

#include <sys/ioctl.h>
#include <unistd.h>

namespace backout::cli {

namespace {

/// What the environment says; nothing where it does not say.
std::string_view value_of(const char* variable) {
  const char* value = std::getenv(variable);
  return value == nullptr ? "" : value;
}

bool is_set(const char* variable) { return !value_of(variable).empty(); }

bool is_forced(const char* variable) { return is_set(variable) && value_of(variable) != "0"; }

/// No terminal can be asked for links: those that show them are known by what they put into the
/// environment. Others may print the address into the text.
bool shows_links() {
  constexpr std::array kPrograms = {"iTerm.app", "WezTerm", "vscode", "Hyper", "ghostty"};
  constexpr std::array kNames = {"xterm-kitty", "xterm-ghostty", "alacritty", "foot"};
  constexpr int kFirstVte = 5000;
  const std::string_view vte = value_of("VTE_VERSION");
  int version = 0;
  std::from_chars(vte.data(), vte.data() + vte.size(), version);
  return version >= kFirstVte || is_set("WT_SESSION") || is_set("KONSOLE_VERSION") ||
         is_set("DOMTERM") ||
         std::ranges::find(kPrograms, value_of("TERM_PROGRAM")) != kPrograms.end() ||
         std::ranges::find(kNames, value_of("TERM")) != kNames.end();
}

}  // namespace

Terminal terminal_of_output() {
  Terminal terminal;
  const bool is_terminal = isatty(STDOUT_FILENO) != 0;
  const bool is_dumb = value_of("TERM") == "dumb";
  terminal.colour = !is_set("NO_COLOR") && (is_forced("FORCE_COLOR") || (is_terminal && !is_dumb));
  terminal.links = is_set("FORCE_HYPERLINK") ? is_forced("FORCE_HYPERLINK")
                                             : is_terminal && !is_dumb && shows_links();
  winsize size{};
  constexpr std::size_t kNarrowest = 40;
  if (is_terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= kNarrowest)
    terminal.width = size.ws_col;
  return terminal;
}

}  // namespace backout::cli
