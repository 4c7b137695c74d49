// PostgreSQL has no way back but the transaction: dropped columns and rows are gone, labels cannot
// be taken out of an enum (manual, ALTER TYPE), a type changes back by USING. So the down makes
// anew what is missing, fills it from copies and moves away rows that the old schema refuses.
// Left out: roles, privileges, default privileges, storage options, replica identity, ATTACH and
// DETACH PARTITION, attributes of composite types, what extensions made. Rows of a table without a
// lasting primary key stay in the copy; what cannot be written is listed in `cannot`.
#include "postgres/undo/undo_writer.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "postgres/catalog/catalog_more.hpp"
#include "postgres/catalog/names.hpp"
#include "postgres/ddl/index.hpp"
#include "postgres/query/bind.hpp"
#include "postgres/query/print.hpp"
#include "postgres/read/text.hpp"
#include "postgres/read/tree_walk.hpp"
#include "postgres/undo/undo_print.hpp"
#include "postgres/undo/undo_sources.hpp"

namespace backout::postgres {
namespace {

class UndoWriter {
 public:
  explicit UndoWriter(const UndoOccasion& occasion)
      : occasion_(occasion),
        before_(occasion.before),
        after_(occasion.after),
        sources_(occasion.history) {}

  WrittenUndo write() {
    Database::compare(before_, after_,
                      [&](const Object* one, const Object* two) { sort_in(one, two); });
    const auto by_id = [](const Object* left, const Object* right) { return left->id < right->id; };
    std::sort(missing_.begin(), missing_.end(), by_id);
    std::sort(extra_.begin(), extra_.end(),
              [&](const Object* left, const Object* right) { return by_id(right, left); });
    std::sort(changed_.begin(), changed_.end(), [&](const auto& left, const auto& right) {
      return left.first->id < right.first->id;
    });
    keep_rows();
    drop_what_looks_on();
    drop_extra();
    rename_back();
    make_missing_things();
    change_tables_back();
    drop_extra_types();
    fill();
    put_constraints_back();
    put_the_rest_back();
    for (const auto& [table, copy] : copies_) {
      if (filled_.contains(table))
        written_.drops.push_back(fmt::format("DROP TABLE {};", copy.name));
    }
    return std::move(written_);
  }

 private:
  template <class T>
  static const T* as(const Object* object) {
    return object != nullptr && object->kind == T::kKind ? static_cast<const T*>(object) : nullptr;
  }
  void undo(std::string statement) { written_.undo.push_back(std::move(statement)); }
  void cannot(std::string what) { written_.cannot.push_back(std::move(what)); }
  bool is_member(const Object& object) const {
    return std::any_of(object.needs.begin(), object.needs.end(), [](const Dependency& need) {
      return need.kind == DependencyKind::extension;
    });
  }
  bool is_part_of_extra(const Object& object) const {
    return object.parent != 0 && before_.find(object.parent) == nullptr;
  }

  void sort_in(const Object* one, const Object* two) {
    const Object& any = one != nullptr ? *one : *two;
    if (is_member(any) || any.kind == ObjectKind::role) return;
    if (one != nullptr && two != nullptr)
      changed_.emplace_back(one, two);
    else if (one != nullptr)
      missing_.push_back(one);
    else
      extra_.push_back(two);
  }

  // ---- What is kept before the up.

  std::vector<ColumnId> key_of(const Database& database, const Table& table) const {
    for (const Constraint* key : database.parts_of<Constraint>(table.id)) {
      if (key->type == 'p') return key->columns;
    }
    return {};
  }

  /// Whether the up takes away what the column holds.
  static bool is_lost(const Table& old, const Table& now, ColumnId id) {
    const Column& column = old.column(id);
    if (column.dropped || column.generated) return false;
    return id > now.columns.size() || now.column(id).dropped ||
           !(now.column(id).type == column.type);
  }

  static bool loses_columns(const Table& old, const Table& now) {
    for (std::size_t at = 0; at < old.columns.size(); ++at) {
      if (is_lost(old, now, static_cast<ColumnId>(at + 1))) return true;
    }
    return false;
  }

  void keep_rows() {
    const std::map<std::string, WrittenRows> written = written_rows(occasion_.up);
    const std::set<std::string> losses = words_of(occasion_.losses);
    const std::set<std::string> still_lost = words_of(occasion_.still_lost);
    std::vector<const Table*> tables;
    before_.for_each([&](const Object& object) {
      const auto* table = as<Table>(&object);
      if (table == nullptr || table->relkind == 'f' || !table->partition_bound.empty() ||
          table->persistence == 't')
        return;
      const auto* now = after_.get<Table>(table->id);
      Copy copy;
      const auto rows = written.find(table->name);
      if (rows != written.end()) copy.written = rows->second;
      const bool narrowed = now != nullptr && loses_columns(*table, *now);
      const auto named_in = [&](const std::set<std::string>& words) {
        return words.contains(table->name) || words.contains(to_lower(table->name));
      };
      // A column that is gone is loss enough for the table to be named.
      copy.whole = now == nullptr || (rows == written.end() && named_in(losses) && !narrowed) ||
                   named_in(still_lost);
      if (!copy.whole && rows == written.end() && !narrowed) return;
      copy.name = fmt::format("{}.{}", kKeptSchema,
                              quote_identifier(make_object_name(short_label(), table->name, "")));
      copies_.emplace(table->id, std::move(copy));
      tables.push_back(table);
    });
    std::sort(tables.begin(), tables.end(),
              [](const Table* left, const Table* right) { return left->id < right->id; });
    for (const Table* table : tables) {
      if (written_.keep.empty())
        written_.keep.push_back(fmt::format("CREATE SCHEMA IF NOT EXISTS {};", kKeptSchema));
      written_.keep.push_back(fmt::format("CREATE TABLE {} AS SELECT {} FROM {};",
                                          copies_.at(table->id).name, copied_columns(*table),
                                          sql_name(before_, *table)));
    }
  }

  /// All columns of a table as a copy holds them: values of user-made types as texts, so that the
  /// copy needs no type.
  static std::string copied_columns(const Table& table) {
    if (std::none_of(table.columns.begin(), table.columns.end(),
                     [](const Column& column) { return !column.dropped && column.type.user != 0; }))
      return "*";
    std::string text;
    for (const Column& column : table.columns) {
      if (column.dropped) continue;
      const std::string name = quote_identifier(column.name);
      text += (text.empty() ? "" : ", ") + name;
      if (column.type.user != 0)
        text += fmt::format("::text{} AS {}", column.type.is_array() ? "[]" : "", name);
    }
    return text;
  }

  /// The columns of a copy as the table takes them.
  std::string columns_of_copy(const Table& table, const std::vector<ColumnId>& columns) const {
    std::string text;
    for (const ColumnId id : columns)
      text += (text.empty() ? "" : ", ") + value_of_copy(table.column(id));
    return text;
  }

  std::string value_of_copy(const Column& column) const {
    return "k." + quote_identifier(column.name) +
           (column.type.user != 0 ? "::" + print_type(before_, column.type, column.modifiers) : "");
  }

  /// Of the migration: "m2" of "2_change", "m2021-02-01-000000" of "2021-02-01-000000_change".
  std::string short_label() const {
    return "m" + occasion_.label.substr(
                     0, std::min<std::size_t>(occasion_.label.find_first_of("_."), 20));
  }

  // ---- Dropping.

  /// Views that are not as before, or look at columns of other types, go first: they hold on to
  /// columns.
  void drop_what_looks_on() {
    for (auto pair = changed_.rbegin(); pair != changed_.rend(); ++pair) {
      if (const auto* view = as<View>(pair->second)) drop_view(*view);
    }
    for (const auto& [one, two] : changed_) {
      if (const auto* table = as<Table>(one);
          table != nullptr && changes_types(*table, *as<Table>(two)))
        drop_views_of(table->id);
    }
  }

  bool changes_types(const Table& old, const Table& now) const {
    for (std::size_t at = 0; at < old.columns.size() && at < now.columns.size(); ++at) {
      if (!old.columns[at].dropped && !now.columns[at].dropped &&
          !(old.columns[at].type == now.columns[at].type))
        return true;
    }
    return false;
  }

  void drop_views_of(ObjectId relation) {
    const auto dependents = after_.dependents(relation);
    for (const ObjectId id : std::vector<ObjectId>(dependents.begin(), dependents.end())) {
      if (const auto* view = after_.get<View>(id)) drop_view(*view);
    }
  }

  void drop_view(const View& view) {
    if (!dropped_.insert(view.id).second) return;
    drop_views_of(view.id);
    undo(fmt::format("DROP {} {};", sql_kind(view), sql_name(after_, view)));
    if (before_.find(view.id) != nullptr) remade_.insert(view.id);
  }

  void drop_extra() {
    for (const ObjectKind kind :
         {ObjectKind::view, ObjectKind::trigger, ObjectKind::policy, ObjectKind::rule,
          ObjectKind::event_trigger, ObjectKind::statistics}) {
      for (const Object* object : extra_) {
        if (object->kind == kind && !is_part_of_extra(*object)) drop(*object);
      }
    }
    for (const bool keys : {true, false}) {
      for (const Object* object : extra_) {
        const auto* constraint = as<Constraint>(object);
        if (constraint == nullptr || (constraint->type == 'f') != keys) continue;
        if (is_part_of_extra(*object) && !keys) continue;
        if (as<Table>(after_.find(constraint->parent)) == nullptr || constraint->inherited)
          continue;
        undo(fmt::format("ALTER TABLE {} DROP CONSTRAINT {};",
                         sql_name(after_, *after_.find(constraint->parent)),
                         quote_identifier(constraint->name)));
      }
    }
    for (const Object* object : extra_) {
      const auto* index = as<Index>(object);
      if (index != nullptr && !is_part_of_extra(*object) &&
          constraint_of(after_, *index) == nullptr && index->partition_of == 0)
        drop(*object);
    }
    for (const Object* object : extra_) {
      if (as<Table>(object) != nullptr && as<Table>(object)->partition_bound.empty()) drop(*object);
    }
    for (const Object* object : extra_) {
      const auto* table = as<Table>(object);
      if (table != nullptr && !table->partition_bound.empty() && !table->inherits.empty() &&
          before_.find(table->inherits[0]) != nullptr)
        drop(*object);
    }
  }

  void drop_extra_types() {
    for (const ObjectKind kind : {ObjectKind::sequence, ObjectKind::function, ObjectKind::type,
                                  ObjectKind::extension, ObjectKind::schema}) {
      for (const Object* object : extra_) {
        if (object->kind != kind) continue;
        const auto* sequence = as<Sequence>(object);
        // With the column that owns it, or with its table.
        if (sequence != nullptr && sequence->owned_by != 0 && is_gone_with_its_owner(*sequence))
          continue;
        if (is_row_type(*object)) continue;
        drop(*object);
      }
    }
  }

  bool is_gone_with_its_owner(const Sequence& sequence) const {
    const auto* owner = before_.get<Table>(sequence.owned_by);
    return owner == nullptr || sequence.internal || sequence.owned_column > owner->columns.size() ||
           owner->column(sequence.owned_column).dropped;
  }

  bool is_row_type(const Object& object) const {
    return object.kind == ObjectKind::type &&
           after_.lookup(NameSpace::relation, object.schema, object.name) != 0;
  }

  void drop(const Object& object) {
    if (!dropped_.insert(object.id).second) return;
    const std::string name = quote_identifier(object.name);
    const Object* owner = after_.find(object.parent);
    switch (object.kind) {
      case ObjectKind::trigger:
        return undo(fmt::format("DROP TRIGGER {} ON {};", name, sql_name(after_, *owner)));
      case ObjectKind::policy:
        return undo(fmt::format("DROP POLICY {} ON {};", name, sql_name(after_, *owner)));
      case ObjectKind::rule:
        return undo(fmt::format("DROP RULE {} ON {};", name, sql_name(after_, *owner)));
      case ObjectKind::event_trigger:
        return undo(fmt::format("DROP EVENT TRIGGER {};", name));
      case ObjectKind::function: {
        const auto& function = static_cast<const Function&>(object);
        const char* word = function.variety == 'p'
                               ? "PROCEDURE"
                               : (function.variety == 'a' ? "AGGREGATE" : "FUNCTION");
        return undo(
            fmt::format("DROP {} {}({});", word, sql_name(after_, object), function.arguments));
      }
      case ObjectKind::extension:
      case ObjectKind::schema:
        return undo(fmt::format("DROP {} {};", sql_kind(object), name));
      default:
        break;
    }
    if (sql_kind(object).empty())
      return cannot(fmt::format("'{}' is left: how to drop it is not known", object.name));
    undo(fmt::format("DROP {} {};", sql_kind(object), sql_name(after_, object)));
  }

  // ---- Renaming.

  void rename_back() {
    for (const auto& [one, two] : changed_) {
      const std::string old = quote_identifier(one->name);
      if (one->name != two->name) {
        if (const auto* constraint = as<Constraint>(two)) {
          if (const Object* owner = after_.find(constraint->parent); as<Table>(owner) != nullptr) {
            undo(fmt::format("ALTER TABLE {} RENAME CONSTRAINT {} TO {};", sql_name_now(*owner),
                             quote_identifier(two->name), old));
          }
        } else if (const auto* index = as<Index>(two);
                   index != nullptr && constraint_of(after_, *index) != nullptr) {
          continue;
        } else if (!sql_kind(*two).empty() && !is_row_type(*two) && as<View>(two) == nullptr) {
          undo(fmt::format("ALTER {} {} RENAME TO {};", sql_kind(*two), sql_name(after_, *two),
                           old));
        }
      }
      if (one->schema != two->schema && !sql_kind(*two).empty() &&
          before_.find(one->schema) != nullptr && one->kind != ObjectKind::index) {
        undo(fmt::format("ALTER {} {}.{} SET SCHEMA {};", sql_kind(*two),
                         quote_identifier(after_.find(two->schema)->name), old,
                         quote_identifier(before_.find(one->schema)->name)));
      }
      rename_columns(as<Table>(one), as<Table>(two));
    }
  }

  /// The table's name while the down is at work: the old one once it is renamed back. Tables are
  /// older than their constraints.
  std::string sql_name_now(const Object& table) const {
    const Object* old = before_.find(table.id);
    return old != nullptr ? sql_name(before_, *old) : sql_name(after_, table);
  }

  void rename_columns(const Table* old, const Table* now) {
    if (old == nullptr) return;
    for (std::size_t at = 0; at < old->columns.size() && at < now->columns.size(); ++at) {
      const Column& then = old->columns[at];
      const Column& today = now->columns[at];
      if (then.dropped || today.dropped || then.name == today.name) continue;
      undo(fmt::format("ALTER TABLE {} RENAME COLUMN {} TO {};", sql_name(before_, *old),
                       quote_identifier(today.name), quote_identifier(then.name)));
    }
  }

  // ---- Making anew.

  void make_missing_things() {
    for (const Object* object : missing_) {
      if (object->kind == ObjectKind::schema)
        undo(fmt::format("CREATE SCHEMA {};", quote_identifier(object->name)));
      if (object->kind == ObjectKind::extension)
        undo(fmt::format("CREATE EXTENSION IF NOT EXISTS {};", quote_identifier(object->name)));
    }
    for (const Object* object : missing_) {
      const auto* type = as<Type>(object);
      if (type == nullptr || before_.lookup(NameSpace::relation, type->schema, type->name) != 0)
        continue;
      const std::string statement =
          type->variety == 'e' ? sql_enum(before_, *type) : sources_.of(before_, *type);
      if (statement.empty())
        cannot(fmt::format("type {} is not made again", type->name));
      else
        undo(statement);
    }
    for (const Object* object : missing_) {
      const auto* sequence = as<Sequence>(object);
      if (sequence != nullptr && !sequence->internal) undo(sql_sequence(before_, *sequence));
    }
    for (const Object* object : missing_) {
      const auto* table = as<Table>(object);
      if (table == nullptr) continue;
      const std::string statement = sql_table(before_, *table);
      if (statement.empty())
        cannot(fmt::format("table {} is not made again", table->name));
      else
        undo(statement);
    }
    for (const auto& [one, two] : changed_) {
      const auto* type = as<Type>(one);
      if (type != nullptr && type->variety == 'e' && type->labels != as<Type>(two)->labels)
        change_labels_back(*type, *as<Type>(two));
    }
  }

  /// Labels cannot be dropped: a type of the old labels takes the place of the new one.
  void change_labels_back(const Type& old, const Type& now) {
    if (old.labels.size() == now.labels.size()) return rename_labels(old, now);
    const std::string name = sql_name(before_, old);
    const std::string aside = quote_identifier(old.name + "_undone");
    struct Use {
      const Table* table;
      ColumnId column;
    };
    std::vector<Use> uses;
    const auto dependents = after_.dependents(old.id);
    for (const ObjectId id : std::vector<ObjectId>(dependents.begin(), dependents.end())) {
      const auto* table = after_.get<Table>(id);
      const auto* then = before_.get<Table>(id);
      if (table == nullptr || then == nullptr) continue;
      for (std::size_t at = 0; at < table->columns.size(); ++at) {
        const Column& column = table->columns[at];
        if (!column.dropped && column.type.user == old.id && at < then->columns.size() &&
            !then->columns[at].dropped)
          uses.push_back({table, static_cast<ColumnId>(at + 1)});
      }
    }
    for (const Use& use : uses) drop_views_of(use.table->id);
    std::string labels;
    for (const std::string& label : old.labels)
      labels += (labels.empty() ? "" : ", ") + quote_literal(label);
    for (const Use& use : uses) {
      const Table& then = *before_.get<Table>(use.table->id);
      const Column& column = then.column(use.column);
      if (!column.type.is_array())
        set_aside(then, fmt::format("{}::text NOT IN ({})", quote_identifier(column.name), labels),
                  copied_columns(renamed(then, *use.table)));
    }
    undo(fmt::format("ALTER TYPE {} RENAME TO {};", name, aside));
    undo(sql_enum(before_, old));
    for (const Use& use : uses) {
      const Table& then = *before_.get<Table>(use.table->id);
      const Column& column = then.column(use.column);
      const std::string table = sql_name(before_, then);
      const std::string quoted = quote_identifier(column.name);
      const char* brackets = column.type.is_array() ? "[]" : "";
      if (use.table->column(use.column).default_value)
        undo(fmt::format("ALTER TABLE {} ALTER COLUMN {} DROP DEFAULT;", table, quoted));
      undo(fmt::format("ALTER TABLE {0} ALTER COLUMN {1} TYPE {2}{3} USING {1}::text{3}::{2}{3};",
                       table, quoted, name, brackets));
      if (column.default_value) {
        undo(fmt::format("ALTER TABLE {} ALTER COLUMN {} SET DEFAULT {};", table, quoted,
                         present_names(before_, column.default_value.text)));
      }
    }
    const Object* schema = before_.find(old.schema);
    undo(fmt::format("DROP TYPE {}.{};", quote_identifier(schema->name), aside));
  }

  /// The new table with the old names of its columns: what it is once it is renamed back.
  static Table renamed(const Table& old, Table now) {
    for (std::size_t at = 0; at < std::min(old.columns.size(), now.columns.size()); ++at) {
      if (!old.columns[at].dropped && !now.columns[at].dropped)
        now.columns[at].name = old.columns[at].name;
    }
    return now;
  }

  void rename_labels(const Type& old, const Type& now) {
    for (std::size_t at = 0; at < old.labels.size(); ++at) {
      if (old.labels[at] == now.labels[at]) continue;
      undo(fmt::format("ALTER TYPE {} RENAME VALUE {} TO {};", sql_name(before_, old),
                       quote_literal(now.labels[at]), quote_literal(old.labels[at])));
    }
  }

  // ---- Columns.

  void change_tables_back() {
    for (const auto& [one, two] : changed_) {
      const auto* old = as<Table>(one);
      if (old != nullptr) change_table_back(*old, *as<Table>(two));
    }
  }

  void change_table_back(const Table& old, const Table& now) {
    const std::string alter = "ALTER TABLE " + sql_name(before_, old) + " ";
    for (std::size_t at = old.columns.size(); at < now.columns.size(); ++at) {
      if (!now.columns[at].dropped && !now.columns[at].inherited)
        undo(fmt::format("{}DROP COLUMN {};", alter, quote_identifier(now.columns[at].name)));
    }
    for (std::size_t at = 0; at < old.columns.size(); ++at) {
      const Column& then = old.columns[at];
      if (then.dropped) continue;
      if (at >= now.columns.size() || now.columns[at].dropped)
        undo(fmt::format("{}ADD COLUMN {};", alter, sql_column(before_, then)));
      else
        change_column_back(old, then, now.columns[at], alter);
    }
    if (old.row_security != now.row_security)
      undo(alter + (old.row_security ? "ENABLE" : "DISABLE") + " ROW LEVEL SECURITY;");
    if (old.force_row_security != now.force_row_security)
      undo(alter + (old.force_row_security ? "FORCE" : "NO FORCE") + " ROW LEVEL SECURITY;");
    if (old.persistence != now.persistence)
      undo(alter + (old.persistence == 'u' ? "SET UNLOGGED;" : "SET LOGGED;"));
    if (old.owner != now.owner)
      undo(fmt::format("{}OWNER TO {};", alter, quote_identifier(old.owner)));
  }

  void change_column_back(const Table& old, const Column& then, const Column& now,
                          const std::string& alter) {
    const std::string column = alter + "ALTER COLUMN " + quote_identifier(then.name) + " ";
    const auto default_of = [](const Database& database, const Column& one) {
      return one.default_value && !one.generated ? present_names(database, one.default_value.text)
                                                 : std::string();
    };
    const bool retyped = !(then.type == now.type) || then.modifiers != now.modifiers ||
                         then.collation != now.collation;
    const std::string standard = default_of(before_, then);
    const bool otherwise = standard != default_of(after_, now) || (retyped && !standard.empty());
    if (now.not_null && !then.not_null && now.identity == then.identity)
      undo(column + "DROP NOT NULL;");
    if (now.identity != '\0' && then.identity == '\0') undo(column + "DROP IDENTITY;");
    if (!then.not_null && now.identity != '\0' && now.not_null) undo(column + "DROP NOT NULL;");
    if (otherwise && !default_of(after_, now).empty()) undo(column + "DROP DEFAULT;");
    if (retyped) change_type_back(old, then, now, column);
    if (otherwise && !standard.empty()) undo(fmt::format("{}SET DEFAULT {};", column, standard));
    if (then.identity != '\0' && now.identity == '\0')
      undo(fmt::format("{}ADD GENERATED {} AS IDENTITY;", column,
                       then.identity == 'a' ? "ALWAYS" : "BY DEFAULT"));
    if (then.identity != '\0' && now.identity != '\0' && then.identity != now.identity) {
      undo(fmt::format("{}SET GENERATED {};", column,
                       then.identity == 'a' ? "ALWAYS" : "BY DEFAULT"));
    }
    if (then.not_null && !now.not_null) required_.emplace_back(&old, then.name);
  }

  void change_type_back(const Table& old, const Column& then, const Column& now,
                        const std::string& column) {
    const std::string name = quote_identifier(then.name);
    if (const std::string unfit = unfit_values(then.type, now.type, name); !unfit.empty())
      set_aside(old, unfit);
    const bool user = then.type.user != 0 || now.type.user != 0;
    const std::string type = sql_type(before_, then);
    const std::string bare = type.substr(0, type.find(" COLLATE"));
    undo(fmt::format("{}TYPE {} USING {}{}::{};", column, type, name,
                     user || then.type.family != now.type.family ? "::text" : "", bare));
  }

  /// Which values of `now` may have no place in `then`: the longest numbers of a type among them.
  static std::string unfit_values(const ValueType& then, const ValueType& now,
                                  const std::string& name) {
    if (then.is_array() || now.is_array()) return {};
    if (then.length >= 0 &&
        (then.family == TypeClass::varchar || then.family == TypeClass::bpchar)) {
      return fmt::format("length({}{}) > {}", name, is_string(now.family) ? "" : "::text",
                         then.length);
    }
    if (then.family == TypeClass::int4 && now.family == TypeClass::int8)
      return fmt::format("{0} > 2147483647 OR {0} < -2147483648", name);
    if (then.family == TypeClass::int2 && is_integer(now.family))
      return fmt::format("{0} > 32767 OR {0} < -32768", name);
    if (is_integer(then.family) && is_string(now.family)) {
      const int digits = then.family == TypeClass::int2   ? 4
                         : then.family == TypeClass::int4 ? 9
                                                          : 18;
      return fmt::format("{} !~ '^-?[0-9]{{1,{}}}$'", name, digits);
    }
    if (then.family == TypeClass::boolean && is_string(now.family)) {
      return fmt::format(
          "lower({}) NOT IN ('t', 'f', 'true', 'false', 'y', 'n', 'yes', 'no', 'on', 'off', '1', "
          "'0')",
          name);
    }
    if (then.family == TypeClass::uuid && is_string(now.family))
      return fmt::format(
          "lower({}) !~ '^[0-9a-f]{{8}}-[0-9a-f]{{4}}-[0-9a-f]{{4}}-[0-9a-f]{{4}}-[0-9a-f]{{12}}$'",
          name);
    if (then.family == TypeClass::numeric && then.length >= 0 && is_number(now.family)) {
      return fmt::format(
          "abs({}) >= 1{}", name,
          std::string(static_cast<std::size_t>(std::max(then.length - then.scale, 0)), '0'));
    }
    return {};
  }

  // ---- Rows.

  /// Moves rows that the old schema may refuse out of the way.
  void set_aside(const Table& table, const std::string& condition,
                 const std::string& columns = "*") {
    const std::string copy =
        fmt::format("{}.{}", kKeptSchema,
                    quote_identifier(make_object_name(short_label(), table.name,
                                                      fmt::format("aside_{}", ++asides_))));
    const std::string name = sql_name(before_, table);
    undo(fmt::format("CREATE SCHEMA IF NOT EXISTS {};", kKeptSchema));
    undo(fmt::format("DROP TABLE IF EXISTS {};", copy));
    undo(fmt::format("CREATE TABLE {} AS SELECT {} FROM {} WHERE {};", copy, columns, name,
                     condition));
    undo(fmt::format("DELETE FROM {} WHERE {};", name, condition));
  }

  /// From the copies: columns by the primary key, rows that are gone, tables that are made anew.
  void fill() {
    for (const auto& [id, copy] : copies_) {
      const Table& old = *before_.get<Table>(id);
      std::vector<ColumnId> columns;
      for (std::size_t at = 0; at < old.columns.size(); ++at) {
        if (!old.columns[at].dropped && !old.columns[at].generated)
          columns.push_back(static_cast<ColumnId>(at + 1));
      }
      const std::string name = sql_name(before_, old);
      const char* overriding =
          std::any_of(columns.begin(), columns.end(),
                      [&](ColumnId c) { return old.column(c).identity == 'a'; })
              ? "OVERRIDING SYSTEM VALUE "
              : "";
      const std::vector<ColumnId> key = key_of(before_, old);
      const auto* now = after_.get<Table>(id);
      if (now == nullptr) {
        undo(fmt::format("INSERT INTO {} ({}) {}SELECT {} FROM {} AS k;", name,
                         sql_columns(old, columns), overriding, columns_of_copy(old, columns),
                         copy.name));
        filled_.insert(id);
        continue;
      }
      const bool keyed = !key.empty() && std::all_of(key.begin(), key.end(), [&](ColumnId column) {
        return !is_lost(old, *now, column);
      });
      if (!keyed) {
        cannot(fmt::format("rows of {} are not filled from {}, which stays: no primary key lasts",
                           old.name, copy.name));
        continue;
      }
      std::string same;
      for (const ColumnId column : key)
        same += fmt::format("{0}t.{1} = k.{1}", same.empty() ? "" : " AND ",
                            quote_identifier(old.column(column).name));
      std::string sets;
      for (const ColumnId column : columns) {
        const std::string& own = old.column(column).name;
        const bool needed =
            copy.whole || copy.written.columns.contains(own) || is_lost(old, *now, column);
        if (!needed || std::find(key.begin(), key.end(), column) != key.end()) continue;
        sets += fmt::format("{}{} = {}", sets.empty() ? "" : ", ", quote_identifier(own),
                            value_of_copy(old.column(column)));
      }
      const bool rows_too = copy.whole || copy.written.taken_away;
      if (!sets.empty())
        undo(fmt::format("UPDATE {} AS t SET {} FROM {} AS k WHERE {};", name, sets, copy.name,
                         same));
      if (!sets.empty() || rows_too)
        filled_.insert(id);
      else
        cannot(fmt::format(
            "rows of {} are not filled from {}, which stays: only its primary key was written",
            old.name, copy.name));
      if (!rows_too) continue;
      undo(
          fmt::format("INSERT INTO {} ({}) {}SELECT {} FROM {} AS k WHERE NOT EXISTS (SELECT 1 "
                      "FROM {} AS t WHERE {});",
                      name, sql_columns(old, columns), overriding, columns_of_copy(old, columns),
                      copy.name, name, same));
    }
  }

  // ---- Constraints and indexes.

  void put_constraints_back() {
    for (const auto& [one, two] : changed_) {
      const auto* old = as<Table>(one);
      if (old == nullptr) continue;
      const auto* now = as<Table>(two);
      for (std::size_t at = 0; at < old->columns.size(); ++at) {
        const bool again =
            !old->columns[at].dropped && (at >= now->columns.size() || now->columns[at].dropped);
        if (again && old->columns[at].not_null && old->columns[at].identity == '\0' &&
            !old->columns[at].generated)
          required_.emplace_back(old, old->columns[at].name);
      }
    }
    for (const auto& [table, column] : required_) {
      set_aside(*table, quote_identifier(column) + " IS NULL");
      undo(fmt::format("ALTER TABLE {} ALTER COLUMN {} SET NOT NULL;", sql_name(before_, *table),
                       quote_identifier(column)));
    }
    for (const char type : {'p', 'u', 'x', 'c', 'f'}) {
      for (const Object* object : missing_) {
        const auto* constraint = as<Constraint>(object);
        if (constraint != nullptr && constraint->type == type && !constraint->inherited)
          put_constraint_back(*constraint);
      }
      for (const auto& [one, two] : changed_) {
        const auto* constraint = as<Constraint>(one);
        if (constraint == nullptr || constraint->type != type ||
            sql_constraint(before_, *constraint) == sql_constraint(after_, *as<Constraint>(two)))
          continue;
        if (as<Table>(before_.find(constraint->parent)) == nullptr) continue;
        undo(fmt::format("ALTER TABLE {} DROP CONSTRAINT {};",
                         sql_name(before_, *before_.find(constraint->parent)),
                         quote_identifier(constraint->name)));
        put_constraint_back(*constraint);
      }
      if (type == 'x') put_indexes_back();
    }
  }

  void put_constraint_back(const Constraint& constraint) {
    const auto* table = before_.get<Table>(constraint.parent);
    const std::string definition = sql_constraint(before_, constraint);
    if (table == nullptr || definition.empty())
      return cannot(fmt::format("constraint {} is not put back", constraint.name));
    const bool lives = after_.find(table->id) != nullptr;
    if (lives && !constraint.not_valid) {
      if (constraint.type == 'c')
        set_aside(*table, "NOT (" + present_names(before_, constraint.check.text) + ")");
      if (constraint.type == 'f') set_orphans_aside(constraint, *table);
      if (constraint.type == 'p' || constraint.type == 'u')
        set_rivals_aside(*table, columns_of(*table, constraint.columns), "");
    }
    undo(fmt::format("ALTER TABLE {} ADD CONSTRAINT {} {};", sql_name(before_, *table),
                     quote_identifier(constraint.name), definition));
  }

  static std::vector<std::string> columns_of(const Table& table, const std::vector<ColumnId>& ids) {
    std::vector<std::string> names;
    for (const ColumnId id : ids) names.push_back(quote_identifier(table.column(id).name));
    return names;
  }

  void set_orphans_aside(const Constraint& key, const Table& table) {
    const auto* other = before_.get<Table>(key.referenced);
    if (other == nullptr) return;
    std::string present;
    std::string same;
    for (std::size_t at = 0; at < key.columns.size(); ++at) {
      const std::string own = quote_identifier(table.column(key.columns[at]).name);
      present += fmt::format("{} IS NOT NULL AND ", own);
      same += fmt::format("{}r.{} = {}.{}", same.empty() ? "" : " AND ",
                          quote_identifier(other->column(key.referenced_columns[at]).name),
                          quote_identifier(table.name), own);
    }
    set_aside(table, fmt::format("{}NOT EXISTS (SELECT 1 FROM {} AS r WHERE {})", present,
                                 sql_name(before_, *other), same));
  }

  /// All rows but the first of those that agree in the key.
  void set_rivals_aside(const Table& table, const std::vector<std::string>& parts,
                        const std::string& where) {
    const std::vector<ColumnId> key = key_of(after_, *after_.get<Table>(table.id));
    if (key.empty()) return;
    for (const ColumnId column : key) {
      if (column > table.columns.size() || table.columns[column - std::size_t{1}].dropped) return;
    }
    const std::string own = sql_columns(table, key);
    std::string list;
    std::string present = where.empty() ? "" : "(" + where + ")";
    for (const std::string& part : parts) {
      list += (list.empty() ? "" : ", ") + part;
      present += (present.empty() ? "" : " AND ") + part + " IS NOT NULL";
    }
    set_aside(table,
              fmt::format("({0}) IN (SELECT {0} FROM (SELECT {0}, row_number() OVER (PARTITION BY "
                          "{1} ORDER BY {0}) AS place FROM {2} WHERE {3}) AS d WHERE place > 1)",
                          own, list, sql_name(before_, table), present));
  }

  void put_indexes_back() {
    const auto put = [&](const Index& index) {
      const auto* table = before_.get<Table>(index.parent);
      if (constraint_of(before_, index) != nullptr || index.partition_of != 0) return;
      const std::string statement = sql_index(before_, index);
      if (statement.empty()) return cannot(fmt::format("index {} is not put back", index.name));
      if (index.unique && table != nullptr && after_.find(table->id) != nullptr) {
        std::vector<std::string> parts;
        for (const IndexColumn& column : index.columns) {
          parts.push_back(column.column != 0
                              ? quote_identifier(table->column(column.column).name)
                              : "(" + present_names(before_, column.expression.text) + ")");
        }
        set_rivals_aside(*table, parts,
                         index.where ? present_names(before_, index.where.text) : "");
      }
      if (table != nullptr) undo(statement);
    };
    for (const Object* object : missing_) {
      if (const auto* index = as<Index>(object)) put(*index);
    }
    for (const auto& [one, two] : changed_) {
      const auto* index = as<Index>(one);
      if (index == nullptr || constraint_of(before_, *index) != nullptr ||
          sql_index(before_, *index) == sql_index(after_, *as<Index>(two)))
        continue;
      if (as<Table>(before_.find(index->parent)) != nullptr &&
          !only_renamed(*index, *as<Index>(two))) {
        undo(fmt::format("DROP INDEX {};", sql_name(before_, *index)));
        put(*index);
      }
    }
  }

  bool only_renamed(const Index& old, const Index& now) const {
    const auto tail = [](const std::string& text) {
      return text.substr(std::min(text.find(" USING "), text.size()));
    };
    return old.unique == now.unique &&
           tail(sql_index(before_, old)) == tail(sql_index(after_, now));
  }

  // ---- Sequences, routines, triggers, views, comments.

  void put_the_rest_back() {
    for (const Object* object : missing_) {
      const auto* sequence = as<Sequence>(object);
      const auto* owner = sequence == nullptr ? nullptr : before_.get<Table>(sequence->owned_by);
      if (owner == nullptr || sequence->internal) continue;
      const std::string column = quote_identifier(owner->column(sequence->owned_column).name);
      undo(fmt::format("ALTER SEQUENCE {} OWNED BY {}.{};", sql_name(before_, *sequence),
                       sql_name(before_, *owner), column));
      undo(fmt::format("SELECT setval({}, coalesce(max({}), 0) + 1, false) FROM {};",
                       quote_literal(sql_name(before_, *sequence)), column,
                       sql_name(before_, *owner)));
    }
    for (const auto& [one, two] : changed_) {
      const auto* sequence = as<Sequence>(one);
      if (sequence != nullptr && !sequence->internal && sequence->type != as<Sequence>(two)->type) {
        undo(fmt::format("ALTER SEQUENCE {} AS {};", sql_name(before_, *sequence),
                         describe(plain(sequence->type))));
      }
    }
    for (const ObjectKind kind :
         {ObjectKind::function, ObjectKind::trigger, ObjectKind::policy, ObjectKind::rule,
          ObjectKind::event_trigger, ObjectKind::statistics, ObjectKind::view}) {
      for (const Object* object : missing_) {
        if (object->kind == kind && !is_member(*object)) make_from_source(*object);
      }
      for (const auto& [one, two] : changed_) {
        if (one->kind == kind) remake(*one, *two);
      }
    }
    for (const ObjectId id : remade_) {
      if (std::none_of(changed_.begin(), changed_.end(),
                       [&](const auto& pair) { return pair.first->id == id; }))
        make_from_source(*before_.find(id));
    }
    put_comments_back();
  }

  void make_from_source(const Object& object) {
    const std::string statement = sources_.of(before_, object);
    if (statement.empty())
      return cannot(fmt::format("'{}' is not made again: the statement that made it was not found",
                                object.name));
    undo(statement);
  }

  void remake(const Object& old, const Object& now) {
    if (const auto* function = as<Function>(&old)) {
      const auto& today = static_cast<const Function&>(now);
      if (function->body == today.body && function->properties == today.properties) return;
      std::string statement = sources_.of(before_, old);
      if (statement.empty())
        return cannot(fmt::format(
            "the body of {} is not put back: the statement that made it was not found", old.name));
      undo(with_or_replace(std::move(statement)));
      return;
    }
    if (as<View>(&old) != nullptr) return make_from_source(old);
    if (old.kind == ObjectKind::trigger || old.kind == ObjectKind::policy) {
      const Object* owner = before_.find(old.parent);
      undo(fmt::format("DROP {} {} ON {};", old.kind == ObjectKind::trigger ? "TRIGGER" : "POLICY",
                       quote_identifier(now.name), sql_name(before_, *owner)));
      make_from_source(old);
    }
  }

  static std::string with_or_replace(std::string statement) {
    const std::string lower = to_lower(statement.substr(0, 60));
    if (lower.find("or replace") == std::string::npos && lower.starts_with("create "))
      statement.insert(7, "OR REPLACE ");
    return statement;
  }

  void put_comments_back() {
    const auto put = [&](const std::string& what, const std::optional<std::string>& old,
                         const std::optional<std::string>& now) {
      if (old == now) return;
      undo(fmt::format("COMMENT ON {} IS {};", what, old ? quote_literal(*old) : "NULL"));
    };
    for (const auto& [one, two] : changed_) {
      const std::string kind = sql_kind(*one);
      if (!kind.empty())
        put(kind + " " + sql_name(before_, *one), one->comment,
            remade_.contains(one->id) ? std::nullopt : two->comment);
      if (const auto* function = as<Function>(one))
        put(fmt::format("FUNCTION {}({})", sql_name(before_, *one), function->arguments),
            one->comment, two->comment);
      const auto* old = as<Table>(one);
      if (old == nullptr) continue;
      const auto* now = as<Table>(two);
      for (std::size_t at = 0; at < old->columns.size(); ++at) {
        const bool lives = at < now->columns.size() && !now->columns[at].dropped;
        if (old->columns[at].dropped) continue;
        put("COLUMN " + sql_name(before_, *old) + "." + quote_identifier(old->columns[at].name),
            old->columns[at].comment, lives ? now->columns[at].comment : std::nullopt);
      }
    }
    for (const Object* object : missing_) {
      const std::string kind = sql_kind(*object);
      if (!kind.empty() && object->comment)
        put(kind + " " + sql_name(before_, *object), object->comment, std::nullopt);
      if (const auto* function = as<Function>(object))
        put(fmt::format("FUNCTION {}({})", sql_name(before_, *object), function->arguments),
            object->comment, std::nullopt);
      const auto* table = as<Table>(object);
      if (table == nullptr) continue;
      for (const Column& column : table->columns) {
        if (!column.dropped)
          put("COLUMN " + sql_name(before_, *table) + "." + quote_identifier(column.name),
              column.comment, std::nullopt);
      }
    }
  }

  const UndoOccasion& occasion_;
  const Database& before_;
  const Database& after_;
  const UndoSources sources_;
  WrittenUndo written_;
  std::vector<const Object*> missing_;  ///< ascending by id, as they were made
  std::vector<const Object*> extra_;    ///< descending
  std::vector<std::pair<const Object*, const Object*>> changed_;
  /// What is kept of a table, and what of it the down needs.
  struct Copy {
    std::string name;
    WrittenRows written;  ///< what the up's statements do to its rows
    bool whole = false;   ///< nobody can say what of it: everything
  };
  std::map<ObjectId, Copy> copies_;  ///< by table
  std::set<ObjectId> filled_;        ///< by table; the other copies stay
  std::set<ObjectId> dropped_;
  std::set<ObjectId> remade_;
  std::vector<std::pair<const Table*, std::string>> required_;  ///< NOT NULL put back
  int asides_ = 0;
};

}  // namespace

WrittenUndo write_undo(const UndoOccasion& occasion) { return UndoWriter(occasion).write(); }

}  // namespace backout::postgres
