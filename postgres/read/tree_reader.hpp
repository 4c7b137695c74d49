#pragma once

#include <memory_resource>
#include <string_view>

#include <pg_query/pg_query.pb-c.h>

namespace backout::postgres {

/// Whether `json`, libpg_query's answer to `sql`, tells all of its tree. Integers below zero are
/// left out as zeros are, so that both look alike: in constants where `sql` has a minus, elsewhere
/// (bounds of arrays, options) always.
bool json_tells_all(std::string_view json, std::string_view sql);

/// The parse tree that `json`, an answer of pg_query_parse, tells of: the one that unpacking the
/// answer of pg_query_parse_protobuf gives, at a third of the cost. Nothing of it is freed by
/// itself, all of it goes with `memory`.
const PgQuery__ParseResult& read_tree(std::string_view json, std::pmr::memory_resource& memory);

}  // namespace backout::postgres
