#pragma once
// Steps that stand in words: list items and tick boxes that order something, and no command beside
// them.

#include <string>
#include <string_view>
#include <vector>

#include "analyzer/documents/rule.hpp"

namespace backout::analyzer::documents {

/// What a line of words tells somebody to do. `act` changes something, `restore` brings data back,
/// `check` looks.
enum class Order { none, act, restore, check };

/// By the first words of the line; its bold label is passed over when a sentence follows it.
Order order_of(const importers::Line& line);

/// Whether the line is a click ('Click "Restore"') of a list that is about data: a section whose
/// titles, or whose items, name a backup or a database.
bool is_click_on_data(const importers::Document& document, const importers::Line& line);

/// Whether a text in lower case speaks of data that a restore loses.
bool speaks_of_loss(std::string_view low);

/// The line as it stands in the file, with its markup.
std::string_view raw_of(const DocumentFacts& facts, const importers::Line& line);

/// Whether people follow the section when they roll back, restore or recover: by its role, or by
/// the words above it.
bool is_procedure(const DocumentFacts& facts, std::uint32_t section);

/// Whether the section takes something back: a rollback by its role, or a procedure with no other
/// role.
bool leads_back(const DocumentFacts& facts, std::uint32_t section);

/// The blocks of shell in such sections that people follow.
std::vector<const importers::Block*> blocks_of_way_back(const DocumentFacts& facts);

/// Whether the line says how: code, a link, a place in a console, a script, or a block that belongs
/// to it.
bool says_how(const DocumentFacts& facts, std::size_t line);

/// Whether a text in Markdown has code that says how something is done, and does not only name it.
bool has_telling_code(std::string_view raw);

/// Whether a line behind the byte orders in words what starts things again: "4. Start with the
/// version of the backup".
bool starts_in_words(const importers::Document& document, std::uint32_t from);

/// Whether deeper items stand below the line: then they are the steps.
bool has_items(const importers::Document& document, std::size_t line);

/// Whether another section that holds commands is about the same thing.
bool told_elsewhere(const importers::Document& document, const importers::Line& line);

}  // namespace backout::analyzer::documents
