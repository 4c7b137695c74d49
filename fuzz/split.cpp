// SQL without its grammar: cut into statements, strings passed, placeholders found.
#include <algorithm>
#include <string>

#include "fuzz/check.hpp"
#include "postgres/read/quiet.hpp"
#include "postgres/read/sql_reader.hpp"
#include "services/postgres_literals.hpp"
#include "services/sweeping.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace backout;
  std::string text(fuzz::text_of(data, size));
  text.resize(std::min(text.find('\0'),
                       text.size()));  // a file with such a byte is refused before it is cut
  size = text.size();
  for (std::size_t at = 0; at < size;) {
    const std::size_t next = postgres::skip_quiet(text, at);
    fuzz::demand(next >= at && next <= size, "what is passed lies in the text");
    at = next > at ? next : at + 1;
  }
  if (const auto statements = postgres::split_statements(text)) {
    std::size_t before = 0;
    for (const auto& [begin, end] : *statements) {
      fuzz::demand(before <= begin && begin <= end && end <= size,
                   "statements lie in the text, in order");
      before = end;
    }
  }
  services::placeholders(text);
  services::is_sweeping(text);
  return 0;
}
