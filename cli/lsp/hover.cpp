// What there is to know where the cursor stands: of a command, a kind, a verb, a key; and the pages
// of the rules that report the line.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "catalogue/catalogue.hpp"
#include "cli/kind_text.hpp"
#include "cli/load_plan.hpp"
#include "cli/lsp/commands.hpp"
#include "cli/lsp/features.hpp"
#include "cli/lsp/plan_text.hpp"
#include "reports/rules.hpp"

namespace backout::lsp {

namespace {

/// Parts of a hover, in order.
struct Hover {
  bool markdown = false;
  std::vector<std::string> parts;

  void plain(const std::string& text) {
    if (!text.empty())
      parts.push_back(markdown
                          ? fmt::format("```text\n{}{}```", text, text.ends_with('\n') ? "" : "\n")
                          : text);
  }
  void page(const std::string& text) { parts.push_back(text); }
};

std::string described(const std::vector<catalogue::Known>& all) {
  std::string text;
  for (const catalogue::Known& known : all)
    text += (text.empty() ? "" : "\n") + catalogue::describe(known);
  return text;
}

std::string described(const model::KeySpec& key) {
  std::string text =
      fmt::format("{}: {}{}\n", key.name, key.required ? "required. " : "", key.help);
  for (const std::string_view choice : key.choices) text += fmt::format("  {}\n", choice);
  return text;
}

void add_name(const PlanItem& item, Hover& hover) {
  if (item.names == Names::kind) {
    if (const model::KindSpec* kind = cli::known_kinds().find(item.text))
      hover.plain(cli::describe_kind(*kind));
  } else if (item.names == Names::verb && item.verb != nullptr) {
    hover.plain(cli::describe_verb(*item.verb));
  } else if (item.names == Names::rule) {
    const auto page = reports::rule_pages().find(item.text);
    if (page != reports::rule_pages().end()) hover.page(page->second);
  }
}

/// Whether the value is a command line: the language and the kinds call such values so.
bool is_command(const PlanItem& item) {
  const std::string_view key = item.field != nullptr ? std::string_view(item.field->name)
                               : item.key != nullptr ? item.key->name
                                                     : "";
  return item.role == PlanItem::Role::value && key == "command" && item.text != "unknown";
}

void add_plan_item(const PlanItem& item, Hover& hover) {
  if (item.role == PlanItem::Role::key) {
    if (item.field != nullptr)
      hover.plain(cli::describe_field(*item.field));
    else if (item.key != nullptr)
      hover.plain(described(*item.key));
  } else if (is_command(item)) {
    hover.plain(described(catalogue::look_up_line(item.text)));
  } else {
    add_name(item, hover);
  }
}

/// The innermost command at a byte.
const importers::Command* command_at(const importers::Document& document, std::size_t offset) {
  const importers::Command* found = nullptr;
  for (const importers::Block& block : document.blocks) {
    for (const importers::Command& command : block.script.commands) {
      if (command.span.begin > offset || offset > command.span.end) continue;
      if (found == nullptr || command.span.begin >= found->span.begin) found = &command;
    }
  }
  return found;
}

void add_command(const importers::Command& command, Hover& hover) {
  const catalogue::Known& known = command.known();
  std::string text = catalogue::describe(known);
  if (!known.script.empty()) {
    if (const std::string inside = described(catalogue::look_up_line(known.script));
        !inside.empty())
      text += "\n" + inside;
  }
  hover.plain(text);
}

/// The pages of the rules that report something on the line.
void add_pages(const Lines& lines, std::size_t line, const OpenDocument& document, Hover& hover) {
  if (!document.looked || !document.looked->report) return;
  std::set<std::string> rules;
  for (const model::Finding& finding : document.looked->report->findings) {
    if (finding.span.file != 0 || lines.line_of(finding.span.begin) > line ||
        lines.line_of(finding.span.end) < line)
      continue;
    const auto page = reports::rule_pages().find(finding.rule);
    if (page != reports::rule_pages().end() && rules.insert(finding.rule).second)
      hover.page(page->second);
  }
}

std::string joined(const Hover& hover) {
  std::string text;
  for (const std::string& part : hover.parts)
    text += (text.empty() ? "" : hover.markdown ? "\n\n---\n\n" : "\n") + part;
  return text;
}

}  // namespace

Answer hover(Session& session, OpenDocument& document, const Json& params) {
  const auto offset = offset_in(session, document, params);
  if (!offset) return tl::unexpected(offset.error());
  if (document.kind == cli::TextKind::neither) return Json();
  session.look(document, Depth::rules);
  const Lines lines = session.lines(document.text);
  Hover hover{session.client.markdown, {}};
  Json range;
  if (document.kind == cli::TextKind::plan) {
    const PlanText text(document.text);
    if (const PlanItem* item = text.at(*offset)) {
      add_plan_item(*item, hover);
      if (!hover.parts.empty()) range = lines.range(item->span.begin, item->span.end);
    }
  } else {
    const importers::Document read = read_document(document);
    if (const importers::Command* command = command_at(read, *offset)) {
      add_command(*command, hover);
      range = lines.range(command->span.begin, command->span.end);
    }
  }
  add_pages(lines, lines.line_of(*offset), document, hover);
  if (hover.parts.empty()) return Json();
  Json answer = {{"contents",
                  {{"kind", hover.markdown ? "markdown" : "plaintext"}, {"value", joined(hover)}}}};
  if (!range.is_null()) answer["range"] = range;
  return answer;
}

}  // namespace backout::lsp
