#pragma once
// What PostgreSQL would say of the last of some statements.

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "postgres/catalog/database.hpp"
#include "postgres/read/sql_reader.hpp"

namespace backout::postgres {

/// The SQLSTATE of the last statement ("" when it runs) after the others ran; "opaque: " and why
/// when it is not followed.
inline std::string last_of(const std::vector<std::string>& statements) {
  Database database;
  std::string outcome;
  for (const std::string& sql : statements) {
    EXPECT_EQ(outcome, "") << "before " << sql;
    const ExecResult result = database.execute(Script::parse(sql), 0);
    outcome = result.status == ExecStatus::opaque ? "opaque: " + result.message : result.sqlstate;
  }
  return outcome;
}

}  // namespace backout::postgres
