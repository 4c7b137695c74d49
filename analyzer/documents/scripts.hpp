#pragma once
// Parts of document rules that read a script or a workflow as it runs, by the rule that asks for
// them. Each adds to `found`.

#include "analyzer/documents/parts.hpp"

namespace backout::analyzer::documents {

/// Whether the command stands in a function that a trap calls: what clears away at the end may
/// fail, and what it removes the script has made.
bool clears_away(const Block& block, const Command& command);

/// Whether the command stops what serves. What may be stopped already (`|| true`) is stopped all
/// the same.
bool stops(const Command& command);
/// Whether it starts something.
bool starts(const Command& command);
/// Whether a script starts what the command at `stop` stops, whichever way it ends:
/// `trap ... EXIT`.
bool starts_at_exit(const Document& document, const model::Span& stop);

// acquire-without-release

/// A script ends where a step fails, and what it stopped stays down.
void look_at_stops_left(const Block& block, Findings& found);

// destructive-without-backup

/// A script overwrites data, keeps no copy of it, or did not look whether the other one can be
/// read.
void look_at_scripts_that_restore(const DocumentFacts& facts, Findings& found);

// hidden-failure

/// On one way through a script nothing is done, and its end says that all went well.
void look_at_idle_ways(const DocumentFacts& facts, const Block& block, Findings& found);
/// A copy that is cut short goes into a restore, and the pipe ends well.
void look_at_fed_restores(const Block& block, Findings& found);

// misdirected-command

/// `ssh host cd /srv && make`: make runs here.
void look_at_split_commands(const Block& block, Findings& found);
/// JSON that does not close, statements behind `--`, pg_ctl as root, brackets in an address,
/// looks that deploy.
void look_at_payloads(const Block& block, Findings& found);
/// Lists that are sorted by another column.
void look_at_sorted_sizes(const Block& block, Findings& found);
/// `docker run -v` with a folder that is relative: a volume of that name.
void look_at_relative_mounts(const Block& block, Findings& found);
/// A server is started on a configuration that nothing tests.
void look_at_untested_configs(const Block& block, Findings& found);

// runbook-never-ends

/// Steps behind an `exit` that is always reached.
void look_at_dead_steps(const Block& block, Findings& found);

// unpinned-target

/// What is fetched and run, or unpacked, and tested by nothing.
void look_at_downloads(const DocumentFacts& facts, const Block& block, Findings& found);
/// "The number before": `$((REVISION - 1))`, and one number for several workloads.
void look_at_counted_back(const Block& block, Findings& found);
/// An environment that is taken where none, or a misspelt one, is given.
void look_at_default_targets(const DocumentFacts& facts, const Block& block, Findings& found);

// writers-not-stopped

/// A workflow that goes back, of which two runs may go at once.
void look_at_runs_at_once(const DocumentFacts& facts, Findings& found);
/// A file of a database is put under an engine that has it open.
void look_at_open_files(const Block& block, Findings& found);

}  // namespace backout::analyzer::documents
