#pragma once
// An immutable-by-value PostgreSQL database: a catalog and representative rows. Copies share
// everything, so keeping the state before a statement, a script or a deploy costs nothing, and
// comparing two states skips what they share.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "postgres/catalog/catalog.hpp"
#include "postgres/catalog/persistent_map.hpp"
#include "postgres/catalog/rows.hpp"

namespace backout::postgres {

class Reach;
class Script;

/// What names are unique among: relations (tables, views, indexes, sequences) share one space per
/// schema, constraints, triggers, rules and policies one per table. Routines are kept under their
/// bare name and may be many.
enum class NameSpace : std::uint8_t {
  schema,
  relation,
  type,
  constraint,
  trigger,
  policy,
  rule,
  routine,
  extension,
  role,
  event_trigger,
  statistics,
  default_grants,
};

NameSpace name_space_of(ObjectKind kind);

enum class ExecStatus : std::uint8_t { ok, refused, opaque };

/// What a statement came to. Refused and opaque statements leave the database as it was, but for
/// the doubt of the latter.
struct ExecResult {
  ExecStatus status = ExecStatus::ok;
  std::string sqlstate;      ///< of a refusal
  std::string message;       ///< as PostgreSQL words a refusal, or what is not modelled
  std::int64_t offset = -1;  ///< byte in the script
};

enum class RunMode : std::uint8_t {
  one_transaction,  ///< a failure rolls everything back; statements that refuse transactions refuse
  one_query,        ///< the same, but nothing commits a BEGIN that the script leaves open
  statement_by_statement,  ///< each statement commits by itself, the run stops at the first
                           ///< failure; honours BEGIN and COMMIT
};

/// What a script came to: the first statement that was refused, and every one that was opaque.
struct RunResult {
  struct Failure {
    std::size_t statement = 0;
    ExecResult result;
  };
  bool refused() const { return !failures.empty(); }
  std::vector<Failure> failures;  ///< at most one: the statement that was refused
  std::vector<Failure> opaque;    ///< statements that were not followed
};

/// Settings of the connection that runs a script.
struct Session {
  std::vector<std::string> search_path{"$user", "public"};
  std::string role = "postgres";
  bool replica = false;  ///< session_replication_role: foreign keys and triggers are not enforced
  /// Settings of its own (SET app.user = 'x'); nothing: set in a way that is not followed. Those
  /// never set have no value.
  std::map<std::string, std::optional<std::string>> settings;
  std::set<std::string>
      lasting;  ///< settings that ALTER DATABASE or ALTER ROLE gives to every session
  bool in_transaction = false;
  bool begun = false;  ///< the transaction is one that the script itself began
  std::optional<std::vector<std::string>>
      lasting_path;  ///< search_path that the script set for the session, not for a transaction
  /// A check of a deferred constraint that waits for the end of the transaction (deferred.hpp).
  struct WaitingCheck {
    ObjectId constraint = 0;
    ObjectId table = 0;  ///< whose rows it is about
    std::shared_ptr<const Row> row;
    bool gone = false;  ///< of a foreign key: `row` was pointed to and is there no more
  };
  bool defers = false;  ///< a statement runs whose transaction can make checks at its end
  std::map<ObjectId, bool> deferred;  ///< SET CONSTRAINTS, by constraint
  std::optional<bool> all_deferred;   ///< SET CONSTRAINTS ALL
  std::vector<WaitingCheck> waiting;
  std::set<ObjectId> numbered;        ///< sequences that gave a number out: what currval() tells of
  std::vector<ObjectId> fresh_enums;  ///< types that got labels in the transaction that runs
};

/// Ids that databases share. Copies are cheap and keep what they held, whatever becomes of the
/// database.
class IdList {
 public:
  IdList() = default;
  explicit IdList(std::vector<ObjectId> ids)
      : ids_(std::make_shared<const std::vector<ObjectId>>(std::move(ids))) {}

  const ObjectId* begin() const { return ids_ == nullptr ? nullptr : ids_->data(); }
  const ObjectId* end() const { return ids_ == nullptr ? nullptr : ids_->data() + ids_->size(); }
  bool empty() const { return begin() == end(); }

 private:
  std::shared_ptr<const std::vector<ObjectId>> ids_;
};

class Database {
 public:
  /// An empty database: the schema `public` and the role `postgres`.
  Database();

  /// The object, or null when it was dropped. While a statement of a script runs, objects and rows
  /// stay where they are even when it replaces or removes them; else they may go.
  const Object* find(ObjectId id) const;
  /// The object when it is of kind T, else null.
  template <class T>
  const T* get(ObjectId id) const {
    const Object* object = find(id);
    return object != nullptr && object->kind == T::kKind ? static_cast<const T*>(object) : nullptr;
  }
  /// A copy of the object to change and pass to replace(). Requires that it exists and is of kind
  /// T.
  template <class T>
  std::shared_ptr<T> edit(ObjectId id) const {
    return std::make_shared<T>(*get<T>(id));
  }

  /// The object of that name in the schema (or table, for constraints and the like; 0 for what is
  /// in none), 0 when there is none.
  ObjectId lookup(NameSpace space, ObjectId within, std::string_view name) const;
  /// All of that name: overloaded routines.
  IdList lookup_all(NameSpace space, ObjectId within, std::string_view name) const;
  /// The schema of that name, 0 when there is none.
  ObjectId schema_named(std::string_view name) const { return lookup(NameSpace::schema, 0, name); }

  /// Stores a new object and gives it an id. The caller has checked that the name is free.
  ObjectId add(std::shared_ptr<Object> object);
  /// Stores a changed copy of an object under its id; its name, schema and needs may have changed.
  void replace(std::shared_ptr<const Object> object);
  /// Forgets the object. Dependents are the caller's business (see drop.hpp).
  void remove(ObjectId id);

  /// Ids of the objects that need `id`, ascending.
  IdList dependents(ObjectId id) const;
  /// Ids of the dependents of `table` that are of kind T and belong to it (constraints, indexes,
  /// triggers, ...), ascending.
  template <class T>
  std::vector<const T*> parts_of(ObjectId table) const {
    std::vector<const T*> parts;
    for (const ObjectId id : dependents(table)) {
      const T* part = get<T>(id);
      if (part != nullptr && part->parent == table) parts.push_back(part);
    }
    return parts;
  }

  /// Calls `visit(const Object&)` with every object, in no meaningful order.
  template <class Visit>
  void for_each(const Visit& visit) const {
    objects_.for_each(
        [&](std::uint64_t, const std::shared_ptr<const Object>& object) { visit(*object); });
  }
  /// Calls `visit(const Object* before, const Object* after)` with every object that may differ.
  template <class Visit>
  static void compare(const Database& before, const Database& after, const Visit& visit) {
    using Stored = std::shared_ptr<const Object>;
    PersistentMap<Stored>::compare(
        before.objects_, after.objects_, [&](std::uint64_t, const Stored* one, const Stored* two) {
          if (one != nullptr && two != nullptr && *one == *two) return;
          visit(one != nullptr ? one->get() : nullptr, two != nullptr ? two->get() : nullptr);
        });
  }
  /// Whether no object and no row changed since one was copied from the other.
  bool shares_all_with(const Database& other) const;

  const RowStore& rows() const { return rows_; }
  RowStore& rows() { return rows_; }
  const Session& session() const { return session_; }
  Session& session() { return session_; }

  /// Why statements that were not followed leave this object in doubt; empty when it is not.
  std::string_view doubt_of(ObjectId id) const;
  /// Why everything is in doubt; empty when it is not.
  const std::string& doubt() const { return doubt_; }
  void put_in_doubt(ObjectId id, std::string why);
  /// Something ran that was not followed and may have changed whatever `words` name.
  void put_all_in_doubt(std::string why, const std::set<std::string>& words);
  /// How often put_all_in_doubt() was called.
  std::size_t doubts() const { return doubt_count_; }
  /// Why a statement that was not followed may have changed something that `message` names between
  /// quotes; nothing when none does.
  std::optional<std::string> may_be_otherwise(std::string_view message) const;
  /// Statements that were refused here, rightly or not: whatever `words` name may be otherwise
  /// because of `why`.
  void put_words_in_doubt(const std::string& why, const std::set<std::string>& words);
  /// Takes a statement of `script` that was refused as one that ran and was not followed, because
  /// of `why`.
  void take_as_run(const Script& script, std::size_t statement, const std::string& why);
  /// Whether an extension is installed whose types and functions are not known.
  bool has_unknown_extension() const;
  /// Objects in doubt, ascending.
  std::vector<ObjectId> in_doubt() const;

  /// Who is told whether statements meet rows; null: nobody. Copies share it.
  Reach* reach() const { return reach_.get(); }
  const std::shared_ptr<Reach>& watched() const { return reach_; }
  void watch(std::shared_ptr<Reach> reach) { reach_ = std::move(reach); }

  /// A copy whose tables are empty and that nobody watches: to try something on.
  Database without_rows() const;

  /// A number that no other symbol of this database has.
  std::uint64_t new_identity() { return ++last_identity_; }

  /// Runs one statement of `script` (transaction statements as well).
  ExecResult execute(const Script& script, std::size_t statement);
  /// Runs the whole script on a fresh session.
  /// With `same_session` on the one that the last run left, as far as its search_path goes. A
  /// transaction that the script leaves open ends with the session: nothing of it stays.
  RunResult run(const Script& script, RunMode mode, bool same_session = false);

 private:
  void keep_replaced_in(std::shared_ptr<Replaced> replaced);
  void enter_name(const Object& object);
  void forget_name(const Object& object);
  void enter_needs(const Object& object);
  void forget_needs(const Object& object);
  /// Runs one statement that is about no transaction. On failure the database is left half changed.
  Checked<void> attempt(const Script& script, std::size_t statement);
  /// What a statement came to that stopped; the database is as before it, and is told of what is
  /// not known.
  ExecResult settle(Stop stop, const Script& script, std::size_t statement);
  ExecResult execute_transaction(const PgQuery__TransactionStmt& statement);
  /// Makes the checks that waited for the end of the transaction; what the first of them says.
  std::optional<Stop> check_waiting();
  /// Back to where the transaction began.
  void go_back();
  void end_transaction();
  void end_session();

  PersistentMap<std::shared_ptr<const Object>> objects_;
  PersistentMap<IdList> names_;
  PersistentMap<IdList> dependents_;
  RowStore rows_;
  Session session_;
  PersistentMap<std::string> doubts_;
  std::string doubt_;
  std::size_t doubt_count_ = 0;
  std::shared_ptr<const std::map<std::string, std::string, std::less<>>>
      doubt_words_;                     ///< why, by word
  std::shared_ptr<Replaced> replaced_;  ///< while a script runs
  std::shared_ptr<Reach> reach_;
  std::optional<std::vector<std::string>> left_path_;  ///< Session::lasting_path of the last run
  ObjectId last_id_ = 0;
  std::uint64_t last_identity_ = 0;
  std::shared_ptr<const Database> before_transaction_;  ///< where ROLLBACK returns to
  std::vector<std::pair<std::string, std::shared_ptr<const Database>>> savepoints_;
};

}  // namespace backout::postgres
