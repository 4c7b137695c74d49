// A statement may write to more than its table: through triggers, rules, the tables below a view
// and the actions of foreign keys. PostgreSQL finds out when it runs; here the texts are read for
// names of tables.
// Left out: which rows are written; tables that only a function names which a called function calls
// in turn: bodies are read for calls once. Behind a rule, an EXECUTE or a function in another
// language all tables count as written.
#include "postgres/plpgsql/written_behind.hpp"

#include <algorithm>
#include <set>
#include <string>

#include "postgres/catalog/catalog_more.hpp"
#include "postgres/catalog/names.hpp"
#include "postgres/catalog/routines.hpp"
#include "postgres/dml/row_checks.hpp"
#include "postgres/plpgsql/trigger_effects.hpp"
#include "postgres/read/text.hpp"
#include "postgres/read/tree_walk.hpp"

namespace backout::postgres {
namespace {

/// Follows writes from relation to relation.
class Behind {
 public:
  explicit Behind(const Database& database) : database_(database) {}

  void write(const PgQuery__RangeVar* target, bool changes_rows) {
    const ObjectId id = target == nullptr
                            ? ObjectId{0}
                            : resolve(database_, NameSpace::relation, qualified(*target));
    if (id != 0) add(id, changes_rows);
  }

  std::vector<ObjectId> follow() {
    for (std::size_t at = 0; at < found_.size() && !all_; ++at) {
      const ObjectId id = found_[at];
      if (!database_.parts_of<Rule>(id).empty()) all_ = true;
      if (database_.get<View>(id) != nullptr) {
        for (const Dependency& need : database_.find(id)->needs) add(need.on, true);
      }
      for (const Trigger* trigger : database_.parts_of<Trigger>(id)) follow(*trigger);
      if (!changed_.contains(id)) continue;
      for (const Constraint* key : referencing(database_, id)) {
        if (acts(key->on_delete) || acts(key->on_update)) add(key->parent, true);
      }
    }
    if (all_) {
      database_.for_each([&](const Object& object) {
        if (object.kind == ObjectKind::table) add(object.id, true);
      });
    }
    return found_;
  }

 private:
  static bool acts(char action) { return action == 'c' || action == 'n' || action == 'd'; }

  void add(ObjectId id, bool changes_rows) {
    if (changes_rows) changed_.insert(id);
    if (std::find(found_.begin(), found_.end(), id) == found_.end()) found_.push_back(id);
  }

  void follow(const Trigger& trigger) {
    const auto* function =
        trigger.enabled == 'D' ? nullptr : database_.get<Function>(trigger.function);
    if (function == nullptr ||
        (function->language == "plpgsql" && is_quiet(database_, function->body)))
      return;
    std::set<std::string> words = words_of(function->body);
    for (const std::string& word : std::set<std::string>(words)) {
      for (const ObjectId id : routines_named(database_, {}, word)) {
        if (const auto* called = database_.get<Function>(id)) words.merge(words_of(called->body));
      }
    }
    if (words.contains("execute") ||
        (function->language != "plpgsql" && function->language != "sql")) {
      all_ = true;
      return;
    }
    database_.for_each([&](const Object& object) {
      const bool written = object.kind == ObjectKind::table || object.kind == ObjectKind::view;
      if (written && words.contains(object.name)) add(object.id, true);
    });
  }

  const Database& database_;
  std::vector<ObjectId> found_;
  std::set<ObjectId> changed_;  ///< those whose rows may have been updated or deleted
  bool all_ = false;
};

}  // namespace

std::vector<ObjectId> written_behind(const Database& database, const PgQuery__Node& statement) {
  Behind behind(database);
  walk(statement.base, [&](const ProtobufCMessage& message) {
    if (message.descriptor == &pg_query__insert_stmt__descriptor) {
      const auto& insert = reinterpret_cast<const PgQuery__InsertStmt&>(message);
      behind.write(insert.relation, insert.on_conflict_clause != nullptr);
    } else if (message.descriptor == &pg_query__update_stmt__descriptor) {
      behind.write(reinterpret_cast<const PgQuery__UpdateStmt&>(message).relation, true);
    } else if (message.descriptor == &pg_query__delete_stmt__descriptor) {
      behind.write(reinterpret_cast<const PgQuery__DeleteStmt&>(message).relation, true);
    } else if (message.descriptor == &pg_query__merge_stmt__descriptor) {
      behind.write(reinterpret_cast<const PgQuery__MergeStmt&>(message).relation, true);
    } else if (message.descriptor == &pg_query__copy_stmt__descriptor) {
      behind.write(reinterpret_cast<const PgQuery__CopyStmt&>(message).relation, false);
    } else if (message.descriptor == &pg_query__truncate_stmt__descriptor) {
      const auto& truncate = reinterpret_cast<const PgQuery__TruncateStmt&>(message);
      for (std::size_t at = 0; at < truncate.n_relations; ++at)
        behind.write(truncate.relations[at]->range_var, true);
    }
    return true;
  });
  return behind.follow();
}

}  // namespace backout::postgres
