#pragma once
// Markdown (GitHub's) as a flat run of blocks in order of the text, with bytes.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "importers/shell/shell.hpp"
#include "model/source.hpp"

namespace backout::importers {

/// One block. Containers (lists, quotes) are not blocks: their depth stands at what they hold.
struct MarkdownBlock {
  enum class Kind {
    heading,
    paragraph,
    code,
    table,
    html,
    rule,
    cut
  };  ///< what stands deeper than the reader can go: it is left out
  Kind kind = Kind::paragraph;
  int level = 0;          ///< of a heading
  std::string text;       ///< without markup; of code and html as written
  std::string bold;       ///< what stands in bold at the begin of a paragraph; empty for none
  bool all_bold = false;  ///< a paragraph that is nothing but bold text (and a colon)
  std::string info;       ///< of a fence
  Located content;        ///< of code and html
  std::vector<std::vector<std::string>> cells;            ///< of a table, the header first
  std::vector<model::Span> rows;                          ///< of each row
  int depth = 0;                                          ///< how many list items are around it
  bool first_in_item = false;                             ///< it begins the innermost item
  bool ordered = false;                                   ///< that item belongs to a numbered list
  std::int64_t number = 0;                                ///< in a numbered list
  std::uint32_t item = 0xffffffff;                        ///< identity of the innermost item
  std::uint32_t outer_item = 0xffffffff;                  ///< of the outermost item
  bool quoted = false;                                    ///< in a block quote
  std::vector<std::pair<std::string, model::Span>> code;  ///< code spans of a paragraph or heading
  model::Span span;
};

std::vector<MarkdownBlock> read_markdown(std::string_view text, std::uint32_t file);

}  // namespace backout::importers
