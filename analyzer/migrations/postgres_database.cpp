#include "analyzer/migrations/postgres_database.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "analyzer/migrations/fewest_rows.hpp"
#include "postgres/catalog/assume.hpp"
#include "postgres/catalog/catalog_more.hpp"
#include "postgres/catalog/database.hpp"
#include "postgres/catalog/routines.hpp"
#include "postgres/compare/data_diff.hpp"
#include "postgres/compare/diff.hpp"
#include "postgres/ddl/partition_rows.hpp"
#include "postgres/read/prechecks.hpp"
#include "postgres/read/sql_reader.hpp"
#include "postgres/read/text.hpp"
#include "postgres/witness/generate.hpp"
#include "postgres/witness/reach.hpp"
#include "postgres/witness/untried.hpp"
#include "services/postgres_migrations.hpp"

namespace backout::analyzer {
namespace {

/// After so many refused statements of one script the others are not looked at one by one: all that
/// they name is in doubt.
constexpr std::size_t kMostRefused = 200;

using postgres::Database;
using postgres::DataDifference;
using postgres::Occasion;
using postgres::OldRows;
using postgres::RowGroup;
using postgres::Script;

struct ParsedProgram : Program {
  explicit ParsedProgram(const model::SqlText& text)
      : Program(text),
        parsed(Script::parse(text.text)),
        words(postgres::words_of(text.text)),
        clues(postgres::clues_of(parsed)) {}
  std::vector<Precheck> prechecks() const override {
    std::vector<Precheck> all;
    for (postgres::Precheck& one : postgres::prechecks(parsed)) {
      const Script::Statement& statement = parsed.statements()[one.statement];
      all.push_back({std::move(one.what), std::move(one.select), std::move(one.why),
                     script().span_of(statement.begin, statement.end)});
    }
    return all;
  }

  const Script parsed;
  const std::set<std::string> words;
  const postgres::Clues clues;
};

const ParsedProgram& parsed(const Program& program) {
  return static_cast<const ParsedProgram&>(program);
}

Trouble trouble_of(const Script& script, std::size_t statement,
                   const postgres::ExecResult& result) {
  Trouble trouble{result.sqlstate, result.message, {0, script.text().size()}};
  if (statement < script.statements().size()) {
    trouble.place = {script.statements()[statement].begin, script.statements()[statement].end};
  }
  if (script.mistake())
    trouble.place = {script.mistake()->offset,
                     std::min(script.mistake()->offset + 1, script.text().size())};
  return trouble;
}

std::string_view op_of(postgres::Difference::Change change) {
  switch (change) {
    case postgres::Difference::Change::missing:
      return "missing";
    case postgres::Difference::Change::extra:
      return "extra";
    case postgres::Difference::Change::changed:
      break;
  }
  return "changed";
}

std::string quoted_list(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts)
    text += fmt::format("{}\"{}\"", text.empty() ? "" : ", ", part);
  return text;
}

std::string say(const DataDifference& difference) {
  switch (difference.kind) {
    case DataDifference::Kind::table_gone:
      return fmt::format("table {} is gone with its rows", difference.table);
    case DataDifference::Kind::column_gone:
      return fmt::format("column {} of {} is gone with its values", quoted_list(difference.columns),
                         difference.table);
    case DataDifference::Kind::changed:
      return difference.columns.empty()
                 ? fmt::format("rows of {} are gone", difference.table)
                 : fmt::format("{} of {} no longer holds what it held",
                               quoted_list(difference.columns), difference.table);
    case DataDifference::Kind::extra:
      return fmt::format("{} has rows that it had not", difference.table);
    case DataDifference::Kind::unknown:
      break;
  }
  return fmt::format("{}: {}", difference.table, difference.why);
}

class PostgresDatabase : public DatabaseState {
 public:
  explicit PostgresDatabase(Database database) : database_(std::move(database)) {}

  std::unique_ptr<DatabaseState> clone() const override {
    return std::make_unique<PostgresDatabase>(*this);
  }

  std::unique_ptr<const Program> read(const model::SqlText& script) const override {
    return std::make_unique<ParsedProgram>(script);
  }

  RunOutcome run(const Program& program, model::Transaction mode, bool same_session) override {
    const Script& script = parsed(program).parsed;
    const auto result = database_.run(script, services::run_mode(script, mode), same_session);
    RunOutcome outcome;
    if (result.refused())
      outcome.refused = trouble_of(script, result.failures[0].statement, result.failures[0].result);
    for (const auto& opaque : result.opaque)
      outcome.opaque.push_back(trouble_of(script, opaque.statement, opaque.result));
    return outcome;
  }

  std::vector<Trouble> run_what_runs(const Program& program, const std::string& why) override {
    const std::string& text = program.script().text;
    const auto ranges = postgres::split_statements(text);
    if (!ranges) {
      database_.put_all_in_doubt(why, parsed(program).words);
      return {trouble_of(
          parsed(program).parsed, 0,
          {postgres::ExecStatus::refused, "42601", "the statements cannot be told apart", -1})};
    }
    std::vector<Trouble> refused;
    for (const auto& [begin, end] : *ranges) {
      const Script script = Script::parse(text.substr(begin, end - begin));
      if (script.mistake()) {
        database_.put_all_in_doubt(why, postgres::words_of(script.text()));
        refused.push_back({script.mistake()->sqlstate, script.mistake()->message, {begin, end}});
      }
      for (std::size_t at = 0; at < script.statements().size(); ++at) {
        if (script.statements()[at].tree->node_case == PG_QUERY__NODE__NODE_TRANSACTION_STMT)
          continue;
        auto done = database_.execute(script, at);
        if (done.status == postgres::ExecStatus::refused &&
            postgres::assume(database_, done.sqlstate, done.message))
          done = database_.execute(script, at);
        if (done.status != postgres::ExecStatus::refused) continue;
        database_.take_as_run(script, at, why);
        refused.push_back({done.sqlstate, done.message, {begin, end}});
      }
      if (refused.size() < kMostRefused) continue;
      database_.put_all_in_doubt(why, parsed(program).words);
      break;
    }
    return refused;
  }

  std::optional<std::string> assume(const Trouble& trouble) override {
    return postgres::assume(database_, trouble.sqlstate, trouble.message);
  }

  std::vector<SchemaDifference> differences(const DatabaseState& after) const override {
    std::vector<SchemaDifference> found;
    for (auto& difference : postgres::difference(database_, database_of(after))) {
      found.push_back({std::string(op_of(difference.change)),
                       std::move(difference.kind),
                       std::move(difference.name),
                       "",
                       std::move(difference.from),
                       std::move(difference.to),
                       {}});
    }
    return found;
  }

  std::string schema_doubt(const DatabaseState& after) const override {
    return postgres::doubt_between(database_, database_of(after));
  }

  RowsOutcome compare_rows(const DatabaseState& after) const override {
    RowsOutcome outcome;
    for (const DataDifference& difference :
         postgres::data_differences(database_, database_of(after))) {
      if (difference.kind == DataDifference::Kind::extra) continue;
      const bool unknown = difference.kind == DataDifference::Kind::unknown;
      if (outcome.state == RowsOutcome::State::unknown && unknown) continue;
      outcome = {unknown ? RowsOutcome::State::unknown : RowsOutcome::State::lost, say(difference),
                 difference.before};
      if (!unknown) return outcome;
    }
    return outcome;
  }

  RowsOutcome overwritten(const DatabaseState& after_up,
                          const DatabaseState& after_down) const override {
    for (const postgres::Overwritten& one :
         postgres::overwritten_columns(database_, database_of(after_up), database_of(after_down))) {
      return {RowsOutcome::State::lost,
              fmt::format("\"{}\" of {} no longer holds what it held", one.column, one.table),
              one.before};
    }
    return {};
  }

  SeedOutcome seed(const Pair& pair, const DatabaseState& before, const DatabaseState& after,
                   RowKind kind) override {
    if (kind == RowKind::old_rows_again)
      return outcome_of(postgres::seed_rows_again(database_, database_of(before)));
    if (kind == RowKind::new_rows) return outcome_of(seed_new(database_, pair, before, after));
    const Speech speech = speech_of(pair, database_of(before));
    const auto tables = tables_of(speech, before, after);
    const Database base = database_;
    const std::vector<postgres::ObjectId> holding = that_hold_rows(tables, after);
    const postgres::Seeding seeding =
        seed_old(pair, after, kind, {holding, speech.clues, speech.words});
    SeedOutcome outcome = outcome_of(seeding);
    const auto few = std::make_shared<std::optional<postgres::RowLog>>();
    const auto fewest = [base, rows = seeding.rows, pair, few] {
      if (!*few) *few = fewest_old_rows(base, rows, pair);
      return **few;
    };
    outcome.fewest = [base, fewest] { return statements_of(base, fewest()); };
    outcome.harmed_by_up = [base, fewest, pair] { return harmed_by_up(base, fewest(), pair); };
    return outcome;
  }

  void watch_reach() override { database_.watch(std::make_shared<postgres::Reach>(database_)); }

  void heed_inserts(bool heeded) override {
    if (database_.reach() != nullptr) database_.reach()->heed_inserts(heeded);
  }

  void watch_reach_with(const DatabaseState& other) override {
    database_.watch(database_of(other).watched());
  }

  std::vector<std::string> unmet() const override {
    return database_.reach() == nullptr ? std::vector<std::string>() : database_.reach()->unmet();
  }

  std::vector<std::string> doubts() const override {
    return database_.reach() == nullptr ? std::vector<std::string>() : database_.reach()->doubts();
  }

  std::vector<std::string> untried(const DatabaseState& before) const override {
    return postgres::untried(database_of(before), database_);
  }

  std::vector<std::string> fewest_new_rows(const Pair& pair, const DatabaseState& before,
                                           const DatabaseState& after) const override {
    Database seeded = database_;
    postgres::RowLog rows = seed_new(seeded, pair, before, after).rows;
    const auto refuses = [&](const postgres::RowLog& some) {
      PostgresDatabase trial(database_);
      postgres::store_valid(trial.database_, some);
      return trial.run(*pair.down, pair.down_mode, false).refused.has_value();
    };
    return statements_of(database_,
                         fewest_rows(std::move(rows), trials_for(database_, pair), refuses));
  }

  std::optional<Trouble> next_insert(const DatabaseState& before) const override {
    const Database& then = database_of(before);
    for (const std::uint32_t id : postgres::numbered_tables(then, database_)) {
      const std::string refusal = postgres::next_insert(database_, id);
      if (refusal.empty()) continue;
      const auto* table = database_.get<postgres::Table>(id);
      const auto old =
          then.lookup(postgres::NameSpace::relation,
                      then.schema_named(database_.find(table->schema)->name), table->name);
      if (then.get<postgres::Table>(old) == nullptr || !postgres::next_insert(then, old).empty())
        continue;
      return Trouble{"23505", refusal, {}};
    }
    return std::nullopt;
  }

 private:
  static const Database& database_of(const DatabaseState& world) {
    return static_cast<const PostgresDatabase&>(world).database_;
  }

  /// What the scripts of a pair say.
  struct Speech {
    std::set<std::string> words;
    postgres::Clues clues;
  };

  static Speech speech_of(const Pair& pair, const Database& before) {
    Speech speech{parsed(pair.up).words, parsed(pair.up).clues};
    if (pair.down == nullptr) {
      add_bodies(speech, before);
      return speech;
    }
    const ParsedProgram& down = parsed(*pair.down);
    speech.words.insert(down.words.begin(), down.words.end());
    speech.clues.add(down.clues);
    add_bodies(speech, before);
    return speech;
  }

  /// The functions of triggers of tables that the scripts name and write to, perhaps.
  static void add_triggers(const Database& before, std::vector<std::string>& words) {
    const std::set<std::string> said(words.begin(), words.end());
    std::set<std::string> functions;
    before.for_each([&](const postgres::Object& object) {
      if (object.kind != postgres::ObjectKind::table || !said.contains(object.name)) return;
      for (const auto* trigger : before.parts_of<postgres::Trigger>(object.id)) {
        const auto* function = before.get<postgres::Function>(trigger->function);
        if (function != nullptr && trigger->enabled != 'D' && !said.contains(function->name))
          functions.insert(function->name);
      }
    });
    words.insert(words.end(), functions.begin(), functions.end());
  }

  /// What bodies of routines say that were there before and that the scripts, or such bodies, name.
  static void add_bodies(Speech& speech, const Database& before) {
    constexpr std::size_t kMost = 8;
    std::size_t bodies = 0;
    std::vector<std::string> open(speech.words.begin(), speech.words.end());
    if (speech.clues.writes) add_triggers(before, open);
    for (std::size_t at = 0; at < open.size(); ++at) {
      for (const postgres::ObjectId id : postgres::routines_named(before, {}, open[at])) {
        const auto* function = before.get<postgres::Function>(id);
        const bool plain = function != nullptr && function->language == "sql";
        if (!plain && (function == nullptr || function->language != "plpgsql" ||
                       function->body.find("$backout$") != std::string::npos))
          continue;
        if (++bodies > kMost) return;
        speech.clues.add(postgres::clues_of(Script::parse(
            plain ? function->body : fmt::format("DO $backout$ {} $backout$", function->body))));
        for (const std::string& said : postgres::words_of(function->body)) {
          if (speech.words.insert(said).second) open.push_back(said);
        }
      }
    }
  }

  std::vector<postgres::ObjectId> tables_of(const Speech& speech, const DatabaseState& before,
                                            const DatabaseState& after) const {
    return postgres::touched_tables(database_, database_of(before), database_of(after),
                                    {speech.words.begin(), speech.words.end()});
  }

  /// Names of the tables that the up makes by CREATE TABLE ... AS under a name of their own:
  /// copies, into which nobody writes.
  std::set<std::string> copies_of(const Pair& pair, const DatabaseState& before) const {
    std::set<std::string> copies = postgres::names_of_copies(parsed(pair.up).parsed);
    if (copies.empty()) return copies;
    const auto leave_out = [&](const Database& database, const auto& is_none) {
      database.for_each([&](const postgres::Object& object) {
        if (object.kind == postgres::ObjectKind::table && is_none(object.id))
          copies.erase(object.name);
      });
    };
    leave_out(database_of(before), [](postgres::ObjectId) { return true; });
    leave_out(database_, [&](postgres::ObjectId id) {
      return !database_.parts_of<postgres::Index>(id).empty();
    });
    return copies;
  }

  /// Stores rows of the new version in `database`, this world or a copy of it.
  postgres::Seeding seed_new(Database& database, const Pair& pair, const DatabaseState& before,
                             const DatabaseState& after) const {
    Speech speech = speech_of(pair, database_of(before));
    std::vector<postgres::ObjectId> tables = tables_of(speech, before, after);
    const std::set<std::string> copies = copies_of(pair, before);
    std::erase_if(tables, [&](postgres::ObjectId id) {
      const postgres::Object* table = database_.find(id);
      return table != nullptr && copies.contains(table->name);
    });
    std::erase_if(speech.clues.joint, [&](const postgres::JointClue& clue) {
      return std::any_of(clue.parts.begin(), clue.parts.end(),
                         [&](const auto& part) { return copies.contains(part.second); });
    });
    return postgres::seed_new_rows(database, database_of(before),
                                   {tables, speech.clues, speech.words});
  }

  /// `tables` without partitioned ones that get their first partition by the up: they hold nothing
  /// yet.
  std::vector<postgres::ObjectId> that_hold_rows(std::vector<postgres::ObjectId> tables,
                                                 const DatabaseState& after) const {
    std::erase_if(tables, [&](postgres::ObjectId id) {
      const auto* table = database_.get<postgres::Table>(id);
      return table != nullptr && table->relkind == 'p' &&
             postgres::partitions_of(database_, id).empty() &&
             !postgres::partitions_of(database_of(after), id).empty();
    });
    return tables;
  }

  postgres::Seeding seed_old(const Pair& pair, const DatabaseState& after, RowKind kind,
                             const Occasion& occasion) {
    if (kind == RowKind::plain_old_rows)
      return postgres::seed_old_rows(database_, occasion.tables, OldRows::plain);
    if (kind == RowKind::old_rows) {
      auto seeding = postgres::seed_old_rows(database_, occasion.tables, OldRows::with_nulls);
      for (const RowGroup& group :
           postgres::seed_telling_rows(database_, database_of(after), occasion))
        add(seeding, group);
      return seeding;
    }
    auto seeding = kind == RowKind::old_rows_without_nulls
                       ? postgres::seed_old_rows(database_, occasion.tables, OldRows::plain)
                       : seed_what_is_taken(pair, database_of(after), occasion.tables);
    Database trial = database_;
    std::vector<RowGroup> groups = postgres::seed_telling_rows(trial, database_of(after), occasion);
    if (!groups.empty() && !run_of(database_, pair))
      add_what_is_taken(pair, std::move(groups), seeding);
    return seeding;
  }

  /// How often a pair may run again for a small witness: the more its scripts do, and the more rows
  /// their tables have, the less often.
  static int trials_for(const Database& base, const Pair& pair) {
    constexpr std::size_t kMost = 32;
    constexpr std::size_t kWork = 60'000;
    const std::set<std::string> words = speech_of(pair, base).words;
    std::size_t rows = 1;
    base.for_each([&](const postgres::Object& object) {
      if (object.kind == postgres::ObjectKind::table && words.contains(object.name))
        rows += base.rows().of(object.id).rows.size();
    });
    const std::size_t statements =
        parsed(pair.up).parsed.statements().size() +
        (pair.down == nullptr ? 0 : parsed(*pair.down).parsed.statements().size());
    return static_cast<int>(std::min(kMost, kWork / (rows * (statements + 1))));
  }

  /// What becomes of `rows`, stored in `base`, after up and down; nothing when they cannot be there
  /// or both ran and all is intact.
  static std::optional<DataDifference> harm_of(const Database& base, const postgres::RowLog& rows,
                                               const Pair& pair) {
    PostgresDatabase world(base);
    postgres::store_valid(world.database_, rows);
    const Database seeded = world.database_;
    if (world.run(pair.up, pair.up_mode, false).refused) return std::nullopt;
    if (world.run(*pair.down, pair.down_mode, false).refused) return DataDifference{};
    return first_harm(seeded, world.database_);
  }

  static std::optional<DataDifference> first_harm(const Database& before, const Database& after) {
    for (DataDifference& difference : postgres::data_differences(before, after)) {
      if (difference.kind != DataDifference::Kind::extra &&
          difference.kind != DataDifference::Kind::unknown)
        return std::move(difference);
    }
    return std::nullopt;
  }

  static std::optional<bool> harmed_by_up(const Database& base, const postgres::RowLog& rows,
                                          const Pair& pair) {
    if (rows.empty()) return std::nullopt;
    PostgresDatabase world(base);
    postgres::store_valid(world.database_, rows);
    const Database seeded = world.database_;
    world.run(pair.up, pair.up_mode, false);
    return first_harm(seeded, world.database_).has_value();
  }

  static postgres::RowLog fewest_old_rows(const Database& base, const postgres::RowLog& rows,
                                          const Pair& pair) {
    if (pair.down == nullptr) return {};
    const auto harm = harm_of(base, rows, pair);
    if (!harm) return {};
    const auto shows = [&](const postgres::RowLog& some) {
      return harm_of(base, some, pair).has_value();
    };
    if (harm->row != nullptr) {
      postgres::RowLog chosen = with_what_they_point_to(base, rows, {harm->id, harm->row});
      if (shows(chosen)) return chosen;
    }
    return fewest_rows(rows, trials_for(base, pair), shows);
  }

  static void add(postgres::Seeding& seeding, const RowGroup& group) {
    seeding.stored += group.size();
    seeding.rows.insert(seeding.rows.end(), group.begin(), group.end());
  }

  SeedOutcome outcome_of(const postgres::Seeding& seeding) const {
    return {seeding.stored, seeding.doubt,
            [database = database_, rows = seeding.rows] { return statements_of(database, rows); }};
  }

  static std::vector<std::string> statements_of(const Database& database,
                                                const postgres::RowLog& rows) {
    std::vector<std::string> statements;
    for (const postgres::StoredRow& row : rows)
      statements.push_back(postgres::insert_statement(database, row));
    return statements;
  }

  /// What the up of the pair refuses on a database.
  static std::optional<Trouble> run_of(const Database& database, const Pair& pair) {
    return PostgresDatabase(database).run(pair.up, pair.up_mode, false).refused;
  }

  /// Halves the groups until those that the up refuses are found, and leaves these out.
  void add_what_is_taken(const Pair& pair, std::vector<RowGroup> groups,
                         postgres::Seeding& seeding) {
    constexpr int kMostTrials = 40;
    int trials = 0;
    std::vector<std::vector<RowGroup>> open = {std::move(groups)};
    while (!open.empty() && ++trials <= kMostTrials) {
      const std::vector<RowGroup> part = std::move(open.back());
      open.pop_back();
      Database trial = database_;
      std::vector<const RowGroup*> stored;
      for (const RowGroup& group : part) {
        if (postgres::store(trial, group) != 0) stored.push_back(&group);
      }
      if (!run_of(trial, pair)) {
        database_ = std::move(trial);
        for (const RowGroup* group : stored) add(seeding, *group);
      } else if (part.size() > 1) {
        const auto middle = part.begin() + static_cast<std::ptrdiff_t>(part.size() / 2);
        open.emplace_back(middle, part.end());
        open.emplace_back(part.begin(), middle);
      }
    }
  }

  /// Of each table two rows, one, or none, by what the up runs with when the other tables are
  /// empty.
  postgres::Seeding seed_what_is_taken(const Pair& pair, const Database& after,
                                       const std::vector<postgres::ObjectId>& tables) {
    postgres::Seeding outcome;
    const PostgresDatabase base = *this;
    for (const postgres::ObjectId table : tables) {
      std::optional<Trouble> refused;
      for (const OldRows rows : {OldRows::plain, OldRows::single}) {
        PostgresDatabase trial = base;
        if (postgres::seed_old_rows(trial.database_, {table}, rows).stored == 0) continue;
        refused = trial.run(pair.up, pair.up_mode, false).refused;
        if (refused) continue;
        const auto seeding = postgres::seed_old_rows(database_, {table}, rows);
        add(outcome, seeding.rows);
        if (!seeding.doubt.empty()) outcome.doubt = seeding.doubt;
        break;
      }
      if (refused) {
        const RowGroup fitting = postgres::seed_in_bound(database_, after, table);
        add(outcome, fitting);
        if (!fitting.empty()) refused.reset();
      }
      if (refused && !wants_empty_table(*refused))
        outcome.doubt = "the up does not run with the representative rows: " + refused->message;
    }
    return outcome;
  }

  /// ADD COLUMN ... NOT NULL without a default: refused with any row at all, so that whoever runs
  /// it has none to lose.
  bool wants_empty_table(const Trouble& trouble) const {
    const std::string column = postgres::quoted_after(trouble.message, "column \"");
    const std::string relation = postgres::quoted_after(trouble.message, "of relation \"");
    if (trouble.sqlstate != "23502" || column.empty()) return false;
    bool existed = false;
    database_.for_each([&](const postgres::Object& object) {
      if (object.kind != postgres::ObjectKind::table || object.name != relation) return;
      existed = existed || static_cast<const postgres::Table&>(object).find(column) != 0;
    });
    return !existed;
  }

  Database database_;

  friend const Database* backout::analyzer::database_behind(const DatabaseState& world);
};

}  // namespace

const Database* database_behind(const DatabaseState& world) {
  const auto* postgres = dynamic_cast<const PostgresDatabase*>(&world);
  return postgres == nullptr ? nullptr : &postgres->database_;
}

std::unique_ptr<DatabaseState> postgres_database(postgres::Database database) {
  return std::make_unique<PostgresDatabase>(std::move(database));
}

}  // namespace backout::analyzer
