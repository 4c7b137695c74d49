#include "analyzer/migrations/chain_judge.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <initializer_list>
#include <map>
#include <string_view>

#include <fmt/format.h>

#include "postgres/read/quiet.hpp"

namespace backout::analyzer {
namespace {

using model::Migration;
using model::SqlText;
using model::Transaction;
using WorldPtr = std::unique_ptr<DatabaseState>;
using ProgramPtr = std::unique_ptr<const Program>;

/// A migration asks for a handful of roles and extensions; more is an engine that never stops
/// asking.
constexpr int kMostAssumptions = 16;

const SqlText& text_of(const std::optional<SqlText>& script) {
  static const SqlText kNone{"", {{0, {}}}};
  return script ? *script : kNone;
}

/// A script that holds nothing but blanks and comments.
bool is_empty(std::string_view text) {
  std::size_t at = postgres::skip_blanks_and_comments(text, 0);
  while (at < text.size() && text[at] == ';') at = postgres::skip_blanks_and_comments(text, at + 1);
  return at == text.size();
}

/// Refusals that say nothing but that the statement wants no transaction around it.
bool wants_no_transaction(const Trouble& trouble) {
  return trouble.sqlstate == "25001" || trouble.sqlstate == "2D000" ||
         trouble.sqlstate == "55P04" ||
         (trouble.sqlstate == "0A000" && trouble.message.find("transaction") != std::string::npos);
}

/// The statements of a witness, a line each.
std::string joined(const std::vector<std::string>& statements) {
  std::string text;
  for (const std::string& statement : statements) text += (text.empty() ? "" : "\n") + statement;
  return text;
}

Reason reason_of(Question question, const Program& program, const Trouble& trouble, bool unknown) {
  return {question,
          trouble.message,
          trouble.sqlstate,
          "",
          program.script().span_of(trouble.place.begin, trouble.place.end),
          unknown};
}

/// One run of a script on a world that the run changes.
struct ScriptRun {
  std::optional<Trouble> refused;
  std::optional<Trouble> opaque;  ///< the first statement that could not be followed
  std::optional<Trouble>
      transaction;  ///< what PostgreSQL refused in the tool's transaction and runs without
};

/// How a tool runs its scripts. Sources: docs/migrations.md, "How each tool reads its files".
struct ToolRun {
  bool wraps_for_certain = false;  ///< its transaction is there whatever the script says
  bool keeps_session = false;      ///< all ups of a deploy run on one connection
};

ToolRun run_of_tool(std::string_view convention) {
  const auto is_one_of = [&](std::initializer_list<std::string_view> names) {
    return std::find(names.begin(), names.end(), convention) != names.end();
  };
  return {is_one_of({"goose", "sql-migrate", "dbmate", "tern", "liquibase", "node-pg-migrate",
                     "rambler"}),
          is_one_of({"dbmate", "up-down-files"})};
}

/// A refusal for a transaction is final when the tool's transaction is `certain`; else the script
/// is tried without.
ScriptRun run_script(DatabaseState& world, const Program& script, Transaction mode, bool certain,
                     bool same_session = false) {
  ScriptRun run;
  const auto keep = [&](RunOutcome outcome) {
    run.refused = std::move(outcome.refused);
    run.opaque = outcome.opaque.empty() ? std::nullopt : std::optional(outcome.opaque.front());
  };
  keep(world.run(script, mode, same_session));
  if (mode == Transaction::none || (certain && mode == Transaction::wrapped) || !run.refused ||
      !wants_no_transaction(*run.refused)) {
    return run;
  }
  run.transaction = run.refused;
  keep(world.run(script, Transaction::none, same_session));
  return run;
}

/// A migration on its way through the judge.
struct Step {
  ProgramPtr up;
  ProgramPtr down;                             ///< null when there is none
  std::shared_ptr<const DatabaseState> base;   ///< what the migrations before it made
  std::shared_ptr<const DatabaseState> after;  ///< what its up made of that
  bool replayed = false;                       ///< its up was looked at
  PairJudgement judgement;
};

/// Judges one pair.
class PairJudge {
 public:
  PairJudge(const Migration& migration, Step& step, ToolRun tool)
      : migration_(migration),
        tool_(tool),
        up_(*step.up),
        down_(step.down.get()),
        base_(*step.base),
        after_(*step.after),
        out_(step.judgement) {}

  void judge() {
    if (out_.up_runs != Runs::yes) {
      return;
    }
    note_changes();
    if (down_ == nullptr) {
      out_.down_runs = Runs::missing;
      return;
    }
    out_.prechecks = down_->prechecks();
    WorldPtr back;
    const ScriptRun down = run_down(back);
    note_transaction(*down_, down);
    note_opaque(Question::down, *down_, down);
    if (down.refused) {
      judge_failed_down(*down.refused, down.opaque.has_value());
      return;
    }
    // Whether a statement that was not followed runs is not known either.
    out_.down_runs = down.opaque ? Runs::unknown : Runs::yes;
    judge_schema(*back, down.opaque);
    judge_reup(*back);
    judge_data();
    judge_new_rows();
    judge_unmet();
  }

 private:
  void note_changes() {
    out_.up_changes = !base().differences(after()).empty() ||
                      base().compare_rows(after()).state != RowsOutcome::State::same;
  }

  /// Runs the down on `back`. What only a platform brings is added to the worlds before and after
  /// the up, and named.
  ScriptRun run_down(WorldPtr& back) {
    for (int assumed = 0;; ++assumed) {
      back = after().clone();
      ScriptRun run = run_script(*back, *down_, migration_.down_mode, tool_.wraps_for_certain);
      if (!run.refused || assumed >= kMostAssumptions) return run;
      WorldPtr more = after().clone();
      WorldPtr before = base().clone();
      auto assumption = more->assume(*run.refused);
      if (!assumption || !before->assume(*run.refused)) return run;
      out_.assumptions.push_back(std::move(*assumption));
      own_base_ = std::move(before);
      own_after_ = std::move(more);
    }
  }

  const DatabaseState& base() const { return own_base_ != nullptr ? *own_base_ : base_; }
  const DatabaseState& after() const { return own_after_ != nullptr ? *own_after_ : after_; }

  void note_transaction(const Program& script, const ScriptRun& run) {
    if (run.transaction) {
      out_.needs_autocommit.push_back(reason_of(Question::up, script, *run.transaction, false));
    }
  }

  void note_opaque(Question question, const Program& script, const ScriptRun& run) {
    if (run.opaque) {
      out_.reasons.push_back(reason_of(question, script, *run.opaque, true));
    }
  }

  /// After an opaque statement a refusal may be of the fake's making.
  void judge_failed_down(const Trouble& refused, bool in_doubt) {
    out_.down_runs = in_doubt ? Runs::unknown : Runs::no;
    out_.schema = in_doubt ? SchemaAnswer::unknown : SchemaAnswer::differs;
    out_.reasons.push_back(reason_of(Question::down, *down_, refused, in_doubt));
  }

  void judge_schema(const DatabaseState& back, const std::optional<Trouble>& opaque) {
    out_.differences = base().differences(back);
    const std::string doubt = base().schema_doubt(back);
    if (!doubt.empty()) {
      const std::size_t at = opaque ? opaque->place.begin : 0;
      add_unknown(Question::schema, doubt, {at, opaque ? opaque->place.end : 0});
      return;
    }
    for (SchemaDifference& difference : out_.differences) {
      difference.span = migration_.down->span_of(0, migration_.down->text.size());
    }
    const bool all_order = std::all_of(
        out_.differences.begin(), out_.differences.end(),
        [](const SchemaDifference& difference) { return difference.kind == "colorder"; });
    out_.schema = out_.differences.empty() ? SchemaAnswer::restored
                  : all_order              ? SchemaAnswer::restored_but_order
                                           : SchemaAnswer::differs;
  }

  void judge_reup(DatabaseState& back) {
    const ScriptRun run = run_script(back, up_, migration_.up_mode, tool_.wraps_for_certain);
    if (!run.refused) {
      out_.reup = out_.down_runs == Runs::unknown ? Runs::unknown : Runs::yes;
      return;
    }
    out_.reup = run.opaque ? Runs::unknown : Runs::no;
    out_.reasons.push_back(reason_of(Question::reup, up_, *run.refused, run.opaque.has_value()));
  }

  /// Rows before the up, then up and down. Rows with NULLs go first; when the up refuses them, rows
  /// without, then those that it takes.
  void judge_data() {
    std::string refusal;
    start_ = base().clone();
    start_->watch_reach();
    for (const RowKind kind : {RowKind::old_rows, RowKind::old_rows_without_nulls,
                               RowKind::old_rows_that_the_up_takes}) {
      WorldPtr seeded = start_->clone();
      start_->heed_inserts(true);
      const SeedOutcome seed = seeded->seed(pair(), base(), after(), kind);
      if (seed.stored == 0 && seed.doubt.empty()) {
        out_.data = DataAnswer::kept;  // the pair touches nothing that was there
        return;
      }
      WorldPtr world = seeded->clone();
      const ScriptRun up = run_script(*world, up_, migration_.up_mode, tool_.wraps_for_certain);
      if (up.refused) {
        refusal = up.refused->message;
        continue;
      }
      judge_kept(*seeded, *world, seed, up.opaque);
      if (out_.data == DataAnswer::unknown) look_again(RowKind::plain_old_rows);
      return;
    }
    add_unknown(Question::data, "the up does not run with the representative rows: " + refusal, {});
  }

  /// What is lost of plain rows is lost, whatever could not be told of others. Nothing: no rows but
  /// those that migrations made.
  void look_again(std::optional<RowKind> kind) {
    const std::vector<Reason> said = out_.reasons;
    const RowsAnswer next_insert = out_.next_insert;
    WorldPtr seeded = start_->clone();
    start_->heed_inserts(true);
    const SeedOutcome seed = kind ? seeded->seed(pair(), base(), after(), *kind) : SeedOutcome();
    WorldPtr world = seeded->clone();
    const ScriptRun up = run_script(*world, up_, migration_.up_mode, tool_.wraps_for_certain);
    if (up.refused) return;
    std::erase_if(out_.reasons,
                  [](const Reason& reason) { return reason.question == Question::data; });
    judge_kept(*seeded, *world, seed, up.opaque);
    if (out_.data == DataAnswer::lost) return;
    out_.data = DataAnswer::unknown;
    out_.next_insert = next_insert;
    out_.reasons = said;
  }

  /// Whether what takes its number from a sequence can still be stored.
  void judge_next_insert(const DatabaseState& seeded, const DatabaseState& world) {
    const std::optional<Trouble> refused = world.next_insert(seeded);
    out_.next_insert = refused ? RowsAnswer::refused : RowsAnswer::accepted;
    if (!refused) return;
    Reason reason = reason_of(Question::next_insert, *down_, *refused, false);
    reason.message = "after the down the next insert is refused: " + reason.message;
    reason.span = down_->script().span_of(0, down_->script().text.size());
    out_.reasons.push_back(std::move(reason));
  }

  void judge_kept(const DatabaseState& seeded, DatabaseState& world, const SeedOutcome& seed,
                  const std::optional<Trouble>& up_opaque) {
    const RowsOutcome after_up = seeded.compare_rows(world);
    world.heed_inserts(false);
    with_rows_ = seeded.clone();
    upgraded_ = world.clone();
    const ScriptRun down = run_script(world, *down_, migration_.down_mode, tool_.wraps_for_certain);
    if (down.refused) {
      out_.data = down.opaque ? DataAnswer::unknown : DataAnswer::lost;
      Reason reason = reason_of(Question::data, *down_, *down.refused, down.opaque.has_value());
      reason.message = "the down refuses rows that were there before the up: " + reason.message;
      reason.witness = joined(seed.fewest());
      out_.reasons.push_back(std::move(reason));
      return;
    }
    RowsOutcome outcome = seeded.compare_rows(world);
    bool by_up = after_up.state == RowsOutcome::State::lost;
    if (outcome.state == RowsOutcome::State::unknown && !up_opaque && !down.opaque) {
      const WorldPtr updated = seeded.clone();
      run_script(*updated, up_, migration_.up_mode, tool_.wraps_for_certain);
      RowsOutcome gone = seeded.overwritten(*updated, world);
      by_up = by_up || gone.state == RowsOutcome::State::lost;
      if (gone.state == RowsOutcome::State::lost) outcome = std::move(gone);
    }
    if (outcome.state == RowsOutcome::State::lost) {
      out_.data = DataAnswer::lost;
      std::string witness = joined(seed.fewest());
      by_up = seed.harmed_by_up().value_or(by_up);
      const SqlText& script = by_up ? up_.script() : down_->script();
      if (witness.empty()) witness = outcome.witness;
      out_.reasons.push_back(
          {Question::data, (by_up ? "lost by the up: " : "lost by the down: ") + outcome.message,
           "", std::move(witness), script.span_of(0, script.text.size()), false});
    } else if (outcome.state == RowsOutcome::State::unknown || !seed.doubt.empty()) {
      add_unknown(Question::data, outcome.message.empty() ? seed.doubt : outcome.message, {});
    } else if (up_opaque || down.opaque) {
      add_unknown(Question::data, (up_opaque ? *up_opaque : *down.opaque).message,
                  down.opaque ? down.opaque->place : Bytes{});
    } else {
      out_.data = DataAnswer::kept;
      judge_next_insert(seeded, world);
    }
  }

  /// Rows that only the new schema allows, then the down.
  void judge_new_rows() {
    WorldPtr world = after().clone();
    world->watch_reach_with(*start_);
    world->heed_inserts(false);
    const SeedOutcome seed = world->seed(pair(), base(), after(), RowKind::new_rows);
    const std::vector<SchemaDifference> made_by_rows = after().differences(*world);
    const std::vector<std::string> untried = world->untried(base());
    const std::size_t doubts = world->doubts().size();
    const ScriptRun down =
        run_script(*world, *down_, migration_.down_mode, tool_.wraps_for_certain);
    if (down.refused) {
      out_.new_rows = down.opaque ? RowsAnswer::unknown : RowsAnswer::refused;
      Reason reason = reason_of(Question::new_rows, *down_, *down.refused, down.opaque.has_value());
      reason.witness = joined(after().fewest_new_rows(pair(), base(), after()));
      out_.reasons.push_back(std::move(reason));
    } else if (!seed.doubt.empty() || down.opaque) {
      add_unknown(Question::new_rows, seed.doubt.empty() ? down.opaque->message : seed.doubt,
                  down.opaque ? down.opaque->place : Bytes{});
    } else if (out_.schema == SchemaAnswer::unknown) {
      add_unknown(Question::new_rows, "what the schema is after the up or the down is not known",
                  {});
    } else if (!untried.empty() && out_.schema != SchemaAnswer::differs) {
      add_unknown(Question::new_rows, untried.front(), {});
    } else if (world->doubts().size() > doubts) {
      add_unknown(Question::new_rows, world->doubts()[doubts], {});
    } else {
      out_.new_rows = RowsAnswer::accepted;
      judge_schema_again(*world, seed, made_by_rows);
      if (out_.data == DataAnswer::kept) judge_rows_again();
    }
  }

  /// What the up took away or changed may be stored again before the down brings it back.
  void judge_rows_again() {
    if (upgraded_ == nullptr) return;
    const SeedOutcome again =
        upgraded_->seed(pair(), *with_rows_, after(), RowKind::old_rows_again);
    if (again.stored == 0) return;
    const ScriptRun down =
        run_script(*upgraded_, *down_, migration_.down_mode, tool_.wraps_for_certain);
    if (!down.refused || down.opaque) return;
    out_.new_rows = RowsAnswer::refused;
    Reason reason = reason_of(Question::new_rows, *down_, *down.refused, false);
    reason.message = "with rows stored again as they were before the up: " + reason.message;
    reason.witness = joined(again.rows());
    out_.reasons.push_back(std::move(reason));
  }

  /// What a statement that met no row does to rows that it meets elsewhere nobody has seen.
  void judge_unmet() {
    if (out_.data != DataAnswer::kept) return;
    // What runs only where something is not there runs where less is there.
    for (const std::optional<RowKind> kind :
         {std::optional(RowKind::plain_old_rows), std::optional<RowKind>()}) {
      if (out_.data != DataAnswer::lost && !start_->unmet().empty()) look_again(kind);
    }
    if (out_.data == DataAnswer::lost) return;
    const std::vector<std::string> unmet = start_->unmet();
    out_.data = unmet.empty() ? DataAnswer::kept : DataAnswer::unknown;
    if (!unmet.empty()) add_unknown(Question::data, unmet.front(), {});
  }

  /// The schema that a down leaves when new rows are there, whose triggers may have made objects of
  /// their own.
  void judge_schema_again(const DatabaseState& world, const SeedOutcome& seed,
                          const std::vector<SchemaDifference>& made_by_rows) {
    out_.schema_with_new_rows = out_.schema;
    if (out_.schema != SchemaAnswer::restored && out_.schema != SchemaAnswer::restored_but_order)
      return;
    std::vector<SchemaDifference> found = base().differences(world);
    std::erase_if(found, [&](const SchemaDifference& difference) {
      return difference.kind == "colorder" ||
             std::any_of(made_by_rows.begin(), made_by_rows.end(),
                         [&](const SchemaDifference& made) {
                           return made.kind == difference.kind && made.name == difference.name;
                         });
    });
    if (found.empty() || !base().schema_doubt(world).empty()) return;
    out_.schema_with_new_rows = SchemaAnswer::differs;
    const SchemaDifference& first = found.front();
    const SqlText& script = down_->script();
    out_.reasons.push_back({Question::schema,
                            "with new rows the down runs and does not restore the schema: " +
                                first.op + " " + first.kind + " " + first.name,
                            "", joined(seed.rows()), script.span_of(0, script.text.size()), false});
    for (SchemaDifference& difference : found) {
      difference.span = script.span_of(0, script.text.size());
      out_.differences.push_back(std::move(difference));
    }
  }

  Pair pair() const { return {up_, migration_.up_mode, down_, migration_.down_mode}; }

  void add_unknown(Question question, std::string message, Bytes place) {
    out_.reasons.push_back({question, std::move(message), "", "",
                            migration_.down->span_of(place.begin, place.end), true});
  }

  const Migration& migration_;
  const ToolRun tool_;
  const Program& up_;
  const Program* down_;
  const DatabaseState& base_;
  const DatabaseState& after_;
  WorldPtr own_base_;  ///< with what the down takes for granted; null when that is nothing
  WorldPtr own_after_;
  WorldPtr with_rows_;  ///< base() with the rows of judge_data()
  WorldPtr upgraded_;   ///< the same after the up
  WorldPtr start_;      ///< base() as the rows of judge_data() find it
  PairJudgement& out_;
};

PairVerdict verdict_of(const PairJudgement& judgement) {
  const bool broken =
      judgement.up_runs == Runs::no || judgement.down_runs == Runs::no ||
      judgement.down_runs == Runs::missing || judgement.schema == SchemaAnswer::differs ||
      judgement.data == DataAnswer::lost || judgement.new_rows == RowsAnswer::refused ||
      judgement.schema_with_new_rows == SchemaAnswer::differs ||
      judgement.next_insert == RowsAnswer::refused;
  const bool honest = judgement.up_runs == Runs::yes && judgement.down_runs == Runs::yes &&
                      judgement.schema != SchemaAnswer::unknown &&
                      judgement.data == DataAnswer::kept &&
                      judgement.new_rows == RowsAnswer::accepted;
  return broken ? PairVerdict::broken : honest ? PairVerdict::honest : PairVerdict::unknown;
}

/// Versions that several migrations have, with the place of the first: tools that keep a table with
/// one row for each version refuse to start (goose, golang-migrate), or apply the first and fail on
/// the second (dbmate, sqlx: 23505).
std::map<std::string, std::size_t> repeated_versions(const model::MigrationSet& set) {
  std::map<std::string, std::size_t> repeated;
  const bool by_version =
      set.convention == "goose" || set.convention == "dbmate" || set.convention == "up-down-files";
  for (std::size_t at = 1; by_version && at < set.migrations.size(); ++at) {
    const std::string& version = set.migrations[at].version;
    if (!version.empty() && version == set.migrations[at - 1].version && set.migrations[at].up)
      repeated.emplace(version, at - 1);
  }
  return repeated;
}

/// Takes a chain through the judge in batches: while one is read, the batch before it is replayed,
/// and the pairs of the one before that are judged, each by itself.
class ChainJudge {
 public:
  ChainJudge(const model::MigrationSet& set, const model::Sources& sources,
             const JudgeOptions& options, WorldPtr start)
      : migrations_(set.migrations),
        tool_(run_of_tool(set.convention)),
        versions_(repeated_versions(set)),
        sources_(sources),
        options_(options),
        start_(std::move(start)),
        world_(start_),
        steps_(migrations_.size()) {}

  ChainJudgement judge() {
    run_schema();
    const std::size_t batches = (steps_.size() + options_.batch - 1) / options_.batch;
    for (std::size_t round = 0; round < batches + 2; ++round) {
      const Batch reading = batch(round);
      const Batch replaying = round >= 1 ? batch(round - 1) : Batch{};
      const Batch judging = round >= 2 ? batch(round - 2) : Batch{};
      options_.for_each(1 + judging.size + reading.size, [&](std::size_t task) {
        if (task == 0) {
          for (std::size_t at = 0; at < replaying.size; ++at) replay(replaying.first + at);
          if (round == batches + 1) roll_back();
        } else if (task <= judging.size) {
          judge_pair(judging.first + task - 1);
        } else {
          read(reading.first + task - judging.size - 1);
        }
      });
    }
    for (std::size_t at = 0; at < steps_.size(); ++at) {
      if (is_wanted(at)) result_.judgements.push_back(std::move(steps_[at].judgement));
    }
    return std::move(result_);
  }

 private:
  struct Batch {
    std::size_t first = 0;
    std::size_t size = 0;
  };

  Batch batch(std::size_t number) const {
    const std::size_t first = std::min(number * options_.batch, steps_.size());
    return {first, std::min(options_.batch, steps_.size() - first)};
  }

  bool is_wanted(std::size_t at) const { return options_.judged.empty() || options_.judged[at]; }

  std::string path_of(const std::optional<SqlText>& script) const {
    return script && !script->pieces.empty() ? sources_[script->pieces.front().span.file].name()
                                             : "";
  }

  void run_schema() {
    WorldPtr world = world_->clone();
    for (const SqlText& script : options_.schema) {
      const ProgramPtr program = world->read(script);
      // A dump is what is there already: what is not understood of it takes nothing else away.
      for (const Trouble& trouble : world->run_what_runs(
               *program, "what a statement of the schema makes, which is refused here")) {
        result_.schema_mistakes.push_back(reason_of(Question::up, *program, trouble, false));
      }
    }
    world_ = std::move(world);
  }

  void read(std::size_t at) {
    const Migration& migration = migrations_[at];
    Step& step = steps_[at];
    step.up = start_->read(text_of(migration.up));
    if (migration.down) step.down = start_->read(*migration.down);
    PairJudgement& out = step.judgement;
    out.id = migration.id;
    out.up_path = path_of(migration.up);
    out.down_path = path_of(migration.down);
    out.directives = read_directives(migration);
    const SqlText& up = step.up->script();
    out.span = migration.up ? up.span_of(0, up.text.size()) : text_of(migration.down).span_of(0, 0);
    out.up_is_empty = is_empty(up.text);
    out.down_is_empty = migration.down && is_empty(migration.down->text);
  }

  /// Runs the up on the world and leaves the world after the up.
  void replay(std::size_t at) {
    if (stops()) return;
    std::shared_ptr<const DatabaseState> after = run_up(migrations_[at], steps_[at]);
    if (is_wanted(at)) {
      steps_[at].base = world_;
      steps_[at].after = after;
    }
    world_ = std::move(after);
    steps_[at].replayed = true;
  }

  /// Whether it is time to stop: then it stays so.
  bool stops() {
    if (options_.go_on && !stopped_ && !options_.go_on()) stopped_ = true;
    return stopped_;
  }

  static void pass_over(Step& step) {
    PairJudgement& out = step.judgement;
    out.up_runs = Runs::unknown;
    out.reasons.push_back({Question::up, "not looked at: the run was stopped before", "", "",
                           step.up->script().span_of(0, 0), true});
  }

  void note_repeated_version(const Migration& migration, Step& step) {
    const auto found = versions_.find(migration.version);
    if (found == versions_.end() || migration.version.empty() ||
        &migrations_[found->second] == &migration)
      return;
    step.judgement.up_runs = Runs::no;
    const std::string first = migrations_[found->second].id;
    step.judgement.reasons.push_back({Question::up,
                                      fmt::format("'{}' has version {}, too: the tool records a "
                                                  "version once and refuses the second file",
                                                  first, migration.version),
                                      "23505", "", step.up->script().span_of(0, 0), false});
  }

  /// The world after the up. What only a platform brings is added to the world before it, and
  /// named.
  WorldPtr run_up(const Migration& migration, Step& step) {
    PairJudgement& out = step.judgement;
    for (int assumed = 0;; ++assumed) {
      WorldPtr after = world_->clone();
      const ScriptRun run = run_script(*after, *step.up, migration.up_mode, tool_.wraps_for_certain,
                                       tool_.keeps_session);
      if (run.refused && assumed < kMostAssumptions) {
        WorldPtr world = world_->clone();
        if (auto assumption = world->assume(*run.refused)) {
          out.assumptions.push_back(std::move(*assumption));
          world_ = std::move(world);
          continue;
        }
      }
      if (run.transaction) {
        out.needs_autocommit.push_back(reason_of(Question::up, *step.up, *run.transaction, false));
      }
      if (run.opaque) {
        out.reasons.push_back(reason_of(Question::up, *step.up, *run.opaque, true));
      }
      out.up_runs = !run.refused ? Runs::yes : run.opaque ? Runs::unknown : Runs::no;
      note_repeated_version(migration, step);
      if (run.refused) {
        out.reasons.push_back(
            reason_of(Question::up, *step.up, *run.refused, run.opaque.has_value()));
        after = world_->clone();
        after->run_what_runs(
            *step.up,
            fmt::format("what the up of '{}' makes, which is refused here", migration.id));
      }
      return after;
    }
  }

  /// Lets go of all but the down, which the way back needs.
  void judge_pair(std::size_t at) {
    Step& step = steps_[at];
    if (!step.replayed || stops()) {
      pass_over(step);
    } else if (is_wanted(at)) {
      PairJudge(migrations_[at], step, tool_).judge();
      step.judgement.verdict = verdict_of(step.judgement);
      if (options_.watch && step.judgement.up_runs == Runs::yes)
        options_.watch(at, step.judgement, *step.base, *step.after);
    }
    step.base.reset();
    step.after.reset();
    step.up.reset();
  }

  void roll_back() {
    ChainRollback& rollback = result_.rollback;
    rollback.judged = steps_.size();
    WorldPtr world = world_->clone();
    for (std::size_t at = steps_.size(); at-- > 0;) {
      const Migration& migration = migrations_[at];
      if (migration.repeatable) {
        ++rollback.undone;
        continue;
      }
      if (!migration.down) {
        rollback.stopped_at = migration.id;
        rollback.reason.question = Question::down;
        rollback.reason.message = "there is no down";
        rollback.reason.span = text_of(migration.up).span_of(0, 0);
        return;
      }
      if (stops() || steps_[at].judgement.up_runs != Runs::yes) {
        rollback.stopped_at = migration.id;
        rollback.reason.question = Question::down;
        rollback.reason.message =
            stopped_ ? "the run was stopped before" : "its up does not run here";
        rollback.reason.span = text_of(migration.up).span_of(0, 0);
        rollback.reason.unknown = true;
        return;
      }
      const Program& down = *steps_[at].down;
      const ScriptRun run = run_script(*world, down, migration.down_mode, tool_.wraps_for_certain);
      // Past a statement that was not followed nothing is certain any more.
      if (run.refused || run.opaque) {
        rollback.stopped_at = migration.id;
        rollback.reason = reason_of(Question::down, down, run.refused ? *run.refused : *run.opaque,
                                    run.opaque.has_value());
        return;
      }
      ++rollback.undone;
    }
  }

  const std::vector<Migration>& migrations_;
  const ToolRun tool_;
  const std::map<std::string, std::size_t>
      versions_;  ///< those that several migrations have, with the first of them
  const model::Sources& sources_;
  const JudgeOptions& options_;
  const std::shared_ptr<const DatabaseState> start_;
  std::shared_ptr<const DatabaseState> world_;
  std::vector<Step> steps_;
  std::atomic<bool> stopped_ = false;
  ChainJudgement result_;
};

}  // namespace

void one_by_one(std::size_t count, const std::function<void(std::size_t)>& task) {
  for (std::size_t at = 0; at < count; ++at) task(at);
}

ChainJudgement judge_chain(const model::MigrationSet& set, const model::Sources& sources,
                           const JudgeOptions& options, std::unique_ptr<DatabaseState> start) {
  return ChainJudge(set, sources, options, std::move(start)).judge();
}

}  // namespace backout::analyzer
