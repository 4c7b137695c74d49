#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <pg_query/pg_query.pb-c.h>

#include "postgres/values/value.hpp"

namespace backout::postgres {

/// A column of a relation that an expression may name.
struct ScopeColumn {
  std::string name;
  ValueType type;
  bool merged = false;  ///< the right side of JOIN USING: seen only with its table's name before it
  bool lone =
      false;  ///< all that a function in FROM gives: the function's alias stands for it, too
};

/// A column of this name stands for columns of a system catalog that are there but not modelled.
constexpr std::string_view kOtherColumns = "...";

/// A relation in scope: its columns and, aligned with them, the values of the row at hand.
struct ScopeRelation {
  std::string alias;
  std::span<const ScopeColumn> columns;
  std::span<const Value> values;
};

/// Rows that a query gives.
struct Relation {
  std::vector<ScopeColumn> columns;
  std::vector<std::vector<Value>> rows;
  /// Aligned with `rows`: false when it is not known whether the row is there.
  std::vector<bool> certain;
};

/// That a column of a relation equals a known value of a type whose equal values have equal texts.
struct EqualTo {
  std::size_t column = 0;
  std::string text;
  bool excludes(const Value& value) const {
    return value.is_null() || (value.is_known() && value.text() != text);
  }
};

/// Which rows of a relation with these columns are wanted: those for which none of these excludes
/// the value.
using WantedRows = std::function<std::vector<EqualTo>(std::span<const ScopeColumn>)>;

/// The results of WITH queries, by name.
using CommonTables = std::map<std::string, Relation, std::less<>>;

/// The relations that an expression sees, the innermost query first.
struct Scope {
  std::vector<ScopeRelation> relations;
  const CommonTables* common = nullptr;
  const Scope* outer = nullptr;
};

/// What expressions need to know of the database around them.
class Surroundings {
 public:
  virtual ~Surroundings() = default;
  /// The type that a type name stands for: 42704 when there is none.
  virtual Checked<ValueType> type_named(const PgQuery__TypeName& name) = 0;
  /// Reads a literal of a user-made type (enum, domain, composite), or checks that a value fits
  /// one.
  virtual Checked<Value> read_user_type(const Value& value, const ValueType& type) = 0;
  /// Position of an enum label in its type, -1 when there is none.
  virtual int label_position(const ValueType& type, std::string_view label) = 0;
  /// The number of the object that a value of regclass, regtype or regnamespace (`type`) stands
  /// for: 42P01, 42704 or 3F000 when there is none.
  virtual Checked<std::string> object_number(std::string_view type, std::string_view text) = 0;
  /// Such a value as it is printed: without its schema where search_path finds it; nothing when
  /// that is not known.
  virtual std::optional<std::string> object_text(std::string_view type, std::string_view text) = 0;
  /// The rows of a table or view, those that are not wanted perhaps left out: 42P01 when there is
  /// none.
  virtual Checked<Relation> table_rows(const PgQuery__RangeVar& table,
                                       const WantedRows& wanted) = 0;
  /// Runs an INSERT, UPDATE or DELETE inside WITH; the rows of its RETURNING.
  virtual Checked<Relation> modify(const PgQuery__Node& statement, const Scope& scope) = 0;
  /// A call of a function that is not built in, or of an aggregate or window function: its result,
  /// 42883 when there is none.
  virtual Checked<Typed> call(const PgQuery__FuncCall& call, std::span<const Typed> arguments) = 0;
  /// 42883 when a call means no function.
  virtual Checked<void> require_function(const PgQuery__FuncCall& call,
                                         std::span<const Typed> arguments) = 0;
  /// A call of a function that is not built in, as an item of FROM: its rows.
  virtual Checked<Relation> function_rows(const PgQuery__FuncCall& call,
                                          std::span<const Typed> arguments) = 0;
  /// A value of which only the type is known goes into a type that refuses some of them.
  virtual void note_doubtful_fit(const ValueType& /*from*/, const ValueType& /*to*/) {}
  /// nextval, currval and setval by the sequence's name.
  virtual Checked<Typed> use_sequence(std::string_view function,
                                      std::span<const Typed> arguments) = 0;
  /// Whether a call may mean a routine that the database has itself.
  virtual bool has_routine(const PgQuery__FuncCall& call) = 0;
  /// The major version of the server; 0: nobody said.
  virtual int server() const = 0;
  /// A number that no other symbol has.
  virtual std::uint64_t new_identity() = 0;
};

/// Evaluates `node` on the rows in `scope`. Anything that is not modelled gives a symbol when it
/// cannot fail, else stops with unknown.
Checked<Typed> evaluate(const PgQuery__Node& node, const Scope& scope, Surroundings& surroundings);

/// Evaluates a condition: yes, no (NULL included), or not known.
Checked<Truth> holds(const PgQuery__Node& node, const Scope& scope, Surroundings& surroundings);

/// Like holds(), but NULL counts as yes, as in CHECK constraints.
Checked<Truth> not_violated(const PgQuery__Node& node, const Scope& scope,
                            Surroundings& surroundings);

/// Stores `value` into a place of type `to`: 42804 when no assignment cast exists, 22001 when too
/// long; `requested` for CAST.
Checked<Value> coerce(const Typed& value, const ValueType& to, bool requested,
                      Surroundings& surroundings);

/// The last name of a dotted column reference, empty for `*`.
std::string_view last_name(const PgQuery__ColumnRef& reference);

}  // namespace backout::postgres
