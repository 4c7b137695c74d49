#pragma once
// The ways back that a document describes, each from its begin to its end, and which of its texts
// belong to one of them: a word in another way back answers no question about this one.

#include <functional>
#include <string_view>
#include <vector>

#include "analyzer/documents/common.hpp"

namespace backout::analyzer::documents {

/// A command, and the block that it stands in.
struct Deed {
  const Block* block = nullptr;
  const Command* command = nullptr;
};

/// What people follow from its begin to its end to take something back.
struct WayBack {
  std::uint32_t section = importers::kNowhere;  ///< that holds all of it
  std::vector<Deed> deeds;                      ///< all that changes something, in their order
  std::vector<Deed> code;                       ///< those that bring another version of the code
  std::vector<Deed> downs;                      ///< those that take migrations back
  std::vector<Deed> restores;                   ///< those that load a copy over what is there
};

/// The ways back of a runbook, in the order of its text; none of a script or a workflow.
std::vector<WayBack> ways_back(const DocumentFacts& facts);

/// Whether something is taken back in what is followed from its begin to its end around `section`.
bool is_in_way_back(const DocumentFacts& facts, std::uint32_t section);

/// Whether a text in `section` belongs to the way back in section `way`: it stands in it, or in no
/// way back at all.
bool belongs(const DocumentFacts& facts, std::uint32_t way, std::uint32_t section);

/// Whether a text in lower case says something: a title, a line, a row of a table or a line of a
/// block. Asked once of a document.
using Saying = bool (*)(std::string_view);

/// Whether it is said in a section where `counts` holds.
bool is_said_where(const Document& document, const std::function<bool(std::uint32_t)>& counts,
                   Saying saying);
/// Whether it is said by what belongs to the way back in section `way`.
bool is_said_of(const DocumentFacts& facts, std::uint32_t way, Saying saying);
/// Whether it is said in the way back itself.
bool is_said_in(const Document& document, std::uint32_t way, Saying saying);

/// Whether the command brings another version of the code, or takes migrations back.
bool takes_code_back(const Command& command);
bool takes_data_back(const Block& block, const Command& command);

/// Whether the document is a note: what nobody would write into one is not asked of it.
bool is_note(const Document& document);

/// Whether the document as a whole is about going back, by its title or the name of its file.
bool is_about_way_back(const DocumentFacts& facts);

/// Whether a line says which of the two goes back first, or that it does not matter.
bool says_order(std::string_view low);

}  // namespace backout::analyzer::documents
