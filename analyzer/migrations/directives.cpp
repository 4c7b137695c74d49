#include "analyzer/migrations/directives.hpp"

#include <string_view>

namespace backout::analyzer {
namespace {

constexpr std::string_view kMarker = "backout:";

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r");
  return first == std::string_view::npos
             ? ""
             : text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

/// Cuts the first word off `text`.
std::string_view take_word(std::string_view& text) {
  text = trim(text);
  const std::size_t end = std::min(text.find_first_of(" \t"), text.size());
  const std::string_view word = text.substr(0, end);
  text = trim(text.substr(end));
  return word;
}

/// Whether the line up to `at` is nothing but the start of a comment, or the comment follows SQL on
/// its line.
bool stands_in_comment(std::string_view text, std::size_t at) {
  const std::size_t line = text.rfind('\n', at) + 1;  // npos + 1 is the start of the text
  const std::string_view before = trim(text.substr(line, at - line));
  return before.ends_with("--");
}

void read_directive(std::string_view body, model::Span span, Directives& directives) {
  std::string_view rest = body;
  const std::string_view word = take_word(rest);
  if (word == "ignore") {
    const std::string_view rule = take_word(rest);
    if (rule.empty() || rest.empty()) {
      directives.mistakes.push_back({span, "a suppression without a rule or a reason",
                                     "write '-- backout: ignore RULE REASON'"});
    }
    directives.suppressions.push_back({std::string(rule), std::string(rest), span});
  } else if (word == "irreversible") {
    if (rest.empty()) {
      directives.mistakes.push_back(
          {span, "an irreversibility without a reason", "write '-- backout: irreversible REASON'"});
    }
    directives.irreversible = {std::string(rest),
                               directives.irreversible ? directives.irreversible->alternative : "",
                               span};
  } else if (word == "instead") {
    if (!directives.irreversible) {
      directives.irreversible.emplace();
      directives.irreversible->span = span;
    }
    directives.irreversible->alternative = rest;
  } else {
    directives.mistakes.push_back({span, "unknown directive '" + std::string(word) + "'",
                                   "ignore, irreversible and instead are known"});
  }
}

void read_script(const model::SqlText& script, Directives& directives) {
  const std::string_view text = script.text;
  for (std::size_t at = text.find(kMarker); at != std::string_view::npos;
       at = text.find(kMarker, at + 1)) {
    if (stands_in_comment(text, at)) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      const std::string_view body = text.substr(at + kMarker.size(), end - at - kMarker.size());
      read_directive(body, script.span_of(at, end), directives);
    }
  }
}

}  // namespace

Directives read_directives(const model::Migration& migration) {
  Directives directives;
  if (migration.up) {
    read_script(*migration.up, directives);
  }
  if (migration.down) {
    read_script(*migration.down, directives);
  }
  if (directives.irreversible && directives.irreversible->reason.empty()) {
    directives.irreversible.reset();
  }
  return directives;
}

}  // namespace backout::analyzer
