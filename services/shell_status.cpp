#include "services/shell_status.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>

#include "catalogue/catalogue.hpp"

namespace backout::services {
namespace {

using catalogue::Known;
using catalogue::Piece;

template <std::size_t N>
bool is_one(std::string_view word, const std::array<std::string_view, N>& words) {
  return std::ranges::find(words, word) != words.end();
}

/// Commands that end with 0 whatever happened before.
bool always_succeeds(const Piece& piece) {
  if (piece.argv[0] == "exit") return piece.argv.size() == 2 && piece.argv[1] == "0";
  return is_one(piece.argv[0],
                std::array<std::string_view, 5>{"true", ":", "echo", "printf", "date"});
}

bool is_best_effort(const Piece& piece) {
  constexpr std::array<std::string_view, 6> kTools = {"rm",    "rmdir",   "kill",
                                                      "pkill", "killall", "mkdir"};
  constexpr std::array<std::string_view, 5> kVerbs = {"stop", "kill", "delete", "down", "remove"};
  return is_one(piece.argv[0], kTools) ||
         std::ranges::any_of(piece.argv,
                             [&](const std::string& word) { return is_one(word, kVerbs); });
}

/// Whether its failure matters to those who go on behind it.
bool matters(const Piece& piece) {
  if (always_succeeds(piece) || is_best_effort(piece)) return false;
  constexpr std::array<std::string_view, 14> kPrepares = {
      "cd",    "export", "set", "cat",  "yes",  "source", ".",
      "sleep", "wait",   "ls",  "grep", "head", "unset",  "tee"};
  const std::string& word = piece.argv[0];
  if (is_one(word, kPrepares) || word.find('=') != std::string::npos) return false;
  return !catalogue::look_up(piece.argv, piece.has_input).changes_nothing();
}

/// What `set` has switched on so far.
struct Options {
  bool errexit = false;
  bool pipefail = false;
};

/// `set -e`, `set -euo pipefail`, `set +e`, `set +o pipefail`.
void switch_options(const Piece& piece, Options& options) {
  if (piece.argv[0] != "set") return;
  bool on = true;
  for (std::size_t i = 1; i < piece.argv.size(); ++i) {
    const std::string& word = piece.argv[i];
    if (word == "errexit") options.errexit = on;
    if (word == "pipefail") options.pipefail = on;
    if (!word.starts_with('-') && !word.starts_with('+')) continue;
    on = word[0] == '-';
    if (word.find('e') != std::string::npos) options.errexit = on;
  }
}

std::string first_words(const Piece& piece) {
  constexpr std::size_t kMostWords = 3;
  const auto last =
      piece.argv.begin() + static_cast<std::ptrdiff_t>(std::min(piece.argv.size(), kMostWords));
  return fmt::format("{}", fmt::join(piece.argv.begin(), last, " "));
}

/// Why the status of the piece at `at` is not that of the line; empty when it is, or when nothing
/// is lost.
std::string lost_at(const std::vector<Piece>& pieces, std::size_t at, const Options& options) {
  if (!matters(pieces[at]) || at + 1 == pieces.size()) return {};
  std::size_t next = at + 1;
  if (pieces[next].before == "|") {
    if (!options.pipefail)
      return fmt::format(
          "the pipe keeps only the status of its last command: '{}' may fail unheard",
          first_words(pieces[at]));
    while (next < pieces.size() && pieces[next].before == "|") ++next;
    if (next == pieces.size()) return {};
  }
  const Piece& after = pieces[next];
  if (after.before == "||") {
    const bool is_true = after.argv[0] == "true" || after.argv[0] == ":";
    if (is_true) return fmt::format("`|| {}` turns every failure into success", after.argv[0]);
    const bool ends_well =
        always_succeeds(after) && (next + 1 == pieces.size() || pieces[next + 1].before != "&&");
    const bool exits = next + 1 < pieces.size() && pieces[next + 1].argv[0] == "exit";
    return ends_well && !exits ? fmt::format("`|| {}` turns every failure of '{}' into success",
                                             after.argv[0], first_words(pieces[at]))
                               : std::string();
  }
  if (after.before == ";" && !options.errexit)
    return fmt::format(
        "`;` goes on behind a failure of '{}': the status is that of the last command",
        first_words(pieces[at]));
  return after.before == "&" ? fmt::format("`&` does not wait for '{}'", first_words(pieces[at]))
                             : std::string();
}

}  // namespace

std::string why_status_is_lost(std::string_view line) {
  const std::vector<Piece> pieces = catalogue::split_line(line);
  Options options;
  for (std::size_t at = 0; at < pieces.size(); ++at) {
    if (pieces[at].in_structure) return {};
    switch_options(pieces[at], options);
    if (std::string why = lost_at(pieces, at, options); !why.empty()) return why;
    const Known known = catalogue::look_up(pieces[at].argv, pieces[at].has_input);
    if (known.script.empty()) continue;
    if (std::string why = why_status_is_lost(known.script); !why.empty()) return why;
  }
  const std::size_t end = line.find_last_not_of(" \t\n");
  const bool in_background =
      end != std::string_view::npos && line[end] == '&' && (end == 0 || line[end - 1] != '&');
  return in_background && !pieces.empty() && matters(pieces.back())
             ? fmt::format("`&` does not wait for '{}'", first_words(pieces.back()))
             : std::string();
}

bool only_looks(std::string_view line) {
  const std::vector<Known> all = catalogue::look_up_line(line);
  const std::vector<Piece> pieces = catalogue::split_line(line);
  // What an unknown tool is told to stop or delete, it may well stop or delete.
  const auto acts = [](const Piece& piece) {
    return matters(piece) ||
           (is_best_effort(piece) && catalogue::look_up(piece.argv, piece.has_input).existence ==
                                         catalogue::Existence::unknown_tool);
  };
  return std::ranges::none_of(pieces, acts) && std::ranges::all_of(all, [](const Known& known) {
           return known.changes_nothing() || known.does == "control" || known.does.empty() ||
                  known.existence == catalogue::Existence::unknown_tool;
         });
}

}  // namespace backout::services
