#pragma once

#include <functional>

#include <pg_query/pg_query.pb-c.h>

namespace backout::postgres {

/// Calls `visit` with `message` and every message below it, parents first; does not go below where
/// `visit` answers false.
void walk(const ProtobufCMessage& message,
          const std::function<bool(const ProtobufCMessage&)>& visit);

/// Whether `message` is an INSERT, UPDATE or DELETE.
bool is_change_of_rows(const ProtobufCMessage& message);

/// Calls `visit` with every column reference below `node`, those inside subqueries included.
void for_each_column(const PgQuery__Node& node,
                     const std::function<void(const PgQuery__ColumnRef&)>& visit);

}  // namespace backout::postgres
