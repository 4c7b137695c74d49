#pragma once
// Parts of document rules that stand in files of their own, by the rule that asks for them. Each
// adds to `found`.

#include <vector>

#include "analyzer/documents/common.hpp"

namespace backout::analyzer::documents {

using Findings = std::vector<model::Finding>;

// acquire-without-release

/// What a line orders, or a variable switches, and nothing takes back.
void look_at_orders_to_pause(const DocumentFacts& facts, Findings& found);
void look_at_switched_variables(const DocumentFacts& facts, Findings& found);
void look_at_stopped_services(const DocumentFacts& facts, Findings& found);
/// What `git stash` puts aside.
void look_at_stashes(const DocumentFacts& facts, Findings& found);
/// Workloads that come back with another number of replicas.
void look_at_replica_counts(const Block& block, Findings& found);

// check-cannot-fail

/// `test || echo "failed"`, and numbers of a store that is no SQL database.
void look_at_told_failures(const DocumentFacts& facts, Findings& found);
void look_at_counts_of_documents(const DocumentFacts& facts, Findings& found);
/// What is called a check and only prints.
void look_at_empty_checks(const DocumentFacts& facts, Findings& found);
/// A loop whose last try fails like the others, and lines that are counted.
void look_at_loops_that_give_up(const DocumentFacts& facts, Findings& found);
/// A rate is compared by a test that knows whole numbers only.
void look_at_whole_numbers(const DocumentFacts& facts, Findings& found);
/// A version is printed, and compared with nothing.
void look_at_printed_versions(const DocumentFacts& facts, Findings& found);
/// Lists of what has to hold again, and not by what one sees it.
void look_at_vague_lists(const DocumentFacts& facts, Findings& found);

// delayed-effect

/// ConfigMaps and Secrets, and pods that have read them before.
void look_at_config_readers(const DocumentFacts& facts, Findings& found);
/// `export FEATURE_X=false`, and no service reads it.
void look_at_lone_exports(const DocumentFacts& facts, Findings& found);
/// One of several workloads is waited for.
void look_at_waits_for_some(const Block& block, Findings& found);

// destructive-without-backup

/// What is there now goes before a copy of it is made.
void look_at_ground_of_restores(const DocumentFacts& facts, Findings& found);
void look_at_dropped_copies(const DocumentFacts& facts, Findings& found);
void look_at_new_columns(const DocumentFacts& facts, Findings& found);
/// The copy is made in another procedure.
void look_at_far_copies(const DocumentFacts& facts, Findings& found);
/// Caches that hold more than a cache.
void look_at_flushes(const DocumentFacts& facts, Findings& found);
/// Files that are edited by hand, and copies that may be left out.
void look_at_hand_edits(const DocumentFacts& facts, Findings& found);
void look_at_optional_copies(const DocumentFacts& facts, Findings& found);

// hidden-failure

/// Success is printed whatever happened, and a bound that runs out is not looked at.
void look_at_said_success(const DocumentFacts& facts, const Block& block, Findings& found);
void look_at_bounds(const Block& block, Findings& found);
/// A script says that it went well before it looks.
void look_at_early_success(const Block& block, Findings& found);

// method-slower-than-objective

/// Steps that follow each other, and a stated whole.
void look_at_sum_of_steps(const DocumentFacts& facts, Findings& found);

// misdirected-command

/// Something else undoes it, or it goes to another place than the command beside it.
void look_at_automation(const DocumentFacts& facts, Findings& found);
void look_at_line_ends(const DocumentFacts& facts, Findings& found);
void look_at_servers(const Block& block, Findings& found);
void look_at_checked_out(const Block& block, Findings& found);
void look_at_arguments(const Command& command, Findings& found);
void look_at_patterns(const DocumentFacts& facts, Findings& found);
void look_at_own_database(const Command& command, Findings& found);
void look_at_stopped_containers(const DocumentFacts& facts, Findings& found);
void look_at_old_branches(const DocumentFacts& facts, const Block& block, Findings& found);
/// Something is run in a service that was taken down, and of which only a store came up again.
void look_at_started_in_part(const DocumentFacts& facts, Findings& found);
/// A way back that only starts again what is there.
void look_at_same_images(const DocumentFacts& facts, Findings& found);
/// Something is run in what was scaled to none before.
void look_at_scaled_down(const DocumentFacts& facts, Findings& found);
/// `git pull` behind a checkout of a tag.
void look_at_pulls_behind(const Block& block, Findings& found);
/// kubectl without the namespace of all the others.
void look_at_namespaces(const DocumentFacts& facts, Findings& found);
/// Compose without the file of the others, images that are fetched and not started, looks at this
/// machine.
void look_at_compose_files(const DocumentFacts& facts, Findings& found);
void look_at_fetched_images(const DocumentFacts& facts, const Block& block, Findings& found);
void look_at_this_machine(const DocumentFacts& facts, Findings& found);
/// A source that is named by the time of day at which the line runs, and a folder copied into
/// itself.
void look_at_names_of_now(const DocumentFacts& facts, Findings& found);
/// `ls backups/*.sql | head -1`.
void look_at_first_copies(const Block& block, Findings& found);
/// Functions and files that the server does not have.
void look_at_server_facts(const DocumentFacts& facts, Findings& found);
/// A reset that moves the branch which was to keep what is there.
void look_at_reset_copies(const DocumentFacts& facts, Findings& found);
/// `FILE=$(download)`, and download says what it does on the same output.
void look_at_captured_messages(const Block& block, Findings& found);

// order-contradiction

/// Nothing says whether the code or the database goes back first.
void look_at_unsaid_order(const DocumentFacts& facts, Findings& found);
/// Traffic is sent to what is made, or looked at, only later.
void look_at_early_traffic(const DocumentFacts& facts, Findings& found);
/// Traffic is let in again that no step keeps out.
void look_at_doors(const DocumentFacts& facts, Findings& found);

// restore-loses-writes

/// A standby that lags, restores that stand in words, and how often each part is copied.
void look_at_lag(const DocumentFacts& facts, Findings& found);
void look_at_restores_in_words(const DocumentFacts& facts, Findings& found);
void look_at_loss_of_parts(const DocumentFacts& facts, Findings& found);

// runbook-alternatives

/// Two ways in one step, and no word on which.
void look_at_undecided_ways(const DocumentFacts& facts, Findings& found);

// runbook-fixed-sleep

/// A fixed time before something that needs a server.
void look_at_sleeps_before_use(const Block& block, Findings& found);

// runbook-restore-source

/// A log is replayed onto a logical dump.
void look_at_logs_on_dumps(const DocumentFacts& facts, Findings& found);

// target-may-be-gone

/// `ln -sfn` to what may not be there.
void look_at_switched_links(const DocumentFacts& facts, const Block& block, Findings& found);

// trigger-unmeasurable

/// A rate with a value, and no time over which it is measured.
void look_at_windows(const DocumentFacts& facts, Findings& found);

// undo-leaves-rest

/// Packages of the newer code.
void look_at_other_packages(const DocumentFacts& facts, const Block& block, Findings& found);
/// The branch still holds the bad commit.
void look_at_branches_left(const DocumentFacts& facts, Findings& found);
/// A workload of a Helm release is changed behind its back.
void look_at_releases_of_charts(const DocumentFacts& facts, Findings& found);
/// Other workloads of the image that goes back.
void look_at_siblings(const DocumentFacts& facts, Findings& found);
/// `IMAGE_TAG=v1 docker compose up -d`.
void look_at_tags_of_shells(const DocumentFacts& facts, Findings& found);

// unpinned-target

/// "Find the last stable deployment" in a list of clicks, and no record of which that is.
void look_at_chosen_by_hand(const DocumentFacts& facts, Findings& found);
/// `--to-revision=3`, `helm rollback shop 3`.
void look_at_literal_revisions(const DocumentFacts& facts, const Block& block, Findings& found);

// writers-not-stopped

/// Writers are stopped "if possible".
void look_at_escape_clauses(const DocumentFacts& facts, Findings& found);

}  // namespace backout::analyzer::documents
