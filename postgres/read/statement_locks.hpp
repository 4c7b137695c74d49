#pragma once
// What each statement of a script locks, writes anew and reads through, as far as the statement
// alone tells. Sources: PostgreSQL manual, 13.3.1 "Table-level Locks"; ALTER TABLE, "Description"
// and "Notes"; AlterTableGetLockLevel() in tablecmds.c.

#include <cstddef>
#include <string>
#include <vector>

#include "postgres/read/sql_reader.hpp"

namespace backout::postgres {

enum class Extent : std::uint8_t { no, yes, perhaps };

struct StatementLock {
  std::size_t statement = 0;  ///< of the script
  std::string what;           ///< "ALTER TABLE ... SET NOT NULL"
  std::string mode;           ///< "ACCESS EXCLUSIVE"; "none"; "unknown"
  std::string on;  ///< the table as written, "its table" where the statement names only an index;
                   ///< empty: nothing
  Extent rewrites = Extent::no;
  Extent scans = Extent::no;
  std::string note;  ///< what it depends on, with the version of PostgreSQL where that matters
};

/// In the order of the statements; several of one statement where it locks several tables or is
/// made of parts. `server` is the major version of PostgreSQL, 13 or later; 0: nobody said, and
/// notes tell how versions differ. What the server refuses has the lock "none".
std::vector<StatementLock> statement_locks(const Script& script, int server = 0);

const char* to_string(Extent extent);

}  // namespace backout::postgres
