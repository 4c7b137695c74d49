// What PostgreSQL looks up in catalogs while a query runs: rows of tables with those that inherit,
// views as their queries, types and casts, functions, sequences.
// Left out: not known are overloads that differ in the types of scalars, rows as arguments,
// functions in other languages than SQL and PL/pgSQL. Functions of extensions are not run. A
// materialised view shows what its query gives now. Policies and privileges hide nothing; nextval
// knows no bounds, currval no session.
#include "postgres/query/table_surroundings.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include <fmt/format.h>

#include "postgres/catalog/catalog_more.hpp"
#include "postgres/catalog/domains.hpp"
#include "postgres/catalog/names.hpp"
#include "postgres/catalog/routines.hpp"
#include "postgres/catalog/server_version.hpp"
#include "postgres/catalog/signatures.hpp"
#include "postgres/catalog/system_tables.hpp"
#include "postgres/ddl/define.hpp"
#include "postgres/dml/defaults.hpp"
#include "postgres/dml/dml.hpp"
#include "postgres/execute/session.hpp"
#include "postgres/plpgsql/plpgsql.hpp"
#include "postgres/plpgsql/sql_function.hpp"
#include "postgres/query/bind.hpp"
#include "postgres/query/object_names.hpp"
#include "postgres/query/query.hpp"
#include "postgres/read/sql_reader.hpp"
#include "postgres/read/text.hpp"
#include "postgres/values/cast.hpp"
#include "postgres/values/functions.hpp"
#include "postgres/values/operators.hpp"
#include "postgres/witness/reach.hpp"

namespace backout::postgres {
namespace {

/// Every check of a domain on one value; the base domain's first.
Checked<Value> keep_to_domain(Execution& execution, Surroundings& surroundings, const Type& domain,
                              const Value& value) {
  ValueType base = domain.base;
  auto stored = coerce({value, value.is_known() ? plain(TypeClass::unknown_literal) : base}, base,
                       false, surroundings);
  if (!stored) return stored;
  if (domain.not_null && stored->is_null()) {
    return tl::unexpected(
        refuse("23502", fmt::format("domain {} does not allow null values", domain.name)));
  }
  // A domain over a domain computes with what lies below both.
  for (const ObjectId below : domains_of(execution.database, base))
    base = execution.database.get<Type>(below)->base;
  for (const Constraint* constraint : execution.database.parts_of<Constraint>(domain.id)) {
    const std::vector<ScopeColumn> columns = {{"value", base}};
    const std::vector<Value> values = {*stored};
    Scope scope;
    scope.relations.push_back({"", columns, values});
    const auto kept = not_violated(*constraint->check.node, scope, surroundings);
    if (!kept) return tl::unexpected(kept.error());
    if (*kept == Truth::no) {
      return tl::unexpected(
          refuse("23514", fmt::format("value for domain {} violates check constraint \"{}\"",
                                      domain.name, constraint->name)));
    }
    if (*kept == Truth::unknown)
      return tl::unexpected(
          not_known(fmt::format("whether a value keeps to domain {}", domain.name)));
  }
  return stored;
}

/// The one row that a sequence is when a query names it.
Relation sequence_row(const Sequence& sequence) {
  return {{{"last_value", plain(TypeClass::int8)},
           {"log_cnt", plain(TypeClass::int8)},
           {"is_called", plain(TypeClass::boolean)}},
          {{Value::known(sequence.last), Value::symbol(Symbol::present, 0),
            Value::boolean(sequence.used)}},
          {true}};
}

/// A built-in type as describe() prints it; unknown when it is another.
ValueType type_printed(std::string_view printed) {
  for (const std::string_view internal : {"text", "bool", "int2", "int4", "int8", "float4",
                                          "float8", "numeric", "uuid", "bytea", "json", "jsonb"}) {
    if (describe(built_in_type(internal)) == printed) return built_in_type(internal);
  }
  return plain(TypeClass::unknown);
}

Stop no_function(const QualifiedName& name, std::span<const Typed> arguments, int location) {
  std::string types;
  for (const Typed& argument : arguments)
    types += (types.empty() ? "" : ", ") + describe(argument.type);
  return refuse("42883",
                fmt::format("function {}{}({}) does not exist",
                            name.schema.empty() ? "" : name.schema + ".", name.name, types),
                location);
}

}  // namespace

Checked<ValueType> TableSurroundings::type_named(const PgQuery__TypeName& name) {
  return resolve_type(execution_.database, name).map([](const NamedType& named) {
    return named.type;
  });
}

Checked<Value> TableSurroundings::read_user_type(const Value& value, const ValueType& type) {
  const auto* user = execution_.database.get<Type>(type.user);
  if (user == nullptr) return value;
  if (type.is_array()) return read_elements(value, type);
  if (user->variety == 'd') return keep_to_domain(execution_, *this, *user, value);
  if (user->variety != 'e' || !value.is_known()) return value;
  if (std::find(user->labels.begin(), user->labels.end(), value.text()) == user->labels.end()) {
    return tl::unexpected(refuse(
        "22P02", fmt::format("invalid input value for enum {}: \"{}\"", user->name, value.text())));
  }
  if (std::find(user->fresh_labels.begin(), user->fresh_labels.end(), value.text()) !=
      user->fresh_labels.end()) {
    return tl::unexpected(refuse(
        "55P04",
        fmt::format("unsafe use of new value \"{}\" of enum type {}", value.text(), user->name)));
  }
  return value;
}

/// Each element of an array is read as its type reads it.
Checked<Value> TableSurroundings::read_elements(const Value& value, const ValueType& type) {
  const char variety = execution_.database.get<Type>(type.user)->variety;
  auto elements = value.is_known() && (variety == 'e' || variety == 'd')
                      ? flat_elements(value.text())
                      : std::nullopt;
  if (!elements) return value;
  ValueType element_type = type;
  element_type.dimensions = 0;
  for (auto& element : *elements) {
    auto read = read_user_type(element ? Value::known(*element) : Value(), element_type);
    if (!read) return read;
    if (variety == 'e' && read->is_known()) element = read->text();
  }
  const bool flat = variety == 'e' && !holds_arrays(value.text());
  return flat ? Value::known(join_array(*elements)) : value;
}

int TableSurroundings::label_position(const ValueType& type, std::string_view label) {
  const auto* user = execution_.database.get<Type>(type.user);
  if (user == nullptr) return -1;
  const auto found = std::find(user->labels.begin(), user->labels.end(), label);
  return found == user->labels.end() ? -1 : static_cast<int>(found - user->labels.begin());
}

VisibleColumns visible_columns(const Table& table) {
  VisibleColumns visible;
  for (std::size_t at = 0; at < table.columns.size(); ++at) {
    if (table.columns[at].dropped) continue;
    visible.columns.push_back({table.columns[at].name, table.columns[at].type});
    visible.ids.push_back(static_cast<ColumnId>(at + 1));
  }
  return visible;
}

Checked<Relation> TableSurroundings::view_rows(const View& view) {
  if (views_ == 0) view_reads_ = 0;
  if (views_ >= kMostViews || ++view_reads_ > kMostViewReads)
    return tl::unexpected(
        not_known(fmt::format("the rows of view {}, which stands on many others", view.name)));
  // A view that an extension brings has no query here.
  if (view.query.node == nullptr || view.query.node->select_stmt == nullptr) {
    return tl::unexpected(not_known(fmt::format("the rows of view {}", view.name)));
  }
  const View kept = view;
  ++views_;
  auto rows = run_select(*kept.query.node->select_stmt, {}, *this);
  --views_;
  // The stored query names things as they were called when the view was made.
  if (!rows) return tl::unexpected(not_known(fmt::format("the rows of view {}", kept.name)));
  for (std::size_t at = 0; at < std::min(kept.columns.size(), rows->columns.size()); ++at)
    rows->columns[at].name = kept.columns[at].name;
  return rows;
}

Checked<Relation> TableSurroundings::table_rows(const PgQuery__RangeVar& range,
                                                const WantedRows& wanted) {
  Database& database = execution_.database;
  const QualifiedName name = qualified(range);
  if (resolve(database, NameSpace::relation, name) == 0) {
    if (auto rows = system_table(database, name.schema, name.name)) return std::move(*rows);
  }
  auto id = require_relation(database, range);
  if (!id) return tl::unexpected(id.error());
  if (const auto* view = database.get<View>(*id)) return view_rows(*view);
  if (const auto* sequence = database.get<Sequence>(*id)) return sequence_row(*sequence);
  const auto* table = database.get<Table>(*id);
  if (table == nullptr)
    return tl::unexpected(not_known(fmt::format("the rows of {}", range.relname), range.location));
  const VisibleColumns visible = visible_columns(*table);
  Relation relation;
  relation.columns = visible.columns;
  const std::vector<EqualTo> equal = wanted ? wanted(relation.columns) : std::vector<EqualTo>();
  std::vector<ObjectId> tables = {*id};
  if (range.inh != 0) {
    const auto below = descendants(database, *id);
    tables.insert(tables.end(), below.begin(), below.end());
  }
  for (const ObjectId part : tables) {
    const TableRows& rows = database.rows().of(part);
    if (!rows.doubt.empty()) return tl::unexpected(not_known(rows.doubt, range.location));
    const Table& own = *database.get<Table>(part);
    std::vector<std::size_t> slots;
    for (const ScopeColumn& column : visible.columns)
      slots.push_back(own.find(column.name) - std::size_t{1});
    for (const auto& row : rows.rows) {
      if (std::any_of(equal.begin(), equal.end(),
                      [&](const EqualTo& one) { return one.excludes(row->at(slots[one.column])); }))
        continue;
      std::vector<Value> values;
      values.reserve(slots.size());
      for (const std::size_t slot : slots) values.push_back(row->at(slot));
      relation.rows.push_back(std::move(values));
      relation.certain.push_back(row->certain);
    }
  }
  return relation;
}

Checked<std::string> TableSurroundings::object_number(std::string_view type,
                                                      std::string_view text) {
  return number_of_object(execution_.database, type, text);
}

std::optional<std::string> TableSurroundings::object_text(std::string_view type,
                                                          std::string_view text) {
  return text_of_object(execution_.database, type, text);
}

Checked<Relation> TableSurroundings::modify(const PgQuery__Node& statement, const Scope& scope) {
  return run_modification(execution_, statement, scope);
}

namespace {

/// What a function of an extension gives when it does nothing else: it is not run. Nothing when it
/// may do something.
std::optional<Typed> brought_result(Database& database, const std::vector<ObjectId>& routines,
                                    const std::string& name, std::span<const Typed> arguments) {
  for (const ObjectId id : routines) {
    const auto* function = database.get<Function>(id);
    if (function == nullptr || function->language != "c" || function->needs.empty())
      return std::nullopt;
    const Object* extension = database.find(function->needs.front().on);
    if (extension == nullptr || extension->kind != ObjectKind::extension) return std::nullopt;
    // Of these the volatile ones make random values, no more.
    const bool harmless = extension->name == "pgcrypto" || extension->name == "uuid-ossp";
    if (function->properties.empty() && !harmless) return std::nullopt;
    if (function->properties.empty())
      return Typed{Value::symbol(Symbol::fresh, database.new_identity()),
                   type_printed(function->returns)};
  }
  const auto* function = database.get<Function>(routines.front());
  const bool one = std::all_of(routines.begin(), routines.end(), [&](ObjectId id) {
    return database.get<Function>(id)->returns == function->returns;
  });
  return derived(name, arguments,
                 one ? type_printed(function->returns) : plain(TypeClass::unknown));
}

}  // namespace

namespace {

/// pg_get_serial_sequence(): the sequence that a column owns, as a name with its schema; NULL when
/// it owns none. 42P01, 42703.
std::optional<Checked<Typed>> serial_sequence(const Database& database,
                                              std::span<const Typed> arguments) {
  if (!arguments[0].value.is_known() || !arguments[1].value.is_known()) return std::nullopt;
  const std::string& relation = arguments[0].value.text();
  const auto* table =
      database.get<Table>(resolve(database, NameSpace::relation, name_from_text(relation)));
  if (table == nullptr)
    return tl::unexpected(refuse("42P01", fmt::format("relation \"{}\" does not exist", relation)));
  const ColumnId column = table->find(arguments[1].value.text());
  if (column == 0) {
    return tl::unexpected(
        refuse("42703", fmt::format("column \"{}\" of relation \"{}\" does not exist",
                                    arguments[1].value.text(), table->name)));
  }
  for (const ObjectId id : database.dependents(table->id)) {
    const auto* sequence = database.get<Sequence>(id);
    if (sequence == nullptr || sequence->owned_by != table->id || sequence->owned_column != column)
      continue;
    return Typed{Value::known(printed_name(database, *sequence)), plain(TypeClass::text)};
  }
  return Typed{Value(), plain(TypeClass::text)};
}

}  // namespace

Checked<Typed> TableSurroundings::call(const PgQuery__FuncCall& call,
                                       std::span<const Typed> arguments) {
  const QualifiedName name = qualified(call.funcname, call.n_funcname);
  if (name.name == "set_config" && arguments.size() == 3 && arguments[0].value.is_known()) {
    if (to_lower(arguments[0].value.text()) == "timezone" &&
        !(arguments[1].value.is_known() && is_utc(arguments[1].value.text())))
      return tl::unexpected(not_known("times of a session in another zone"));
    if (arguments[0].value.text() == "search_path" && arguments[1].value.is_known()) {
      set_search_path(execution_.database.session(), arguments[1].value.text());
      if (arguments[2].value.is_false())
        execution_.database.session().lasting_path = execution_.database.session().search_path;
    }
    const bool lasts = arguments[1].value.is_known() && arguments[2].value.is_false();
    set_custom(execution_.database.session(), arguments[0].value.text(),
               lasts ? std::optional(arguments[1].value.text()) : std::nullopt);
    return Typed{arguments[1].value, plain(TypeClass::text)};
  }
  if (auto found = look_up_name(execution_.database, name.name, arguments)) return *found;
  if (name.name == "pg_get_serial_sequence" && arguments.size() == 2) {
    if (auto found = serial_sequence(execution_.database, arguments)) return std::move(*found);
  }
  if (name.name == "current_setting")
    return current_setting(execution_.database.session(), arguments);
  const bool system = name.schema.empty() || name.schema == "pg_catalog";
  if (system && is_built_in_function(name.name))
    return derived(name.name, arguments, built_in_result(name.name, arguments));
  const auto routines = routines_named(execution_.database, name.schema, name.name);
  if (!routines.empty()) {
    if (auto brought = brought_result(execution_.database, routines, name.name, arguments))
      return *brought;
    if (auto result = call_routine(routines, call, arguments)) return std::move(*result);
    return tl::unexpected(not_known(fmt::format("the function {}", name.name), call.location));
  }
  return tl::unexpected(no_function(name, arguments, call.location));
}

bool TableSurroundings::has_routine(const PgQuery__FuncCall& call) {
  const QualifiedName name = qualified(call.funcname, call.n_funcname);
  return !routines_named(execution_.database, name.schema, name.name).empty();
}

int TableSurroundings::server() const { return server_of(execution_.database.session()); }

Checked<void> TableSurroundings::require_function(const PgQuery__FuncCall& call,
                                                  std::span<const Typed> arguments) {
  const QualifiedName name = qualified(call.funcname, call.n_funcname);
  const bool system = name.schema.empty() || name.schema == "pg_catalog";
  const bool known = (system && is_built_in_function(name.name)) ||
                     !routines_named(execution_.database, name.schema, name.name).empty();
  if (known || name.name == "set_config") return {};
  return tl::unexpected(no_function(name, arguments, call.location));
}

namespace {

/// The argument of a call for each of the function's inputs; nothing for those that take their
/// default. No list when the call cannot mean it.
std::optional<std::vector<const Typed*>> placed(const Function& function,
                                                const PgQuery__FuncCall& call,
                                                std::span<const Typed> arguments) {
  std::vector<const Typed*> places(function.input_types.size(), nullptr);
  for (std::size_t at = 0; at < arguments.size(); ++at) {
    std::size_t place = at;
    if (at < call.n_args && call.args[at]->node_case == PG_QUERY__NODE__NODE_NAMED_ARG_EXPR) {
      const auto named = std::find(function.input_names.begin(), function.input_names.end(),
                                   call.args[at]->named_arg_expr->name);
      place = static_cast<std::size_t>(named - function.input_names.begin());
    }
    if (place >= places.size() || places[place] != nullptr) return std::nullopt;
    // An untyped literal goes to a string rather than to an array.
    if (arguments[at].type.is_array() != function.input_types[place].ends_with("[]"))
      return std::nullopt;
    places[place] = &arguments[at];
  }
  for (std::size_t at = 0; at < places.size(); ++at) {
    if (places[at] == nullptr &&
        (at >= function.input_defaults.size() || function.input_defaults[at].empty()))
      return std::nullopt;
  }
  return places;
}

}  // namespace

struct TableSurroundings::Called {
  Function function;
  PlpgsqlArguments arguments;
};

std::optional<Checked<TableSurroundings::Called>> TableSurroundings::choose_routine(
    const std::vector<ObjectId>& routines, const PgQuery__FuncCall& call,
    std::span<const Typed> arguments) {
  std::vector<const Function*> fitting;
  for (const ObjectId id : routines) {
    const auto* candidate = execution_.database.get<Function>(id);
    if (candidate != nullptr && placed(*candidate, call, arguments)) fitting.push_back(candidate);
  }
  // Overloads that differ in the types of scalars are not told apart.
  if (fitting.size() != 1) return std::nullopt;
  const Function function = *fitting.front();
  // Rows as arguments: their fields are not known by name.
  const bool takes_row = std::any_of(
      function.input_types.begin(), function.input_types.end(), [&](const std::string& type) {
        return resolve(execution_.database, NameSpace::relation, name_from_text(type)) != 0;
      });
  if (takes_row) return std::nullopt;
  if (function.language != "plpgsql" && function.language != "sql") return std::nullopt;
  PlpgsqlArguments named;
  const std::vector<const Typed*> places = *placed(function, call, arguments);
  for (std::size_t at = 0; at < function.input_names.size(); ++at) {
    if (at < places.size() && places[at] != nullptr) {
      named.emplace_back(function.input_names[at], *places[at]);
      continue;
    }
    auto standard =
        run_plpgsql(execution_, "BEGIN RETURN " + function.input_defaults[at] + "; END", {});
    if (!standard) return tl::unexpected(standard.error());
    named.emplace_back(function.input_names[at], std::move(*standard));
  }
  return Called{function, std::move(named)};
}

std::optional<Checked<Typed>> TableSurroundings::call_routine(const std::vector<ObjectId>& routines,
                                                              const PgQuery__FuncCall& call,
                                                              std::span<const Typed> arguments) {
  const auto called = choose_routine(routines, call, arguments);
  if (!called) return std::nullopt;
  if (!*called) return tl::unexpected(called->error());
  const auto& [function, named] = **called;
  if (function.language == "sql") return run_sql_function(execution_, function, named);
  return run_plpgsql(execution_, function.body, named);
}

namespace {

/// Parts of a list, "a integer, b numeric(3,2)", at its commas outside parentheses.
std::vector<std::string> parts_of(std::string_view list) {
  std::vector<std::string> parts(1);
  int depth = 0;
  for (const char c : list) {
    depth += c == '(' ? 1 : (c == ')' ? -1 : 0);
    if (c == ',' && depth == 0)
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

}  // namespace

Checked<std::vector<ScopeColumn>> TableSurroundings::columns_of(std::string returns) {
  std::vector<ScopeColumn> columns;
  if (returns.starts_with("TABLE(")) {
    for (const std::string& part :
         parts_of(std::string_view(returns).substr(6, returns.size() - 7))) {
      const std::string_view text = trim(part);
      const std::size_t end = text.starts_with('"') ? text.find('"', 1) + 1 : text.find(' ');
      auto type = columns_of(std::string(trim(text.substr(end))));
      if (!type) return type;
      columns.push_back(
          {name_from_text(text.substr(0, end)).name,
           type->front().name.empty() ? type->front().type : plain(TypeClass::composite)});
    }
    return columns;
  }
  if (returns.starts_with("SETOF ")) returns.erase(0, 6);
  const QualifiedName name = name_from_text(returns);
  if (const auto* table =
          execution_.database.get<Table>(resolve(execution_.database, NameSpace::relation, name))) {
    return visible_columns(*table).columns;
  }
  const auto* type =
      execution_.database.get<Type>(resolve(execution_.database, NameSpace::type, name));
  if (type != nullptr && type->variety == 'c') {
    for (const TypeAttribute& attribute : type->attributes)
      columns.push_back({attribute.name, attribute.type});
    return columns;
  }
  const Script script = Script::parse("SELECT NULL::" + returns);
  if (script.mistake()) return tl::unexpected(not_known(fmt::format("the type {}", returns)));
  auto typed = type_named(*script.statements()[0]
                               .tree->select_stmt->target_list[0]
                               ->res_target->val->type_cast->type_name);
  if (!typed) return tl::unexpected(typed.error());
  return std::vector<ScopeColumn>{{"", *typed}};
}

Checked<Relation> TableSurroundings::function_rows(const PgQuery__FuncCall& call,
                                                   std::span<const Typed> arguments) {
  const QualifiedName name = qualified(call.funcname, call.n_funcname);
  const Stop unknown = not_known(fmt::format("the function {} in FROM", name.name), call.location);
  const auto called =
      choose_routine(routines_named(execution_.database, name.schema, name.name), call, arguments);
  if (!called) return tl::unexpected(unknown);
  if (!*called) return tl::unexpected(called->error());
  const auto& [function, named] = **called;
  const bool set = function.returns.starts_with("SETOF ") || function.returns.starts_with("TABLE(");
  auto columns = columns_of(function.returns);
  if (!columns) return tl::unexpected(unknown);
  for (ScopeColumn& column : *columns) {
    if (column.name.empty()) column.name = name.name;
  }
  if (set) {
    auto rows = function.language == "sql" ? run_sql_rows(execution_, function, named)
                                           : run_plpgsql_rows(execution_, function.body, named);
    if (!rows) return rows;
    if (rows->columns.empty() && rows->rows.empty()) rows->columns = *columns;
    if (rows->columns.size() != columns->size()) return tl::unexpected(unknown);
    for (std::size_t at = 0; at < columns->size(); ++at)
      rows->columns[at].name = (*columns)[at].name;
    return rows;
  }
  auto result = function.language == "sql" ? run_sql_function(execution_, function, named)
                                           : run_plpgsql(execution_, function.body, named);
  if (!result) return tl::unexpected(result.error());
  const bool record = columns->size() > 1 || (*columns)[0].name != name.name;
  if (record && !result->value.is_null()) return tl::unexpected(unknown);
  std::vector<Value> values(columns->size());
  if (!record) values[0] = result->value;
  return Relation{std::move(*columns), {std::move(values)}, {true}};
}

void TableSurroundings::note_doubtful_fit(const ValueType& from, const ValueType& to) {
  const Database& database = execution_.database;
  if (database.reach() == nullptr) return;
  database.reach()->note_doubt(fmt::format("whether every {} that comes of a row fits into {}",
                                           print_type(database, from, ""),
                                           print_type(database, to, "")));
}

Checked<Typed> TableSurroundings::use_sequence(std::string_view function,
                                               std::span<const Typed> arguments) {
  if (arguments.empty() || !arguments[0].value.is_known())
    return tl::unexpected(not_known(fmt::format("{} of an unknown sequence", function)));
  Database& database = execution_.database;
  const ObjectId id =
      resolve(database, NameSpace::relation, name_from_text(arguments[0].value.text()));
  if (database.get<Sequence>(id) == nullptr) {
    return tl::unexpected(
        refuse("42P01", fmt::format("relation \"{}\" does not exist", arguments[0].value.text())));
  }
  if (function == "nextval") {
    auto number = next_value(database, id);
    if (!number) return tl::unexpected(number.error());
    return Typed{std::move(*number), plain(TypeClass::int8)};
  }
  if (function == "currval" && !database.session().numbered.contains(id)) {
    return tl::unexpected(
        refuse("55000", fmt::format("currval of sequence \"{}\" is not yet defined in this session",
                                    database.find(id)->name)));
  }
  auto sequence = database.edit<Sequence>(id);
  if (function == "setval" && arguments.size() > 1) {
    if (!arguments[1].value.is_known()) return Typed{arguments[1].value, plain(TypeClass::int8)};
    const std::int64_t number = std::atoll(arguments[1].value.text().c_str());
    if (number < sequence->least || number > sequence->most) {
      return tl::unexpected(refuse(
          "22003", fmt::format("setval: value {} is out of bounds for sequence \"{}\" ({}..{})",
                               number, sequence->name, sequence->least, sequence->most)));
    }
    sequence->last = number;
    sequence->used = arguments.size() < 3 || arguments[2].value.is_true();
    if (sequence->used) database.session().numbered.insert(id);
  }
  const std::int64_t last = sequence->last;
  database.replace(std::move(sequence));
  return Typed{Value::known(last), plain(TypeClass::int8)};
}

RowScope::RowScope(const Database& database, const Expression& expression, const Row& row) {
  columns.reserve(expression.columns.size());
  values.reserve(expression.columns.size());
  for (const BoundColumn& bound : expression.columns) {
    const auto* table = database.get<Table>(bound.relation);
    if (table == nullptr || bound.column == 0 || bound.column > table->columns.size()) continue;
    columns.push_back({bound.name, table->column(bound.column).type});
    values.push_back(row.at(bound.column - std::size_t{1}));
  }
}

Scope RowScope::scope() const {
  Scope scope;
  scope.relations.push_back({"", columns, values});
  return scope;
}

}  // namespace backout::postgres
