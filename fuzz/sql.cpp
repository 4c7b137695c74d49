// SQL: two halves, cut at a NUL byte, run one after the other; what differs is told.
#include <string>

#include "postgres/catalog/database.hpp"
#include "postgres/compare/diff.hpp"
#include "postgres/read/sql_reader.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace backout::postgres;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::size_t cut = text.find('\0');
  Database database;
  database.run(Script::parse(text.substr(0, cut)), RunMode::statement_by_statement);
  const Database before = database;
  if (cut != std::string::npos)
    database.run(Script::parse(text.substr(cut + 1)), RunMode::one_transaction);
  difference(before, database);
  return 0;
}
