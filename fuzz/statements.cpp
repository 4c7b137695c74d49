// Statements drawn from the bytes out of the differential test's templates, so that they meet what
// earlier ones made; the same run gives the same database, and what is undone by a rollback leaves
// no difference.
#include <string>

#include "differential/templates.hpp"
#include "fuzz/check.hpp"
#include "postgres/catalog/database.hpp"
#include "postgres/compare/diff.hpp"
#include "postgres/read/sql_reader.hpp"

namespace {

using namespace backout;
using namespace backout::postgres;

/// Draws from bytes; the first of all choices when they are used up.
class Draw {
 public:
  explicit Draw(std::string_view bytes) : bytes_(bytes) {}
  bool is_empty() const { return bytes_.empty(); }
  template <class List>
  const auto& of(const List& list) {
    return list[fuzz::choose(bytes_, static_cast<unsigned>(list.size()))];
  }
  unsigned below(unsigned count) { return fuzz::choose(bytes_, count); }

 private:
  std::string_view bytes_;
};

/// Replaces each `{kind}` of a template by a word; what nests deeper than any template does is
/// left.
std::string fill(Draw& draw, std::string_view text, int depth = 0) {
  std::string result;
  while (true) {
    const std::size_t open = text.find('{');
    if (open == std::string_view::npos || depth > 12) return result + std::string(text);
    const std::size_t close = text.find('}', open);
    const std::string_view name = text.substr(open + 1, close - open - 1);
    result += text.substr(0, open);
    if (name.empty()) result += "{}";
    for (const tests::WordKind& kind : tests::word_kinds()) {
      if (kind.name == name) result += fill(draw, draw.of(kind.words), depth + 1);
    }
    text.remove_prefix(close + 1);
  }
}

std::string statement(Draw& draw) {
  return fill(draw, draw.of(draw.of(tests::areas()).templates)) + ";\n";
}

Database after_preamble() {
  std::string bytes;
  Draw draw(bytes);
  std::string text;
  for (const std::string_view part : tests::preamble_templates()) text += fill(draw, part) + ";\n";
  Database database;
  database.run(Script::parse(text), RunMode::statement_by_statement);
  return database;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  static const Database start = after_preamble();
  Draw draw(fuzz::text_of(data, size));
  const auto mode = static_cast<RunMode>(draw.below(2));
  std::string text;
  for (int count = 0; count < 24 && !draw.is_empty(); ++count) text += statement(draw);
  const Script script = Script::parse(text);
  Database once = start;
  once.run(script, mode);
  difference(start, once);
  Database twice = start;
  twice.run(script, mode);
  fuzz::demand(difference(once, twice).empty(), "the same statements give the same database");
  Database undone = start;
  undone.run(Script::parse("BEGIN;\n" + text + "ROLLBACK;\n"), RunMode::statement_by_statement);
  fuzz::demand(difference(start, undone).empty(), "what is rolled back leaves no difference");
  return 0;
}
