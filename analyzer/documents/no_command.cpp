// A step that rolls back, and nobody has written down how.
#include <algorithm>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "analyzer/documents/common.hpp"
#include "analyzer/documents/prose.hpp"

namespace backout::analyzer::documents {

namespace {

using importers::Segment;

bool says_act(std::string_view title) {
  const std::string low = lower(title);
  if (has(low, "use your deployment process") || has(low, "your deployment command")) return true;
  return importers::begins_with_any(
      low, {"redeploy", "deploy previous", "deploy the previous", "restart application",
            "restart the app", "roll back", "rollback ", "restore ", "switch traffic", "revert "});
}

/// Whether a command, or another comment about the same thing with a command, follows before the
/// next comment.
bool has_command(const Block& block, std::uint32_t segment) {
  for (const Command& command : block.script.commands) {
    if (command.segment == segment) return true;
  }
  return false;
}

bool begins_with_verb(std::string_view title) {
  return importers::begins_with_any(
      lower(title),
      {"put ",       "swap ",       "stop ",      "disable ",   "enable ",    "start ",
       "restart ",   "restore ",    "revert ",    "deploy ",    "redeploy ",  "switch ",
       "roll back ", "rollback ",   "promote ",   "scale ",     "drain ",     "update ",
       "remove ",    "drop ",       "apply ",     "run ",       "execute ",   "trigger ",
       "flip ",      "point ",      "detener ",   "reiniciar ", "restaurar ", "parar ",
       "arrêter ",   "redémarrer ", "restaurer ", "stoppe",     "starte",     "durdur",
       "停止",       "重启",        "恢复"});
}

/// "(see step 4.3)": the command stands there.
bool names_a_place(std::string_view low) {
  return has_any(low, {"(see ", "see step", "see section", "as in step", "siehe ", "ver paso",
                       "see above", "follow \"", "follow option", "follow section", "follow step",
                       "described above", "described in"});
}

/// A click, or a command that stands in the text: the comment says enough.
bool points_elsewhere(std::string_view text) {
  return has_any(lower(text),
                 {"dashboard", "console", "click", "http", " ui", "->", "→", ">", "via ", "`",
                  "button", "()", "contact", "team", "if ", "output", "example"}) ||
         names_a_place(lower(text));
}

/// The first order in the comment lines of `text` from `begin` to `end`, where none of them says
/// how; empty for none.
std::string_view order_in(std::string_view text, std::size_t begin, std::size_t end) {
  if (points_elsewhere(text.substr(begin, end - begin))) return {};
  for (std::size_t at = begin; at < end;) {
    const std::size_t stop = std::min(text.find('\n', at), end);
    const std::size_t word = std::min(text.find_first_not_of("# \t0123456789.)", at), stop);
    const std::string_view said = text.substr(word, stop - word);
    if (begins_with_verb(said)) return said;
    at = stop + 1;
  }
  return {};
}

/// The block's text, blanks in the place of here documents: what is written to a file orders
/// nothing.
std::string without_documents(const Block& block) {
  std::string text = block.content.text;
  for (const Command& command : block.script.commands) {
    for (const importers::Redirect& redirect : command.redirects) {
      const std::size_t at =
          redirect.heredoc.empty() ? std::string::npos : text.find(redirect.heredoc);
      if (at == std::string::npos) continue;
      for (std::size_t i = at; i < at + redirect.heredoc.size(); ++i)
        text[i] = text[i] == '\n' ? '\n' : '.';
    }
  }
  return text;
}

/// "# 1. Maintenance on" straight above "# 2. Stop the API", which alone has a command: an order
/// that nobody wrote out. Three of them in a row are an outline of what follows.
void look_at_skipped_numbers(const Block& block, std::vector<model::Finding>& found) {
  const std::vector<BlockLine> lines = lines_of(block);
  const auto number_of = [&](std::size_t i) -> int {
    if (i >= lines.size() || !lines[i].text.starts_with('#')) return 0;
    const std::size_t at = lines[i].text.find_first_not_of("# ");
    if (at == std::string::npos) return 0;
    const char digit = lines[i].text[at];
    const bool ends = at + 1 < lines[i].text.size() &&
                      (lines[i].text[at + 1] == '.' || lines[i].text[at + 1] == ')');
    return ends && digit >= '1' && digit <= '9' ? digit - '0' : 0;
  };
  for (std::size_t i = 0; i + 2 < lines.size(); ++i) {
    const int number = number_of(i);
    if (number == 0 || number_of(i + 1) != number + 1 || number_of(i + 2) != 0 ||
        (i > 0 && number_of(i - 1) != 0) || lines[i + 2].text.starts_with('#'))
      continue;
    const std::string_view whole = lines[i].text;
    const std::string_view said =
        whole.substr(std::min(whole.find_first_not_of("# 0123456789.)"), whole.size()));
    if (!begins_with_verb(said) || points_elsewhere(said)) continue;
    found.push_back(
        finding(model::Severity::error, lines[i].span,
                fmt::format("'{}' is a step, and the block holds no command for it", said),
                "write the command, as the last drill used it"));
    return;
  }
}

/// Comments of consecutive lines with nothing straight below them, one of which is an order.
void look_at_comments(const Block& block, std::vector<model::Finding>& found) {
  const std::string text = without_documents(block);
  std::size_t group = std::string::npos;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::size_t first = std::min(text.find_first_not_of(" \t\r", begin), end);
    const bool comment = first < end && text[first] == '#' && !text.substr(first).starts_with("#!");
    const bool closes = first >= end || (comment && end + 1 >= text.size());
    if (comment && group == std::string::npos) group = first;
    if (closes && group != std::string::npos) {
      const std::string_view said = order_in(text, group, end);
      const auto at = static_cast<std::size_t>(said.data() - text.data());
      if (!said.empty()) {
        found.push_back(
            finding(model::Severity::error, block.content.span(at, at + said.size()),
                    fmt::format("'{}' is a step, and the block holds no command for it", said),
                    "write the command, as the last drill used it"));
      }
    }
    if (!comment) group = std::string::npos;
    begin = end + 1;
  }
}

/// "Dashboard → Backups → find the snapshot", and then "Create a new project from it".
bool stands_in_console(const Document& document, std::size_t index) {
  const std::vector<importers::Line>& lines = document.lines;
  return index > 0 && lines[index - 1].section == lines[index].section &&
         lines[index - 1].depth == lines[index].depth &&
         has_any(document.low().lines[index - 1], {"dashboard", "console", "click", "→"});
}

/// Items of a procedure that order a change in words, and nothing says with what.
void look_at_items(const DocumentFacts& facts, std::vector<model::Finding>& found) {
  const Document& document = facts.document;
  std::optional<std::uint32_t> reported;  // the section of the last finding
  for (std::size_t i = 0; i < document.lines.size(); ++i) {
    const importers::Line& line = document.lines[i];
    const Order order =
        line.kind == importers::Line::Kind::paragraph ? Order::none : order_of(line);
    if ((order != Order::act && order != Order::restore) || has_items(document, i) ||
        !is_procedure(facts, line.section))
      continue;
    if (says_how(facts, i) || told_elsewhere(document, line) || stands_in_console(document, i))
      continue;
    if (section_says(document, line.section,
                     {"acceptance criteria", "definition of done", "requirements", "non-goals"}))
      continue;
    if (reported == line.section) {
      found.back().related.push_back({line.span, "here, too"});
      continue;
    }
    reported = line.section;
    std::string shown = line.text.substr(0, line.text.find('\n'));
    if (shown.size() > 70) shown = shown.substr(0, 67) + "...";
    found.push_back(finding(
        model::Severity::warning, line.span,
        fmt::format("'{}' is a step in words only: no command, script or place says how it is done",
                    shown),
        "write the command, as the last drill used it"));
  }
}

/// Whether the section holds anything that says how its step is done.
bool section_says_how(const DocumentFacts& facts, std::uint32_t section) {
  const Document& document = facts.document;
  const auto stands_here = [&](const auto& each) { return each.section == section; };
  if (std::ranges::any_of(document.blocks, stands_here) ||
      std::ranges::any_of(document.tables, stands_here) ||
      std::ranges::any_of(document.sections,
                          [&](const importers::Section& each) { return each.parent == section; }))
    return true;
  for (std::size_t i = 0; i < document.lines.size(); ++i) {
    const importers::Line& line = document.lines[i];
    if (line.section != section) continue;
    if (line.kind != importers::Line::Kind::paragraph || says_how(facts, i) ||
        has_telling_code(raw_of(facts, line)))
      return true;
  }
  return false;
}

/// "### 4. Point DNS at the new host", and below it words only.
void look_at_headings(const DocumentFacts& facts, std::vector<model::Finding>& found) {
  const Document& document = facts.document;
  OneFinding made;
  for (std::uint32_t i = 0; i < document.sections.size(); ++i) {
    const importers::Section& section = document.sections[i];
    const bool step = section.number.has_value() || section.kind == importers::Section::Kind::step;
    if (!step || section.optional || !document.is_step(i) || !is_procedure(facts, i)) continue;
    importers::Line title;
    title.text = section.title;
    title.section = i;
    title.span = section.span;
    const Order order = order_of(title);
    const bool told = std::ranges::any_of(
        document.lines, [&](const importers::Line& line) { return line.section == i; });
    if ((order != Order::act && order != Order::restore) || !told ||
        points_elsewhere(section.title) || section_says_how(facts, i) ||
        told_elsewhere(document, title))
      continue;
    made.add(finding(model::Severity::warning, section.span,
                     fmt::format("'{}' is a step in words only: no command, script or place says "
                                 "how it is done",
                                 section.title),
                     "write the command, as the last drill used it"));
  }
  std::move(made).add_to(found);
}

/// A script that defines functions and calls none of them.
void look_at_calls(const Block& block, std::vector<model::Finding>& found) {
  if (!block.script.whole || block.script.functions.empty()) return;
  if (has_any(block.content.text,
              {"BASH_SOURCE[0]}\" ==", "BASH_SOURCE[0]}\" =", "return 0 2>/dev/null"}))
    return;
  for (const Command& command : block.script.commands) {
    static const std::set<std::string_view> kSets = {
        "set",   "source", ".",  "export", "readonly", "declare", "trap",
        "shopt", "umask",  "cd", "pwd",    "dirname",  "date",    "tput"};
    if (command.context.function.empty() && !command.context.substitution &&
        !command.name().empty() && !kSets.contains(command.name()))
      return;
  }
  // A file of functions is for others to read in.
  const bool main = std::ranges::any_of(block.script.functions,
                                        [](const std::string& name) { return name == "main"; });
  if (!main) return;
  const std::size_t at =
      std::min(block.content.text.rfind("main()"), block.content.text.size() - 1);
  found.push_back(finding(
      model::Severity::error, block.content.span(at, std::min(at + 6, block.content.text.size())),
      "the script defines 'main' and never calls it: it ends with 0 and has done nothing",
      "main \"$@\" as the last line"));
}

/// A list of statements that breaks off: "-- ... continue for all constraints".
void look_at_rests(const DocumentFacts& facts, std::vector<model::Finding>& found) {
  for (const Block& block : facts.document.blocks) {
    const Role role = facts.document.role(block.section);
    const bool read =
        block.language == importers::Language::sql || block.language == importers::Language::shell;
    if (block.left_out || !read || role != Role::rollback || !block.script.functions.empty() ||
        !is_followed(facts, block))
      continue;
    for (const BlockLine& line : lines_of(block)) {
      std::string_view text = line.text;
      if (!text.starts_with("--") && !text.starts_with('#')) continue;
      text = text.substr(std::min(text.find_first_not_of("-# \t"), text.size()));
      const std::string low = lower(text);
      const bool breaks =
          low.starts_with("...") || low == "etc" || low.starts_with("etc.") ||
          low.starts_with("etc,") ||
          has_any(low,
                  {"continue for all", "repeat for all", "repeat for each remaining", "and so on",
                   "add all as needed", "add more as needed", "... other", "... rest"});
      if (!breaks || low == "...") continue;
      add_once(found, finding(model::Severity::warning, line.span,
                              "the block breaks off here: what else has to be taken back is left "
                              "to whoever runs it",
                              "write all of it, as the migration did it"));
    }
  }
}

/// Numbered comments of an SQL script with no statement between them.
void look_at_numbered_comments(const DocumentFacts& facts, std::vector<model::Finding>& found) {
  for (const Block& block : facts.document.blocks) {
    const Role role = facts.document.role(block.section);
    if (block.left_out || block.language != importers::Language::sql || role != Role::rollback ||
        !block.script.functions.empty() || !is_followed(facts, block))
      continue;
    const std::vector<BlockLine> lines = lines_of(block);
    const auto is_numbered = [](const std::string& text) {
      return text.starts_with("-- ") && text.size() > 6 &&
             std::isdigit(static_cast<unsigned char>(text[3])) != 0 &&
             (text[4] == '.' || text[4] == ')');
    };
    for (std::size_t i = 0; i + 1 < lines.size(); ++i) {
      if (!is_numbered(lines[i].text) || !is_numbered(lines[i + 1].text)) continue;
      const std::string said = lower(lines[i].text.substr(6));
      if (!begins_with_verb(said) || points_elsewhere(lines[i].text.substr(6))) continue;
      add_once(found, finding(model::Severity::error, lines[i].span,
                              fmt::format("'{}' is a step, and the block holds no statement for it",
                                          lines[i].text.substr(6)),
                              "write the statement, as the last drill used it"));
    }
  }
}

/// A block of comments alone.
void look_at_blocks_of_comments(const DocumentFacts& facts, std::vector<model::Finding>& found) {
  for (const Block& block : facts.document.blocks) {
    const Role role = facts.document.role(block.section);
    const bool back = role == Role::rollback || role == Role::verification ||
                      (role == Role::other && facts.document.is_runbook);
    const bool shell = says_shell(block.fence);
    if (block.left_out || !back || !shell || !block.script.commands.empty() ||
        !block.script.foreign.empty())
      continue;
    const std::vector<BlockLine> lines = lines_of(block);
    const bool refers = lines.size() == 1 &&
                        has_any(lower(lines[0].text),
                                {"follow procedure", "repeat ", "see procedure", "same as above"});
    if ((lines.size() < 2 && !refers) || !std::ranges::all_of(lines, [](const BlockLine& line) {
          return line.text.starts_with('#');
        }))
      continue;
    const bool told = std::ranges::any_of(found, [&](const model::Finding& each) {
      return block.span.begin <= each.span.begin && each.span.end <= block.span.end;
    });
    if (told || has_any(lower(block.content.text),
                        {"http", "dashboard", "click", "console", "expected", "output"}))
      continue;
    add_once(found, finding(model::Severity::warning, lines[0].span,
                            "nothing in this block can be run: it holds comments only",
                            "the commands, as the last drill used them, or a list in words"));
  }
}

}  // namespace

std::vector<model::Finding> check_no_command(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  for (const Block& block : facts.document.blocks) {
    const Role role = facts.document.role(block.section);
    const bool back = role == Role::rollback || role == Role::other;
    const bool shell = block.language == importers::Language::shell ||
                       block.language == importers::Language::empty;
    if (block.left_out || !back || !shell || block.fence.empty() || block.script.whole) continue;
    const std::size_t before = found.size();
    if (role == Role::rollback) look_at_comments(block, found);
    if (found.size() == before && (role == Role::rollback || is_procedure(facts, block.section)))
      look_at_skipped_numbers(block, found);
    if (found.size() > before) continue;
    for (std::uint32_t s = 1; s < block.script.segments.size(); ++s) {
      const Segment& segment = block.script.segments[s];
      if (!says_act(segment.title) || has_command(block, s) ||
          has_any(lower(segment.title), {"dashboard", "console", "click"}) ||
          names_a_place(lower(segment.title)))
        continue;
      // A title of what follows: the next comment has the command.
      const bool titles =
          s + 1 < block.script.segments.size() && has_command(block, s + 1) && s == 1;
      if (titles || has(segment.title, "://")) continue;
      found.push_back(finding(
          model::Severity::error, segment.span,
          fmt::format("'{}' is the step that rolls back, and it has no command", segment.title),
          "write the command, with the version that served before"));
      break;
    }
  }
  for (const Block* block : shell_blocks(facts.document)) look_at_calls(*block, found);
  look_at_items(facts, found);
  look_at_headings(facts, found);
  look_at_blocks_of_comments(facts, found);
  look_at_rests(facts, found);
  look_at_numbered_comments(facts, found);
  return found;
}

}  // namespace backout::analyzer::documents
