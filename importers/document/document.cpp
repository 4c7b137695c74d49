// Markdown blocks to facts: sections, lines, blocks of commands, steps, methods.
#include "importers/document/document.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "importers/document/facts.hpp"
#include "importers/document/inline_commands.hpp"
#include "importers/document/limits.hpp"
#include "importers/document/words.hpp"
#include "importers/markdown/markdown.hpp"

namespace backout::importers {

namespace {

using Kind = MarkdownBlock::Kind;

std::string fence_word(std::string_view info) {
  std::string word = lower(info.substr(0, info.find_first_of(" ,{:")));
  if (word.empty() && info.starts_with('{'))
    word = lower(info.substr(1, info.find_first_of(" ,}") - 1));
  return word;
}

std::string without_colon(std::string text) {
  text = trimmed(text);
  while (!text.empty() && (text.back() == ':' || text.back() == ' ')) text.pop_back();
  return text;
}

bool is_optional(std::string_view lower_title) {
  return contains_any(lower_title,
                      {"optional", "if needed", "if necessary", "if required", "falls nötig",
                       "se necessário", "si es necesario", "si nécessaire", "gerekirse", "可选"});
}

class Builder {
 public:
  Builder(std::string_view text, std::uint32_t file) : text_(text), file_(file) {}

  Document build() {
    document_.file = file_;
    blocks_ = read_markdown(text_, file_);
    for (std::size_t i = 0; i < blocks_.size(); ++i) add(i);
    return std::move(document_);
  }

  Document build_headings() {
    document_.file = file_;
    blocks_ = read_markdown(text_, file_);
    for (const MarkdownBlock& block : blocks_) {
      if (block.kind == Kind::heading) heading(block.text, block.level, block.span);
      if (block.kind == Kind::paragraph && heads(block)) bold_heading(block);
    }
    return std::move(document_);
  }

 private:
  void add(std::size_t index) {
    const MarkdownBlock& block = blocks_[index];
    if (block.kind == Kind::heading) return heading(block.text, block.level, block.span);
    if (block.kind == Kind::html) return comment(block);
    if (block.kind == Kind::code) return code(index);
    if (block.kind == Kind::table) return table(block);
    if (block.kind == Kind::cut) return cut(block);
    if (block.kind != Kind::paragraph) return;
    if (heads(block)) return bold_heading(block);
    line(block);
  }

  static bool heads(const MarkdownBlock& block) {
    return block.depth == 0 && block.all_bold && !block.quoted && block.bold.size() < 90;
  }

  void heading(const std::string& text, int level, model::Span span) {
    Section section;
    const Numbered numbered = read_number(text);
    section.title = numbered.title;
    section.kind = numbered.kind;
    section.number = numbered.number;
    section.span = span;
    section.level = level;
    for (std::uint32_t i = static_cast<std::uint32_t>(document_.sections.size()); i-- > 0;) {
      if (document_.sections[i].level >= level) continue;
      section.parent = i;
      break;
    }
    const std::string low = lower(text);
    section.optional = is_optional(low);
    settle_role(section, low);
    if (document_.title.empty() && level == 1) document_.title = text;
    document_.sections.push_back(std::move(section));
    last_block_ = kNowhere;
    last_line_ = kNowhere;
  }

  void settle_role(Section& section, const std::string& low) {
    const Role above =
        section.parent == kNowhere ? Role::other : document_.sections[section.parent].role;
    std::optional<Role> own;
    if (section.level > 1) own = role_of_title(low);
    const bool sticky = above == Role::template_text || above == Role::contacts ||
                        above == Role::drill || above == Role::reference ||
                        above == Role::prevention;
    section.role = above;
    // "Immediate Rollback Required" below "When to roll back" is still about triggers.
    const Role said = own.value_or(Role::other);
    const bool weak = said == Role::rollback || said == Role::deploy;
    const bool kept = above == Role::triggers || above == Role::decision ||
                      above == Role::targets || above == Role::schedule ||
                      above == Role::verification || above == Role::communication;
    const bool decides_when = said == Role::decision &&
                              above == Role::triggers;  // "Quick rollback (< 30 minutes decision)"
    if (sticky || !own.has_value() || (weak && kept) || decides_when) return;
    section.role = own.value_or(above);
    section.own_role = true;
  }

  /// `**Railway:**` alone on its line heads what follows, one below the heading.
  void bold_heading(const MarkdownBlock& block) {
    int level = 0;
    for (auto it = document_.sections.rbegin(); it != document_.sections.rend(); ++it) {
      if (it->level > 6) continue;
      level = it->level;
      break;
    }
    heading(without_colon(block.bold), 7, block.span);
    if (level == 0) document_.sections.back().parent = kNowhere;
  }

  std::uint32_t section() const {
    return document_.sections.empty() ? kNowhere
                                      : static_cast<std::uint32_t>(document_.sections.size() - 1);
  }

  void cut(const MarkdownBlock& source) {
    Block block;
    block.language = Language::other;
    block.section = section();
    block.span = source.span;
    block.cut = true;
    document_.blocks.push_back(std::move(block));
  }

  void comment(const MarkdownBlock& block) { read_ignores(block.content, document_); }

  void line(const MarkdownBlock& block) {
    Line line;
    line.text = trimmed(block.text);
    line.label = without_colon(block.bold);
    line.section = section();
    line.block_before = last_block_;
    line.depth = block.depth;
    line.ordered = block.ordered;
    line.list_item = block.item;
    line.span = block.span;
    if (block.depth > 0 && block.first_in_item) {
      line.kind = Line::Kind::item;
      if (block.ordered) line.number = block.number;
    }
    for (Block& command : inline_commands(block, document_, section(), text_)) {
      last_block_ = static_cast<std::uint32_t>(document_.blocks.size());
      document_.blocks.push_back(std::move(command));
    }
    const std::string_view raw = text_.substr(block.span.begin, 8);
    const std::string_view before =
        text_.substr(block.span.begin >= 6 ? block.span.begin - 6 : 0, 6);
    const bool ticked = raw.starts_with("[ ]") || raw.starts_with("[x]") ||
                        contains(before, "[ ]") || contains(before, "[x]") ||
                        contains(before, "[X]") || line.text.starts_with("[ ]");
    if (ticked) line.kind = Line::Kind::checkbox;
    if (line.text.starts_with("[ ]") || line.text.starts_with("[x]"))
      line.text = trimmed(std::string_view(line.text).substr(3));
    last_line_ = static_cast<std::uint32_t>(document_.lines.size());
    items_.push_back(block.item);
    outer_.push_back(block.outer_item);
    document_.lines.push_back(std::move(line));
    settle_after(block);
  }

  /// The paragraph straight below a block says what to expect of it.
  void settle_after(const MarkdownBlock& block) {
    if (last_block_ == kNowhere) return;
    Block& before = document_.blocks[last_block_];
    const bool near = before.section == section() && before.after.empty() &&
                      (before.list_item == block.item || block.depth == 0);
    if (near && !block.first_in_item) before.after = trimmed(block.text);
  }

  void code(std::size_t index) {
    const MarkdownBlock& source = blocks_[index];
    Block block;
    block.fence = fence_word(source.info);
    block.language = language_of(source.text, block.fence);
    block.content = source.content;
    block.section = section();
    block.list_item = source.item;
    block.span = source.span;
    if (last_line_ != kNowhere && document_.lines[last_line_].section == block.section) {
      block.lead = document_.lines[last_line_].text;
    }
    if (source.depth > 0) {
      for (std::size_t i = document_.lines.size(); i-- > 0;) {
        if (items_[i] != source.item) continue;
        block.item = document_.lines[i].text;
        if (document_.lines[i].kind == Line::Kind::item) break;
      }
    }
    if (block.language == Language::shell || block.language == Language::empty)
      block.script = read_shell(block.content);
    if (block.language == Language::shell) read_ignores(block.content, document_);
    for (Line& item : items_in(block, text_)) {
      items_.push_back(source.item);
      outer_.push_back(source.outer_item);
      document_.lines.push_back(std::move(item));
    }
    const Role role = document_.role(block.section);
    block.left_out =
        role == Role::template_text || role == Role::contacts || role == Role::reference;
    last_block_ = static_cast<std::uint32_t>(document_.blocks.size());
    document_.blocks.push_back(std::move(block));
  }

  void table(const MarkdownBlock& block) {
    Table table;
    if (block.cells.empty()) return;
    table.header = block.cells[0];
    for (std::size_t i = 1; i < block.cells.size(); ++i) {
      table.rows.push_back(block.cells[i]);
      table.spans.push_back(block.rows[i]);
    }
    table.section = section();
    document_.tables.push_back(std::move(table));
  }

  std::string_view text_;
  std::uint32_t file_;
  Document document_;
  std::vector<MarkdownBlock> blocks_;
  std::vector<std::uint32_t> items_;
  std::vector<std::uint32_t> outer_;
  std::uint32_t last_block_ = kNowhere;
  std::uint32_t last_line_ = kNowhere;
};

}  // namespace

const char* to_string(Role role) {
  static constexpr std::array<const char*, 16> kNames = {
      "other",        "deploy",        "rollback", "triggers", "decision", "precheck",
      "verification", "communication", "template", "contacts", "drill",    "prevention",
      "follow-up",    "reference",     "targets",  "schedule"};
  return kNames[static_cast<std::size_t>(role)];
}

Role Document::role(std::uint32_t section) const {
  return section == kNowhere ? Role::other : sections[section].role;
}

bool holds(const Line& line, const Block& block) {
  if (block.section != line.section) return false;
  if (block.in_sentence)
    return line.span.begin <= block.span.begin && block.span.end <= line.span.end;
  return !block.item.empty() && block.list_item == line.list_item && block.item == line.text;
}

bool Document::below(std::uint32_t section, std::uint32_t ancestor) const {
  while (section != kNowhere && section != ancestor) section = sections[section].parent;
  return section == ancestor && section != kNowhere;
}

std::string_view Document::title_of(std::uint32_t section) const {
  return section == kNowhere ? std::string_view() : std::string_view(sections[section].title);
}

const LowTexts& Document::low() const {
  if (low_ != nullptr) return *low_;
  auto made = std::make_shared<LowTexts>();
  for (const Section& each : sections) made->titles.push_back(lower(each.title));
  for (const Line& each : lines) made->lines.push_back(lower(each.text));
  for (const Block& each : blocks) made->blocks.push_back(lower(each.content.text));
  low_ = std::move(made);
  return *low_;
}

Document read_document(std::string_view whole, std::uint32_t file, std::string_view name) {
  const std::string_view text = whole.substr(0, readable(whole));
  Document document = Builder(text, file).build();
  finish_facts(document, text, name);
  return document;
}

bool is_runbook_text(std::string_view text, std::string_view name) {
  const Document document = Builder(text.substr(0, readable(text)), 0).build_headings();
  return is_runbook(document, name);
}

Document read_script(std::string_view whole, std::uint32_t file, std::string_view name) {
  const std::string_view text = whole.substr(0, readable(whole));
  Document document;
  document.file = file;
  document.is_script = true;
  Block block;
  block.fence = "bash";
  block.language = Language::shell;
  block.content = Located::at(std::string(text), file, 0);
  block.script = read_shell(block.content);
  block.script.whole = true;
  block.span = {file, 0, static_cast<std::uint32_t>(text.size())};
  read_ignores(block.content, document);
  document.blocks.push_back(std::move(block));
  finish_facts(document, text, name);
  return document;
}

}  // namespace backout::importers
