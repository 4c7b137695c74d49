#include "importers/markdown/markdown.hpp"

#include <algorithm>
#include <memory>

#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm-extension_api.h>
#include <cmark-gfm.h>

#include "model/scalar.hpp"
#include "model/stack.hpp"

namespace backout::importers {

namespace {

std::string_view type_name(cmark_node* node) { return cmark_node_get_type_string(node); }

/// As long as `text`, and what cmark takes as it stands: it makes three bytes of each that is no
/// UTF-8, and ends a line at a carriage return alone.
std::string clean(std::string_view text) {
  std::string result(text);
  for (std::size_t at = model::first_invalid_utf8(result); at < result.size();) {
    result[at] = '?';
    at += 1 + model::first_invalid_utf8(std::string_view(result).substr(at + 1));
  }
  for (std::size_t i = 0; i < result.size(); ++i) {
    if (result[i] == '\0') result[i] = '?';
    if (result[i] == '\r' && i + 1 < result.size() && result[i + 1] != '\n') result[i] = '\n';
  }
  return result;
}

class Walker {
 public:
  Walker(std::string_view text, std::uint32_t file)
      : whole_(clean(text)), text_(whole_), file_(file) {
    starts_.push_back(0);
    for (std::size_t i = 0; i < text_.size(); ++i) {
      if (text_[i] == '\n') starts_.push_back(i + 1);
    }
  }
  Walker(const Walker&) = delete;
  Walker& operator=(const Walker&) = delete;

  std::vector<MarkdownBlock> read() {
    static const bool ready = [] {
      cmark_gfm_core_extensions_ensure_registered();
      return true;
    }();
    const std::unique_ptr<cmark_parser, void (*)(cmark_parser*)> parser(
        cmark_parser_new(ready ? CMARK_OPT_DEFAULT : CMARK_OPT_UNSAFE), cmark_parser_free);
    for (const char* name : {"table", "strikethrough", "tasklist"}) {
      cmark_parser_attach_syntax_extension(parser.get(), cmark_find_syntax_extension(name));
    }
    cmark_parser_feed(parser.get(), text_.data(), text_.size());
    const std::unique_ptr<cmark_node, void (*)(cmark_node*)> root(cmark_parser_finish(parser.get()),
                                                                  cmark_node_free);
    walk(root.get(), {});
    return std::move(blocks_);
  }

 private:
  struct Around {
    int depth = 0;
    bool ordered = false;
    std::int64_t number = 0;
    std::uint32_t item = 0xffffffff;
    std::uint32_t outer = 0xffffffff;
    bool first = false;
    bool quoted = false;
  };

  std::size_t line_begin(int line) const {
    const auto index = static_cast<std::size_t>(std::max(line, 1) - 1);
    return index < starts_.size() ? starts_[index] : text_.size();
  }
  std::size_t line_end(int line) const {
    std::size_t end = std::min(text_.find('\n', line_begin(line)), text_.size());
    if (end > line_begin(line) && text_[end - 1] == '\r') --end;
    return end;
  }

  /// A block's bytes: whole lines, from where its text begins to where its last line ends.
  model::Span span_of(cmark_node* node) const {
    const int last = std::max(cmark_node_get_end_line(node), cmark_node_get_start_line(node));
    std::size_t begin =
        line_begin(cmark_node_get_start_line(node)) +
        static_cast<std::size_t>(std::max(cmark_node_get_start_column(node), 1) - 1);
    std::size_t end = line_end(last);
    begin = std::min(begin, text_.size());
    while (begin < end && (text_[begin] == ' ' || text_[begin] == '\t')) ++begin;
    return {file_, static_cast<std::uint32_t>(begin),
            static_cast<std::uint32_t>(std::max(end, begin))};
  }

  void walk(cmark_node* node, Around around) {
    if (model::stack_is_low()) {
      MarkdownBlock cut;
      cut.kind = MarkdownBlock::Kind::cut;
      cut.span = span_of(node);
      if (blocks_.empty() || blocks_.back().kind != cut.kind) blocks_.push_back(std::move(cut));
      return;
    }
    const std::string_view type = type_name(node);
    if (type == "item" || type == "tasklist") {
      const std::uint32_t id = items_++;
      around.item = id;
      if (around.depth == 0) around.outer = id;
      ++around.depth;
      around.first = true;
    }
    if (type == "list") {
      around.ordered = cmark_node_get_list_type(node) == CMARK_ORDERED_LIST;
      around.number = cmark_node_get_list_start(node) - 1;
    }
    if (type == "block_quote") around.quoted = true;
    const bool leaf = type == "heading" || type == "paragraph" || type == "code_block" ||
                      type == "table" || type == "html_block" || type == "thematic_break";
    if (leaf) return add(node, type, around);
    for (cmark_node* child = cmark_node_first_child(node); child != nullptr;
         child = cmark_node_next(child)) {
      if (type == "list") ++around.number;
      walk(child, around);
      around.first = false;
    }
  }

  void add(cmark_node* node, std::string_view type, const Around& around) {
    MarkdownBlock block;
    block.span = span_of(node);
    block.depth = around.depth;
    block.first_in_item = around.depth > 0 && around.first;
    block.ordered = around.ordered;
    block.number = around.number;
    block.item = around.item;
    block.outer_item = around.outer;
    block.quoted = around.quoted;
    if (type == "heading") {
      block.kind = MarkdownBlock::Kind::heading;
      block.level = cmark_node_get_heading_level(node);
      inline_text(node, block);
    } else if (type == "paragraph") {
      inline_text(node, block);
      find_bold(node, block);
    } else if (type == "code_block") {
      code(node, block);
    } else if (type == "html_block") {
      block.kind = MarkdownBlock::Kind::html;
      block.text = text_.substr(block.span.begin, block.span.end - block.span.begin);
      block.content = Located::at(block.text, file_, block.span.begin);
    } else if (type == "table") {
      table(node, block);
    } else {
      block.kind = MarkdownBlock::Kind::rule;
    }
    blocks_.push_back(std::move(block));
  }

  /// Lines of the literal text are ends of lines of the file: the indentation of lists and quotes
  /// is cut off.
  void code(cmark_node* node, MarkdownBlock& block) {
    block.kind = MarkdownBlock::Kind::code;
    const char* literal = cmark_node_get_literal(node);
    const char* info = cmark_node_get_fence_info(node);
    block.text = literal == nullptr ? "" : literal;
    block.info = info == nullptr ? "" : info;
    int length = 0;
    int offset = 0;
    char fence = 0;
    const bool fenced = cmark_node_get_fenced(node, &length, &offset, &fence) != 0;
    int line = cmark_node_get_start_line(node) + (fenced ? 1 : 0);
    block.content = Located{block.text, file_, {}, static_cast<std::uint32_t>(text_.size())};
    for (std::size_t begin = 0; begin <= block.text.size(); ++line) {
      const std::size_t found = block.text.find('\n', begin);
      std::size_t size = std::min(found, block.text.size()) - begin;
      if (size > 0 && block.text[begin + size - 1] == '\r') --size;
      const std::size_t first = line_begin(line);
      const std::size_t end = line_end(line);
      block.content.begins.push_back(
          static_cast<std::uint32_t>(end - first >= size ? end - size : first));
      if (found == std::string::npos) break;
      begin = found + 1;
    }
  }

  void table(cmark_node* node, MarkdownBlock& block) {
    block.kind = MarkdownBlock::Kind::table;
    int line = cmark_node_get_start_line(node);
    bool header = true;
    for (cmark_node* row = cmark_node_first_child(node); row != nullptr;
         row = cmark_node_next(row)) {
      std::vector<std::string> cells;
      for (cmark_node* cell = cmark_node_first_child(row); cell != nullptr;
           cell = cmark_node_next(cell)) {
        MarkdownBlock text;
        inline_text(cell, text);
        cells.push_back(std::move(text.text));
      }
      block.cells.push_back(std::move(cells));
      std::size_t begin = line_begin(line);
      while (begin < line_end(line) && (text_[begin] == ' ' || text_[begin] == '\t')) ++begin;
      block.rows.push_back(
          {file_, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(line_end(line))});
      line += header ? 2 : 1;
      header = false;
    }
  }

  void inline_text(cmark_node* node, MarkdownBlock& block) {
    if (model::stack_is_low()) return;
    for (cmark_node* child = cmark_node_first_child(node); child != nullptr;
         child = cmark_node_next(child)) {
      const std::string_view type = type_name(child);
      const char* literal = cmark_node_get_literal(child);
      if (type == "softbreak" || type == "linebreak") {
        block.text += '\n';
      } else if (type == "html_inline") {
        const std::string_view tag = literal == nullptr ? "" : literal;
        if (tag.starts_with("<br"))
          block.text += '\n';
        else if (!tag.starts_with("<!--") && !tag.starts_with("</"))
          block.text += tag;
      } else if (type == "code" && literal != nullptr) {
        block.code.emplace_back(literal, code_span(child, literal));
        block.text += literal;
      } else if (literal != nullptr) {
        block.text += literal;
      }
      inline_text(child, block);
    }
  }

  model::Span code_span(cmark_node* node, std::string_view literal) const {
    const std::size_t begin =
        std::min(line_begin(cmark_node_get_start_line(node)) +
                     static_cast<std::size_t>(std::max(cmark_node_get_start_column(node), 1) - 1),
                 text_.size());
    const std::size_t found = text_.find(literal, begin);
    const std::size_t at = found != std::string_view::npos && found < begin + 200 ? found : begin;
    return {file_, static_cast<std::uint32_t>(at),
            static_cast<std::uint32_t>(std::min(at + literal.size(), text_.size()))};
  }

  void find_bold(cmark_node* node, MarkdownBlock& block) {
    cmark_node* first = cmark_node_first_child(node);
    if (first == nullptr || type_name(first) != "strong") return;
    MarkdownBlock bold;
    inline_text(first, bold);
    block.bold = bold.text;
    std::string rest = block.text.substr(std::min(block.bold.size(), block.text.size()));
    while (!rest.empty() && (rest.back() == ':' || rest.back() == ' ')) rest.pop_back();
    block.all_bold = rest.empty();
  }

  std::string whole_;
  std::string_view text_;  ///< of whole_
  std::uint32_t file_;
  std::vector<std::size_t> starts_;
  std::vector<MarkdownBlock> blocks_;
  std::uint32_t items_ = 0;
};

}  // namespace

std::vector<MarkdownBlock> read_markdown(std::string_view text, std::uint32_t file) {
  return Walker(text, file).read();
}

}  // namespace backout::importers
