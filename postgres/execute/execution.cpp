// PostgreSQL sends each statement to the function of its kind (utility.c); a statement that fails
// leaves nothing behind, and in a transaction block nothing runs after it until it is rolled back
// (xact.c).
// Left out: what handlers.inc does not list is opaque, and doubt spreads to what it names. COPY is
// not known here. RELEASE and two-phase commits change nothing, SAVEPOINT outside of a block is not
// refused; LOCK, DISCARD and VACUUM do nothing to rows or catalog.
#include "postgres/execute/execution.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "postgres/catalog/catalog_more.hpp"
#include "postgres/catalog/names.hpp"
#include "postgres/catalog/routines.hpp"
#include "postgres/catalog/server_version.hpp"
#include "postgres/ddl/define.hpp"
#include "postgres/ddl/drop.hpp"
#include "postgres/dml/deferred.hpp"
#include "postgres/execute/handlers.hpp"
#include "postgres/execute/session.hpp"
#include "postgres/plpgsql/plpgsql.hpp"
#include "postgres/plpgsql/written_behind.hpp"
#include "postgres/read/sql_reader.hpp"
#include "postgres/read/text.hpp"
#include "postgres/read/tree_walk.hpp"
#include "postgres/witness/reach.hpp"

namespace backout::postgres {
namespace {

struct Entry {
  PgQuery__Node__NodeCase kind;
  Handler handler;
};

/// Statements that change neither the catalog nor a row.
Checked<void> nothing(Execution& /*execution*/, const PgQuery__Node& /*node*/) { return {}; }

Checked<void> refuse_copy(Execution& /*execution*/, const PgQuery__Node& /*node*/) {
  return tl::unexpected(not_known("COPY: its rows are not in the script"));
}

/// VACUUM and its kin refuse transactions.
Checked<void> outside_transaction(Execution& execution, const PgQuery__Node& node) {
  if (node.node_case == PG_QUERY__NODE__NODE_VACUUM_STMT && node.vacuum_stmt->is_vacuumcmd == 0)
    return {};
  if (execution.database.session().in_transaction) {
    return tl::unexpected(refuse("25001", "VACUUM cannot run inside a transaction block"));
  }
  return {};
}

/// REINDEX changes nothing, but of something that is there.
Checked<void> reindex(Execution& execution, const PgQuery__Node& node) {
  if (node.reindex_stmt->relation == nullptr) return {};
  const auto found = require_relation(execution.database, *node.reindex_stmt->relation);
  return found ? Checked<void>() : tl::unexpected(found.error());
}

constexpr auto kHandlers = std::to_array<Entry>({
#include "postgres/execute/handlers.inc"
});

/// Relations that a statement names.
std::vector<ObjectId> relations_in(const Database& database, const PgQuery__Node& statement) {
  std::vector<ObjectId> found;
  walk(statement.base, [&](const ProtobufCMessage& message) {
    if (message.descriptor == &pg_query__range_var__descriptor) {
      const ObjectId id = resolve(database, NameSpace::relation,
                                  qualified(reinterpret_cast<const PgQuery__RangeVar&>(message)));
      if (id != 0) found.push_back(id);
    }
    return true;
  });
  return found;
}

bool is_dml(const PgQuery__Node& statement) {
  switch (statement.node_case) {
    case PG_QUERY__NODE__NODE_INSERT_STMT:
    case PG_QUERY__NODE__NODE_UPDATE_STMT:
    case PG_QUERY__NODE__NODE_DELETE_STMT:
    case PG_QUERY__NODE__NODE_MERGE_STMT:
    case PG_QUERY__NODE__NODE_TRUNCATE_STMT:
    case PG_QUERY__NODE__NODE_COPY_STMT:
      return true;
    default:
      return false;
  }
}

/// Statements that change the catalog in one way, whatever the rows are.
bool changes_catalog(const PgQuery__Node& statement) {
  switch (statement.node_case) {
    case PG_QUERY__NODE__NODE_ALTER_TABLE_STMT:
    case PG_QUERY__NODE__NODE_INDEX_STMT:
    case PG_QUERY__NODE__NODE_CREATE_STMT:
    case PG_QUERY__NODE__NODE_CREATE_TABLE_AS_STMT:
    case PG_QUERY__NODE__NODE_ALTER_DOMAIN_STMT:
      return true;
    default:
      return false;
  }
}

void doubt_rows(Database& database, ObjectId table, const std::string& why) {
  if (database.get<Table>(table) == nullptr) return;
  TableRows rows = database.rows().of(table);
  rows.doubt = why;
  database.rows().store(table, std::move(rows));
}

/// Does to the catalog what a statement does of which only the rows were not followed; false when
/// it was not for them.
bool apply_without_rows(Database& database, const Script& script, const PgQuery__Node& statement,
                        const std::string& why) {
  if (!changes_catalog(statement)) return false;
  Database trial = database.without_rows();
  Execution execution{trial, script.owner(), 0};
  if (!execute_nested(execution, statement)) return false;
  auto touched = relations_in(database, statement);
  trial.rows() = database.rows();
  trial.watch(database.watched());
  database = std::move(trial);
  const auto named = relations_in(database, statement);
  touched.insert(touched.end(), named.begin(), named.end());
  for (const ObjectId id : touched) {
    doubt_rows(database, id, why);
    for (const ObjectId below : descendants(database, id)) doubt_rows(database, below, why);
  }
  return true;
}

/// Whether the text names a routine that may do more than compute: a query that calls it may change
/// anything.
bool calls_routine(const Database& database, std::string_view text) {
  const std::set<std::string> words = words_of(text);
  return std::any_of(words.begin(), words.end(), [&](const std::string& word) {
    const auto routines = routines_named(database, {}, word);
    return std::any_of(routines.begin(), routines.end(), [&](ObjectId id) {
      const auto* function = database.get<Function>(id);
      return function != nullptr && function->variety == 'f' && function->language != "sql" &&
             function->properties.find("immutable") == std::string::npos &&
             function->properties.find("stable") == std::string::npos;
    });
  });
}

/// DO in a language that is not read: what importers make of files and commands that are no SQL,
/// too.
bool is_other_program(const PgQuery__DoStmt& statement) {
  for (std::size_t at = 0; at < statement.n_args; ++at) {
    const PgQuery__DefElem& option = *statement.args[at]->def_elem;
    if (std::string_view(option.defname) == "language") return string_of(option.arg) != "plpgsql";
  }
  return false;
}

/// Keeps what a statement that was not followed may have done from being taken for known.
void spread_doubt(Database& database, const PgQuery__Node& statement, std::string_view text,
                  const std::string& why) {
  for (const ObjectId id : written_behind(database, statement)) doubt_rows(database, id, why);
  const auto relations = relations_in(database, statement);
  const bool is_query = statement.node_case == PG_QUERY__NODE__NODE_SELECT_STMT;
  if (is_query && why.find("function") == std::string::npos && !calls_routine(database, text))
    return;
  if (!is_dml(statement) &&
      (relations.empty() || statement.node_case == PG_QUERY__NODE__NODE_SELECT_STMT)) {
    std::set<std::string> words = words_of(text);
    // Of a program in another language nothing is known.
    if (statement.node_case == PG_QUERY__NODE__NODE_DO_STMT && is_other_program(*statement.do_stmt))
      words.insert("*");
    // Nor of what a text says that is put together from values that are not known.
    if (why == kUnknownText) words.insert("*");
    for (const std::string& word : std::set<std::string>(words)) {
      for (const ObjectId id : routines_named(database, {}, word)) {
        if (const auto* function = database.get<Function>(id))
          words.merge(words_of(function->body));
      }
    }
    database.put_all_in_doubt(why, words);
    return;
  }
  for (const ObjectId id : relations) {
    if (!is_dml(statement)) database.put_in_doubt(id, why);
    doubt_rows(database, id, why);
  }
}

/// Whether something is said to be missing or to exist already.
bool is_about_existence(const Stop& stop) {
  constexpr auto kStates =
      std::to_array<std::string_view>({"42703", "42P01", "42704", "42701", "42P07", "42710"});
  return stop.kind == Stop::Kind::refused &&
         std::find(kStates.begin(), kStates.end(), stop.sqlstate) != kStates.end();
}

/// A relation that the statement names and of which not all is known, 0 when there is none.
ObjectId doubted_in(const Database& database, const PgQuery__Node& statement) {
  const auto doubted = database.in_doubt();
  if (doubted.empty()) return 0;
  for (const ObjectId id : relations_in(database, statement)) {
    if (std::find(doubted.begin(), doubted.end(), id) != doubted.end()) return id;
  }
  return 0;
}

ExecResult result_of(const Stop& stop, std::size_t begin) {
  ExecResult result;
  result.status = stop.kind == Stop::Kind::refused ? ExecStatus::refused : ExecStatus::opaque;
  result.sqlstate = stop.sqlstate;
  result.message = stop.message;
  result.offset = stop.offset >= 0 ? stop.offset : static_cast<std::int64_t>(begin);
  return result;
}

}  // namespace

Handler handler_of(PgQuery__Node__NodeCase kind) {
  const auto* found = std::find_if(kHandlers.begin(), kHandlers.end(),
                                   [&](const Entry& entry) { return entry.kind == kind; });
  return found == kHandlers.end() ? nullptr : found->handler;
}

Checked<void> execute_nested(Execution& execution, const PgQuery__Node& statement) {
  const Handler handler = handler_of(statement.node_case);
  if (handler == nullptr) {
    // Every member of the union points to a message.
    const auto& inner = *reinterpret_cast<const ProtobufCMessage*>(statement.alias);
    return tl::unexpected(
        not_known(fmt::format("{} is not modelled", inner.descriptor->short_name)));
  }
  return handler(execution, statement);
}

Checked<void> Database::attempt(const Script& script, std::size_t statement) {
  if (auto newer = newer_than(*script.statements()[statement].tree, server_of(session_), this))
    return tl::unexpected(std::move(*newer));
  Execution execution{*this, script.owner(), 0};
  const Script::Statement& part = script.statements()[statement];
  const Reach::Reading reading(
      *this, std::string_view(script.text()).substr(part.begin, part.end - part.begin), true);
  session_.defers = true;
  auto done = execute_nested(execution, *script.statements()[statement].tree);
  // Outside of a block the transaction ends with the statement.
  if (done && !session_.in_transaction) done = run_waiting(execution, true);
  session_.defers = false;
  return done;
}

std::optional<Stop> Database::check_waiting() {
  Execution execution{*this, nullptr, 0};
  auto kept = run_waiting(execution, true);
  session_.waiting.clear();
  if (kept) return std::nullopt;
  return std::move(kept.error());
}

void Database::go_back() {
  if (before_transaction_ == nullptr) return;
  const std::shared_ptr<const Database> before = before_transaction_;
  *this = *before;
}

ExecResult Database::settle(Stop stop, const Script& script, std::size_t statement) {
  const Script::Statement& part = script.statements()[statement];
  // What is said to be missing or to exist already may be otherwise after statements that were not
  // followed.
  const bool named_wrong = stop.kind == Stop::Kind::refused && stop.sqlstate.starts_with("42");
  const bool brought = named_wrong && (stop.sqlstate == "42883" || stop.sqlstate == "42704");
  if (auto why = named_wrong ? may_be_otherwise(stop.message) : std::nullopt) {
    stop = not_known(std::move(*why), stop.offset);
  } else if (const ObjectId doubted = is_about_existence(stop) ? doubted_in(*this, *part.tree) : 0;
             doubted != 0) {
    stop = not_known(std::string(doubt_of(doubted)), stop.offset);
  } else if (brought && has_unknown_extension()) {
    stop = not_known("what an extension brings", stop.offset);
  }
  if (stop.kind == Stop::Kind::unknown &&
      !apply_without_rows(*this, script, *part.tree, stop.message)) {
    const std::string_view text =
        std::string_view(script.text()).substr(part.begin, part.end - part.begin);
    spread_doubt(*this, *part.tree, text, stop.message);
  }
  return result_of(stop, part.begin);
}

void Database::take_as_run(const Script& script, std::size_t statement, const std::string& why) {
  const Script::Statement& part = script.statements()[statement];
  static_cast<void>(settle(not_known(why), script, statement));
  put_words_in_doubt(
      why, words_of(std::string_view(script.text()).substr(part.begin, part.end - part.begin)));
}

ExecResult Database::execute(const Script& script, std::size_t statement) {
  const PgQuery__Node& tree = *script.statements()[statement].tree;
  if (tree.node_case == PG_QUERY__NODE__NODE_TRANSACTION_STMT)
    return execute_transaction(*tree.transaction_stmt);
  const Database before = *this;
  auto done = attempt(script, statement);
  if (done) return {};
  *this = before;
  return settle(std::move(done.error()), script, statement);
}

void Database::end_transaction() {
  for (const ObjectId id : session_.fresh_enums) {
    if (get<Type>(id) == nullptr) continue;
    auto type = edit<Type>(id);
    type->fresh_labels.clear();
    replace(std::move(type));
  }
  session_.fresh_enums.clear();
  session_.deferred.clear();
  session_.all_deferred.reset();
  session_.waiting.clear();
  session_.in_transaction = session_.begun = false;
  before_transaction_.reset();
  savepoints_.clear();
}

ExecResult Database::execute_transaction(const PgQuery__TransactionStmt& statement) {
  const std::string name = statement.savepoint_name == nullptr ? "" : statement.savepoint_name;
  switch (statement.kind) {
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_BEGIN:
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_START:
      session_.begun = true;
      if (session_.in_transaction) return {};
      before_transaction_ = std::make_shared<const Database>(*this);
      session_.in_transaction = true;
      return {};
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_COMMIT: {
      ExecResult result;
      if (const auto stop = check_waiting()) {
        result = result_of(*stop, 0);
        if (stop->kind == Stop::Kind::refused) go_back();
      }
      end_transaction();
      return result;
    }
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_ROLLBACK:
      go_back();
      end_transaction();
      return {};
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_SAVEPOINT:
      savepoints_.emplace_back(name, std::make_shared<const Database>(*this));
      return {};
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_ROLLBACK_TO:
      for (std::size_t at = savepoints_.size(); at-- > 0;) {
        if (savepoints_[at].first != name) continue;
        const auto kept = savepoints_[at];
        const auto start = before_transaction_;
        *this = *kept.second;
        savepoints_.push_back(kept);
        before_transaction_ = start;
        return {};
      }
      return {ExecStatus::refused, "3B001", fmt::format("savepoint \"{}\" does not exist", name),
              -1};
    default:
      return {};
  }
}

void Database::end_session() {
  // Everything in it goes, and what needs it.
  if (const ObjectId temporary = schema_named(kTemporarySchema); temporary != 0)
    static_cast<void>(drop_objects(*this, {temporary}, true));
  session_ = next_session(session_);
}

RunResult Database::run(const Script& script, RunMode mode, bool same_session) {
  session_ = next_session(session_);
  if (same_session && left_path_) session_.search_path = *left_path_;
  const auto inherited = same_session ? left_path_ : std::nullopt;
  RunResult result;
  const auto replaced = std::make_shared<Replaced>();
  keep_replaced_in(replaced);
  const Database start = *this;
  if (mode != RunMode::statement_by_statement) {
    before_transaction_ = std::make_shared<const Database>(start);
    session_.in_transaction = true;
  }
  if (script.mistake() && script.mistake()->sqlstate.empty()) {
    const SqlMistake& unread = *script.mistake();
    put_all_in_doubt(unread.message, words_of(script.text()));
    result.opaque.push_back(
        {0, {ExecStatus::opaque, "", unread.message, static_cast<std::int64_t>(unread.offset)}});
  } else if (script.mistake()) {
    result.failures.push_back(
        {0,
         {ExecStatus::refused, script.mistake()->sqlstate, script.mistake()->message,
          static_cast<std::int64_t>(script.mistake()->offset)}});
  }
  // Keeping the state before each statement would have every statement copy what it changes. Going
  // back is rare.
  Database kept = *this;
  std::size_t next = 0;
  for (std::size_t at = 0; at < script.statements().size() && result.failures.empty(); ++at) {
    replaced->clear();
    ExecResult done;
    if (script.statements()[at].tree->node_case == PG_QUERY__NODE__NODE_TRANSACTION_STMT) {
      done = execute(script, at);
    } else {
      auto tried = attempt(script, at);
      if (tried) continue;
      *this = kept;
      for (; next < at; ++next) {
        replaced->clear();
        static_cast<void>(attempt(script, next));
      }
      replaced->clear();
      done = settle(std::move(tried.error()), script, at);
    }
    kept = *this;
    next = at + 1;
    if (done.status == ExecStatus::refused)
      result.failures.push_back({at, std::move(done)});
    else if (done.status == ExecStatus::opaque)
      result.opaque.push_back({at, std::move(done)});
  }
  const bool left_open = session_.begun && mode != RunMode::one_transaction;
  if (!result.refused() && !left_open && !script.statements().empty()) {
    // The transaction ends, and with it the wait for deferred constraints.
    if (const auto stop = check_waiting()) {
      const std::size_t last = script.statements().size() - 1;
      auto& found = stop->kind == Stop::Kind::refused ? result.failures : result.opaque;
      found.push_back({last, result_of(*stop, script.statements()[last].begin)});
    }
  }
  auto path = session_.lasting_path ? session_.lasting_path : inherited;
  if ((result.refused() || left_open) && before_transaction_ != nullptr) {
    go_back();
    path = inherited;
  }
  end_transaction();
  end_session();
  left_path_ = std::move(path);
  keep_replaced_in(nullptr);
  return result;
}

}  // namespace backout::postgres
