#include "importers/document/inline_commands.hpp"

#include <algorithm>
#include <array>

#include "importers/document/facts.hpp"
#include "importers/document/words.hpp"

namespace backout::importers {

namespace {

/// An item with more text or commands than that is no sentence: each of its commands would keep a
/// copy of it.
constexpr std::size_t kMostInlineText = 4000;
constexpr std::size_t kMostCommands = 64;
/// Where a document has that many blocks, no more of them are made of its sentences.
constexpr std::size_t kMostOfDocument = 4000;

/// Begins of what is ordered: to run something, in several languages.
constexpr std::array<std::string_view, 17> kRun = {
    "run ",       "re-run ",    "rerun ",    "execute ", "issue ",    "ejecuta",
    "ejecutar ",  "execute o ", "exécuter ", "lancer ",  "ausführen", "führe ",
    "запустите ", "выполните ", "uruchom ",  "运行",     "执行"};
/// Begins of other orders, whose command stands behind them.
constexpr std::array<std::string_view, 62> kOrders = {
    "apply ",    "call ",    "check ",     "clear ",  "confirm ", "copy ",    "delete ",
    "deploy ",   "disable ", "downgrade ", "drain ",  "drop ",    "enable ",  "ensure ",
    "enter ",    "fetch ",   "find ",      "flush ",  "force ",   "get ",     "inspect ",
    "invoke ",   "kill ",    "list ",      "load ",   "look ",    "pause ",   "perform ",
    "point ",    "promote ", "pull ",      "purge ",  "push ",    "put ",     "re-deploy ",
    "redeploy ", "reload ",  "remove ",    "reset ",  "restart ", "restore ", "resume ",
    "revert ",   "roll ",    "rollback ",  "rotate ", "scale ",   "set ",     "stop ",
    "start ",    "switch ",  "tag ",       "take ",   "test ",    "trigger ", "undo ",
    "update ",   "use ",     "validate ",  "verify ", "wait ",    "watch "};
/// What rules a command out, or only speaks of it.
constexpr std::array<std::string_view, 16> kTold = {
    "never", "not ",    "n't",     "avoid", "instead", "rather than", "e.g.",       "for example",
    "why",   "because", "such as", "like ", "unlike",  "unless",      "equivalent", "same as"};
/// Words straight before a command that it is done with.
constexpr std::array<std::string_view, 8> kWith = {" with", " via",     " using", " by",
                                                   " run",  " execute", " and",   " then"};

/// The last sentence of what stands before a command, without the marks of Markdown, in lower case.
std::string lead_of(std::string_view before) {
  for (const std::string_view end : {". ", "; ", "! ", "? ", "\n"}) {
    const std::size_t at = before.rfind(end);
    const bool short_form =
        at != std::string_view::npos && at >= 2 && before[at - 2] == '.';  // "e.g. "
    if (at != std::string_view::npos && !short_form) before.remove_prefix(at + end.size());
  }
  std::string lead;
  for (const char c : before) {
    if (c != '*' && c != '_' && c != '`') lead += c;
  }
  lead = trimmed(lower(lead));
  while (!lead.empty() && std::string_view(",;:.)(").find(lead.front()) != std::string_view::npos)
    lead = trimmed(std::string_view(lead).substr(1));
  for (const std::string_view box : {"[ ]", "[x]"}) {
    if (lead.starts_with(box)) lead = trimmed(std::string_view(lead).substr(box.size()));
  }
  for (const std::string_view first : {"then ", "and ", "next, ", "finally, ", "first, ", "now "}) {
    if (lead.starts_with(first)) lead.erase(0, first.size());
  }
  return lead;
}

/// Whether a command at the begin of its sentence is all that is said, or what follows says only
/// what for.
bool is_alone(std::string_view behind) {
  const std::string rest = trimmed(lower(behind));
  if (rest.empty() || std::string_view(".,;:()#").find(rest.front()) != std::string_view::npos)
    return true;
  static constexpr std::array<std::string_view, 9> kFor = {"to ", "and ", "then ", "until ", "for ",
                                                           "—",   "–",    "- ",    "→"};
  return begins_with_any(rest, kFor);
}

/// "To roll back, run `fly deploy --image ...`": what a paragraph orders it says outright.
bool ends_in_order(std::string_view lead) {
  static constexpr std::array<std::string_view, 5> kEnds = {" run", " execute", " issue", " type",
                                                            " invoke"};
  const std::string padded = " " + std::string(lead);
  return !contains_any(lead, {kTold.begin(), kTold.end()}) &&
         std::ranges::any_of(kEnds, [&](std::string_view end) { return padded.ends_with(end); });
}

/// Whether the words before a command order it to be run.
bool orders(const std::string& lead, std::string_view behind) {
  if (lead.empty()) return is_alone(behind);
  if (contains_any(lead, {kTold.begin(), kTold.end()})) return false;
  if (lead.ends_with(':') || lead.ends_with("：") || lead.ends_with("→") || lead.ends_with("->"))
    return true;
  if (begins_with_any(lead + " ", kRun)) return true;
  const bool order = begins_with_any(lead + " ", kOrders);
  return order &&
         (std::ranges::any_of(kWith, [&](std::string_view word) { return lead.ends_with(word); }) ||
          lead.find(' ') == std::string::npos || is_alone(behind));
}

/// Whether items of the section are there to be followed: of one about a way back, or numbered in a
/// document about one.
bool is_followed(const MarkdownBlock& item, const Document& document, std::uint32_t section) {
  switch (document.role(section)) {
    case Role::rollback:
    case Role::verification:
    case Role::precheck:
      return true;
    case Role::deploy:
      return item.ordered;
    case Role::other: {
      // "### 1. Look at the logs" is a step: its items are, too.
      const bool numbered =
          item.ordered || (section != kNowhere && document.sections[section].number.has_value());
      return numbered &&
             (section == kNowhere || role_of_title(lower(document.title)) == Role::rollback);
    }
    default:
      return false;
  }
}

/// "Once implemented, the job should:" tells of a time to come.
bool is_planned(const Document& document, std::uint32_t section) {
  for (auto line = document.lines.rbegin();
       line != document.lines.rend() && line->section == section; ++line) {
    if (line->kind != Line::Kind::paragraph) continue;
    return contains_any(lower(line->text),
                        {"once implemented", "should:", "planned", "in the future", "not yet"});
  }
  return false;
}

bool does_any(const Script& script, std::initializer_list<std::string_view> deeds) {
  return std::ranges::any_of(script.commands, [&](const Command& command) {
    return std::ranges::find(deeds, command.known().does) != deeds.end();
  });
}

/// Whether the words are a command: one that is known, with what it is to do, or a script of one's
/// own.
bool is_command(std::string_view code, const Script& script) {
  if (code.find('\n') != std::string_view::npos || script.commands.empty()) return false;
  if (code.starts_with("./") || code.starts_with("scripts/")) return true;
  return code.find(' ') != std::string_view::npos &&
         std::ranges::any_of(script.commands, [](const Command& command) {
           return command.known().existence != catalogue::Existence::unknown_tool &&
                  !command.known().does.empty();
         });
}

}  // namespace

std::vector<Block> inline_commands(const MarkdownBlock& item, const Document& document,
                                   std::uint32_t section, std::string_view text) {
  std::vector<Block> made;
  const Role role = document.role(section);
  const bool in_list = item.depth > 0;
  if (item.quoted || item.code.empty() || item.text.size() > kMostInlineText ||
      document.blocks.size() >= kMostOfDocument || (!in_list && role != Role::rollback) ||
      is_planned(document, section))
    return made;
  const bool followed = is_followed(item, document, section);
  std::uint32_t from = item.span.begin;
  for (const auto& [code, span] : item.code) {
    const std::string_view before = text.substr(from, std::max(span.begin, from) - from);
    const std::string_view behind =
        text.substr(span.end, std::max(item.span.end, span.end) - span.end);
    const std::string_view rest = behind.starts_with('`') ? behind.substr(1) : behind;
    const std::string lead = lead_of(before);
    const bool run = begins_with_any(lead + " ", kRun);
    if (in_list ? !run && !followed : !ends_in_order(lead)) continue;
    Block block;
    block.language = Language::shell;
    block.content = Located::at(code, span.file, span.begin);
    block.script = read_shell(block.content);
    if (!is_command(code, block.script)) continue;
    // "**Alembic:** `alembic downgrade -1`": what goes back is an order of its own in a list about
    // rolling back.
    const bool back = role == Role::rollback && !lead.empty() && before.size() <= 60 &&
                      does_any(block.script, {"roll_back", "migrate_down", "restore"}) &&
                      !contains_any(lower(item.text), {kTold.begin(), kTold.begin() + 10});
    if (in_list && !orders(lead, rest) && !back) continue;
    block.section = section;
    block.item = trimmed(item.text);
    block.list_item = item.item;
    block.lead = trimmed(before);
    block.after = trimmed(rest);
    block.span = span;
    block.in_sentence = true;
    block.left_out =
        role == Role::template_text || role == Role::contacts || role == Role::reference;
    made.push_back(std::move(block));
    from = span.end + 1;
    if (made.size() == kMostCommands || document.blocks.size() + made.size() >= kMostOfDocument)
      break;
  }
  return made;
}

std::vector<Line> items_in(const Block& block, std::string_view text) {
  std::vector<Line> items;
  for (const Foreign& piece : block.script.foreign) {
    if (piece.language != Language::prose) continue;
    Line line;
    line.kind = Line::Kind::item;
    line.depth = 1;
    line.section = block.section;
    line.span = piece.span;
    std::string_view words = text.substr(piece.span.begin, piece.span.end - piece.span.begin);
    words = words.substr(std::min(words.find_first_not_of(" \t"), words.size()));
    line.ordered = std::isdigit(static_cast<unsigned char>(words[0])) != 0;
    for (; line.ordered && words[0] != '.'; words.remove_prefix(1))
      line.number = line.number.value_or(0) * 10 + (words[0] - '0');
    line.text = trimmed(words.substr(1));
    // "1. Stop the workers:" heads the commands below it.
    if (line.text.ends_with(':')) continue;
    items.push_back(std::move(line));
  }
  return items;
}

}  // namespace backout::importers
