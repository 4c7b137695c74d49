#include "analyzer/command_edits.hpp"

#include <algorithm>
#include <sstream>

#include <fmt/format.h>

namespace backout::analyzer {

namespace {

using catalogue::Known;
using catalogue::Trap;
using importers::Command;

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream in(text);
  return {std::istream_iterator<std::string>(in), {}};
}

/// Whether people put something in its place: FILE, SECONDS, NAME; a value such as ON_ERROR_STOP=1
/// says it all.
bool is_for_people(std::string_view word) {
  const std::string_view value = word.substr(word.rfind('=') + 1);
  return !value.starts_with('-') && std::ranges::none_of(value, [](unsigned char c) {
    return std::islower(c) != 0 || std::isdigit(c) != 0;
  });
}

/// The words of an option, with the value that it has: `-f`, `--wait`, `-v ON_ERROR_STOP=1`.
bool is_option(const std::vector<std::string>& words) {
  return !words.empty() && words.size() <= 2 && words[0].size() > 1 && words[0].starts_with('-') &&
         std::ranges::none_of(words, is_for_people) &&
         (words.size() == 1 || words[1].find('=') != std::string::npos);
}

bool has_trap(const Known& known, const Trap& trap) {
  return std::ranges::any_of(known.traps, [&](const Trap& each) {
    return each.kind == trap.kind && each.says == trap.says;
  });
}

/// The word behind which options of the command stand: its name, or the last of its subcommands.
std::size_t last_name(const Command& command, const Known& known) {
  std::size_t at = static_cast<std::size_t>(known.word) - command.environment.size();
  if (known.path.empty()) return at;
  const std::string last = known.command.substr(known.command.rfind(' ') + 1);
  while (at < command.words.size() && command.words[at].text != last) ++at;
  return at;
}

/// What the catalogue knows of the command with `option` behind the word at `at`.
Known with(const Command& command, std::size_t at, const std::vector<std::string>& option) {
  std::vector<std::string> line = command.environment;
  for (std::size_t i = 0; i < command.words.size(); ++i) {
    line.push_back(command.words[i].text);
    if (i == at) line.insert(line.end(), option.begin(), option.end());
  }
  return catalogue::look_up(line, command.is_fed());
}

}  // namespace

Edits with_option(const Command& command, Trap::Kind kind) {
  const Known& known = command.known();
  if (known.word < static_cast<int>(command.environment.size())) return {};
  const std::size_t at = last_name(command, known);
  if (at >= command.words.size()) return {};
  for (const Trap& trap : known.traps) {
    const std::vector<std::string> option = words_of(trap.instead);
    if (trap.kind != kind || !trap.only_if.empty() || trap.tool != known.tool || !is_option(option))
      continue;
    const Known mended = with(command, at, option);
    if (has_trap(mended, trap) || mended.path != known.path ||
        mended.unknown_options.size() > known.unknown_options.size())
      continue;
    const model::Span& word = command.words[at].span;
    return {{{word.file, word.end, word.end}, " " + trap.instead}};
  }
  return {};
}

Edits with_options(const model::Plan& plan, const model::Span& span, const std::string& line,
                   Trap::Kind kind) {
  const std::string_view raw =
      std::string_view((*plan.sources)[span.file].text()).substr(span.begin, span.end - span.begin);
  const std::size_t at = raw.find(line);
  if (line.empty() || at == std::string_view::npos) return {};  // escapes, or folded lines
  const auto located =
      importers::Located::at(line, span.file, span.begin + static_cast<std::uint32_t>(at));
  Edits all;
  for (const Command& command : importers::read_shell(located).commands) {
    std::ranges::move(with_option(command, kind), std::back_inserter(all));
  }
  return all;
}

Edits with_pipefail(const model::SourceFile& source, const importers::Document& document) {
  const std::string_view text = source.text();
  const std::string_view first = text.substr(0, text.find('\n'));
  if (!document.is_script || !first.starts_with("#!") || !first.ends_with("bash")) return {};
  std::size_t line = 0;
  while (line < text.size() && text[line] == '#') {
    const std::size_t end = text.find('\n', line);
    if (end == std::string_view::npos) return {};
    line = end + 1;
  }
  const auto begin = static_cast<std::uint32_t>(line);
  return {{{document.file, begin, begin}, "set -o pipefail\n"}};
}

Edits without_comment(const model::SourceFile& source, const model::Span& comment) {
  const std::string_view text = source.text();
  std::size_t begin = comment.begin;
  while (begin > 0 && (text[begin - 1] == ' ' || text[begin - 1] == '\t')) --begin;
  std::size_t end = comment.end;
  while (end < text.size() && (text[end] == ' ' || text[end] == '\t' || text[end] == '\r')) ++end;
  const bool last = end >= text.size() || text[end] == '\n';
  if (!last) return {};
  const bool alone = begin == 0 || text[begin - 1] == '\n';
  if (alone && end < text.size()) ++end;
  return {{{comment.file, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)}, ""}};
}

}  // namespace backout::analyzer
