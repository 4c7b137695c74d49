// PL/pgSQL runs a body statement by statement, each SQL statement as a query with the variables as
// parameters; a block with EXCEPTION is a subtransaction (pl_exec.c; manual, chapter "PL/pgSQL").
// Left out: not known are RETURN NEXT, cursors, ASSERT, labels of EXIT and CONTINUE, ROLLBACK,
// EXECUTE of a text and conditions of values that are not known, loops of more than 2,000 rounds.
// Scalars take the type of what they are given, not the declared one; variables of inner blocks get
// their start values when the body begins.
#include "postgres/plpgsql/plpgsql.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "postgres/catalog/catalog_more.hpp"
#include "postgres/catalog/error_conditions.hpp"
#include "postgres/dml/dml.hpp"
#include "postgres/execute/handlers.hpp"
#include "postgres/plpgsql/plpgsql_branches.hpp"
#include "postgres/plpgsql/plpgsql_tree.hpp"
#include "postgres/query/bind.hpp"
#include "postgres/query/expression.hpp"
#include "postgres/query/query.hpp"
#include "postgres/query/row_fields.hpp"
#include "postgres/query/table_surroundings.hpp"
#include "postgres/read/sql_reader.hpp"
#include "postgres/read/text.hpp"
#include "postgres/values/elements.hpp"
#include "postgres/witness/reach.hpp"

namespace backout::postgres {
namespace {

constexpr std::size_t kMostRounds = 2'000;

/// A variable: a value, or the fields of a record.
struct Variable {
  std::string name;
  std::vector<ScopeColumn> columns;
  std::vector<Value> values;
  bool record = false;
  bool of_table = false;  ///< a record with the columns of a table, whatever it holds
};

enum class Flow : std::uint8_t { next, returned, left, again };

/// Conditions that stand for a class ("23000") mean every SQLSTATE of it.
bool stands_for(std::string_view condition, std::string_view sqlstate) {
  const std::string_view meant = sqlstate_of(condition);
  return meant == sqlstate || (meant.ends_with("000") && sqlstate.starts_with(meant.substr(0, 2)));
}

class Interpreter {
 public:
  explicit Interpreter(Execution& execution) : execution_(execution) {}

  Checked<Typed> run(const std::string& body, const PlpgsqlArguments& arguments,
                     bool rows = false) {
    std::string header;
    for (const auto& [name, value] : arguments) {
      header += fmt::format("{}\"{}\" text", header.empty() ? "" : ", ", name);
      variables_.push_back({name, {{name, value.type}}, {value.value}});
    }
    auto done =
        run_tree(fmt::format("f({}) RETURNS {}", header, rows ? "SETOF record" : "void"), body);
    if (!done) return tl::unexpected(done.error());
    return result_;
  }

  const Relation& returned_rows() const { return returned_rows_; }

  Checked<std::optional<TriggerRow>> run(const std::string& body, const TriggerCall& call) {
    const std::map<char, std::string> deeds = {
        {'i', "INSERT"}, {'u', "UPDATE"}, {'d', "DELETE"}, {'t', "TRUNCATE"}};
    const std::pair<const char*, std::string> texts[] = {
        {"tg_op", deeds.at(call.what)},
        {"tg_when", call.timing == 'b' ? "BEFORE" : "AFTER"},
        {"tg_level", call.row ? "ROW" : "STATEMENT"},
        {"tg_name", call.name},
        {"tg_table_name", call.table},
        {"tg_relname", call.table},
        {"tg_table_schema", call.schema}};
    for (const auto& [name, text] : texts)
      variables_.push_back({name, {{name, plain(TypeClass::text)}}, {Value::known(text)}});
    variables_.push_back({"tg_nargs",
                          {{"tg_nargs", plain(TypeClass::int4)}},
                          {Value::known(static_cast<std::int64_t>(call.arguments.size()))}});
    add_arguments(call.arguments);
    if (call.now) add_record("new", *call.now);
    if (call.old) add_record("old", *call.old);
    in_trigger_ = true;
    auto done = run_tree("f() RETURNS trigger", body);
    if (!done) return tl::unexpected(done.error());
    return returned_row_;
  }

 private:
  /// Fields of a record are seen with its name before them only.
  void add_record(const std::string& name, TriggerRow row) {
    for (ScopeColumn& column : row.columns) column.merged = true;
    variables_.push_back({name, std::move(row.columns), std::move(row.values), true, true});
  }

  /// TG_ARGV counts from 0.
  void add_arguments(const std::vector<std::string>& arguments) {
    ValueType type = plain(TypeClass::text);
    type.dimensions = 1;
    const std::vector<std::optional<std::string>> elements(arguments.begin(), arguments.end());
    const std::string bounds =
        arguments.empty() ? "" : fmt::format("[0:{}]=", arguments.size() - 1);
    variables_.push_back(
        {"tg_argv", {{"tg_argv", type}}, {Value::known(bounds + join_array(elements))}});
  }

  Checked<void> run_tree(const std::string& header, const std::string& body) {
    body_ = std::hash<std::string>()(body);
    const auto tree = plpgsql_tree(header, body);
    const PlpgsqlTree& function = *tree;
    if (function.is_null()) return tl::unexpected(not_known("a PL/pgSQL body that cannot be read"));
    if (Reach* watching = execution_.database.reach();
        watching != nullptr && watching->first_time(body)) {
      for (const BodyStatement& part :
           statements_in_branches(execution_.database, *watching, function))
        watching->note_branch(body_, part.text, part.line, false);
    }
    if (auto declared = declare(function.value("datums", PlpgsqlTree::array())); !declared)
      return tl::unexpected(declared.error());
    auto flow = block(function.at("action").at("PLpgSQL_stmt_block"));
    if (!flow) return tl::unexpected(flow.error());
    return {};
  }

  static std::string query_of(const PlpgsqlTree& expression) {
    return expression["PLpgSQL_expr"].value("query", "");
  }

  Checked<void> declare(const PlpgsqlTree& datums) {
    for (const PlpgsqlTree& datum : datums) {
      datum_names_.push_back(datum.empty() ? "" : datum.begin().value().value("refname", ""));
      if (!datum.contains("PLpgSQL_var")) continue;
      const PlpgsqlTree& variable = datum["PLpgSQL_var"];
      const std::string name = variable.value("refname", "");
      const std::string type = variable.contains("datatype")
                                   ? variable["datatype"]["PLpgSQL_type"].value("typname", "")
                                   : "";
      if (type == kFieldType || find(name) != nullptr) continue;
      if (auto record = record_of(name, std::string(trim(to_lower(type))))) {
        variables_.push_back(std::move(*record));
        continue;
      }
      Typed start{Value(), plain(TypeClass::unknown_literal)};
      if (variable.contains("default_val")) {
        auto value = evaluate_text(query_of(variable["default_val"]));
        if (!value) return tl::unexpected(value.error());
        start = std::move(*value);
      }
      variables_.push_back({name, {{name, start.type}}, {start.value}});
    }
    return {};
  }

  /// The variable when its type is `record` or that of a table's rows.
  std::optional<Variable> record_of(const std::string& name, std::string type) const {
    if (type == "record") return Variable{name, {}, {}, true};
    if (type.ends_with("%rowtype")) type.resize(type.size() - 8);
    const ObjectId id =
        type.empty() ? 0 : resolve(execution_.database, NameSpace::relation, name_from_text(type));
    const auto* table = execution_.database.get<Table>(id);
    if (table == nullptr) return std::nullopt;
    VisibleColumns visible = visible_columns(*table);
    for (ScopeColumn& column : visible.columns) column.merged = true;
    std::vector<Value> values(visible.columns.size());
    return Variable{name, std::move(visible.columns), std::move(values), true, true};
  }

  Variable* find(std::string_view name) {
    const auto found = std::find_if(variables_.rbegin(), variables_.rend(),
                                    [&](const Variable& v) { return v.name == name; });
    return found == variables_.rend() ? nullptr : &*found;
  }

  Scope scope() const {
    Scope scope;
    for (const Variable& variable : variables_)
      scope.relations.push_back({variable.name, variable.columns, variable.values});
    return scope;
  }

  Checked<Relation> select(const std::string& text) {
    const Script script = plpgsql_script(text);
    if (script.mistake() || script.statements().size() != 1)
      return tl::unexpected(not_known("a query inside PL/pgSQL"));
    const PgQuery__Node& node = *script.statements()[0].tree;
    Execution inner{execution_.database, script.owner(), execution_.depth};
    const Reach::Reading reading(execution_.database, text);
    TableSurroundings surroundings(inner);
    if (node.node_case == PG_QUERY__NODE__NODE_SELECT_STMT)
      return run_select(*node.select_stmt, scope(), surroundings);
    return run_modification(inner, node, scope());
  }

  Checked<Typed> evaluate_text(const std::string& expression) {
    auto rows = select("SELECT " + expression);
    if (!rows) return tl::unexpected(rows.error());
    if (rows->rows.size() != 1 || rows->columns.empty())
      return Typed{Value(), plain(TypeClass::unknown)};
    return Typed{rows->rows[0][0], rows->columns[0].type};
  }

  /// yes or no; unknown stops.
  Checked<bool> condition(const PlpgsqlTree& expression) {
    auto value = evaluate_text(query_of(expression));
    if (!value) return tl::unexpected(value.error());
    if (value->value.is_symbol()) return tl::unexpected(not_known("a condition inside PL/pgSQL"));
    return value->value.is_true();
  }

  Checked<Flow> block(const PlpgsqlTree& block) {
    if (!block.contains("exceptions")) return statements(block.value("body", PlpgsqlTree::array()));
    const Database before = execution_.database;
    auto flow = statements(block.value("body", PlpgsqlTree::array()));
    if (flow || flow.error().kind == Stop::Kind::unknown) return flow;
    for (const PlpgsqlTree& handler : block["exceptions"]["PLpgSQL_exception_block"]["exc_list"]) {
      const PlpgsqlTree& exception = handler["PLpgSQL_exception"];
      if (!catches(exception["conditions"], flow.error().sqlstate)) continue;
      execution_.database = before;
      return statements(exception.value("action", PlpgsqlTree::array()));
    }
    return flow;
  }

  static bool catches(const PlpgsqlTree& conditions, std::string_view sqlstate) {
    return std::any_of(conditions.begin(), conditions.end(), [&](const PlpgsqlTree& condition) {
      const std::string name = condition["PLpgSQL_condition"].value("condname", "");
      return name == "others" || stands_for(name, sqlstate);
    });
  }

  Checked<Flow> statements(const PlpgsqlTree& body) {
    for (const PlpgsqlTree& statement : body) {
      auto flow = this->statement(statement.begin().key(), statement.begin().value());
      if (!flow || *flow != Flow::next) return flow;
    }
    return Flow::next;
  }

  Checked<Flow> statement(const std::string& kind, const PlpgsqlTree& node) {
    if (Reach* watching = execution_.database.reach()) {
      if (const BodyStatement part = telling_statement(*watching, kind, node); !part.text.empty())
        watching->note_branch(body_, part.text, part.line, true);
    }
    if (kind == "PLpgSQL_stmt_block") return block(node);
    if (kind == "PLpgSQL_stmt_execsql") return sql(node, query_of(node["sqlstmt"]));
    if (kind == "PLpgSQL_stmt_perform") return perform(query_of(node["expr"]));
    if (kind == "PLpgSQL_stmt_dynexecute") return dynamic(node);
    if (kind == "PLpgSQL_stmt_if") return branch(node);
    if (kind == "PLpgSQL_stmt_case") return choose(node);
    if (kind == "PLpgSQL_stmt_raise") return raise(node);
    if (kind == "PLpgSQL_stmt_assign") return assign(query_of(node["expr"]));
    if (kind == "PLpgSQL_stmt_return") return leave(node);
    if (kind == "PLpgSQL_stmt_exit") return leave_loop(node);
    if (kind == "PLpgSQL_stmt_loop" || kind == "PLpgSQL_stmt_while") return repeat(node);
    if (kind == "PLpgSQL_stmt_dynfors") return dynamic_loop(node);
    if (kind == "PLpgSQL_stmt_getdiag") return diagnostics(node);
    if (kind == "PLpgSQL_stmt_return_query") return add_rows(node);
    if (kind == "PLpgSQL_stmt_call")
      return after(select("SELECT " + std::string(trim(query_of(node["expr"])).substr(4))));
    if (kind == "PLpgSQL_stmt_commit" || kind == "PLpgSQL_stmt_rollback")
      return end_transaction(kind);
    if (kind == "PLpgSQL_stmt_fors") return loop(node, query_of(node["query"]));
    if (kind == "PLpgSQL_stmt_fori") return count(node);
    if (kind == "PLpgSQL_stmt_foreach_a") return each(node);
    return tl::unexpected(not_known(
        fmt::format("{} inside PL/pgSQL", kind.substr(std::min<std::size_t>(kind.size(), 13)))));
  }

  template <class Result>
  static Checked<Flow> after(const Checked<Result>& done) {
    if (!done) return tl::unexpected(done.error());
    return Flow::next;
  }

  Checked<Flow> sql(const PlpgsqlTree& node, const std::string& text) {
    const Script script = Script::parse(text);
    if (script.mistake() && script.mistake()->sqlstate.empty())
      return tl::unexpected(not_known(script.mistake()->message));
    if (script.mistake())
      return tl::unexpected(refuse(script.mistake()->sqlstate, script.mistake()->message));
    for (const Script::Statement& part : script.statements()) {
      const auto kind = part.tree->node_case;
      const bool rows =
          kind == PG_QUERY__NODE__NODE_SELECT_STMT || kind == PG_QUERY__NODE__NODE_INSERT_STMT ||
          kind == PG_QUERY__NODE__NODE_UPDATE_STMT || kind == PG_QUERY__NODE__NODE_DELETE_STMT;
      if (!rows) {
        Execution inner{execution_.database, script.owner(), execution_.depth};
        if (auto done = execute_nested(inner, *part.tree); !done)
          return tl::unexpected(done.error());
        continue;
      }
      auto result = select(text.substr(part.begin, part.end - part.begin));
      if (!result) return tl::unexpected(result.error());
      count_rows(*result);
      if (!node.value("into", false)) continue;
      if (auto refused = check_strict(node, *result)) return tl::unexpected(*refused);
      if (auto stored = store_into(node["target"], *result); !stored)
        return tl::unexpected(stored.error());
    }
    return Flow::next;
  }

  Checked<Flow> perform(const std::string& text) {
    auto rows = select(text);
    if (!rows) return tl::unexpected(rows.error());
    count_rows(*rows);
    return Flow::next;
  }

  /// Sets FOUND and what GET DIAGNOSTICS says.
  void count_rows(const Relation& rows) {
    const bool sure =
        std::all_of(rows.certain.begin(), rows.certain.end(), [](bool certain) { return certain; });
    const bool some =
        std::any_of(rows.certain.begin(), rows.certain.end(), [](bool certain) { return certain; });
    const auto symbol = [&] {
      return Value::symbol(Symbol::present, execution_.database.new_identity());
    };
    row_count_ = sure ? Value::known(static_cast<std::int64_t>(rows.rows.size())) : symbol();
    set("found", {sure || some ? Value::boolean(some) : symbol(), plain(TypeClass::boolean)});
  }

  void set(std::string_view name, const Typed& value) {
    if (Variable* variable = find(name))
      *variable = {variable->name, {{variable->name, value.type}}, {value.value}, false};
  }

  /// INTO STRICT wants one row.
  static std::optional<Stop> check_strict(const PlpgsqlTree& node, const Relation& rows) {
    if (!node.value("strict", false)) return std::nullopt;
    if (std::any_of(rows.certain.begin(), rows.certain.end(),
                    [](bool certain) { return !certain; }))
      return not_known("INTO STRICT");
    if (rows.rows.empty()) return refuse("P0002", "query returned no rows");
    if (rows.rows.size() > 1) return refuse("P0003", "query returned more than one row");
    return std::nullopt;
  }

  /// A field of a record, `record.field`.
  Checked<void> store_field(const std::string& target, const Typed& value) {
    const std::size_t dot = target.find('.');
    Variable* record = dot == std::string::npos ? nullptr : find(target.substr(0, dot));
    const auto is_field = [&](const ScopeColumn& column) {
      return column.name == target.substr(dot + 1);
    };
    const auto field =
        record == nullptr
            ? std::size_t{0}
            : static_cast<std::size_t>(std::ranges::find_if(record->columns, is_field) -
                                       record->columns.begin());
    if (record == nullptr || field == record->columns.size())
      return tl::unexpected(not_known(fmt::format("INTO {}", target)));
    auto stored = converted(value, record->columns[field].type);
    if (!stored) return tl::unexpected(stored.error());
    record->values[field] = std::move(*stored);
    return {};
  }

  static bool same_names(const std::vector<ScopeColumn>& left,
                         const std::vector<ScopeColumn>& right) {
    return std::ranges::equal(left, right, {}, &ScopeColumn::name, &ScopeColumn::name);
  }

  Checked<void> store_into(const PlpgsqlTree& target, Relation rows) {
    // Which row comes first is open when one of them need not be there.
    if (!rows.rows.empty() && !rows.certain[0]) {
      for (Value& value : rows.rows[0])
        value = Value::symbol(Symbol::opaque, execution_.database.new_identity());
    }
    if (!target.contains("PLpgSQL_row")) return {};
    const PlpgsqlTree& fields = target["PLpgSQL_row"]["fields"];
    const bool found = !rows.rows.empty();
    for (std::size_t at = 0; at < fields.size(); ++at) {
      const std::string name = fields[at].value("name", "");
      Variable* variable = find(name);
      if (variable == nullptr) {
        if (at >= rows.columns.size()) continue;
        if (auto stored =
                store_field(name, {found ? rows.rows[0][at] : Value(), rows.columns[at].type});
            !stored)
          return stored;
        continue;
      }
      if (fields.size() == 1 && (variable->record || rows.columns.size() > 1)) {
        variable->of_table = variable->of_table && same_names(variable->columns, rows.columns);
        variable->record = true;
        variable->columns = rows.columns;
        for (ScopeColumn& column : variable->columns) column.merged = true;
        variable->values = found ? rows.rows[0] : std::vector<Value>(rows.columns.size());
      } else if (at < rows.columns.size()) {
        variable->columns = {{variable->name, rows.columns[at].type}};
        variable->values = {found ? rows.rows[0][at] : Value()};
      }
    }
    return {};
  }

  Checked<Flow> dynamic(const PlpgsqlTree& node) {
    const std::string expression = query_of(node["query"]);
    auto text = evaluate_text(expression);
    if (!text) return tl::unexpected(text.error());
    if (!text->value.is_known()) return about_this_database(expression);
    // $1, $2, ... are seen by the text alone.
    const std::size_t known = variables_.size();
    if (auto added = add_parameters(node); !added) return tl::unexpected(added.error());
    auto flow = sql(node, text->value.text());
    variables_.resize(known);
    return flow;
  }

  Checked<void> add_parameters(const PlpgsqlTree& node) {
    const std::size_t known = variables_.size();
    for (const PlpgsqlTree& parameter : node.value("params", PlpgsqlTree::array())) {
      auto value = evaluate_text(query_of(parameter));
      if (!value) return tl::unexpected(value.error());
      const std::string name = fmt::format("${}", variables_.size() - known + 1);
      variables_.push_back({name, {{name, value->type}}, {value->value}});
    }
    return {};
  }

  /// EXECUTE of a text that holds the name of the database: nothing is known of that name, but
  /// GRANT, ALTER and COMMENT ON DATABASE change nothing that the fake keeps, whatever it is.
  Checked<Flow> about_this_database(std::string expression) {
    constexpr std::string_view kCall = "current_database()";
    std::size_t found = 0;
    for (std::size_t at = expression.find(kCall); at != std::string::npos;
         at = expression.find(kCall)) {
      expression.replace(at, kCall.size(), "'this_database'");
      ++found;
    }
    const auto text = found > 0 ? evaluate_text(expression) : Checked<Typed>(Typed{});
    if (!text || !text->value.is_known()) return tl::unexpected(not_known(kUnknownText));
    const Script script = Script::parse(text->value.text());
    const bool all =
        !script.mistake() &&
        std::all_of(script.statements().begin(), script.statements().end(),
                    [](const Script::Statement& part) { return concerns_database(*part.tree); });
    if (!all) return tl::unexpected(not_known(kUnknownText));
    return sql(PlpgsqlTree::object(), text->value.text());
  }

  static bool concerns_database(const PgQuery__Node& node) {
    switch (node.node_case) {
      case PG_QUERY__NODE__NODE_GRANT_STMT:
        return node.grant_stmt->objtype == PG_QUERY__OBJECT_TYPE__OBJECT_DATABASE;
      case PG_QUERY__NODE__NODE_COMMENT_STMT:
        return node.comment_stmt->objtype == PG_QUERY__OBJECT_TYPE__OBJECT_DATABASE;
      case PG_QUERY__NODE__NODE_ALTER_DATABASE_SET_STMT:
        return true;
      default:
        return false;
    }
  }

  Checked<Flow> branch(const PlpgsqlTree& node) {
    const auto holds = condition(node["cond"]);
    if (!holds) return tl::unexpected(holds.error());
    if (*holds) return statements(node.value("then_body", PlpgsqlTree::array()));
    for (const PlpgsqlTree& part : node.value("elsif_list", PlpgsqlTree::array())) {
      const PlpgsqlTree& other = part["PLpgSQL_if_elsif"];
      const auto chosen = condition(other["cond"]);
      if (!chosen) return tl::unexpected(chosen.error());
      if (*chosen) return statements(other.value("stmts", PlpgsqlTree::array()));
    }
    return statements(node.value("else_body", PlpgsqlTree::array()));
  }

  /// CASE. The parser keeps the value of a simple CASE in a variable that the conditions name.
  Checked<Flow> choose(const PlpgsqlTree& node) {
    if (node.contains("t_expr")) {
      auto value = evaluate_text(query_of(node["t_expr"]));
      if (!value) return tl::unexpected(value.error());
      Variable* variable = find(datum_names_.at(node.value("t_varno", std::size_t{0})));
      if (variable == nullptr) return tl::unexpected(not_known("a CASE inside PL/pgSQL"));
      *variable = {variable->name, {{variable->name, value->type}}, {value->value}};
    }
    for (const PlpgsqlTree& part : node.value("case_when_list", PlpgsqlTree::array())) {
      const PlpgsqlTree& when = part["PLpgSQL_case_when"];
      const auto chosen = condition(when["expr"]);
      if (!chosen) return tl::unexpected(chosen.error());
      if (*chosen) return statements(when.value("stmts", PlpgsqlTree::array()));
    }
    if (!node.value("have_else", false)) return tl::unexpected(refuse("20000", "case not found"));
    return statements(node.value("else_stmts", PlpgsqlTree::array()));
  }

  static Checked<Flow> raise(const PlpgsqlTree& node) {
    if (node.value("elog_level", kErrorLevel) < kErrorLevel) return Flow::next;
    const std::string condition = node.value("condname", "");
    return tl::unexpected(refuse(condition.empty() ? "P0001" : sqlstate_of(condition),
                                 node.value("message", condition)));
  }

  /// EXIT and CONTINUE, of the innermost loop.
  Checked<Flow> leave_loop(const PlpgsqlTree& node) {
    if (node.contains("cond")) {
      const auto wanted = condition(node["cond"]);
      if (!wanted) return tl::unexpected(wanted.error());
      if (!*wanted) return Flow::next;
    }
    if (node.contains("label")) return tl::unexpected(not_known("EXIT or CONTINUE with a label"));
    return node.value("is_exit", false) ? Flow::left : Flow::again;
  }

  /// LOOP and WHILE.
  Checked<Flow> repeat(const PlpgsqlTree& node) {
    for (std::size_t round = 0; round < kMostRounds; ++round) {
      if (node.contains("cond")) {
        const auto goes_on = condition(node["cond"]);
        if (!goes_on) return tl::unexpected(goes_on.error());
        if (!*goes_on) return Flow::next;
      }
      auto flow = statements(node.value("body", PlpgsqlTree::array()));
      if (!flow || *flow == Flow::returned) return flow;
      if (*flow == Flow::left) return Flow::next;
    }
    return tl::unexpected(not_known("a long loop inside PL/pgSQL"));
  }

  /// The rows of the query whose text an expression gives.
  Checked<Relation> dynamic_rows(const PlpgsqlTree& node, const PlpgsqlTree& query) {
    auto text = evaluate_text(query_of(query));
    if (!text) return tl::unexpected(text.error());
    if (!text->value.is_known()) return tl::unexpected(not_known(kUnknownText));
    const std::size_t known = variables_.size();
    if (auto added = add_parameters(node); !added) return tl::unexpected(added.error());
    auto rows = select(text->value.text());
    variables_.resize(known);
    return rows;
  }

  /// FOR ... IN EXECUTE.
  Checked<Flow> dynamic_loop(const PlpgsqlTree& node) {
    auto rows = dynamic_rows(node, node["query"]);
    return rows ? loop(node, *rows) : Checked<Flow>(tl::unexpected(rows.error()));
  }

  Checked<Flow> diagnostics(const PlpgsqlTree& node) {
    for (const PlpgsqlTree& part : node.value("diag_items", PlpgsqlTree::array())) {
      const PlpgsqlTree& item = part["PLpgSQL_diag_item"];
      const auto place = item.value("target", std::size_t{0});
      if (place >= datum_names_.size()) return tl::unexpected(not_known("GET DIAGNOSTICS"));
      const bool rows = item.value("kind", "") == "ROW_COUNT";
      const Value other = Value::symbol(Symbol::present, execution_.database.new_identity());
      set(datum_names_[place],
          {rows ? row_count_ : other, plain(rows ? TypeClass::int8 : TypeClass::text)});
    }
    return Flow::next;
  }

  /// RETURN QUERY, of a text too (EXECUTE).
  Checked<Flow> add_rows(const PlpgsqlTree& node) {
    if (!node.contains("query") && !node.contains("dynquery"))
      return tl::unexpected(not_known("RETURN QUERY"));
    auto rows = node.contains("query") ? select(query_of(node["query"]))
                                       : dynamic_rows(node, node["dynquery"]);
    if (!rows) return tl::unexpected(rows.error());
    count_rows(*rows);
    if (returned_rows_.columns.empty()) returned_rows_.columns = rows->columns;
    returned_rows_.rows.insert(returned_rows_.rows.end(), rows->rows.begin(), rows->rows.end());
    returned_rows_.certain.insert(returned_rows_.certain.end(), rows->certain.begin(),
                                  rows->certain.end());
    return Flow::next;
  }

  /// COMMIT inside a procedure: a transaction that a client began cannot be ended there.
  Checked<Flow> end_transaction(const std::string& kind) {
    if (execution_.database.session().in_transaction)
      return tl::unexpected(refuse("2D000", "invalid transaction termination"));
    if (kind == "PLpgSQL_stmt_rollback")
      return tl::unexpected(not_known("ROLLBACK inside PL/pgSQL"));
    return Flow::next;
  }

  /// "name := expression", as the parser keeps it.
  Checked<Flow> assign(const std::string& text) {
    std::size_t at = text.find(":=");
    std::size_t width = 2;
    if (at == std::string::npos) {
      at = text.find('=');
      width = 1;
    }
    if (at == std::string::npos) return tl::unexpected(not_known("an assignment inside PL/pgSQL"));
    std::string name = text.substr(0, at);
    name.erase(name.find_last_not_of(" \t\r\n") + 1);
    if (const std::size_t dot = name.find('.'); dot != std::string::npos) {
      return assign_field(folded(name.substr(0, dot)), folded(name.substr(dot + 1)),
                          text.substr(at + width));
    }
    Variable* variable = find(folded(name));
    const std::string value_text(trim(std::string_view(text).substr(at + width)));
    const Variable* whole = find(folded(value_text));
    if (variable != nullptr && whole != nullptr && whole->record &&
        (!variable->of_table || same_names(variable->columns, whole->columns))) {
      variable->columns = whole->columns;
      variable->values = whole->values;
      return Flow::next;
    }
    if (variable == nullptr)
      return tl::unexpected(not_known(fmt::format("an assignment to {}", name)));
    if (variable->of_table) return assign_row(*variable, value_text);
    if (variable->record)
      return tl::unexpected(not_known(fmt::format("an assignment to {}", name)));
    auto value = evaluate_text(value_text);
    if (!value) return tl::unexpected(value.error());
    variable->columns = {{variable->name, value->type}};
    variable->values = {value->value};
    return Flow::next;
  }

  /// A row or NULL to a variable that has the columns of a table.
  Checked<Flow> assign_row(Variable& variable, const std::string& text) {
    const Stop other = not_known(fmt::format("an assignment to {}", variable.name));
    const Script script = plpgsql_script("SELECT " + text);
    if (script.mistake() || script.statements().size() != 1) return tl::unexpected(other);
    const PgQuery__Node& tree = *script.statements()[0].tree;
    const PgQuery__SelectStmt* select =
        tree.node_case == PG_QUERY__NODE__NODE_SELECT_STMT ? tree.select_stmt : nullptr;
    if (select == nullptr || select->n_target_list != 1 || select->n_from_clause > 0)
      return tl::unexpected(other);
    const PgQuery__Node& node = *select->target_list[0]->res_target->val;
    std::vector<Value> values(variable.columns.size());
    const bool null = node.node_case == PG_QUERY__NODE__NODE_A_CONST && node.a_const->isnull != 0;
    if (!null) {
      TableSurroundings surroundings(execution_);
      const auto fields = row_fields(node, scope(), surroundings);
      if (!fields) return tl::unexpected(fields.error());
      if (!*fields || (*fields)->size() != values.size()) return tl::unexpected(other);
      for (std::size_t at = 0; at < values.size(); ++at) {
        auto stored = converted((**fields)[at], variable.columns[at].type);
        if (!stored) return tl::unexpected(stored.error());
        values[at] = std::move(*stored);
      }
    }
    variable.values = std::move(values);
    return Flow::next;
  }

  /// A name as PostgreSQL keeps it: quotes off, else in lower case.
  static std::string folded(const std::string& name) {
    const bool quoted = name.size() > 1 && name.front() == '"' && name.back() == '"';
    return quoted ? name.substr(1, name.size() - 2) : to_lower(name);
  }

  Checked<Flow> assign_field(const std::string& record, const std::string& field,
                             const std::string& expression) {
    Variable* variable = find(record);
    if (variable == nullptr)
      return tl::unexpected(not_known(fmt::format("an assignment to {}.{}", record, field)));
    const auto found =
        std::find_if(variable->columns.begin(), variable->columns.end(),
                     [&](const ScopeColumn& column) { return column.name == field; });
    if (found == variable->columns.end() && in_trigger_ && (record == "new" || record == "old")) {
      return tl::unexpected(
          refuse("42703", fmt::format("record \"{}\" has no field \"{}\"", record, field)));
    }
    if (found == variable->columns.end())
      return tl::unexpected(not_known(fmt::format("an assignment to {}.{}", record, field)));
    const auto at = static_cast<std::size_t>(found - variable->columns.begin());
    auto value = evaluate_text(expression);
    if (!value) return tl::unexpected(value.error());
    auto stored = converted(*value, variable->columns[at].type);
    if (!stored) return tl::unexpected(stored.error());
    variable->values[at] = std::move(*stored);
    return Flow::next;
  }

  /// Where SQL knows no assignment cast, PL/pgSQL goes by the text.
  Checked<Value> converted(const Typed& value, const ValueType& type) {
    TableSurroundings surroundings(execution_);
    auto stored = coerce(value, type, false, surroundings);
    return stored || stored.error().sqlstate != "42804" ? stored
                                                        : coerce(value, type, true, surroundings);
  }

  /// RETURN of a trigger function: NULL or a record.
  Checked<Flow> leave_trigger(const std::string& expression) {
    const std::string name = folded(std::string(trim(expression)));
    if (name == "null") return Flow::returned;
    const Variable* row = find(name);
    if (row == nullptr || row->columns.size() != row->values.size())
      return tl::unexpected(not_known("what a trigger function returns"));
    returned_row_ = TriggerRow{row->columns, row->values};
    return Flow::returned;
  }

  Checked<Flow> leave(const PlpgsqlTree& node) {
    if (in_trigger_) return leave_trigger(node.contains("expr") ? query_of(node["expr"]) : "");
    if (node.contains("expr")) {
      auto value = evaluate_text(query_of(node["expr"]));
      if (!value) return tl::unexpected(value.error());
      result_ = std::move(*value);
    }
    return Flow::returned;
  }

  Checked<Flow> loop(const PlpgsqlTree& node, const std::string& query) {
    auto rows = select(query);
    return rows ? loop(node, *rows) : Checked<Flow>(tl::unexpected(rows.error()));
  }

  Checked<Flow> loop(const PlpgsqlTree& node, const Relation& rows) {
    if (rows.rows.size() > kMostRounds)
      return tl::unexpected(not_known("a long loop inside PL/pgSQL"));
    for (std::size_t at = 0; at < rows.rows.size(); ++at) {
      if (!rows.certain[at])
        return tl::unexpected(not_known("a loop over rows that are not known"));
      Relation one{rows.columns, {rows.rows[at]}, {true}};
      if (auto stored = store_into(node["var"], one); !stored)
        return tl::unexpected(stored.error());
      auto flow = statements(node.value("body", PlpgsqlTree::array()));
      if (!flow || *flow == Flow::returned) return flow;
      if (*flow == Flow::left) break;
    }
    return Flow::next;
  }

  Checked<Flow> each(const PlpgsqlTree& node) {
    auto array = evaluate_text(query_of(node["expr"]));
    if (!array) return tl::unexpected(array.error());
    const auto elements =
        array->value.is_known() ? flat_elements(array->value.text()) : std::nullopt;
    const auto place = static_cast<std::size_t>(node.value("varno", 0));
    Variable* variable = place < datum_names_.size() ? find(datum_names_[place]) : nullptr;
    if (!elements || variable == nullptr) return tl::unexpected(not_known("a loop over an array"));
    for (const auto& element : *elements) {
      const Typed typed = element_of(array->type, element);
      variable->columns = {{variable->name, typed.type}};
      variable->values = {typed.value};
      auto flow = statements(node.value("body", PlpgsqlTree::array()));
      if (!flow || *flow == Flow::returned) return flow;
      if (*flow == Flow::left) break;
    }
    return Flow::next;
  }

  struct Steps {
    long from;
    long to;
    long step;
    bool backwards;
  };

  /// FOR ... IN [REVERSE] lower..upper [BY step]: of REVERSE the first bound is where it begins.
  Checked<Steps> loop_of(const PlpgsqlTree& node, const Typed& first, const Typed& last) {
    Typed step{Value::known(std::int64_t{1}), plain(TypeClass::int4)};
    if (node.contains("step")) {
      auto said = evaluate_text(query_of(node["step"]));
      if (!said) return tl::unexpected(said.error());
      step = std::move(*said);
    }
    if (first.value.is_null() || last.value.is_null() || step.value.is_null())
      return tl::unexpected(refuse("22004", "a bound of FOR loop cannot be null"));
    if (!first.value.is_known() || !last.value.is_known() || !step.value.is_known())
      return tl::unexpected(not_known("a loop inside PL/pgSQL"));
    const auto number = [](const Typed& value) { return std::atol(value.value.text().c_str()); };
    if (number(step) <= 0)
      return tl::unexpected(refuse("22023", "BY value of FOR loop must be greater than zero"));
    return Steps{number(first), number(last), number(step), node.value("reverse", false)};
  }

  Checked<Flow> count(const PlpgsqlTree& node) {
    const auto lower = evaluate_text(query_of(node["lower"]));
    const auto upper = evaluate_text(query_of(node["upper"]));
    if (!lower || !upper) return tl::unexpected(!lower ? lower.error() : upper.error());
    const auto bounds = loop_of(node, *lower, *upper);
    if (!bounds) return tl::unexpected(bounds.error());
    const auto [from, to, step, backwards] = *bounds;
    if ((backwards ? from - to : to - from) / step > static_cast<long>(kMostRounds))
      return tl::unexpected(not_known("a long loop inside PL/pgSQL"));
    Variable* variable = find(node["var"]["PLpgSQL_var"].value("refname", ""));
    if (variable == nullptr) return tl::unexpected(not_known("a loop inside PL/pgSQL"));
    for (long number = from; backwards ? number >= to : number <= to;
         number += backwards ? -step : step) {
      variable->columns = {{variable->name, plain(TypeClass::int4)}};
      variable->values = {Value::known(std::int64_t{number})};
      auto flow = statements(node.value("body", PlpgsqlTree::array()));
      if (!flow || *flow == Flow::returned) return flow;
      if (*flow == Flow::left) break;
    }
    return Flow::next;
  }

  Execution& execution_;
  std::size_t body_ = 0;  ///< a hash of what runs
  std::vector<Variable> variables_;
  std::vector<std::string> datum_names_;  ///< by the parser's number of the variable
  Typed result_{Value(), plain(TypeClass::unknown)};
  Relation returned_rows_;  ///< of RETURN QUERY
  Value row_count_ = Value::known(std::int64_t{0});
  bool in_trigger_ = false;
  std::optional<TriggerRow> returned_row_;
};

}  // namespace

Checked<Typed> run_plpgsql(Execution& execution, const std::string& body,
                           const PlpgsqlArguments& arguments) {
  if (execution.depth > kMostCalls) return tl::unexpected(not_known("deep recursion of functions"));
  ++execution.depth;
  auto result = Interpreter(execution).run(body, arguments);
  --execution.depth;
  return result;
}

Checked<Relation> run_plpgsql_rows(Execution& execution, const std::string& body,
                                   const PlpgsqlArguments& arguments) {
  if (execution.depth > kMostCalls) return tl::unexpected(not_known("deep recursion of functions"));
  ++execution.depth;
  Interpreter interpreter(execution);
  const auto result = interpreter.run(body, arguments, true);
  --execution.depth;
  if (!result) return tl::unexpected(result.error());
  return interpreter.returned_rows();
}

Checked<std::optional<TriggerRow>> run_trigger(Execution& execution, const std::string& body,
                                               const TriggerCall& call) {
  if (execution.depth > kMostCalls) return tl::unexpected(not_known("deep recursion of triggers"));
  ++execution.depth;
  auto result = Interpreter(execution).run(body, call);
  --execution.depth;
  return result;
}

Checked<void> run_call(Execution& execution, const PgQuery__Node& node) {
  const PgQuery__FuncCall& call = *node.call_stmt->funccall;
  TableSurroundings surroundings(execution);
  std::vector<Typed> arguments;
  for (std::size_t at = 0; at < call.n_args; ++at) {
    auto value = evaluate(*call.args[at], {}, surroundings);
    if (!value) return tl::unexpected(value.error());
    arguments.push_back(std::move(*value));
  }
  auto done = surroundings.call(call, arguments);
  if (!done) return tl::unexpected(done.error());
  return {};
}

Checked<void> run_do(Execution& execution, const PgQuery__Node& node) {
  const PgQuery__DoStmt& statement = *node.do_stmt;
  std::string body;
  std::string language = "plpgsql";
  for (std::size_t at = 0; at < statement.n_args; ++at) {
    const PgQuery__DefElem& option = *statement.args[at]->def_elem;
    const std::string_view name = option.defname;
    if (option.arg == nullptr || option.arg->node_case != PG_QUERY__NODE__NODE_STRING) continue;
    if (name == "as") body = option.arg->string->sval;
    if (name == "language") language = option.arg->string->sval;
  }
  // What the reader of migrations puts in the place of statements that only their tool understands.
  if (language == "placeholder") return tl::unexpected(not_known(body));
  if (language == "psql") return tl::unexpected(not_known("a command of psql"));
  if (language != "plpgsql")
    return tl::unexpected(not_known(fmt::format("DO in language {}", language)));
  const auto done = run_plpgsql(execution, body, {});
  if (!done) return tl::unexpected(done.error());
  return {};
}

}  // namespace backout::postgres
