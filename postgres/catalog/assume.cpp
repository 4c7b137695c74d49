// PostgreSQL takes nothing for granted: a role, type, function, operator class or relation that is
// not there is refused (42704, 42883, 42P01), and only CREATE EXTENSION brings an extension. Here
// what a refusal misses is made when a list says what brings it.
// Left out: operators, languages and collations that are missing, extensions that
// extension_facts.inc does not have, functions of PostgreSQL 16 to 18 that are not in the list
// below. What a newer function gives is not known: it gets a signature alone.
#include "postgres/catalog/assume.hpp"

#include <array>
#include <string>

#include <fmt/format.h>

#include "postgres/catalog/names.hpp"
#include "postgres/catalog/server_version.hpp"
#include "postgres/catalog/signatures.hpp"
#include "postgres/query/bind.hpp"
#include "postgres/read/sql_reader.hpp"

namespace backout::postgres {
namespace {

/// What a refusal misses that an extension may bring.
struct Missing {
  std::string_view extension;  ///< empty when none is known to bring it
  std::string schema;          ///< the schema that was written before its name; empty when none was
};

/// The name, perhaps with a schema, after `mark`: up to a blank or parenthesis.
QualifiedName name_after(std::string_view message, std::string_view mark) {
  const std::size_t at = message.find(mark);
  if (at == std::string_view::npos) return {};
  message.remove_prefix(at + mark.size());
  return name_from_text(message.substr(0, message.find_first_of(" (")));
}

Missing missing_extension(const Database& database, std::string_view message) {
  struct Mark {
    std::string_view before;
    Brought what;
  };
  constexpr auto kMarks = std::to_array<Mark>({{"required extension ", Brought::function},
                                               {"function ", Brought::function},
                                               {"operator class ", Brought::operator_class},
                                               {"type ", Brought::type},
                                               {"relation ", Brought::relation}});
  std::string plain(message);
  std::erase(plain, '"');
  if (!plain.ends_with("not exist") && plain.find("does not exist") == std::string::npos &&
      !plain.ends_with("not installed")) {
    if (plain.find("access method gist") != std::string::npos) return {"btree_gist", ""};
    if (plain.find("access method gin") != std::string::npos) return {"btree_gin", ""};
    return {};
  }
  for (const Mark& mark : kMarks) {
    const QualifiedName name = name_after(plain, mark.before);
    if (name.name.empty()) continue;
    const bool itself = mark.before.starts_with("required");
    const auto* facts = extension_facts(name.name);
    const std::string_view extension = itself
                                           ? (facts == nullptr ? std::string_view() : facts->name)
                                           : extension_with(mark.what, name.name);
    if (extension.empty() || database.lookup(NameSpace::extension, 0, extension) != 0) continue;
    return {extension, name.schema};
  }
  return {};
}

/// Functions that came after PostgreSQL 15, as statements that make them. Source: the release notes
/// of 16 to 18.
struct Later {
  std::string_view name;
  std::string_view signature;
  int version;
};
constexpr auto kLater = std::to_array<Later>(
    {{"uuidv7", "uuidv7() RETURNS uuid", 18},
     {"uuidv4", "uuidv4() RETURNS uuid", 18},
     {"casefold", "casefold(text) RETURNS text", 18},
     {"uuid_extract_timestamp", "uuid_extract_timestamp(uuid) RETURNS timestamptz", 17},
     {"uuid_extract_version", "uuid_extract_version(uuid) RETURNS smallint", 17},
     {"to_bin", "to_bin(bigint) RETURNS text", 17},
     {"to_oct", "to_oct(bigint) RETURNS text", 17},
     {"random_normal", "random_normal(float8 DEFAULT 0, float8 DEFAULT 1) RETURNS float8", 16}});

std::optional<std::string> run_assumption(Database& database, const std::string& statement,
                                          std::string said) {
  if (database.execute(Script::parse(statement), 0).status != ExecStatus::ok) return std::nullopt;
  return said;
}

}  // namespace

std::string quoted_after(std::string_view message, std::string_view before) {
  const std::size_t start = message.find(before);
  if (start == std::string_view::npos) return {};
  message.remove_prefix(start + before.size());
  return std::string(message.substr(0, message.find('"')));
}

std::optional<std::string> assume(Database& database, std::string_view sqlstate,
                                  std::string_view message) {
  if (const std::string role = quoted_after(message, "role \"");
      !role.empty() && sqlstate == "42704") {
    return run_assumption(database, fmt::format("CREATE ROLE \"{}\"", role),
                          fmt::format("role \"{}\" exists", role));
  }
  std::string plain(message);
  std::erase(plain, '"');
  for (const Later& later : kLater) {
    if (const int server = server_of(database.session()); server != 0 && server < later.version)
      continue;
    if (sqlstate != "42883" || name_after(plain, "function ").name != later.name) continue;
    if (!database.lookup_all(NameSpace::routine, database.schema_named("public"), later.name)
             .empty())
      return std::nullopt;
    return run_assumption(
        database,
        fmt::format("CREATE FUNCTION public.{} LANGUAGE internal AS '{}'", later.signature,
                    later.name),
        fmt::format("the database is a PostgreSQL {}, which has {}()", later.version, later.name));
  }
  const auto [extension, schema] = missing_extension(database, message);
  if (!extension.empty()) {
    if (!schema.empty() && database.schema_named(schema) == 0) {
      static_cast<void>(run_assumption(database, fmt::format("CREATE SCHEMA \"{}\"", schema), ""));
    }
    const std::string where = schema.empty()
                                  ? (database.schema_named("public") != 0 ? " SCHEMA public" : "")
                                  : fmt::format(" SCHEMA \"{}\"", schema);
    return run_assumption(
        database, fmt::format("CREATE EXTENSION IF NOT EXISTS \"{}\"{} CASCADE", extension, where),
        fmt::format("extension \"{}\" exists", extension));
  }
  return std::nullopt;
}

}  // namespace backout::postgres
