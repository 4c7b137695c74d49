#pragma once
// Parts of document rules that stand in files of their own. Each adds to `found`.

#include <vector>

#include "analyzer/documents/common.hpp"

namespace backout::analyzer::documents {

using Findings = std::vector<model::Finding>;

/// check-cannot-fail: `test || echo "failed"`, and numbers of a store that is no SQL database.
void look_at_told_failures(const DocumentFacts& facts, Findings& found);
void look_at_counts_of_documents(const DocumentFacts& facts, Findings& found);

/// misdirected-command: something else undoes it, or it goes to another place than the command beside it.
void look_at_automation(const DocumentFacts& facts, Findings& found);
void look_at_line_ends(const DocumentFacts& facts, Findings& found);
void look_at_servers(const Block& block, Findings& found);
void look_at_checked_out(const Block& block, Findings& found);
void look_at_arguments(const Command& command, Findings& found);
void look_at_patterns(const DocumentFacts& facts, Findings& found);
void look_at_own_database(const Command& command, Findings& found);
void look_at_stopped_containers(const DocumentFacts& facts, Findings& found);
void look_at_old_branches(const DocumentFacts& facts, const Block& block, Findings& found);

/// hidden-failure: success is printed whatever happened, and a bound that runs out is not looked at.
void look_at_said_success(const DocumentFacts& facts, const Block& block, Findings& found);
void look_at_bounds(const Block& block, Findings& found);

/// check-cannot-fail: what is called a check and only prints.
void look_at_empty_checks(const DocumentFacts& facts, Findings& found);

/// check-cannot-fail: a loop whose last try fails like the others, and lines that are counted.
void look_at_loops_that_give_up(const DocumentFacts& facts, Findings& found);

/// method-slower-than-objective: steps that follow each other, and a stated whole.
void look_at_sum_of_steps(const DocumentFacts& facts, Findings& found);

/// acquire-without-release: what a line orders, or a variable switches, and nothing takes back.
void look_at_orders_to_pause(const DocumentFacts& facts, Findings& found);
void look_at_switched_variables(const DocumentFacts& facts, Findings& found);
void look_at_stopped_services(const DocumentFacts& facts, Findings& found);

/// restore-loses-writes: a standby that lags, and restores that stand in words.
void look_at_lag(const DocumentFacts& facts, Findings& found);
void look_at_restores_in_words(const DocumentFacts& facts, Findings& found);
void look_at_loss_of_parts(const DocumentFacts& facts, Findings& found);

/// destructive-without-backup: what is there now goes before a copy of it is made.
void look_at_ground_of_restores(const DocumentFacts& facts, Findings& found);
void look_at_dropped_copies(const DocumentFacts& facts, Findings& found);
void look_at_new_columns(const DocumentFacts& facts, Findings& found);

/// destructive-without-backup: the copy is made in another procedure, and caches that hold more than a cache.
void look_at_far_copies(const DocumentFacts& facts, Findings& found);
void look_at_flushes(const DocumentFacts& facts, Findings& found);

/// unpinned-target: `--to-revision=3`, `helm rollback shop 3`.
void look_at_literal_revisions(const DocumentFacts& facts, const Block& block, Findings& found);

/// misdirected-command: `git pull` behind a checkout of a tag; undo-leaves-rest: packages of the newer code.
void look_at_pulls_behind(const Block& block, Findings& found);
void look_at_other_packages(const DocumentFacts& facts, const Block& block, Findings& found);

/// delayed-effect: one of several workloads is waited for.
void look_at_waits_for_some(const Block& block, Findings& found);

/// undo-leaves-rest: the branch still holds the bad commit.
void look_at_branches_left(const DocumentFacts& facts, Findings& found);

/// order-contradiction: nothing says whether the code or the database goes back first.
void look_at_unsaid_order(const DocumentFacts& facts, Findings& found);

/// misdirected-command: kubectl without the namespace of all the others.
void look_at_namespaces(const DocumentFacts& facts, Findings& found);

/// runbook-fixed-sleep: a fixed time before something that needs a server.
void look_at_sleeps_before_use(const Block& block, Findings& found);

/// check-cannot-fail: a version is printed, and compared with nothing.
void look_at_printed_versions(const DocumentFacts& facts, Findings& found);

/// misdirected-command: `FILE=$(download)`, and download says what it does on the same output.
void look_at_captured_messages(const Block& block, Findings& found);

/// undo-leaves-rest: `IMAGE_TAG=v1 docker compose up -d`.
void look_at_tags_of_shells(const DocumentFacts& facts, Findings& found);

/// misdirected-command: compose without the file of the others, images that are fetched and not started, looks at this machine.
void look_at_compose_files(const DocumentFacts& facts, Findings& found);
void look_at_fetched_images(const DocumentFacts& facts, const Block& block, Findings& found);
void look_at_this_machine(const DocumentFacts& facts, Findings& found);

/// destructive-without-backup: files that are edited by hand, and copies that may be left out.
void look_at_hand_edits(const DocumentFacts& facts, Findings& found);
void look_at_optional_copies(const DocumentFacts& facts, Findings& found);

/// hidden-failure: a script says that it went well before it looks; target-may-be-gone: `ln -sfn` to what may not be there.
void look_at_early_success(const Block& block, Findings& found);
void look_at_switched_links(const DocumentFacts& facts, const Block& block, Findings& found);

/// Part of check-cannot-fail: a rate is compared by a test that knows whole numbers only.
void look_at_whole_numbers(const DocumentFacts& facts, Findings& found);

/// Parts of runbook-alternatives, writers-not-stopped and order-contradiction: half an order in words.
void look_at_undecided_ways(const DocumentFacts& facts, Findings& found);
void look_at_escape_clauses(const DocumentFacts& facts, Findings& found);
void look_at_doors(const DocumentFacts& facts, Findings& found);

/// Part of check-cannot-fail: lists of what has to hold again, and not by what one sees it.
void look_at_vague_lists(const DocumentFacts& facts, Findings& found);

/// Part of runbook-restore-source: a log is replayed onto a logical dump.
void look_at_logs_on_dumps(const DocumentFacts& facts, Findings& found);

/// Part of order-contradiction: traffic is sent to what is made, or looked at, only later.
void look_at_early_traffic(const DocumentFacts& facts, Findings& found);

/// Part of misdirected-command: a way back that only starts again what is there.
void look_at_same_images(const DocumentFacts& facts, Findings& found);

/// Part of misdirected-command: something is run in what was scaled to none before.
void look_at_scaled_down(const DocumentFacts& facts, Findings& found);

}  // namespace backout::analyzer::documents
