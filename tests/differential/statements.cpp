#include "differential/statements.hpp"

#include <string_view>

#include "differential/templates.hpp"

namespace backout::tests {
namespace {

/// Areas that a sequence draws from beside the common ones: few, so that its statements have to do
/// with each other.
constexpr int kOwnAreas = 3;

/// Replaces each `{kind}` of the text by a word drawn for it.
std::string fill(std::string_view text) {
  std::string result;
  while (true) {
    const std::size_t open = text.find('{');
    if (open == std::string_view::npos) return result + std::string(text);
    const std::size_t close = text.find('}', open);
    const std::string_view name = text.substr(open + 1, close - open - 1);
    result += text.substr(0, open);
    if (name.empty()) result += "{}";
    for (const WordKind& kind : word_kinds()) {
      if (kind.name == name) result += fill(*rc::gen::elementOf(kind.words));
    }
    text.remove_prefix(close + 1);
  }
}

/// One in `n`.
bool once_in(int n) { return *rc::gen::inRange(0, n) == 0; }

using AreaList = std::vector<const Area*>;

AreaList some_areas() {
  AreaList chosen;
  for (std::size_t at = 0; at < kCommonAreas; ++at) chosen.push_back(&areas()[at]);
  for (int at = 0; at < kOwnAreas; ++at) {
    const Area* own = &areas()[*rc::gen::inRange(kCommonAreas, areas().size())];
    // Twice as likely as a common one.
    chosen.insert(chosen.end(), {own, own});
  }
  return chosen;
}

std::string statement(const AreaList& from) {
  return fill(*rc::gen::elementOf((*rc::gen::elementOf(from))->templates));
}

Piece piece(const AreaList& from) {
  Piece piece;
  const int count = once_in(6) ? *rc::gen::inRange(2, 5) : 1;
  piece.one_transaction = count > 1 && !once_in(3);
  for (int at = 0; at < count; ++at) piece.statements.push_back(statement(from));
  if (count == 1 || piece.one_transaction || once_in(2)) return piece;
  auto& statements = piece.statements;
  statements.insert(statements.begin(), "BEGIN");
  if (once_in(2))
    statements.insert(statements.begin() + 2, {"SAVEPOINT a", statement(from), "ROLLBACK TO a"});
  statements.push_back(*rc::gen::element<std::string>("COMMIT", "COMMIT", "ROLLBACK"));
  return piece;
}

}  // namespace

rc::Gen<std::vector<Piece>> piece_sequences(int length) {
  return rc::gen::noShrink(rc::gen::exec([length] {
    const AreaList from = some_areas();
    std::vector<Piece> pieces;
    for (const std::string_view text : preamble_templates())
      pieces.push_back({{fill(text)}, false});
    for (int at = 0; at < length; ++at) pieces.push_back(piece(from));
    return pieces;
  }));
}

}  // namespace backout::tests
