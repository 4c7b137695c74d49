#include "analyzer/migrations/written_downs.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>

#include <fmt/format.h>

#include "analyzer/migrations/postgres_database.hpp"
#include "postgres/undo/undo_writer.hpp"

namespace backout::analyzer {
namespace {

using model::MigrationSet;
using model::SqlText;

bool needs_a_down(const PairJudgement& judgement) {
  return judgement.up_runs == Runs::yes &&
         (judgement.down_runs == Runs::missing || judgement.verdict == PairVerdict::broken);
}

std::string as_lines(const std::vector<std::string>& statements) {
  std::string text;
  for (const std::string& statement : statements) text += statement + "\n";
  return text;
}

SqlText text_in(model::Sources& sources, const std::string& name, const std::string& text) {
  const auto file = sources.add(name, text);
  return {text, {{0, {file, 0, static_cast<std::uint32_t>(text.size())}}}};
}

std::string losses_of(const PairJudgement& judgement) {
  std::string losses;
  for (const Reason& reason : judgement.reasons) {
    if (reason.question == Question::data) losses += reason.message + "\n";
  }
  return losses;
}

/// Writes downs while a chain is judged.
class Writer {
 public:
  /// By migration: what is still lost with the downs that were written before.
  using StillLost = std::map<std::size_t, std::string>;

  Writer(const MigrationSet& set, const JudgeOptions& options, const postgres::Database& start)
      : set_(set), start_(start) {
    for (const SqlText& schema : options.schema)
      scripts_.push_back(postgres::Script::parse(schema.text));
    before_first_ = scripts_.size();
    for (const model::Migration& migration : set.migrations)
      scripts_.push_back(postgres::Script::parse(migration.up ? migration.up->text : ""));
  }

  /// Judges the chain as it is, and writes.
  std::vector<WrittenDown> write(model::Sources& sources, const JudgeOptions& options,
                                 const StillLost& still_lost) {
    still_lost_ = still_lost;
    JudgeOptions watching = options;
    watching.watch = [&](std::size_t at, const PairJudgement& judgement, const DatabaseState& base,
                         const DatabaseState& after) { look(at, judgement, base, after); };
    judge_chain(set_, sources, watching, postgres_database(start_));
    std::vector<WrittenDown> all;
    for (auto& [at, written] : std::exchange(written_, {})) all.push_back(std::move(written));
    return all;
  }

 private:
  void look(std::size_t at, const PairJudgement& judgement, const DatabaseState& base,
            const DatabaseState& after) {
    if (!needs_a_down(judgement) || set_.migrations[at].repeatable || !set_.migrations[at].up)
      return;
    const postgres::Database* before = database_behind(base);
    const postgres::Database* now = database_behind(after);
    if (before == nullptr || now == nullptr) return;
    std::vector<const postgres::Script*> history;
    for (std::size_t script = 0; script < before_first_ + at; ++script)
      history.push_back(&scripts_[script]);
    const auto still = still_lost_.find(at);
    postgres::WrittenUndo undo = postgres::write_undo(
        {*before, *now, scripts_[before_first_ + at], std::move(history), set_.migrations[at].id,
         losses_of(judgement), still == still_lost_.end() ? std::string() : still->second});
    WrittenDown written;
    written.at = at;
    if (!undo.keep.empty()) written.up = as_lines(undo.keep) + set_.migrations[at].up->text;
    written.down = as_lines(undo.undo);
    written.drops = as_lines(undo.drops);
    written.cannot = std::move(undo.cannot);
    const std::lock_guard lock(mutex_);
    written_.emplace(at, std::move(written));
  }

  const MigrationSet& set_;
  const postgres::Database& start_;
  std::vector<postgres::Script> scripts_;  ///< of the schema, then the ups
  std::size_t before_first_ = 0;
  StillLost still_lost_;
  std::mutex mutex_;
  std::map<std::size_t, WrittenDown> written_;
};

/// Judges the pairs as they were written. A copy is dropped only by a down after which nothing is
/// known to be lost.
void judge_written(const MigrationSet& set, model::Sources& sources, const JudgeOptions& options,
                   const postgres::Database& start, std::vector<WrittenDown>& all) {
  MigrationSet changed = set;
  JudgeOptions again = options;
  again.judged.assign(set.migrations.size(), false);
  for (const WrittenDown& written : all) {
    model::Migration& migration = changed.migrations[written.at];
    if (!written.up.empty()) migration.up = text_in(sources, migration.id + ".up.sql", written.up);
    migration.down = text_in(sources, migration.id + ".down.sql", written.down + written.drops);
    again.judged[written.at] = true;
  }
  std::vector<PairJudgement> judged =
      judge_chain(changed, sources, again, postgres_database(start)).judgements;
  for (std::size_t at = 0; at < all.size() && at < judged.size(); ++at)
    all[at].judgement = std::move(judged[at]);
}

}  // namespace

bool WrittenDown::loses_only_rows() const {
  const bool restored = judgement.schema == SchemaAnswer::restored ||
                        judgement.schema == SchemaAnswer::restored_but_order;
  return judgement.down_runs == Runs::yes && restored &&
         judgement.new_rows == RowsAnswer::accepted && judgement.data == DataAnswer::lost;
}

std::vector<WrittenDown> write_downs(const MigrationSet& set, model::Sources& sources,
                                     const JudgeOptions& options, const postgres::Database& start) {
  Writer writer(set, options, start);
  std::vector<WrittenDown> all = writer.write(sources, options, {});
  if (all.empty()) return all;
  judge_written(set, sources, options, start, all);
  Writer::StillLost still_lost;
  for (const WrittenDown& written : all) {
    if (written.judgement.data == DataAnswer::lost)
      still_lost.emplace(written.at, losses_of(written.judgement));
  }
  if (!still_lost.empty()) {
    all = writer.write(sources, options, still_lost);
    judge_written(set, sources, options, start, all);
  }
  for (WrittenDown& written : all) {
    const DataAnswer data = written.judgement.data;
    if (data == DataAnswer::kept)
      written.down += written.drops;
    else if (!written.drops.empty()) {
      written.cannot.emplace_back(
          data == DataAnswer::lost
              ? "the copies in backout_kept stay: rows are still lost"
              : "the copies in backout_kept stay: it is not known whether rows are lost");
    }
  }
  return all;
}

}  // namespace backout::analyzer
