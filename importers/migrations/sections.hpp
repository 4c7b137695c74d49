#pragma once
// Migrations whose up and down stand in one file, told apart by comment lines.

#include <optional>
#include <string>
#include <string_view>

#include "importers/migrations/tree.hpp"

namespace backout::importers {

/// A tool that keeps up and down in one file. Markers are compared without case after the line's
/// leading `-`, `#` and blanks; what follows the marker on the line are options.
struct SectionStyle {
  const char* convention;
  const char* up;    ///< marker before the up; empty: the up starts the file
  const char* down;  ///< marker before the down
  bool exact;        ///< nothing may follow the marker
  model::Transaction mode;
};

/// The style whose markers the text has, or null. Looks at comment lines only.
const SectionStyle* section_style(std::string_view text);

/// The up and the down of one file; an absent section is an absent script.
struct Sections {
  std::optional<model::SqlText> up;
  std::optional<model::SqlText> down;
  bool up_without_transaction = false;
  bool down_without_transaction = false;
};

/// How a tool cuts a script into statements without reading SQL.
enum class Cut {
  line_end,  ///< at a line whose last word before `--` ends with a semicolon, but between
             ///< StatementBegin and StatementEnd
  anywhere,  ///< at each semicolon outside '...' and comments
};

/// A script that the tool cuts inside a dollar quote ends at that place: what the server gets is no
/// statement, and it refuses.
void keep_to_first_bad_cut(model::SqlText& script, Cut cut);

/// Cuts a file at the markers of `style`. Sections of one direction are joined.
Sections cut_sections(const Tree& tree, const File& file, const SectionStyle& style);

/// Whether the comments at the top of a script ask for no transaction, as any of the tools spells
/// it.
bool asks_for_no_transaction(std::string_view text);

}  // namespace backout::importers
