#pragma once
// Commands within commands: `ssh host 'cd /srv; make'`, `bash -c "..."`, `docker exec -i app sh
// <<EOF`. The one place that looks into them, by what the catalogue says that a command runs.
// Internal to importers/shell.

#include "importers/shell/located.hpp"

namespace backout::importers {

/// Puts behind each command of the script that is given shell text what this text runs, as commands
/// of their own: where they run, and what becomes of their exit status. `source` is the text that
/// the script was read from.
void expand_inner(Script& script, const Located& source, const PlacesOf& places);

}  // namespace backout::importers
