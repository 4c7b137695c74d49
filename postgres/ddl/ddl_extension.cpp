// CREATE EXTENSION runs the script of the extension that lies beside the server, and everything
// that it makes depends on the extension (CreateExtension() in extension.c). Here what the scripts
// make are facts (extension_facts.inc).
// Left out: versions and ALTER EXTENSION; whether the server has the extension at all; operators,
// casts and operator classes as objects; what a script does besides. What an extension without
// facts brings is in doubt; the rows and views that one brings are not known.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "postgres/catalog/catalog_more.hpp"
#include "postgres/catalog/names.hpp"
#include "postgres/catalog/signatures.hpp"
#include "postgres/execute/handlers.hpp"
#include "postgres/read/sql_reader.hpp"

namespace backout::postgres {
namespace {

std::shared_ptr<Function> function_of(const Signature& signature) {
  auto function = std::make_shared<Function>();
  function->name = signature.name;
  function->variety = signature.kind == 'w' ? 'f' : signature.kind;
  function->language = "c";
  // Bodies are not known: of a volatile one neither what it gives nor what it does.
  function->properties = signature.is_volatile ? "" : "immutable";
  for (std::size_t at = 0; at < signature.arguments.size(); ++at) {
    const ValueType type = built_in_type(signature.arguments[at]);
    const bool repeats = signature.variadic && at + 1 == signature.arguments.size();
    std::string printed =
        type.family == TypeClass::unknown ? std::string(signature.arguments[at]) : describe(type);
    function->arguments +=
        fmt::format("{}{}{}", at == 0 ? "" : ", ", repeats ? "VARIADIC " : "", printed);
    function->input_types.push_back(std::move(printed));
    function->input_names.emplace_back();
    function->input_defaults.emplace_back(
        at + signature.defaults >= signature.arguments.size() ? "NULL" : "");
  }
  const ValueType result = built_in_type(signature.result);
  function->returns =
      result.family == TypeClass::unknown ? std::string(signature.result) : describe(result);
  if (signature.set) function->returns.insert(0, "SETOF ");
  return function;
}

/// Columns of a relation that an extension brings: "name type,name type", types as format_type
/// prints them.
std::vector<Column> columns_of(const Database& database, std::string_view list) {
  const Script script = Script::parse(fmt::format("CREATE TABLE t ({})", list));
  std::vector<Column> columns;
  if (script.mistake()) return columns;
  const PgQuery__CreateStmt& statement = *script.statements()[0].tree->create_stmt;
  for (std::size_t at = 0; at < statement.n_table_elts; ++at) {
    const PgQuery__ColumnDef& definition = *statement.table_elts[at]->column_def;
    Column column;
    column.name = definition.colname;
    if (auto named = resolve_type(database, *definition.type_name)) column.type = named->type;
    columns.push_back(std::move(column));
  }
  return columns;
}

void add_relation(Database& database, ObjectId schema, const Dependency& member,
                  const BroughtRelation& brought) {
  if (brought.kind == 'r') {
    auto table = std::make_shared<Table>();
    table->name = brought.name;
    table->schema = schema;
    table->columns = columns_of(database, brought.columns);
    table->needs.push_back(member);
    const ObjectId id = database.add(std::move(table));
    TableRows rows = database.rows().of(id);
    rows.doubt = fmt::format("the rows that the extension puts into {}", brought.name);
    database.rows().store(id, std::move(rows));
    return;
  }
  auto view = std::make_shared<View>();
  view->name = brought.name;
  view->schema = schema;
  for (const Column& column : columns_of(database, brought.columns))
    view->columns.push_back({column.name, column.type});
  view->needs.push_back(member);
  database.put_in_doubt(database.add(std::move(view)),
                        fmt::format("what the view {} gives", brought.name));
}

void add_contents(Database& database, ObjectId extension, ObjectId schema,
                  const ExtensionFacts& facts) {
  const Dependency member{.on = extension, .kind = DependencyKind::extension};
  for (const std::string_view name : facts.types) {
    auto type = std::make_shared<Type>();
    type->schema = schema;
    type->name = name;
    type->variety = 'b';
    type->needs.push_back(member);
    database.add(std::move(type));
  }
  for (const Signature& signature : facts.functions) {
    auto function = function_of(signature);
    function->schema = schema;
    function->needs.push_back(member);
    database.add(std::move(function));
  }
  for (const BroughtRelation& relation : facts.relations)
    add_relation(database, schema, member, relation);
}

/// Makes the extension that `facts` describes, and before it those that it needs when they are to
/// be made along.
Checked<void> install(Database& database, std::string_view name, std::string schema_name,
                      bool along) {
  const ExtensionFacts* facts = extension_facts(name);
  if (facts != nullptr) {
    for (const std::string_view need : facts->needs) {
      if (need == "plpgsql" || database.lookup(NameSpace::extension, 0, need) != 0) continue;
      if (!along)
        return tl::unexpected(
            refuse("42704", fmt::format("required extension \"{}\" is not installed", need)));
      if (auto made = install(database, need, schema_name, true); !made) return made;
    }
    if (!facts->schema.empty() && facts->schema != "pg_catalog") {
      schema_name = facts->schema;
      if (database.schema_named(schema_name) == 0) {
        auto schema = std::make_shared<Schema>();
        schema->name = schema_name;
        database.add(std::move(schema));
      }
    }
  }
  auto schema = creation_schema(database, schema_name);
  if (!schema) return tl::unexpected(schema.error());
  auto extension = std::make_shared<Extension>();
  extension->name = name;
  extension->definition = database.find(*schema)->name;
  const ObjectId id = database.add(std::move(extension));
  if (facts != nullptr)
    add_contents(database, id, *schema, *facts);
  else
    database.put_in_doubt(id, fmt::format("what the extension \"{}\" brings", name));
  return {};
}

}  // namespace

Checked<void> create_extension(Execution& execution, const PgQuery__Node& node) {
  const PgQuery__CreateExtensionStmt& statement = *node.create_extension_stmt;
  Database& database = execution.database;
  const std::string_view name = statement.extname;
  if (name == "plpgsql" || database.lookup(NameSpace::extension, 0, name) != 0) {
    if (statement.if_not_exists != 0) return {};
    return tl::unexpected(refuse("42710", fmt::format("extension \"{}\" already exists", name)));
  }
  std::string schema_name;
  bool along = false;
  for (std::size_t at = 0; at < statement.n_options; ++at) {
    const PgQuery__DefElem& option = *statement.options[at]->def_elem;
    if (std::string_view(option.defname) == "schema") schema_name = string_of(option.arg);
    along = along || std::string_view(option.defname) == "cascade";
  }
  return install(database, name, std::move(schema_name), along);
}

}  // namespace backout::postgres
