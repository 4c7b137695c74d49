#pragma once
// Which PostgreSQL the database is of, where somebody said so: what it does not have yet is
// refused.

#include <optional>
#include <string>

#include "postgres/catalog/database.hpp"

struct PgQuery__Node;

namespace backout::postgres {

/// The major versions that can be said: those that are maintained, and 13, the last that was.
inline constexpr int kOldestServer = 13;
inline constexpr int kNewestServer = 18;

/// The setting that holds it, in 10,000ths.
inline constexpr const char* kServerSetting = "server_version_num";

/// From now on `database` is of that major version. It is a setting of every session:
/// current_setting('server_version_num') knows it.
void set_server(Database& database, int major);
/// The major version; 0: nobody said.
int server_of(const Session& session);

/// Why a server of that version refuses a statement that PostgreSQL 15 takes; nothing when it takes
/// it, or when `server` is 0. Functions and types of that name that `database` (null: none is
/// known) has itself are its own. Sources: the release notes of 14 and 15. What only 16 and later
/// read, the grammar of this program does not read either.
std::optional<Stop> newer_than(const PgQuery__Node& statement, int server,
                               const Database* database);

}  // namespace backout::postgres
