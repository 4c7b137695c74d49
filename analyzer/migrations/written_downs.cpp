#include "analyzer/migrations/written_downs.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>

#include <fmt/format.h>

#include "analyzer/migrations/postgres_world.hpp"
#include "services/postgres/undo_writer.hpp"

namespace backout::analyzer {
namespace {

using model::MigrationSet;
using model::SqlText;

bool needs_a_down(const Judgement& judgement) {
  return judgement.up_runs == Runs::yes && (judgement.down_runs == Runs::missing || judgement.verdict == Verdict::broken);
}

std::string joined(const std::vector<std::string>& statements) {
  std::string text;
  for (const std::string& statement : statements) text += statement + "\n";
  return text;
}

SqlText text_in(model::Sources& sources, const std::string& name, const std::string& text) {
  const auto file = sources.add(name, text);
  return {text, {{0, {file, 0, static_cast<std::uint32_t>(text.size())}}}};
}

/// Writes downs while a chain is judged.
class Writer {
 public:
  Writer(const MigrationSet& set, const JudgeOptions& options) : set_(set) {
    for (const SqlText& schema : options.schema) scripts_.push_back(postgres::Script::parse(schema.text));
    before_first_ = scripts_.size();
    for (const model::Migration& migration : set.migrations) scripts_.push_back(postgres::Script::parse(migration.up ? migration.up->text : ""));
  }

  void look(std::size_t at, const Judgement& judgement, const World& base, const World& after) {
    if (!needs_a_down(judgement) || set_.migrations[at].repeatable || !set_.migrations[at].up) return;
    const postgres::Database* before = database_behind(base);
    const postgres::Database* now = database_behind(after);
    if (before == nullptr || now == nullptr) return;
    std::vector<const postgres::Script*> history;
    for (std::size_t script = 0; script < before_first_ + at; ++script) history.push_back(&scripts_[script]);
    std::string losses;
    for (const Reason& reason : judgement.reasons) {
      if (reason.question == Question::data) losses += reason.message + "\n";
    }
    postgres::WrittenUndo undo = postgres::write_undo({*before, *now, scripts_[before_first_ + at], std::move(history), set_.migrations[at].id, std::move(losses)});
    WrittenDown written;
    written.at = at;
    if (!undo.keep.empty()) written.up = joined(undo.keep) + set_.migrations[at].up->text;
    written.down = joined(undo.undo);
    written.cannot = std::move(undo.cannot);
    const std::lock_guard lock(mutex_);
    written_.emplace(at, std::move(written));
  }

  std::vector<WrittenDown> take() {
    std::vector<WrittenDown> all;
    for (auto& [at, written] : written_) all.push_back(std::move(written));
    return all;
  }

 private:
  const MigrationSet& set_;
  std::vector<postgres::Script> scripts_;  ///< of the schema, then the ups
  std::size_t before_first_ = 0;
  std::mutex mutex_;
  std::map<std::size_t, WrittenDown> written_;
};

}  // namespace

bool WrittenDown::loses_only_rows() const {
  const bool restored = judgement.schema == SchemaAnswer::restored || judgement.schema == SchemaAnswer::restored_but_order;
  return judgement.down_runs == Runs::yes && restored && judgement.new_rows == RowsAnswer::accepted && judgement.data == DataAnswer::lost;
}

std::vector<WrittenDown> write_downs(const MigrationSet& set, model::Sources& sources, const JudgeOptions& options) {
  Writer writer(set, options);
  JudgeOptions watching = options;
  watching.watch = [&](std::size_t at, const Judgement& judgement, const World& base, const World& after) { writer.look(at, judgement, base, after); };
  judge_chain(set, sources, watching, postgres_world());
  std::vector<WrittenDown> all = writer.take();
  if (all.empty()) return all;
  MigrationSet changed = set;
  JudgeOptions again = options;
  again.judged.assign(set.migrations.size(), false);
  for (const WrittenDown& written : all) {
    model::Migration& migration = changed.migrations[written.at];
    if (!written.up.empty()) migration.up = text_in(sources, migration.id + ".up.sql", written.up);
    migration.down = text_in(sources, migration.id + ".down.sql", written.down);
    again.judged[written.at] = true;
  }
  std::vector<Judgement> judged = judge_chain(changed, sources, again, postgres_world()).judgements;
  for (std::size_t at = 0; at < all.size() && at < judged.size(); ++at) all[at].judgement = std::move(judged[at]);
  return all;
}

}  // namespace backout::analyzer
