#include "services/postgres/assume.hpp"

#include <array>
#include <string>

#include <fmt/format.h>

#include "services/postgres/sql_reader.hpp"

namespace backout::postgres {
namespace {

/// The extension that brings what a refusal missed; empty when none is known to.
std::string_view missing_extension(std::string_view message) {
  struct Brings {
    std::string_view mark;
    std::string_view extension;
  };
  constexpr auto kKnown = std::to_array<Brings>({
      {"function uuid_generate_v", "uuid-ossp"}, {"function digest(", "pgcrypto"}, {"function crypt(", "pgcrypto"},
      {"function gen_salt(", "pgcrypto"}, {"function hmac(", "pgcrypto"}, {"function gen_random_bytes(", "pgcrypto"},
      {"type citext", "citext"}, {"gin_trgm_ops", "pg_trgm"}, {"gist_trgm_ops", "pg_trgm"},
      {"function similarity", "pg_trgm"}, {"type hstore", "hstore"}, {"type geometry", "postgis"},
      {"type geography", "postgis"}, {"function st_", "postgis"}, {"type ltree", "ltree"},
      {"function unaccent", "unaccent"}, {"access method gist", "btree_gist"}, {"access method gin", "btree_gin"},
  });
  std::string plain(message);
  std::erase(plain, '"');
  for (const Brings& entry : kKnown) {
    if (plain.find(entry.mark) != std::string::npos) return entry.extension;
  }
  return {};
}

std::optional<std::string> run_assumption(Database& database, const std::string& statement, std::string said) {
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

std::optional<std::string> assume(Database& database, std::string_view sqlstate, std::string_view message) {
  if (const std::string role = quoted_after(message, "role \""); !role.empty() && sqlstate == "42704") {
    return run_assumption(database, fmt::format("CREATE ROLE \"{}\"", role), fmt::format("role \"{}\" exists", role));
  }
  if (const std::string_view extension = missing_extension(message); !extension.empty()) {
    return run_assumption(database, fmt::format("CREATE EXTENSION IF NOT EXISTS \"{}\"", extension),
                          fmt::format("extension \"{}\" exists", extension));
  }
  return std::nullopt;
}

}  // namespace backout::postgres
