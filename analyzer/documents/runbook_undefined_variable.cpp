// A variable that nothing sets, where an empty text does harm.
#include <algorithm>
#include <cctype>
#include <set>
#include <string>

#include <fmt/format.h>

#include "analyzer/documents/common.hpp"

namespace backout::analyzer::documents {

namespace {

bool is_name_part(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

/// Names that a loop, `read` or an option reader sets: they stand as plain words. Gathered once for
/// a block.
class DefinedNames {
 public:
  explicit DefinedNames(const Block& block)
      : all_(has(block.content.text, "source ") || has(block.content.text, "\n. ")) {
    for (const Command& command : block.script.commands) {
      const bool sets = command.name() == "read" || command.name() == "export" ||
                        command.name() == "local" || command.name() == "declare" ||
                        command.name() == "readonly" || command.name() == "getopts" ||
                        command.name() == "mapfile" || command.name() == "readarray";
      if (!sets) continue;
      for (const importers::Word& word : command.words)
        exact_.insert(word.text.substr(0, word.text.find('=')));
    }
    const std::string& text = block.content.text;
    for (std::size_t at = text.find('='); at != std::string::npos; at = text.find('=', at + 1))
      before(text, at);
    for (std::size_t at = text.find("${"); at != std::string::npos; at = text.find("${", at + 2)) {
      const std::size_t end = std::find_if_not(text.begin() + static_cast<std::ptrdiff_t>(at) + 2,
                                               text.end(), is_name_part) -
                              text.begin();
      if (end < text.size() && text[end] == ':') exact_.insert(text.substr(at + 2, end - at - 2));
    }
    for (std::size_t at = text.find("for "); at != std::string::npos;
         at = text.find("for ", at + 4)) {
      const std::size_t end = std::find_if_not(text.begin() + static_cast<std::ptrdiff_t>(at) + 4,
                                               text.end(), is_name_part) -
                              text.begin();
      if (text.compare(end, 3, " in") == 0) exact_.insert(text.substr(at + 4, end - at - 4));
    }
  }

  bool contains(const std::string& name) const {
    if (all_ || exact_.contains(name)) return true;
    const std::string reversed(name.rbegin(), name.rend());
    const auto found = ends_.lower_bound(reversed);
    return found != ends_.end() && found->starts_with(reversed);
  }

 private:
  /// What stands before the `=` at `at`, back to front: what ends so is set there.
  void before(const std::string& text, std::size_t at) {
    std::size_t begin = at;
    while (begin > 0 && is_name_part(text[begin - 1])) --begin;
    if (begin < at)
      ends_.emplace(text.rend() - static_cast<std::ptrdiff_t>(at),
                    text.rend() - static_cast<std::ptrdiff_t>(begin));
  }

  bool all_ = false;
  std::set<std::string> exact_;
  std::set<std::string> ends_;
};

/// The word behind `<<` of a line that sends its lines to a shell somewhere else; empty when it is
/// quoted, or there is none.
std::string sent_until(std::string_view line) {
  const std::size_t at = line.find("<<");
  if (at == std::string_view::npos || at + 2 >= line.size() || line[at + 2] == '<') return {};
  const std::string_view before = line.substr(0, at);
  if (!has(before, "ssh ") && !has(before, "bash") && !has(before, "sh -s")) return {};
  std::size_t begin = at + 2 + (line[at + 2] == '-' ? 1 : 0);
  while (begin < line.size() && line[begin] == ' ') ++begin;
  std::size_t end = begin;
  while (end < line.size() && is_name_part(line[end])) ++end;
  return std::string(line.substr(begin, end - begin));
}

/// The variable that a line sets: `NAME=value`, also behind `export`; empty for none.
std::string_view set_by(std::string_view line) {
  for (const std::string_view word : {"export ", "readonly ", "declare ", "local "}) {
    if (line.starts_with(word)) line = line.substr(word.size());
  }
  const std::string_view name = line.substr(0, std::min(line.find('='), line.size()));
  return name.size() < line.size() && std::ranges::all_of(name, is_name_part) ? name
                                                                              : std::string_view();
}

/// Where the line uses the variable so that it is filled in on this side, with no backslash before
/// it; npos for nowhere.
std::size_t filled_in(std::string_view line, std::string_view name) {
  std::size_t at = find_variable(line, name, 0);
  while (at != std::string_view::npos && at > 0 && line[at - 1] == '\\')
    at = find_variable(line, name, at + 1);
  return at;
}

/// `ssh host <<EOF`, and a variable that its lines set and use: without quotes it is filled in on
/// this side, where nobody sets it.
void look_at_sent_lines(const Block& block, std::vector<model::Finding>& found) {
  const std::string& text = block.content.text;
  std::string until;
  std::set<std::string> here;   // set on this side
  std::set<std::string> there;  // set by the lines that are sent
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::size_t first = std::min(text.find_first_not_of(" \t", begin), end);
    const std::string_view line = std::string_view(text).substr(first, end - first);
    if (!until.empty() && line == until) {
      until.clear();
    } else {
      std::set<std::string>& all = until.empty() ? here : there;
      for (const std::string& name : there) {
        if (until.empty() || here.contains(name)) continue;
        const std::size_t at = filled_in(line, name);
        if (at == std::string_view::npos) continue;
        add_once(found, finding(model::Severity::error,
                                block.content.span(first + at, first + at + 1 + name.size()),
                                fmt::format("'{}' is filled in on this side, before the lines are "
                                            "sent, and only they set it: it is empty there",
                                            name),
                                "quote the word behind `<<` ('EOF'), and give what this side knows "
                                "as an argument"));
        break;
      }
      if (const std::string_view name = set_by(line); !name.empty()) all.insert(std::string(name));
      if (until.empty()) {
        until = sent_until(line);
        there.clear();
      }
    }
    begin = end + 1;
  }
}

}  // namespace

std::vector<model::Finding> check_runbook_undefined_variable(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  for (const importers::Pipeline::Reference& each : facts.document.pipeline.undeclared) {
    if (facts.document.blocks.empty()) break;
    add_once(
        found,
        finding(model::Severity::error, each.span,
                fmt::format("no job or step of this workflow puts out '{}': it is read as empty",
                            each.text),
                "`outputs:` of that job, or the `id` of the step that makes it"));
  }
  std::set<std::string> set_elsewhere;
  for (const Block* block : shell_blocks(facts.document)) {
    for (const importers::Assignment& each : block->script.assignments)
      set_elsewhere.insert(each.name);
  }
  for (const Block* block : shell_blocks(facts.document)) {
    if (!is_followed(facts, *block)) continue;
    look_at_sent_lines(*block, found);
    std::set<std::string> own(block->environment.begin(), block->environment.end());
    for (const importers::Assignment& each : block->script.assignments) own.insert(each.name);
    const DefinedNames named(*block);
    for (const importers::Use& use : block->script.uses) {
      if (own.contains(use.name) || named.contains(use.name)) continue;
      // A script of its own has a shell of its own: what another block sets is not there.
      const bool elsewhere = block->script.whole && set_elsewhere.contains(use.name);
      const Command* harmed = nullptr;
      const bool open = !set_elsewhere.contains(use.name) && use.name != "HOME" &&
                        use.name != "PWD" && use.name != "TMPDIR";
      if (!elsewhere && !open) continue;
      for (const Command& command : block->script.commands) {
        if (!open) break;
        const bool holds = command.span.begin <= use.span.begin && use.span.end <= command.span.end;
        if (holds && command.name() == "rm" && (command.has("-r") || command.has("-R")))
          harmed = &command;
      }
      const bool unset = harmed != nullptr;
      if (!elsewhere && !unset) continue;
      own.insert(use.name);
      found.push_back(finding(
          model::Severity::error, use.span,
          unset ? fmt::format(
                      "nothing sets '{}': where it is empty, '{}' deletes from the folder above",
                      use.name, text_of(*harmed))
                : fmt::format("'{}' is set in another block only: this script has a shell of its "
                              "own, and reads it as empty",
                              use.name),
          fmt::format("${{{}:?}} stops when it is not set", use.name)));
    }
  }
  return found;
}

}  // namespace backout::analyzer::documents
