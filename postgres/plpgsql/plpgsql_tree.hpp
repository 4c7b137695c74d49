#pragma once

#include <memory>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "postgres/read/sql_reader.hpp"

namespace backout::postgres {

/// The type of variables that stand for a record's field in the tree and not in the body.
inline constexpr const char* kFieldType = "backout_field";

/// `elog_level` of a RAISE from which on it is an error, and of one that says none.
inline constexpr int kErrorLevel = 21;

/// A node of a body's parse tree.
using PlpgsqlTree = nlohmann::json;

/// The parse tree (PLpgSQL_function) of a body: `header` stands between CREATE FUNCTION and
/// LANGUAGE. JSON's null when it cannot be read. The latest trees are kept.
std::shared_ptr<const PlpgsqlTree> plpgsql_tree(const std::string& header, const std::string& body);

/// What CREATE FUNCTION refuses of a body with 42601: PL/pgSQL that is none, or a statement of SQL
/// in it that is none. Empty: nothing.
std::string plpgsql_mistake(const std::string& header, const std::string& body);

/// Script::parse() of a query or expression inside a body; the latest ones are kept.
Script plpgsql_script(const std::string& text);
/// The same of text that is a query, an expression or "name := expression".
Script plpgsql_query(const std::string& text);

}  // namespace backout::postgres
