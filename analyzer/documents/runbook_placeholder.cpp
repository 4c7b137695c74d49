// Something that was to be filled in and was not: in a script that runs as it stands, or where nobody says what it is.
#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "analyzer/documents/common.hpp"

namespace backout::analyzer::documents {

namespace {

/// A stand-in for a thing of which there is one: a domain, a host, a folder. Which release to go back to is a choice.
bool is_stand_in(std::string_view word) {
  const std::string text = lower(word);
  return has_any(text, {"yourdomain", "your-domain", "your_domain", "yoursite", "your-site", "your-app", "yourapp", "your-server", "your-project", "your-host",
                        "/path/to/", "user:password@", "username:password@", "user:pass@", "your-registry", "yourregistry", "your-org", "yourcompany",
                        "your-company", "your-cluster", "your_project", "your-api", "yourusername", "your-bucket", ".xxxxx.", "-xxxxx", "/xxxxx", "my-domain.com", "domain.tld"});
}

std::string shown(std::string_view word) {
  std::string text(word.substr(0, 60));
  std::ranges::replace(text, '\n', ' ');
  return text;
}

void look_at_scripts(const DocumentFacts& facts, const Block& block, std::vector<model::Finding>& found) {
  const bool automated = section_says(facts.document, block.section, {"automat", "pipeline", "ci/cd", "one-click", "script"});
  if (!block.script.whole || !(automated || facts.document.is_script || block.script.errexit)) return;
  for (const Command& command : block.script.commands) {
    for (const importers::Word& word : command.words) {
      const bool said = command.name() == "echo" || command.name() == "printf" || !word.placeholder || has(lower(full_of(command)), "usage");
      if (said || has_any(word.text, {"YYYY", "<<", "<html", "</", " "})) continue;
      add_once(found, finding(model::Severity::error, word.span,
                              fmt::format("'{}' was never filled in, and this script runs as it stands", shown(word.text)),
                              "take it as an argument (${1:?which}), and stop when it is missing"));
    }
  }
}

}  // namespace

std::vector<model::Finding> check_runbook_placeholder(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  for (const importers::Line& line : facts.document.lines) {
    const std::size_t at = line.text.find("$(");
    if (at == std::string::npos || has(facts.sources[line.span.file].text().substr(line.span.begin, line.span.end - line.span.begin), "`")) continue;
    add_once(found, finding(model::Severity::warning, line.span,
                            fmt::format("'{}' was to be filled in by a script, and was not", shown(std::string_view(line.text).substr(at, line.text.find(')', at) - at + 1))),
                            "write down what it stands for"));
  }
  for (const importers::Trigger& trigger : facts.document.triggers) {
    const bool open = has_any(trigger.text, {" X%", " Y%", " Z%", " N%", "XX%", " X %", " X ms", " Xms", "[X]", "[N]", "<X>", "TBD", "TODO", "???"});
    if (!open) continue;
    add_once(found, finding(model::Severity::warning, trigger.span, "the value of this trigger was never filled in: nobody can tell when it holds", "a number, a time window, and where it is read"));
  }
  const std::size_t none = 0;
  std::size_t stand_ins = none;
  for (const Block* block : shell_blocks(facts.document)) {
    if (!is_followed(facts, *block)) continue;
    look_at_scripts(facts, *block, found);
    for (const Command& command : block->script.commands) {
      for (const importers::Word& word : command.words) {
        if (!is_stand_in(word.text)) continue;
        if (stand_ins != none) {
          found[stand_ins - 1].related.push_back({word.span, "here, too"});
          continue;
        }
        found.push_back(finding(model::Severity::warning, word.span,
                                fmt::format("'{}' was never filled in: whoever rolls back has to find out first what belongs here", shown(word.text)),
                                "write down the real one; leave open only what differs from one rollback to the next"));
        stand_ins = found.size();
      }
    }
  }
  return found;
}

}  // namespace backout::analyzer::documents
