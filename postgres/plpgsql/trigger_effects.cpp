// PostgreSQL runs a trigger function and sees what it does. Here its text tells what it cannot do:
// a body without statements that write, raise an error or run a text changes nothing but NEW.
// Left out: built-in functions that write are those of a short list (nextval, setval, set_config,
// query_to_xml, dblink_exec); functions in other languages than SQL and PL/pgSQL may do anything.
#include "postgres/plpgsql/trigger_effects.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>
#include <vector>

#include "postgres/catalog/catalog_more.hpp"
#include "postgres/catalog/names.hpp"
#include "postgres/catalog/routines.hpp"
#include "postgres/plpgsql/plpgsql_tree.hpp"
#include "postgres/read/sql_reader.hpp"
#include "postgres/read/text.hpp"
#include "postgres/read/tree_walk.hpp"

namespace backout::postgres {
namespace {

/// Whether statements leave the database alone and raise no error of their own.
class Quiet {
 public:
  explicit Quiet(const Database& database) : database_(database) {}

  /// Everything below `node` of a PL/pgSQL tree.
  bool body(const PlpgsqlTree& node) {
    if (!node.is_structured()) return true;
    for (const auto& [key, value] : node.items()) {
      if (node.is_object() && !statement(key, value)) return false;
      if (!body(value)) return false;
    }
    return true;
  }

 private:
  bool statement(const std::string& kind, const PlpgsqlTree& node) {
    constexpr auto kLoud = std::to_array<std::string_view>(
        {"PLpgSQL_stmt_dynexecute", "PLpgSQL_stmt_dynfors", "PLpgSQL_stmt_call",
         "PLpgSQL_stmt_assert", "PLpgSQL_stmt_open"});
    if (std::find(kLoud.begin(), kLoud.end(), kind) != kLoud.end()) return false;
    if (kind == "PLpgSQL_stmt_raise") return node.value("elog_level", kErrorLevel) < kErrorLevel;
    return kind != "PLpgSQL_expr" || query(node.value("query", ""));
  }

  bool query(const std::string& text) {
    const Script script = plpgsql_query(text);
    return !script.mistake() && queries(script);
  }

  bool queries(const Script& script) {
    bool quiet = true;
    for (const Script::Statement& part : script.statements()) {
      walk(part.tree->base, [&](const ProtobufCMessage& message) {
        quiet = quiet && !is_change_of_rows(message);
        if (message.descriptor == &pg_query__func_call__descriptor) {
          const auto& call = reinterpret_cast<const PgQuery__FuncCall&>(message);
          quiet = quiet && routine(qualified(call.funcname, call.n_funcname));
        }
        return quiet;
      });
      quiet = quiet && part.tree->node_case == PG_QUERY__NODE__NODE_SELECT_STMT;
    }
    return quiet;
  }

  bool routine(const QualifiedName& name) {
    constexpr auto kWriting = std::to_array<std::string_view>(
        {"nextval", "setval", "set_config", "query_to_xml", "dblink_exec"});
    if (std::find(kWriting.begin(), kWriting.end(), name.name) != kWriting.end()) return false;
    const auto routines = routines_named(database_, name.schema, name.name);
    if (!seen_.insert(name.schema + "." + name.name).second) return true;
    return std::all_of(routines.begin(), routines.end(), [&](ObjectId id) {
      const auto* function = database_.get<Function>(id);
      if (function == nullptr) return false;
      if (function->language == "plpgsql") {
        const auto tree = plpgsql_tree("f() RETURNS void", function->body);
        return !tree->is_null() && body(tree->at("action"));
      }
      const Script script = Script::parse(function->body);
      return function->language == "sql" && !script.mistake() && queries(script);
    });
  }

  const Database& database_;
  std::set<std::string> seen_;  ///< routines
};

/// What a trigger function does with NEW and with copies of it.
class NewRow {
 public:
  explicit NewRow(const PlpgsqlTree& function) {
    for (const PlpgsqlTree& datum : function.value("datums", PlpgsqlTree::array())) {
      names_.push_back(datum.empty() ? "" : datum.begin().value().value("refname", ""));
      if (!datum.contains("PLpgSQL_recfield")) continue;
      const PlpgsqlTree& field = datum["PLpgSQL_recfield"];
      const auto parent = field.value("recparentno", std::size_t{0});
      if (parent < names_.size() && names_[parent] == "new")
        fields_.insert(field.value("fieldname", ""));
    }
    find_copies(function);
  }

  const std::set<std::string>& fields() const { return fields_; }

  /// Whether every RETURN gives NEW or a copy, and nothing else is stored in one of them as a
  /// whole.
  bool stays(const PlpgsqlTree& node) {
    if (!node.is_structured()) return true;
    for (const auto& [key, value] : node.items()) {
      if (key == "PLpgSQL_stmt_return" && !copies_.contains(to_lower(query_of(value))))
        return false;
      if (key == "PLpgSQL_stmt_assign" && !assignment(query_of(value))) return false;
      const PlpgsqlTree targets =
          key == "PLpgSQL_row" ? value.value("fields", PlpgsqlTree::array()) : PlpgsqlTree::array();
      if (std::any_of(targets.begin(), targets.end(), [&](const PlpgsqlTree& target) {
            return copies_.contains(target.value("name", ""));
          }))
        return false;
      if (key == "PLpgSQL_rec" && copies_.contains(value.value("refname", ""))) return false;
      if (!stays(value)) return false;
    }
    return true;
  }

 private:
  static std::string query_of(const PlpgsqlTree& node) {
    return std::string(
        trim(node.contains("expr") ? node["expr"]["PLpgSQL_expr"].value("query", "") : ""));
  }

  /// "name := expression" or "name = expression": both sides.
  static std::pair<std::string, std::string> sides_of(const std::string& query) {
    const std::size_t at = query.find('=');
    if (at == std::string::npos) return {query, ""};
    const bool colon = at > 0 && query[at - 1] == ':';
    return {std::string(trim(std::string_view(query).substr(0, at - (colon ? 1 : 0)))),
            std::string(trim(std::string_view(query).substr(at + 1)))};
  }

  void find_copies(const PlpgsqlTree& node) {
    if (!node.is_structured()) return;
    for (const auto& [key, value] : node.items()) {
      const auto [target, source] = sides_of(key == "PLpgSQL_stmt_assign" ? query_of(value) : "");
      if (to_lower(source) == "new") copies_.insert(to_lower(target));
      find_copies(value);
    }
  }

  bool assignment(const std::string& query) {
    const auto [target, source] = sides_of(query);
    if (copies_.contains(to_lower(target))) return copies_.contains(to_lower(source));
    const std::size_t dot = target.find('.');
    if (dot == std::string::npos || !copies_.contains(to_lower(target.substr(0, dot)))) return true;
    const auto words =
        words_of(std::string_view(target).substr(dot + 1, target.find('[') - dot - 1));
    fields_.insert(words.begin(), words.end());
    return true;
  }

  std::vector<std::string> names_;  ///< by the parser's number of the variable
  std::set<std::string> copies_ = {"new"};
  std::set<std::string> fields_;
};

}  // namespace

std::optional<std::set<std::string>> fields_set_by(const Database& database,
                                                   const std::string& body) {
  const auto function = plpgsql_tree("f() RETURNS trigger", body);
  if (function->is_null() || !Quiet(database).body(function->at("action"))) return std::nullopt;
  NewRow row(*function);
  if (!row.stays(function->at("action"))) return std::nullopt;
  return row.fields();
}

bool is_quiet(const Database& database, const std::string& body) {
  const auto function = plpgsql_tree("f() RETURNS trigger", body);
  return !function->is_null() && Quiet(database).body(function->at("action"));
}

}  // namespace backout::postgres
