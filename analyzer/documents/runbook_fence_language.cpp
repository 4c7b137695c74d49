// A fence that says one language and holds another: what is pasted is refused.
#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "analyzer/documents/common.hpp"

namespace backout::analyzer::documents {

namespace {

using importers::Language;

/// A shell command in a block of SQL: `psql -U app` above the statements.
const BlockLine* shell_line(const std::vector<BlockLine>& lines) {
  for (const BlockLine& line : lines) {
    const std::string first = line.text.substr(0, line.text.find(' '));
    const bool tool = first == "psql" || first == "mysql" || first == "sqlite3" ||
                      first == "kubectl" || first == "docker" || first == "supabase";
    if (tool && !line.text.ends_with(';')) return &line;
  }
  return nullptr;
}

/// A line that no shell runs: "1. Open the console", `localStorage.clear();`.
const BlockLine* foreign_line(const Block& block, const std::vector<BlockLine>& lines,
                              std::string& what) {
  for (const BlockLine& line : lines) {
    // A text that a command is given: `python -c "..."` over several lines.
    const bool given = std::ranges::any_of(block.script.commands, [&](const Command& each) {
      return each.span.begin < line.span.begin && line.span.end <= each.span.end;
    });
    if (given) continue;
    const std::string& text = line.text;
    const std::size_t digits = text.find_first_not_of("0123456789");
    const bool numbered = digits > 0 && digits < 3 && text.substr(digits).starts_with(". ") &&
                          text.size() > digits + 3 &&
                          std::isupper(static_cast<unsigned char>(text[digits + 2])) != 0;
    const bool script =
        has_any(text.substr(0, 16), {"localStorage.", "sessionStorage.", "window.", "console.log(",
                                     "document.", "const ", "await "}) &&
        !text.starts_with('#');
    const bool store = text.starts_with("db.") && text.find('(') != std::string::npos;
    if (store) {
      what = "JavaScript of a MongoDB shell";
      return &line;
    }
    if (!numbered && !script) continue;
    what = numbered ? "a list of things to do by hand" : "JavaScript";
    return &line;
  }
  return nullptr;
}

/// A fence that is never closed: the rest of the document is shown, and read, as code.
void look_at_open_fence(const DocumentFacts& facts, std::vector<model::Finding>& found) {
  constexpr std::ptrdiff_t kFew = 10;
  if (facts.document.is_script || facts.document.blocks.empty()) return;
  const auto last = std::ranges::max_element(facts.document.blocks, {},
                                             [](const Block& block) { return block.span.end; });
  const std::string_view text = facts.sources[last->span.file].text();
  const std::string_view raw = text.substr(
      last->span.begin, std::min<std::size_t>(last->span.end, text.size()) - last->span.begin);
  const std::size_t mark = raw.find_first_not_of(" `~");
  if (last->in_sentence || mark == std::string_view::npos ||
      !has_any(raw.substr(0, mark), {"```", "~~~"}) || std::ranges::count(raw, '\n') < kFew)
    return;
  const std::size_t end = raw.find_last_not_of(" \n\r\t");
  const bool closed =
      raw.substr(0, end + 1).ends_with("```") || raw.substr(0, end + 1).ends_with("~~~");
  const bool rest = text.find_first_not_of(" \n\r\t", last->span.end) == std::string_view::npos;
  if (closed || !rest) return;
  const model::Span fence{last->span.file, last->span.begin,
                          last->span.begin + static_cast<std::uint32_t>(raw.find('\n'))};
  found.push_back(finding(model::Severity::warning, fence,
                          "this block is never closed: all that stands below it, headings and "
                          "steps among it, is shown as code",
                          "the closing fence behind the last command"));
}

}  // namespace

std::vector<model::Finding> check_runbook_fence_language(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  for (const Block& block : facts.document.blocks) {
    if (block.left_out) continue;
    const std::vector<BlockLine> lines = lines_of(block);
    if (lines.empty()) continue;
    if (says_shell(block.fence) &&
        (block.language == Language::sql || block.language == Language::python)) {
      add_once(
          found,
          finding(model::Severity::warning, lines[0].span,
                  fmt::format("the block is marked {} and holds {}: who pastes it gets errors only",
                              block.fence, importers::to_string(block.language)),
                  "give the command that runs it (psql -v ON_ERROR_STOP=1 ...), or mark the block "
                  "with its language"));
    }
    if (block.fence == "sql") {
      if (const BlockLine* line = shell_line(lines)) {
        add_once(
            found,
            finding(model::Severity::warning, line->span,
                    "a shell command stands in a block of SQL: no one program can run this block",
                    "the command in a block of its own, the SQL in a file that it reads"));
      }
    }
    std::string what;
    const bool here = has(block.content.text, "<<");
    const BlockLine* foreign =
        says_shell(block.fence) && !here ? foreign_line(block, lines, what) : nullptr;
    if (foreign != nullptr) {
      add_once(found,
               finding(model::Severity::warning, foreign->span,
                       fmt::format("{} stands in a block of {}: who pastes it gets errors only",
                                   what, block.fence),
                       "a list below the block, or a block of its own language"));
    }
    if (!says_shell(block.fence) || block.language != Language::shell) continue;
    for (const importers::Foreign& piece : block.script.foreign) {
      if (piece.language != Language::sql || block.script.commands.empty()) continue;
      add_once(found,
               finding(model::Severity::warning, piece.span,
                       "SQL stands between shell commands: the shell runs its words as commands",
                       "psql -v ON_ERROR_STOP=1 with the statements in a here document"));
    }
  }
  look_at_open_fence(facts, found);
  return found;
}

}  // namespace backout::analyzer::documents
