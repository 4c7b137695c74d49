#pragma once
// What loads a copy into a database that is there.

#include "analyzer/documents/common.hpp"

namespace backout::analyzer::documents {

/// Whether psql or mysql is fed a copy: by `<`, or by a pipe that unpacks one.
bool loads_copy(const Block& block, const Command& command);

/// The copy that a pipe unpacks into the command: `shop.sql.gz` of `gunzip -c shop.sql.gz | psql`;
/// empty for none.
std::string piped_copy(const Block& block, const Command& command);

/// Whether an archive is loaded, and not only listed.
bool loads_archive(const Command& command);

/// Whether a step before makes the database that is loaded, and drops none of that name: `createdb
/// shop_candidate`.
bool loads_new_database(const Document& document, const Block& block, const Command& command);

/// Whether a cloud puts a copy in the place of what its instance holds: `gcloud sql backups
/// restore`, `heroku pg:backups:restore`.
bool restores_in_place(const Command& command);

}  // namespace backout::analyzer::documents
