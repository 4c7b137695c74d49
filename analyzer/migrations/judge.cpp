#include "analyzer/migrations/judge.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace backout::analyzer {
namespace {

using model::Migration;
using model::SqlText;
using model::Transaction;
using WorldPtr = std::unique_ptr<World>;

/// A migration asks for a handful of roles and extensions; more is an engine that never stops asking.
constexpr int kMostAssumptions = 16;

const SqlText& text_of(const std::optional<SqlText>& script) {
  static const SqlText kNone{"", {{0, {}}}};
  return script ? *script : kNone;
}

/// A script that holds nothing but blanks and comments.
bool is_empty(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    if (text.compare(at, 2, "--") == 0) {
      at = std::min(text.find('\n', at), text.size());
    } else if (text.compare(at, 2, "/*") == 0) {
      const std::size_t end = text.find("*/", at + 2);
      at = end == std::string_view::npos ? text.size() : end + 2;
    } else if (std::string_view(" \t\r\n;\f\v").find(text[at]) != std::string_view::npos) {
      ++at;
    } else {
      return false;
    }
  }
  return true;
}

/// Refusals that say nothing but that the statement wants no transaction around it.
bool wants_no_transaction(const Trouble& trouble) {
  return trouble.sqlstate == "25001" || trouble.sqlstate == "55P04" ||
         (trouble.sqlstate == "0A000" && trouble.message.find("transaction") != std::string::npos);
}

Reason reason_of(Question question, const SqlText& script, const Trouble& trouble, bool unknown) {
  return {question, trouble.message, trouble.sqlstate, "", script.span_of(trouble.place.begin, trouble.place.end), unknown};
}

/// One run of a script on a world that the run changes.
struct ScriptRun {
  std::optional<Trouble> refused;
  std::optional<Trouble> opaque;       ///< the first statement that could not be followed
  std::optional<Trouble> transaction;  ///< what PostgreSQL refused in the tool's transaction and runs without
};

ScriptRun run_script(World& world, const SqlText& script, Transaction mode) {
  ScriptRun run;
  const auto keep = [&](RunOutcome outcome) {
    run.refused = std::move(outcome.refused);
    run.opaque = outcome.opaque.empty() ? std::nullopt : std::optional(outcome.opaque.front());
  };
  keep(world.run(script, mode));
  if (mode == Transaction::none || !run.refused || !wants_no_transaction(*run.refused)) {
    return run;
  }
  run.transaction = run.refused;
  keep(world.run(script, Transaction::none));
  return run;
}

/// Judges one pair on the world that the migrations before it made.
class PairJudge {
 public:
  PairJudge(const Migration& migration, const World& base, const World& after, Judgement& out)
      : migration_(migration), base_(base), after_(after), out_(out) {}

  void judge() {
    if (out_.up_runs != Runs::yes) {
      return;
    }
    note_changes();
    if (!migration_.down) {
      out_.down_runs = Runs::missing;
      return;
    }
    WorldPtr back = after_.clone();
    const ScriptRun down = run_script(*back, *migration_.down, migration_.down_mode);
    note_transaction(*migration_.down, down);
    note_opaque(Question::down, *migration_.down, down);
    if (down.refused) {
      judge_failed_down(*down.refused, down.opaque.has_value());
      return;
    }
    out_.down_runs = Runs::yes;
    judge_schema(*back, down.opaque);
    judge_reup(*back);
    judge_data();
    judge_new_rows();
  }

 private:
  void note_changes() {
    out_.up_changes = !base_.differences(after_).empty() || base_.compare_rows(after_).state != RowsOutcome::State::same;
  }

  void note_transaction(const SqlText& script, const ScriptRun& run) {
    if (run.transaction) {
      out_.needs_autocommit.push_back(reason_of(Question::up, script, *run.transaction, false));
    }
  }

  void note_opaque(Question question, const SqlText& script, const ScriptRun& run) {
    if (run.opaque) {
      out_.reasons.push_back(reason_of(question, script, *run.opaque, true));
    }
  }

  /// After an opaque statement a refusal may be of the fake's making.
  void judge_failed_down(const Trouble& refused, bool in_doubt) {
    out_.down_runs = in_doubt ? Runs::unknown : Runs::no;
    out_.schema = in_doubt ? SchemaAnswer::unknown : SchemaAnswer::differs;
    out_.reasons.push_back(reason_of(Question::down, *migration_.down, refused, in_doubt));
  }

  void judge_schema(const World& back, const std::optional<Trouble>& opaque) {
    out_.differences = base_.differences(back);
    const std::string doubt = base_.schema_doubt(back);
    if (!doubt.empty()) {
      const std::size_t at = opaque ? opaque->place.begin : 0;
      add_unknown(Question::schema, doubt, {at, opaque ? opaque->place.end : 0});
      return;
    }
    for (SchemaDifference& difference : out_.differences) {
      difference.span = migration_.down->span_of(0, migration_.down->text.size());
    }
    const bool all_order = std::all_of(out_.differences.begin(), out_.differences.end(),
                                       [](const SchemaDifference& difference) { return difference.kind == "colorder"; });
    out_.schema = out_.differences.empty() ? SchemaAnswer::restored
                  : all_order              ? SchemaAnswer::restored_but_order
                                           : SchemaAnswer::differs;
  }

  void judge_reup(World& back) {
    const SqlText& up = text_of(migration_.up);
    const ScriptRun run = run_script(back, up, migration_.up_mode);
    if (!run.refused) {
      out_.reup = Runs::yes;
      return;
    }
    out_.reup = run.opaque ? Runs::unknown : Runs::no;
    out_.reasons.push_back(reason_of(Question::reup, up, *run.refused, run.opaque.has_value()));
  }

  /// Rows before the up, then up and down. Rows with NULLs go first; when the up refuses them, rows without.
  void judge_data() {
    for (const RowKind kind : {RowKind::old_rows, RowKind::old_rows_without_nulls}) {
      WorldPtr seeded = base_.clone();
      const SeedOutcome seed = seeded->seed(migration_, base_, after_, kind);
      if (seed.stored == 0 && seed.doubt.empty()) {
        out_.data = DataAnswer::kept;  // the pair touches nothing that was there
        return;
      }
      WorldPtr world = seeded->clone();
      const ScriptRun up = run_script(*world, text_of(migration_.up), migration_.up_mode);
      if (up.refused) {
        continue;
      }
      judge_kept(*seeded, *world, seed);
      return;
    }
    add_unknown(Question::data, "the up does not run with the representative rows", {});
  }

  void judge_kept(const World& seeded, World& world, const SeedOutcome& seed) {
    const RowsOutcome after_up = seeded.compare_rows(world);
    const ScriptRun down = run_script(world, *migration_.down, migration_.down_mode);
    if (down.refused) {
      out_.data = down.opaque ? DataAnswer::unknown : DataAnswer::lost;
      Reason reason = reason_of(Question::data, *migration_.down, *down.refused, down.opaque.has_value());
      reason.message = "the down refuses rows that were there before the up: " + reason.message;
      reason.witness = seed.witness;
      out_.reasons.push_back(std::move(reason));
      return;
    }
    const RowsOutcome outcome = seeded.compare_rows(world);
    if (outcome.state == RowsOutcome::State::lost) {
      const bool by_up = after_up.state == RowsOutcome::State::lost;
      out_.data = DataAnswer::lost;
      const SqlText& script = by_up ? text_of(migration_.up) : *migration_.down;
      out_.reasons.push_back({Question::data, (by_up ? "lost by the up: " : "lost by the down: ") + outcome.message, "",
                              outcome.witness, script.span_of(0, script.text.size()), false});
    } else if (outcome.state == RowsOutcome::State::unknown || !seed.doubt.empty()) {
      add_unknown(Question::data, outcome.message.empty() ? seed.doubt : outcome.message, {});
    } else {
      out_.data = DataAnswer::kept;
    }
  }

  /// Rows that only the new schema allows, then the down.
  void judge_new_rows() {
    WorldPtr world = after_.clone();
    const SeedOutcome seed = world->seed(migration_, base_, after_, RowKind::new_rows);
    const ScriptRun down = run_script(*world, *migration_.down, migration_.down_mode);
    if (down.refused) {
      out_.new_rows = down.opaque ? RowsAnswer::unknown : RowsAnswer::refused;
      Reason reason = reason_of(Question::new_rows, *migration_.down, *down.refused, down.opaque.has_value());
      reason.witness = seed.witness;
      out_.reasons.push_back(std::move(reason));
    } else if (!seed.doubt.empty() || down.opaque) {
      add_unknown(Question::new_rows, seed.doubt.empty() ? down.opaque->message : seed.doubt,
                  down.opaque ? down.opaque->place : Bytes{});
    } else {
      out_.new_rows = RowsAnswer::accepted;
    }
  }

  void add_unknown(Question question, std::string message, Bytes place) {
    out_.reasons.push_back({question, std::move(message), "", "", migration_.down->span_of(place.begin, place.end), true});
  }

  const Migration& migration_;
  const World& base_;
  const World& after_;
  Judgement& out_;
};

Verdict verdict_of(const Judgement& judgement) {
  const bool broken = judgement.up_runs == Runs::no || judgement.down_runs == Runs::no ||
                      judgement.down_runs == Runs::missing || judgement.schema == SchemaAnswer::differs ||
                      judgement.data == DataAnswer::lost || judgement.new_rows == RowsAnswer::refused;
  const bool honest = judgement.up_runs == Runs::yes && judgement.down_runs == Runs::yes &&
                      judgement.schema != SchemaAnswer::unknown && judgement.data == DataAnswer::kept &&
                      judgement.new_rows == RowsAnswer::accepted;
  return broken ? Verdict::broken : honest ? Verdict::honest : Verdict::unknown;
}

class ChainJudge {
 public:
  ChainJudge(const model::MigrationSet& set, const model::Sources& sources, const JudgeOptions& options, WorldPtr start)
      : set_(set), sources_(sources), options_(options), world_(std::move(start)) {}

  ChainJudgement judge() {
    for (const SqlText& script : options_.schema) {
      const ScriptRun run = run_script(*world_, script, Transaction::implicit);
      if (run.refused) {
        result_.schema_mistakes.push_back(reason_of(Question::up, script, *run.refused, false));
      }
    }
    for (std::size_t i = 0; i < set_.migrations.size(); ++i) {
      const bool wanted = options_.judged.empty() || options_.judged[i];
      Judgement judgement = replay(set_.migrations[i], wanted);
      if (wanted) {
        judgement.verdict = verdict_of(judgement);
        result_.judgements.push_back(std::move(judgement));
      }
    }
    roll_back();
    return std::move(result_);
  }

 private:
  std::string path_of(const std::optional<SqlText>& script) const {
    return script && !script->pieces.empty() ? sources_[script->pieces.front().span.file].name() : "";
  }

  /// Runs the up on the world, judges the pair when it is wanted, and leaves the world after the up.
  Judgement replay(const Migration& migration, bool wanted) {
    Judgement out;
    out.id = migration.id;
    out.up_path = path_of(migration.up);
    out.down_path = path_of(migration.down);
    out.directives = read_directives(migration);
    const SqlText& up = text_of(migration.up);
    out.span = migration.up ? up.span_of(0, up.text.size()) : migration.down->span_of(0, 0);
    out.up_is_empty = is_empty(up.text);
    out.down_is_empty = migration.down && is_empty(migration.down->text);
    WorldPtr after = run_up(migration, up, out);
    if (wanted) {
      PairJudge(migration, *world_, *after, out).judge();
    }
    world_ = std::move(after);
    return out;
  }

  /// The world after the up. What only a platform brings is added to the world before it, and named.
  WorldPtr run_up(const Migration& migration, const SqlText& up, Judgement& out) {
    for (int assumed = 0;; ++assumed) {
      WorldPtr after = world_->clone();
      const ScriptRun run = run_script(*after, up, migration.up_mode);
      if (run.refused && assumed < kMostAssumptions) {
        if (auto assumption = world_->assume(*run.refused)) {
          out.assumptions.push_back(std::move(*assumption));
          continue;
        }
      }
      if (run.transaction) {
        out.needs_autocommit.push_back(reason_of(Question::up, up, *run.transaction, false));
      }
      if (run.opaque) {
        out.reasons.push_back(reason_of(Question::up, up, *run.opaque, true));
      }
      out.up_runs = !run.refused ? Runs::yes : run.opaque ? Runs::unknown : Runs::no;
      if (run.refused) {
        out.reasons.push_back(reason_of(Question::up, up, *run.refused, run.opaque.has_value()));
        after = world_->clone();
        after->run_what_runs(up);
      }
      return after;
    }
  }

  void roll_back() {
    ChainRollback& rollback = result_.rollback;
    rollback.judged = set_.migrations.size();
    for (auto migration = set_.migrations.rbegin(); migration != set_.migrations.rend(); ++migration) {
      if (migration->repeatable) {
        ++rollback.undone;
        continue;
      }
      if (!migration->down) {
        rollback.stopped_at = migration->id;
        rollback.reason.question = Question::down;
        rollback.reason.message = "there is no down";
        rollback.reason.span = text_of(migration->up).span_of(0, 0);
        return;
      }
      const ScriptRun run = run_script(*world_, *migration->down, migration->down_mode);
      if (run.refused) {
        rollback.stopped_at = migration->id;
        rollback.reason = reason_of(Question::down, *migration->down, *run.refused, run.opaque.has_value());
        return;
      }
      ++rollback.undone;
    }
  }

  const model::MigrationSet& set_;
  const model::Sources& sources_;
  const JudgeOptions& options_;
  WorldPtr world_;
  ChainJudgement result_;
};

}  // namespace

ChainJudgement judge_chain(const model::MigrationSet& set, const model::Sources& sources, const JudgeOptions& options,
                           std::unique_ptr<World> start) {
  return ChainJudge(set, sources, options, std::move(start)).judge();
}

}  // namespace backout::analyzer
