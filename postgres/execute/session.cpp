// Settings belong to a session, to a transaction with SET LOCAL, or to every later session with
// ALTER DATABASE or ALTER ROLE ... SET (guc.c; manual, "Setting Parameters").
// Left out: search_path, role, session_replication_role, check_function_bodies and names with a dot
// are heeded, a time zone other than UTC is not known, and all others are accepted without a look
// at name or value. What holds after RESET or SET LOCAL is not known. What sets search_path or the
// role of later sessions is not known.
#include "postgres/execute/session.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "postgres/catalog/catalog_more.hpp"
#include "postgres/catalog/names.hpp"
#include "postgres/catalog/server_version.hpp"
#include "postgres/ddl/define.hpp"
#include "postgres/execute/handlers.hpp"
#include "postgres/read/text.hpp"
#include "postgres/values/operators.hpp"

namespace backout::postgres {

void set_search_path(Session& session, std::string_view list) {
  session.search_path.clear();
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    std::string_view name = trim(list.substr(0, comma));
    if (name.size() >= 2 && name.front() == '"') name = name.substr(1, name.size() - 2);
    if (!name.empty()) session.search_path.emplace_back(name);
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
}

Session next_session(const Session& session) {
  Session next;
  next.lasting = session.lasting;
  if (const auto server = session.settings.find(kServerSetting); server != session.settings.end())
    next.settings.insert(*server);
  for (const std::string& name : session.lasting) next.settings[name] = std::nullopt;
  return next;
}

void set_custom(Session& session, std::string_view name, std::optional<std::string> value) {
  if (name.find('.') != std::string_view::npos || name == "check_function_bodies")
    session.settings[to_lower(name)] = std::move(value);
}

Checked<Typed> current_setting(const Session& session, std::span<const Typed> arguments) {
  const Typed unknown = derived("current_setting", arguments, plain(TypeClass::text));
  if (arguments.empty() || !arguments[0].value.is_known()) return unknown;
  const std::string name = to_lower(arguments[0].value.text());
  if (name.find('.') == std::string::npos && name != kServerSetting) return unknown;
  const auto found = session.settings.find(name);
  if (name == kServerSetting && found == session.settings.end()) return unknown;
  if (found != session.settings.end())
    return found->second ? Typed{Value::known(*found->second), plain(TypeClass::text)} : unknown;
  if (arguments.size() > 1 && arguments[1].value.is_true())
    return Typed{Value(), plain(TypeClass::text)};
  if (arguments.size() > 1 && !arguments[1].value.is_false()) return unknown;
  return tl::unexpected(refuse("42704", fmt::format("unrecognized configuration parameter \"{}\"",
                                                    arguments[0].value.text())));
}

bool is_utc(std::string_view zone) {
  constexpr auto kNames = std::to_array<std::string_view>(
      {"utc", "etc/utc", "gmt", "etc/gmt", "zulu", "uct", "universal", "0", "+00", "+00:00"});
  return std::ranges::find(kNames, to_lower(zone)) != kNames.end();
}

Checked<void> set_variable(Execution& execution, const PgQuery__Node& node) {
  const PgQuery__VariableSetStmt& statement = *node.variable_set_stmt;
  Session& session = execution.database.session();
  const std::string_view name = statement.name == nullptr ? "" : statement.name;
  const bool sets = statement.kind == PG_QUERY__VARIABLE_SET_KIND__VAR_SET_VALUE;
  const std::string first =
      sets && statement.n_args > 0 ? option_text(statement.args[0]) : std::string();
  if (name == "search_path") {
    if (!sets) {
      session.search_path = Session().search_path;
    } else {
      session.search_path.clear();
      for (std::size_t at = 0; at < statement.n_args; ++at)
        session.search_path.push_back(option_text(statement.args[at]));
    }
    if (statement.is_local == 0) session.lasting_path = session.search_path;
  } else if (name == "session_replication_role") {
    session.replica = first == "replica";
  } else if (name == "timezone" && sets && !is_utc(first)) {
    return tl::unexpected(not_known(fmt::format("times of a session in zone {}", first)));
  } else if (name == "role" || name == "session_authorization") {
    session.role = sets && first != "none" ? first : "postgres";
  } else {
    // What RESET and the end of SET LOCAL go back to is not kept.
    set_custom(session, name,
               sets && statement.is_local == 0 && statement.n_args == 1 ? std::optional(first)
                                                                        : std::nullopt);
  }
  return {};
}

namespace {

/// ALTER DATABASE or ALTER ROLE ... SET: what later sessions start with. Whose they are is not
/// looked at.
Checked<void> set_for_sessions(Execution& execution, const PgQuery__VariableSetStmt& set) {
  const std::string name = set.name == nullptr ? "" : to_lower(set.name);
  if (name.empty() || name == "search_path" || name == "session_replication_role" ||
      name == "role") {
    return tl::unexpected(not_known("a setting of every session"));
  }
  if (name.find('.') != std::string::npos) execution.database.session().lasting.insert(name);
  return {};
}

/// Settings of a role are a part of what it is: "; name=value" after its options.
void keep_setting(Database& database, std::string_view name, const PgQuery__VariableSetStmt& set) {
  const ObjectId id = database.lookup(NameSpace::role, 0, std::string(name));
  if (id == 0 || set.name == nullptr) return;
  auto role = database.edit<Role>(id);
  const std::string key = fmt::format("; {}=", to_lower(set.name));
  if (const std::size_t old = role->definition.find(key); old != std::string::npos) {
    role->definition.erase(old, role->definition.find("; ", old + 1) - old);
  }
  if (set.kind == PG_QUERY__VARIABLE_SET_KIND__VAR_SET_VALUE) {
    role->definition += key;
    for (std::size_t at = 0; at < set.n_args; ++at)
      role->definition += option_text(set.args[at]) + ",";
  }
  database.replace(std::move(role));
}

}  // namespace

Checked<void> alter_database_settings(Execution& execution, const PgQuery__Node& node) {
  return set_for_sessions(execution, *node.alter_database_set_stmt->setstmt);
}

Checked<void> alter_role_settings(Execution& execution, const PgQuery__Node& node) {
  const PgQuery__AlterRoleSetStmt& statement = *node.alter_role_set_stmt;
  const bool named = statement.role != nullptr &&
                     statement.role->roletype == PG_QUERY__ROLE_SPEC_TYPE__ROLESPEC_CSTRING;
  if (named) {
    if (auto known = require_role(execution.database, statement.role->rolename); !known)
      return known;
    keep_setting(execution.database, statement.role->rolename, *statement.setstmt);
  }
  // Scripts run as another role than one that they make.
  if (named && execution.database.session().role != statement.role->rolename) return {};
  return set_for_sessions(execution, *statement.setstmt);
}

}  // namespace backout::postgres
