#pragma once
// backout::postgres: a PostgreSQL in memory. Scripts are read by its own grammar and run on a
// catalog and representative rows; what differs between two states is told object by object and
// value by value.

#include "postgres/catalog/database.hpp"
#include "postgres/compare/data_diff.hpp"
#include "postgres/compare/diff.hpp"
#include "postgres/read/sql_reader.hpp"
#include "postgres/witness/generate.hpp"
