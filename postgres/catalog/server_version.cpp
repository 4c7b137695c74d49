// Statements are read with the grammar of PostgreSQL 15; an older server refuses what came later as
// a syntax error, a missing function or a missing type. Source: the release notes (manual, appendix
// E).
// Left out: what 13 and the versions before it brought, so that an older server counts as a 13;
// words of versions after 15, which the grammar refuses; behaviour and settings that changed
// without a new word.
#include "postgres/catalog/server_version.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include "postgres/catalog/names.hpp"
#include "postgres/catalog/routines.hpp"
#include "postgres/read/tree_walk.hpp"

namespace backout::postgres {
namespace {

constexpr int kUnit = 10000;

/// Something that came with a version: how it is written, how an older server refuses it.
struct Newer {
  int since = 0;
  std::string what;
  int offset = -1;
  const char* sqlstate = "42601";
};

/// Functions that came with 14 and 15. Source: the release notes, "Functions".
struct NewFunction {
  std::string_view name;
  int since;
};
constexpr auto kNewFunctions = std::to_array<NewFunction>({{"bit_count", 14},
                                                           {"date_bin", 14},
                                                           {"pg_get_wal_replay_pause_state", 14},
                                                           {"pg_xact_commit_timestamp_origin", 14},
                                                           {"range_intersect_agg", 14},
                                                           {"string_to_table", 14},
                                                           {"trim_array", 14},
                                                           {"unistr", 14},
                                                           {"has_parameter_privilege", 15},
                                                           {"regexp_count", 15},
                                                           {"regexp_instr", 15},
                                                           {"regexp_like", 15},
                                                           {"regexp_substr", 15}});
constexpr auto kTypes = std::to_array<std::string_view>(
    {"int4multirange", "int8multirange", "nummultirange", "tsmultirange", "tstzmultirange",
     "datemultirange", "anymultirange"});

template <class T>
const T& as(const ProtobufCMessage& message) {
  return reinterpret_cast<const T&>(message);
}

std::string last_of(PgQuery__Node* const* names, std::size_t count) {
  if (count == 0 || names[count - 1]->node_case != PG_QUERY__NODE__NODE_STRING) return {};
  return names[count - 1]->string->sval;
}

Newer of_alter(const PgQuery__AlterTableCmd& command) {
  switch (command.subtype) {
    case PG_QUERY__ALTER_TABLE_TYPE__AT_SetCompression:
      return {14, "SET COMPRESSION"};
    case PG_QUERY__ALTER_TABLE_TYPE__AT_DetachPartitionFinalize:
      return {14, "DETACH PARTITION ... FINALIZE"};
    case PG_QUERY__ALTER_TABLE_TYPE__AT_SetAccessMethod:
      return {15, "SET ACCESS METHOD"};
    default:
      return {};
  }
}

Newer of_view(const PgQuery__ViewStmt& view) {
  for (std::size_t at = 0; at < view.n_options; ++at) {
    const PgQuery__Node& option = *view.options[at];
    if (option.node_case != PG_QUERY__NODE__NODE_DEF_ELEM || option.def_elem->defname == nullptr)
      continue;
    if (std::string_view(option.def_elem->defname) == "security_invoker")
      return {15, "security_invoker", option.def_elem->location, "22023"};
  }
  return {};
}

Newer of_call(const Database* database, const PgQuery__FuncCall& call) {
  const std::string name = last_of(call.funcname, call.n_funcname);
  const auto found = std::ranges::find(kNewFunctions, name, &NewFunction::name);
  if (found == kNewFunctions.end()) return {};
  const QualifiedName written = qualified(call.funcname, call.n_funcname);
  const bool own =
      database != nullptr && !routines_named(*database, written.schema, written.name).empty();
  return own ? Newer{} : Newer{found->since, name, call.location, "42883"};
}

Newer of_type(const Database* database, const PgQuery__TypeName& type) {
  const std::string name = last_of(type.names, type.n_names);
  if (std::ranges::find(kTypes, name) == kTypes.end()) return {};
  const bool own = database != nullptr &&
                   resolve(*database, NameSpace::type, qualified(type.names, type.n_names)) != 0;
  return own ? Newer{} : Newer{14, name, type.location, "42704"};
}

/// What of one message is newer than 13; `since` 0: nothing.
Newer newest_of(const Database* database, const ProtobufCMessage& message) {
  const auto* kind = message.descriptor;
  if (kind == &pg_query__func_call__descriptor)
    return of_call(database, as<PgQuery__FuncCall>(message));
  if (kind == &pg_query__type_name__descriptor)
    return of_type(database, as<PgQuery__TypeName>(message));
  if (kind == &pg_query__alter_table_cmd__descriptor)
    return of_alter(as<PgQuery__AlterTableCmd>(message));
  if (kind == &pg_query__view_stmt__descriptor) return of_view(as<PgQuery__ViewStmt>(message));
  if (kind == &pg_query__merge_stmt__descriptor) return {15, "MERGE"};
  if (kind == &pg_query__partition_cmd__descriptor &&
      as<PgQuery__PartitionCmd>(message).concurrent != 0)
    return {14, "DETACH PARTITION ... CONCURRENTLY"};
  if (kind == &pg_query__create_trig_stmt__descriptor &&
      as<PgQuery__CreateTrigStmt>(message).replace != 0)
    return {14, "CREATE OR REPLACE TRIGGER"};
  if (kind == &pg_query__create_function_stmt__descriptor &&
      as<PgQuery__CreateFunctionStmt>(message).sql_body != nullptr)
    return {14, "a routine's body that is no string"};
  if (kind == &pg_query__select_stmt__descriptor &&
      as<PgQuery__SelectStmt>(message).group_distinct != 0)
    return {14, "GROUP BY DISTINCT"};
  if (kind == &pg_query__index_stmt__descriptor &&
      as<PgQuery__IndexStmt>(message).nulls_not_distinct != 0)
    return {15, "NULLS NOT DISTINCT"};
  if (kind == &pg_query__stats_elem__descriptor && as<PgQuery__StatsElem>(message).expr != nullptr)
    return {14, "CREATE STATISTICS on an expression"};
  if (kind == &pg_query__column_def__descriptor) {
    const auto& column = as<PgQuery__ColumnDef>(message);
    if (column.compression != nullptr && *column.compression != '\0')
      return {14, "COMPRESSION", column.location};
  }
  if (kind == &pg_query__common_table_expr__descriptor) {
    const auto& table = as<PgQuery__CommonTableExpr>(message);
    if (table.search_clause != nullptr) return {14, "SEARCH", table.location};
    if (table.cycle_clause != nullptr) return {14, "CYCLE", table.location};
  }
  if (kind == &pg_query__constraint__descriptor) {
    const auto& constraint = as<PgQuery__Constraint>(message);
    if (constraint.nulls_not_distinct != 0) return {15, "NULLS NOT DISTINCT", constraint.location};
    if (constraint.n_fk_del_set_cols > 0)
      return {15, "ON DELETE SET ... (columns)", constraint.location};
  }
  return {};
}

std::string said(const Newer& newer, int server) {
  const std::string when =
      fmt::format("it came with PostgreSQL {}, and the server is a {}", newer.since, server);
  const std::string_view state = newer.sqlstate;
  if (state == "42883") return fmt::format("function {}() does not exist: {}", newer.what, when);
  if (state == "42704") return fmt::format("type \"{}\" does not exist: {}", newer.what, when);
  if (state == "22023") return fmt::format("unrecognized parameter \"{}\": {}", newer.what, when);
  return fmt::format("syntax error at {}: {}", newer.what, when);
}

}  // namespace

void set_server(Database& database, int major) {
  database.session().settings[kServerSetting] = std::to_string(major * kUnit);
}

int server_of(const Session& session) {
  const auto found = session.settings.find(kServerSetting);
  return found == session.settings.end() || !found->second ? 0 : std::stoi(*found->second) / kUnit;
}

std::optional<Stop> newer_than(const PgQuery__Node& statement, int server,
                               const Database* database) {
  if (server == 0) return std::nullopt;
  std::optional<Newer> first;
  walk(statement.base, [&](const ProtobufCMessage& message) {
    if (const Newer newer = newest_of(database, message); !first && newer.since > server)
      first = newer;
    return !first.has_value();
  });
  if (!first) return std::nullopt;
  return refuse(first->sqlstate, said(*first, server), first->offset);
}

}  // namespace backout::postgres
