// Something that was to be filled in and was not: in a script that runs as it stands, or where
// nobody says what it is.
#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "analyzer/documents/common.hpp"

namespace backout::analyzer::documents {

namespace {

/// A stand-in for a thing of which there is one: a domain, a host, a folder. Which release to go
/// back to is a choice.
bool is_stand_in(std::string_view word) {
  const std::string text = lower(word);
  return has_any(
      text,
      {"yourdomain",   "your-domain",    "your_domain",        "yoursite",     "your-site",
       "your-app",     "yourapp",        "your-server",        "your-project", "your-host",
       "/path/to/",    "user:password@", "username:password@", "user:pass@",   "your-registry",
       "yourregistry", "your-org",       "yourcompany",        "your-company", "your-cluster",
       "your_project", "your-api",       "yourusername",       "your-bucket",  ".xxxxx.",
       "-xxxxx",       "/xxxxx",         "my-domain.com",      "domain.tld"});
}

std::string shown(std::string_view word) {
  std::string text(word.substr(0, 60));
  std::ranges::replace(text, '\n', ' ');
  return text;
}

void look_at_scripts(const DocumentFacts& facts, const Block& block,
                     std::vector<model::Finding>& found) {
  const bool automated = section_says(facts.document, block.section,
                                      {"automat", "pipeline", "ci/cd", "one-click", "script"});
  if (!block.script.whole || !(automated || facts.document.is_script || block.script.errexit))
    return;
  for (const Command& command : block.script.commands) {
    for (const importers::Word& word : command.words) {
      const bool said = command.name() == "echo" || command.name() == "printf" ||
                        !word.placeholder || has(command.low_line(), "usage");
      if (said || has_any(word.text, {"YYYY", "<<", "<html", "</", " "})) continue;
      add_once(found,
               finding(model::Severity::error, word.span,
                       fmt::format("'{}' was never filled in, and this script runs as it stands",
                                   shown(word.text)),
                       "take it as an argument (${1:?which}), and stop when it is missing"));
    }
  }
}

/// Whether nobody wrote anything into a cell.
bool is_unfilled(std::string_view cell) {
  const std::string text = importers::trimmed(cell);
  if (text.find_first_not_of(" -_.?*`|") == std::string::npos) return true;
  const std::string low = lower(text);
  return low == "tbd" || low == "todo" || low == "n/a" || low == "name" || low == "phone" ||
         low == "email" || low == "xxx" ||
         has_any(low, {"fill in", "to be filled", "xxx-xxx", "xxx xxx", "+xx", "xxxx"}) ||
         (text.front() == '[' && text.back() == ']') || (text.front() == '<' && text.back() == '>');
}

/// Whether somebody is named behind the colon, before what is to be filled in.
bool names_somebody(std::string_view low) {
  const std::size_t colon = low.find(':');
  if (colon == std::string_view::npos) return false;
  const std::string_view behind = low.substr(colon + 1);
  const std::string_view plain = behind.substr(0, behind.find_first_of("[<("));
  return std::ranges::count_if(
             plain, [](unsigned char c) { return std::isalpha(c) != 0 && c != 'x'; }) > 3;
}

/// People to call who were never named: "DBA: [name] - [email]".
void look_at_open_contacts(const Document& document, std::vector<model::Finding>& found) {
  for (std::size_t i = 0; i < document.lines.size(); ++i) {
    const importers::Line& line = document.lines[i];
    const std::string& low = document.low().lines[i];
    if (document.role(line.section) != Role::contacts ||
        line.kind == importers::Line::Kind::paragraph)
      continue;
    const bool open = has_any(
        low, {"[name", "[nom",  "[email", "[phone",  "[contact", "[téléphone", "[nombre",  "[nome",
              "[tbd",  ": tbd", "<name",  "<phone",  "<email",   "xxx-xxx",    "xxx-xxxx", "+xx",
              "xxxx",  ": ___", "____",   "[number", "[slack",   "[on-call"});
    if (!open || names_somebody(low)) continue;
    add_once(found, finding(model::Severity::warning, line.span,
                            "nobody is named here: whoever rolls back does not know whom to call",
                            "a name or a rota, and where it is reached, for each row"));
  }
}

/// "Role | Contact | Responsibility", and nothing in any row below "Contact", nor any other way to
/// reach somebody.
bool names_nobody(const importers::Table& table, std::string_view title) {
  if (!has_any(title, {"communicat", "contact", "escalat", "role", "responsib", "team", "on-call",
                       "owner", "raci"}) ||
      table.rows.size() < 2)
    return false;
  bool asks = false;
  for (std::size_t c = 1; c < table.header.size(); ++c) {
    const std::string head = lower(table.header[c]);
    const bool person =
        has_any(head, {"contact", "name", "phone", "assigned", "person", "email", "slack",
                       "channel", "primary", "who", "reach", "backup", "deputy", "secondary"});
    if (!person) continue;
    asks = true;
    if (std::ranges::any_of(table.rows, [&](const std::vector<std::string>& row) {
          return c < row.size() && !is_unfilled(row[c]);
        }))
      return false;
  }
  return asks;
}

/// Rows of people with "[contact]" where one is to be reached, beside others that are filled in.
void look_at_half_open(const importers::Table& table, std::vector<model::Finding>& found) {
  OneFinding made;
  std::size_t open = 0;
  for (std::size_t r = 0; r < table.rows.size(); ++r) {
    const std::vector<std::string>& row = table.rows[r];
    const bool asks = std::ranges::any_of(row, [](const std::string& cell) {
      const std::string text = importers::trimmed(cell);
      return text.size() > 2 && text.front() == '[' && text.back() == ']' && !has(text, "](");
    });
    const bool reached = std::ranges::any_of(row, [](const std::string& cell) {
      return has_any(cell, {"@", "#", "://", "Pager"});
    });
    if (!asks || reached) continue;
    ++open;
    made.add(finding(model::Severity::warning, table.spans[r],
                     "nobody is named here: whoever rolls back does not know whom to call",
                     "a name or a rota, and where it is reached, for each row"));
  }
  if (open > 1) std::move(made).add_to(found);
}

/// A table of people to call, or of releases to go back to, whose cells are empty but for the
/// first.
void look_at_open_tables(const Document& document, std::vector<model::Finding>& found) {
  for (const importers::Table& table : document.tables) {
    std::string header;
    for (const std::string& cell : table.header) header += lower(cell) + "|";
    const std::string title = lower(document.title_of(table.section));
    const bool nobody = names_nobody(table, title) &&
                        !has_any(lower(document.title), {"worksheet", "drill", "template"});
    const bool people =
        nobody ||
        (has_any(title, {"contact", "escalat", "on-call", "owner"}) &&
         has_any(header, {"name", "contact", "phone", "email", "slack", "who", "primary"}));
    const bool releases =
        has_any(title, {"known good", "known-good", "previous deployment", "last good",
                        "stable version", "deployments reference", "release history"});
    if ((!people && !releases) || table.rows.empty() || table.header.size() < 2 ||
        document.role(table.section) == Role::template_text)
      continue;
    const bool open =
        nobody || std::ranges::all_of(table.rows, [&](const std::vector<std::string>& row) {
          return row.size() > 1 &&
                 std::all_of(row.begin() + 1, row.end(),
                             [](const std::string& cell) { return is_unfilled(cell); });
        });
    // A number of x in one row is enough: nobody is reached there.
    const auto crossed = std::ranges::find_if(table.rows, [](const std::vector<std::string>& row) {
      return std::ranges::any_of(row, [](const std::string& cell) {
        return has_any(lower(cell), {"xxx-xxx", "xxx xxx", "-xxxx"});
      });
    });
    if (!open && people && crossed != table.rows.end()) {
      found.push_back(finding(model::Severity::warning,
                              table.spans[static_cast<std::size_t>(crossed - table.rows.begin())],
                              "nobody is named here: whoever rolls back does not know whom to call",
                              "a name or a rota, and where it is reached, for each row"));
      continue;
    }
    if (!open && people) look_at_half_open(table, found);
    if (!open) continue;
    found.push_back(
        finding(model::Severity::warning, table.spans.front(),
                people ? "nobody is named here: whoever rolls back does not know whom to call"
                       : "no release was ever entered here: whoever rolls back has to find out "
                         "which one was good",
                people ? "a name or a rota, and where it is reached, for each row"
                       : "let the deploy enter each release, or say where the list of them is"));
  }
}

/// `def5678`: the short name of one commit or deployment.
bool is_id(std::string_view word) {
  const bool hex = word.size() >= 6 && word.size() <= 40 &&
                   word.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  return hex && word.find_first_of("0123456789") != std::string_view::npos &&
         word.find_first_of("abcdef") != std::string_view::npos;
}

/// Whether a line, a title or a table says what the id stands for: then the document is about that
/// one release.
bool names_id(const Document& document, const std::string& id) {
  const importers::LowTexts& low = document.low();
  const auto names = [&](const std::string& text) { return has(text, id); };
  return std::ranges::any_of(low.lines, names) || std::ranges::any_of(low.titles, names) ||
         std::ranges::any_of(document.tables, [&](const importers::Table& table) {
           return std::ranges::any_of(table.rows, [&](const std::vector<std::string>& row) {
             return std::ranges::any_of(
                 row, [&](const std::string& cell) { return has(lower(cell), id); });
           });
         });
}

/// `git reset --hard def5678` where the ids of other things are left open: it was the release of
/// one day.
void look_at_ids(const DocumentFacts& facts, std::vector<model::Finding>& found) {
  const Document& document = facts.document;
  if (document.is_script || document.placeholders.empty()) return;
  for (const Block* block : shell_blocks(document)) {
    if (document.role(block->section) != Role::rollback || block->script.whole) continue;
    for (const Command& command : block->script.commands) {
      const bool git = is(command, {"git", "revert"}) || is(command, {"git", "reset"}) ||
                       is(command, {"git", "checkout"}) || is(command, {"git", "cherry-pick"});
      if (!git && command.known().does != "roll_back" && command.known().does != "deploy") continue;
      for (const importers::Word& word : command.words) {
        if (!is_id(word.text) || names_id(document, word.text)) continue;
        add_once(
            found,
            finding(
                model::Severity::warning, word.span,
                fmt::format("'{}' is the release of one day, and nothing says which: whoever "
                            "copies this line goes back to it, or to nothing",
                            word.text),
                "leave it open (<commit>, <deployment-id>), and say how the good one is found"));
      }
    }
  }
}

}  // namespace

std::vector<model::Finding> check_runbook_placeholder(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  for (const importers::Line& line : facts.document.lines) {
    const std::size_t at = line.text.find("$(");
    if (at == std::string::npos || has(facts.sources[line.span.file].text().substr(
                                           line.span.begin, line.span.end - line.span.begin),
                                       "`"))
      continue;
    add_once(found, finding(model::Severity::warning, line.span,
                            fmt::format("'{}' was to be filled in by a script, and was not",
                                        shown(std::string_view(line.text).substr(
                                            at, line.text.find(')', at) - at + 1))),
                            "write down what it stands for"));
  }
  for (const importers::Trigger& trigger : facts.document.triggers) {
    const bool open = has_any(trigger.text, {" X%", " Y%", " Z%", " N%", "XX%", " X %", " X ms",
                                             " Xms", "[X]", "[N]", "<X>", "TBD", "TODO", "???"});
    if (!open) continue;
    add_once(found,
             finding(model::Severity::warning, trigger.span,
                     "the value of this trigger was never filled in: nobody can tell when it holds",
                     "a number, a time window, and where it is read"));
  }
  look_at_ids(facts, found);
  look_at_open_tables(facts.document, found);
  look_at_open_contacts(facts.document, found);
  for (const Block* block : shell_blocks(facts.document)) {
    if (!is_followed(facts, *block) || block->script.whole) continue;
    for (const importers::Assignment& each : block->script.assignments) {
      // Nobody writes a password down: the variable says which form it has.
      if (!is_stand_in(each.value) || has(lower(each.value), "password@")) continue;
      add_once(found, finding(model::Severity::warning, each.span,
                              fmt::format("'{}' was never filled in: whoever rolls back has to "
                                          "find out first what belongs here",
                                          shown(each.value)),
                              "write down the real one; leave open only what differs from one "
                              "rollback to the next"));
      break;
    }
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
        found.push_back(finding(
            model::Severity::warning, word.span,
            fmt::format("'{}' was never filled in: whoever rolls back has to find out first what "
                        "belongs here",
                        shown(word.text)),
            "write down the real one; leave open only what differs from one rollback to the next"));
        stand_ins = found.size();
      }
    }
  }
  return found;
}

}  // namespace backout::analyzer::documents
