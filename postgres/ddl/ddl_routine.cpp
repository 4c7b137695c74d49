// PostgreSQL tells routines apart by name and types of their inputs; CREATE OR REPLACE may change
// neither the result nor the names of inputs (ProcedureCreate() in pg_proc.c), and the validator of
// the language looks at the body unless check_function_bodies is off.
// Left out: bodies in other languages than SQL and PL/pgSQL; what a BEGIN ATOMIC body depends on;
// the parts of an aggregate, which are kept as text. CREATE of operators, collations, base types
// and text search objects is not known.
#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "postgres/catalog/catalog_more.hpp"
#include "postgres/catalog/names.hpp"
#include "postgres/catalog/object_address.hpp"
#include "postgres/catalog/routines.hpp"
#include "postgres/ddl/define.hpp"
#include "postgres/execute/handlers.hpp"
#include "postgres/plpgsql/plpgsql_tree.hpp"
#include "postgres/plpgsql/sql_function.hpp"
#include "postgres/query/print.hpp"
#include "postgres/read/text.hpp"

namespace backout::postgres {
namespace {

bool is_input(PgQuery__FunctionParameterMode mode) {
  return mode != PG_QUERY__FUNCTION_PARAMETER_MODE__FUNC_PARAM_OUT &&
         mode != PG_QUERY__FUNCTION_PARAMETER_MODE__FUNC_PARAM_TABLE;
}

/// The type of a parameter or result as PostgreSQL prints it, and what it needs.
Checked<std::string> type_text(const Database& database, const PgQuery__TypeName& name,
                               std::vector<Dependency>& needs) {
  auto named = resolve_type(database, name);
  if (!named) return tl::unexpected(named.error());
  named->type.length = -1;
  if (named->type.user != 0) needs.push_back({.on = named->type.user});
  return fmt::format("{}{}", name.setof != 0 ? "SETOF " : "",
                     print_type(database, named->type, ""));
}

std::string option_value(const PgQuery__DefElem& option) {
  if (option.arg == nullptr) return {};
  if (option.arg->node_case == PG_QUERY__NODE__NODE_VARIABLE_SET_STMT) {
    const PgQuery__VariableSetStmt& set = *option.arg->variable_set_stmt;
    std::string text = set.name == nullptr ? "" : set.name;
    for (std::size_t at = 0; at < set.n_args; ++at)
      text += (at == 0 ? "=" : ",") + option_text(set.args[at]);
    return text;
  }
  return option_text(option.arg);
}

/// Whether a routine, of another language than C, has this value of the option when nothing is
/// said.
bool is_standard(std::string_view name, std::string_view value) {
  if ((name == "cost" && value == "100") || (name == "rows" && value == "1000")) return true;
  return (name == "volatility" && value == "volatile") ||
         (name == "parallel" && value == "unsafe") ||
         ((name == "strict" || name == "security" || name == "leakproof") && value == "false");
}

/// What a property is about: its option, of SET the variable, too: "set=search_path".
std::string subject_of(std::string_view property) {
  const std::size_t equal = property.find('=');
  const std::size_t end = property.starts_with("set=") ? property.find('=', equal + 1) : equal;
  return std::string(property.substr(0, std::min(end, property.size())));
}

/// The properties of a routine one by one; behind the defaults of its arguments, which end with
/// semicolons.
std::vector<std::string> properties_of(std::string_view text) {
  constexpr auto kOptions = std::to_array<std::string_view>(
      {"volatility=", "parallel=", "strict=", "security=", "leakproof=", "set=", "cost=", "rows=",
       "support=", "window="});
  std::vector<std::string> properties;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    const bool begins = std::any_of(kOptions.begin(), kOptions.end(), [&](std::string_view option) {
      return word.starts_with(option);
    });
    if (begins || properties.empty())
      properties.emplace_back(word);
    else
      properties.back() += " " + std::string(word);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  std::erase(properties, "");
  return properties;
}

/// ALTER FUNCTION: each action takes the place of what was said of its subject; RESET takes it
/// away.
void change_properties(Function& function, const PgQuery__Node* const* actions, std::size_t count) {
  const std::size_t defaults =
      function.properties.rfind(';') == std::string::npos ? 0 : function.properties.rfind(';') + 1;
  std::vector<std::string> properties =
      properties_of(std::string_view(function.properties).substr(defaults));
  for (std::size_t at = 0; at < count; ++at) {
    const PgQuery__DefElem& action = *actions[at]->def_elem;
    const bool sets =
        action.arg != nullptr && action.arg->node_case == PG_QUERY__NODE__NODE_VARIABLE_SET_STMT;
    const auto kind =
        sets ? action.arg->variable_set_stmt->kind : PG_QUERY__VARIABLE_SET_KIND__VAR_SET_VALUE;
    const std::string property = fmt::format("{}={}", action.defname, option_value(action));
    std::erase_if(properties, [&](const std::string& held) {
      return kind == PG_QUERY__VARIABLE_SET_KIND__VAR_RESET_ALL
                 ? held.starts_with("set=")
                 : subject_of(held) == subject_of(property);
    });
    const bool takes_away = kind == PG_QUERY__VARIABLE_SET_KIND__VAR_RESET ||
                            kind == PG_QUERY__VARIABLE_SET_KIND__VAR_RESET_ALL ||
                            kind == PG_QUERY__VARIABLE_SET_KIND__VAR_SET_DEFAULT;
    if (!takes_away && !is_standard(action.defname, option_value(action)))
      properties.push_back(property);
  }
  std::sort(properties.begin(), properties.end());
  function.properties.resize(defaults);
  for (std::size_t at = 0; at < properties.size(); ++at)
    function.properties += (at == 0 ? "" : " ") + properties[at];
}

/// Options of a routine: language, body and, in one spelling, the rest. Values that are the default
/// are left out.
void read_options(Function& function, const PgQuery__Node* const* options, std::size_t count) {
  std::vector<std::string> properties;
  for (std::size_t at = 0; at < count; ++at) {
    const PgQuery__DefElem& option = *options[at]->def_elem;
    const std::string_view name = option.defname;
    const std::string value = option_value(option);
    if (name == "language") {
      function.language = to_lower(value);
    } else if (name == "as" && option.arg->node_case == PG_QUERY__NODE__NODE_LIST) {
      const PgQuery__List& list = *option.arg->list;
      for (std::size_t part = 0; part < list.n_items; ++part)
        function.body += (part > 0 ? "," : "") + std::string(string_of(list.items[part]));
    } else {
      if (!is_standard(name, value)) properties.push_back(fmt::format("{}={}", name, value));
    }
  }
  std::sort(properties.begin(), properties.end());
  function.properties.clear();
  for (const std::string& property : properties)
    function.properties += (function.properties.empty() ? "" : " ") + property;
}

Checked<void> read_parameters(const Database& database, Function& function,
                              const PgQuery__Node* const* parameters, std::size_t count) {
  std::string table;
  std::string out;
  for (std::size_t at = 0; at < count; ++at) {
    const PgQuery__FunctionParameter& parameter = *parameters[at]->function_parameter;
    auto type = type_text(database, *parameter.arg_type, function.needs);
    if (!type) return tl::unexpected(type.error());
    const std::string name = parameter.name == nullptr ? "" : parameter.name;
    const std::string printed = name.empty() ? *type : quote_identifier(name) + " " + *type;
    if (parameter.mode == PG_QUERY__FUNCTION_PARAMETER_MODE__FUNC_PARAM_TABLE) {
      table += (table.empty() ? "" : ", ") + printed;
      continue;
    }
    std::string mode = function.variety == 'p' ? "IN " : "";
    if (parameter.mode == PG_QUERY__FUNCTION_PARAMETER_MODE__FUNC_PARAM_OUT) mode = "OUT ";
    if (parameter.mode == PG_QUERY__FUNCTION_PARAMETER_MODE__FUNC_PARAM_INOUT) mode = "INOUT ";
    if (parameter.mode == PG_QUERY__FUNCTION_PARAMETER_MODE__FUNC_PARAM_VARIADIC)
      mode = "VARIADIC ";
    function.arguments += (function.arguments.empty() ? "" : ", ") + mode + printed;
    if (is_input(parameter.mode)) {
      function.input_types.push_back(*type);
      function.input_names.push_back(name);
      function.input_defaults.emplace_back();
    } else {
      out += (out.empty() ? "" : ", ") + *type;
    }
    if (parameter.defexpr != nullptr) {
      if (!function.input_defaults.empty())
        function.input_defaults.back() = print_plain(*parameter.defexpr);
      function.properties +=
          fmt::format("default {}={};", name,
                      function.input_defaults.empty() ? "" : function.input_defaults.back());
    }
  }
  if (!table.empty())
    function.returns = "TABLE(" + table + ")";
  else if (function.returns.empty())
    function.returns = out.empty() ? "void" : out;
  return {};
}

ObjectId same_signature(const Database& database, const Function& wanted) {
  for (const ObjectId id : database.lookup_all(NameSpace::routine, wanted.schema, wanted.name)) {
    const auto* function = database.get<Function>(id);
    if (function != nullptr && function->input_types == wanted.input_types) return id;
  }
  return 0;
}

/// 42P13 when CREATE OR REPLACE would change what callers rely on.
Checked<void> may_replace(const Function& before, const Function& after) {
  if (before.returns != after.returns)
    return tl::unexpected(refuse("42P13", "cannot change return type of existing function"));
  if (before.variety != after.variety)
    return tl::unexpected(refuse("42809", "cannot change routine kind"));
  for (std::size_t at = 0; at < before.input_names.size(); ++at) {
    if (!before.input_names[at].empty() && before.input_names[at] != after.input_names[at]) {
      return tl::unexpected(refuse(
          "42P13",
          fmt::format("cannot change name of input parameter \"{}\"", before.input_names[at])));
    }
  }
  const auto given = [](const std::string& expression) { return !expression.empty(); };
  if (std::ranges::count_if(after.input_defaults, given) <
      std::ranges::count_if(before.input_defaults, given)) {
    return tl::unexpected(
        refuse("42P13", "cannot remove parameter defaults from existing function"));
  }
  return {};
}

Checked<void> store(Execution& execution, std::shared_ptr<Function> function, bool replace) {
  Database& database = execution.database;
  const ObjectId old = same_signature(database, *function);
  if (old == 0) {
    database.add(std::move(function));
    return {};
  }
  const Function& before = *database.get<Function>(old);
  if (!replace) {
    return tl::unexpected(refuse(
        "42723",
        fmt::format("function \"{}\" already exists with same argument types", function->name)));
  }
  if (auto allowed = may_replace(before, *function); !allowed) return allowed;
  function->id = old;
  function->comment = before.comment;
  function->grants = before.grants;
  function->owner = before.owner;
  database.replace(std::move(function));
  return {};
}

bool checks_bodies(const Session& session) {
  const auto set = session.settings.find("check_function_bodies");
  return set == session.settings.end() || !set->second ||
         (*set->second != "off" && *set->second != "false" && *set->second != "0");
}

/// What is wrong with a body when the function is made. One of standard SQL was analysed with the
/// statement.
Checked<void> check_body(const Execution& execution, const Function& function, bool standard) {
  if (!checks_bodies(execution.database.session())) return {};
  if (function.language == "sql")
    return standard ? Checked<void>() : check_sql_body(execution, function);
  if (function.language != "plpgsql") return {};
  std::string parameters;
  for (const std::string& name : function.input_names) {
    if (!name.empty())
      parameters +=
          fmt::format("{}{} text", parameters.empty() ? "" : ", ", quote_identifier(name));
  }
  const std::string returns = function.returns == "trigger" ? "trigger" : "void";
  const std::string mistake =
      plpgsql_mistake(fmt::format("f({}) RETURNS {}", parameters, returns), function.body);
  return mistake.empty() ? Checked<void>() : tl::unexpected(refuse("42601", mistake));
}

}  // namespace

Checked<void> create_function(Execution& execution, const PgQuery__Node& node) {
  const PgQuery__CreateFunctionStmt& statement = *node.create_function_stmt;
  const QualifiedName name = qualified(statement.funcname, statement.n_funcname);
  if (name.schema == kTemporarySchema) temporary_schema(execution.database);
  auto schema = creation_schema(execution.database, name.schema);
  if (!schema) return tl::unexpected(schema.error());
  auto function = std::make_shared<Function>();
  function->schema = *schema;
  function->name = truncated_identifier(name.name);
  function->variety = statement.is_procedure != 0 ? 'p' : 'f';
  if (statement.return_type != nullptr) {
    auto type = type_text(execution.database, *statement.return_type, function->needs);
    if (!type) return tl::unexpected(type.error());
    function->returns = std::move(*type);
  }
  read_options(*function, statement.options, statement.n_options);
  std::string options;
  std::swap(options, function->properties);
  if (auto read = read_parameters(execution.database, *function, statement.parameters,
                                  statement.n_parameters);
      !read)
    return read;
  function->properties += options;
  if (statement.sql_body != nullptr) {
    function->language = "sql";
    function->body = print_plain(*statement.sql_body);
  }
  if (function->language.empty()) return tl::unexpected(refuse("42P13", "no language specified"));
  if (auto well_formed = check_body(execution, *function, statement.sql_body != nullptr);
      !well_formed)
    return well_formed;
  return store(execution, std::move(function), statement.replace != 0);
}

Checked<void> define_object(Execution& execution, const PgQuery__Node& node) {
  const PgQuery__DefineStmt& statement = *node.define_stmt;
  if (statement.kind != PG_QUERY__OBJECT_TYPE__OBJECT_AGGREGATE)
    return tl::unexpected(not_known("a CREATE of a kind that is not modelled"));
  const QualifiedName name = qualified(statement.defnames, statement.n_defnames);
  auto schema = creation_schema(execution.database, name.schema);
  if (!schema) return tl::unexpected(schema.error());
  auto function = std::make_shared<Function>();
  function->schema = *schema;
  function->name = name.name;
  function->variety = 'a';
  function->language = "internal";
  for (const std::string& option : storage_options(statement.definition, statement.n_definition))
    function->body += option + ";";
  if (statement.n_args > 0 && statement.args[0]->node_case == PG_QUERY__NODE__NODE_LIST) {
    const PgQuery__List& list = *statement.args[0]->list;
    if (auto read = read_parameters(execution.database, *function, list.items, list.n_items); !read)
      return read;
  }
  for (std::size_t at = 0; statement.oldstyle != 0 && at < statement.n_definition; ++at) {
    // CREATE AGGREGATE name (basetype = type, ...), where "ANY" stands for none.
    const PgQuery__DefElem& option = *statement.definition[at]->def_elem;
    const std::string_view key = option.defname;
    if ((key != "basetype" && key != "sfunc1") || option.arg == nullptr ||
        option.arg->node_case != PG_QUERY__NODE__NODE_TYPE_NAME)
      continue;
    if (key != "basetype" ||
        qualified(option.arg->type_name->names, option.arg->type_name->n_names).name == "any")
      continue;
    auto type = type_text(execution.database, *option.arg->type_name, function->needs);
    if (!type) return tl::unexpected(type.error());
    function->arguments = *type;
    function->input_types.push_back(std::move(*type));
    function->input_names.emplace_back();
    function->input_defaults.emplace_back();
  }
  return store(execution, std::move(function), statement.replace != 0);
}

Checked<void> alter_function(Execution& execution, const PgQuery__Node& node) {
  const PgQuery__AlterFunctionStmt& statement = *node.alter_function_stmt;
  auto id = find_routine(execution, statement.objtype, *statement.func);
  if (!id) return tl::unexpected(id.error());
  if (execution.database.get<Function>(*id) == nullptr)
    return tl::unexpected(not_known("ALTER FUNCTION"));
  auto function = execution.database.edit<Function>(*id);
  change_properties(*function, statement.actions, statement.n_actions);
  execution.database.replace(std::move(function));
  return {};
}

Checked<ObjectId> find_routine(const Execution& execution, PgQuery__ObjectType type,
                               const PgQuery__ObjectWithArgs& routine) {
  const Database& database = execution.database;
  const QualifiedName name = qualified(routine.objname, routine.n_objname);
  std::vector<std::string> wanted;
  for (std::size_t at = 0; at < routine.n_objargs; ++at) {
    if (routine.objargs[at]->node_case != PG_QUERY__NODE__NODE_TYPE_NAME) continue;
    auto named = resolve_type(database, *routine.objargs[at]->type_name);
    if (!named) return tl::unexpected(refuse("42704", named.error().message));
    named->type.length = -1;
    wanted.push_back(print_type(database, named->type, ""));
  }
  std::vector<ObjectId> found;
  for (const ObjectId id : routines_named(database, name.schema, name.name)) {
    const auto* function = database.get<Function>(id);
    if (function == nullptr) continue;
    const bool kind = type != PG_QUERY__OBJECT_TYPE__OBJECT_PROCEDURE || function->variety == 'p';
    if (kind && (routine.args_unspecified != 0 || function->input_types == wanted))
      found.push_back(id);
  }
  if (found.size() > 1)
    return tl::unexpected(
        refuse("42725", fmt::format("function name \"{}\" is not unique", name.name)));
  const bool plain = type == PG_QUERY__OBJECT_TYPE__OBJECT_FUNCTION;
  if (!found.empty() && plain && database.get<Function>(found.front())->variety != 'f') {
    return tl::unexpected(refuse("42809", fmt::format("{} is not a function", name.name)));
  }
  if (!found.empty()) return found.front();
  const bool procedure = type == PG_QUERY__OBJECT_TYPE__OBJECT_PROCEDURE;
  if (procedure && routine.args_unspecified == 0 &&
      find_routine(execution, PG_QUERY__OBJECT_TYPE__OBJECT_ROUTINE, routine)) {
    return tl::unexpected(refuse("42809", fmt::format("{} is not a procedure", name.name)));
  }
  return tl::unexpected(refuse("42883", fmt::format("function {} does not exist", name.name)));
}

}  // namespace backout::postgres
