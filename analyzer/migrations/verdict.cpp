#include "analyzer/migrations/verdict.hpp"

#include <array>

namespace backout::analyzer {
namespace {

template <typename Enum, std::size_t size>
const char* name(Enum value, const std::array<const char*, size>& names) {
  return names[static_cast<std::size_t>(value)];
}

}  // namespace

const char* to_string(PairVerdict verdict) {
  return name(verdict, std::array{"honest", "broken", "unknown"});
}

const char* to_string(Runs runs) {
  return name(runs, std::array{"yes", "no", "missing", "unknown"});
}

const char* to_string(SchemaAnswer answer) {
  return name(answer, std::array{"restored", "restored-but-order", "differs", "unknown"});
}

const char* to_string(DataAnswer answer) {
  return name(answer, std::array{"kept", "lost", "unknown"});
}

const char* to_string(RowsAnswer answer) {
  return name(answer, std::array{"accepted", "refused", "unknown"});
}

const char* to_string(Question question) {
  return name(question,
              std::array{"up", "down", "schema", "data", "new_rows", "reup", "next_insert"});
}

}  // namespace backout::analyzer
