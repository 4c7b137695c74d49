#pragma once
// Commands that stand in a sentence: "2. Restart the workers: `systemctl restart worker`".

#include <vector>

#include "importers/document/document.hpp"
#include "importers/markdown/markdown.hpp"

namespace backout::importers {

/// A block for each code span of a list item, or of a paragraph about rolling back, that is there
/// to be run; `section` is the one that the item stands in, `text` the whole document. What is told
/// of a command, ruled out or given as an example is none.
std::vector<Block> inline_commands(const MarkdownBlock& item, const Document& document,
                                   std::uint32_t section, std::string_view text);

/// The items of a list for people that stands in a block of shell: "2. Click 'Rollback'".
std::vector<Line> items_in(const Block& block, std::string_view text);

}  // namespace backout::importers
