// CREATE FUNCTION compiles a body with the grammar of PL/pgSQL and reads the SQL in it (pl_gram.y,
// check_sql_expr(), plpgsql_validator()). libpg_query gives that tree as JSON.
// Left out: other mistakes than of syntax (unknown types, variables that are declared twice) are
// not refused; bodies that nest too deeply and those that assign to more than 32 fields of records
// of which libpg_query knows nothing cannot be read.
#include "postgres/plpgsql/plpgsql_tree.hpp"

#include <cstddef>
#include <map>
#include <set>
#include <string_view>

#include <fmt/format.h>
#include <pg_query.h>
#include <nlohmann/json.hpp>

#include "postgres/read/text.hpp"

namespace backout::postgres {
namespace {

constexpr std::size_t kMostFields = 32;
constexpr std::size_t kMostKept = 256;
constexpr std::size_t kMostLevels = 400;

/// By record: the fields that are assigned to.
using Fields = std::map<std::string, std::set<std::string>>;

/// libpg_query takes variables of type record for scalars, so it does not know `made.id := 1`.
/// PL/pgSQL also reads that as the variable `id` of a block labelled `made`: such blocks are put
/// around the body.
std::string with_labels(std::string body, const Fields& fields) {
  for (const auto& [record, names] : fields) {
    while (!body.empty() && (body.back() == ';' || trim(std::string_view(&body.back(), 1)).empty()))
      body.pop_back();
    std::string declared;
    for (const std::string& name : names) declared += fmt::format(" \"{}\" {};", name, kFieldType);
    body = fmt::format("<<\"{}\">> DECLARE{} BEGIN {}; END;", record, declared, body);
  }
  return body;
}

/// Takes note of the field of `"made.id" is not a known variable`; false when the mistake is
/// another.
bool note_field(std::string_view mistake, Fields& fields) {
  const std::size_t dot = mistake.find('.');
  const std::size_t end = mistake.find("\" is not a known variable");
  if (!mistake.starts_with('"') || end == std::string_view::npos || dot > end) return false;
  return fields[std::string(mistake.substr(1, dot - 1))]
      .insert(std::string(mistake.substr(dot + 1, end - dot - 1)))
      .second;
}

/// Whether blocks nest so deeply in the text of a JSON tree that following them takes too long. An
/// IF is four levels.
bool is_deep(std::string_view text) {
  std::size_t depth = 0;
  bool quoted = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (quoted && text[at] == '\\') {
      ++at;
    } else if (text[at] == '"') {
      quoted = !quoted;
    } else if (!quoted && (text[at] == '{' || text[at] == '[')) {
      if (++depth > kMostLevels) return true;
    } else if (!quoted && (text[at] == '}' || text[at] == ']')) {
      --depth;
    }
  }
  return false;
}

PlpgsqlTree parse(const std::string& header, const std::string& body) {
  Fields fields;
  for (std::size_t round = 0; round < kMostFields; ++round) {
    const std::string text =
        fmt::format("CREATE FUNCTION {} LANGUAGE plpgsql AS $backout${}$backout$", header,
                    with_labels(body, fields));
    const PgQueryPlpgsqlParseResult parsed = pg_query_parse_plpgsql(text.c_str());
    const std::string mistake = parsed.error == nullptr ? "" : parsed.error->message;
    const bool readable =
        mistake.empty() && parsed.plpgsql_funcs != nullptr && !is_deep(parsed.plpgsql_funcs);
    PlpgsqlTree functions =
        PlpgsqlTree::parse(readable ? parsed.plpgsql_funcs : "", nullptr, false);
    pg_query_free_plpgsql_parse_result(parsed);
    if (!mistake.empty() && note_field(mistake, fields)) continue;
    if (functions.is_discarded() || functions.empty()) break;
    return std::move(functions[0]["PLpgSQL_function"]);
  }
  return nullptr;
}

}  // namespace

std::shared_ptr<const PlpgsqlTree> plpgsql_tree(const std::string& header,
                                                const std::string& body) {
  // Triggers run the same body for row after row.
  thread_local std::map<std::pair<std::string, std::string>, std::shared_ptr<const PlpgsqlTree>>
      kept;
  if (const auto found = kept.find({header, body}); found != kept.end()) return found->second;
  if (kept.size() >= kMostKept) kept.clear();
  auto tree = std::make_shared<const PlpgsqlTree>(parse(header, body));
  kept.emplace(std::pair(header, body), tree);
  return tree;
}

namespace {

/// The first statement of SQL below `node` that the grammar refuses. INTO, which PL/pgSQL takes out
/// before, is left alone.
std::string statement_mistake(const PlpgsqlTree& node) {
  if (node.is_object() && node.contains("PLpgSQL_stmt_execsql")) {
    const PlpgsqlTree& statement = node["PLpgSQL_stmt_execsql"];
    const PlpgsqlTree query = statement.value("sqlstmt", PlpgsqlTree::object())
                                  .value("PLpgSQL_expr", PlpgsqlTree::object());
    if (!statement.value("into", false) && query.contains("query")) {
      const Script script = Script::parse(query["query"].get<std::string>());
      if (script.mistake() && script.mistake()->sqlstate == "42601")
        return script.mistake()->message;
    }
  }
  if (!node.is_structured()) return {};
  for (const auto& part : node) {
    if (std::string mistake = statement_mistake(part); !mistake.empty()) return mistake;
  }
  return {};
}

}  // namespace

std::string plpgsql_mistake(const std::string& header, const std::string& body) {
  const auto tree = plpgsql_tree(header, body);
  if (!tree->is_null()) return statement_mistake(*tree);
  const std::string text =
      fmt::format("CREATE FUNCTION {} LANGUAGE plpgsql AS $backout${}$backout$", header, body);
  const PgQueryPlpgsqlParseResult parsed = pg_query_parse_plpgsql(text.c_str());
  std::string mistake = parsed.error == nullptr ? "" : parsed.error->message;
  pg_query_free_plpgsql_parse_result(parsed);
  return mistake.starts_with("syntax error") ? mistake : std::string();
}

Script plpgsql_script(const std::string& text) {
  thread_local std::map<std::string, Script> kept;
  if (const auto found = kept.find(text); found != kept.end()) return found->second;
  if (kept.size() >= kMostKept) kept.clear();
  return kept.emplace(text, Script::parse(text)).first->second;
}

Script plpgsql_query(const std::string& text) {
  Script script = plpgsql_script(text);
  if (script.mistake()) script = plpgsql_script("SELECT " + text);
  if (const std::size_t at = text.find('='); script.mistake() && at != std::string::npos)
    script = plpgsql_script("SELECT " + text.substr(at + 1));
  return script;
}

}  // namespace backout::postgres
