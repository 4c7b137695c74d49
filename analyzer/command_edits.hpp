#pragma once
// Changes of commands as they are typed, in documents, scripts and plans: an option more where the
// catalogue says that it mends the command and the command with it is looked up without the trap.

#include <string_view>

#include "analyzer/edits.hpp"
#include "catalogue/catalogue.hpp"
#include "importers/document/document.hpp"
#include "importers/shell/shell.hpp"

namespace backout::analyzer {

/// The option that mends a trap of this kind, behind the command's name and subcommands. Empty
/// where the mend is no option, has a value that people choose, or does not take the trap away.
Edits with_option(const importers::Command& command, catalogue::Trap::Kind kind);

/// The same for the commands of a line that stands as written in a scalar at `span` of the plan:
/// each that has the trap.
Edits with_options(const model::Plan& plan, const model::Span& span, const std::string& line,
                   catalogue::Trap::Kind kind);

/// `set -o pipefail` in front of the first command of a script that bash runs; empty for other
/// shells and for what people paste.
Edits with_pipefail(const model::SourceFile& source, const importers::Document& document);

/// Without the comment that hides findings; without its line where it has one for itself.
Edits without_comment(const model::SourceFile& source, const model::Span& comment);

}  // namespace backout::analyzer
