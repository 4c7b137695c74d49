#include "differential/comparison.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "differential/fake.hpp"

namespace backout::tests {
namespace {

/// Numbers the definitions that an object has had, in order of appearance.
class Numbering {
 public:
  Snapshot number(const Snapshot& catalog) {
    Snapshot result;
    for (const auto& [object, definition] : catalog) {
      auto& numbers = seen_[object];
      result[object] = std::to_string(numbers.emplace(definition, numbers.size()).first->second);
    }
    return result;
  }

 private:
  std::map<std::string, std::map<std::string, std::size_t>> seen_;
};

bool may_match(const std::vector<Cell>& real, const std::vector<Cell>& fake) {
  return std::equal(
      real.begin(), real.end(), fake.begin(), fake.end(),
      [](const Cell& one, const Cell& two) { return two == kSomeValue || one == two; });
}

/// Whether each real row can be paired with one of the fake's.
bool may_match(const Rows& real, Rows fake) {
  if (real.size() != fake.size()) return false;
  // Rows with fewer values that are not known are the pickier ones.
  const auto vague = [](const std::vector<Cell>& row) {
    return std::count(row.begin(), row.end(), Cell(kSomeValue));
  };
  std::stable_sort(fake.begin(), fake.end(),
                   [&](const auto& one, const auto& two) { return vague(one) < vague(two); });
  std::vector<bool> taken(real.size());
  return std::all_of(fake.begin(), fake.end(), [&](const auto& row) {
    for (std::size_t at = 0; at < real.size(); ++at) {
      if (taken[at] || !may_match(real[at], row)) continue;
      taken[at] = true;
      return true;
    }
    return false;
  });
}

std::string print(const Rows& rows) {
  std::string text;
  for (const auto& row : rows) {
    text += text.empty() ? "(" : ", (";
    for (const Cell& cell : row)
      text += (text.ends_with('(') ? "" : ",") + (cell == kSomeValue ? "?" : cell.value_or("NULL"));
    text += ")";
  }
  return text.empty() ? "none" : text;
}

/// Of a divergence in the SQLSTATE.
std::string nature_of(const Outcome& real, const Outcome& fake) {
  if (fake.sqlstate == "00000") return "accepted";
  return real.sqlstate == "00000" ? "refused" : "sqlstate";
}

std::optional<std::string> rows_difference(const Outcome& real, const Outcome& fake) {
  for (const auto& [table, rows] : fake.rows) {
    const auto other = real.rows.find(table);
    if (other == real.rows.end() || may_match(other->second, rows)) continue;
    return fmt::format("rows of {}: PostgreSQL has {}; the fake has {}", table,
                       print(other->second), print(rows));
  }
  return std::nullopt;
}

}  // namespace

std::optional<Divergence> first_divergence(const std::vector<Outcome>& real,
                                           const std::vector<Outcome>& fake) {
  Numbering real_numbers;
  Numbering fake_numbers;
  for (std::size_t at = 0; at < fake.size(); ++at) {
    const std::size_t piece = at == 0 ? 0 : at - 1;
    if (at >= real.size())
      return Divergence{"silence", piece, "silence", "PostgreSQL gave no answer"};
    if (real[at].sqlstate != fake[at].sqlstate) {
      const std::string text =
          fmt::format("PostgreSQL says {}, the fake {}", real[at].sqlstate, fake[at].sqlstate);
      return Divergence{nature_of(real[at], fake[at]), piece, text, text};
    }
    const auto different =
        changes(real_numbers.number(real[at].catalog), fake_numbers.number(fake[at].catalog));
    if (!different.empty()) {
      const std::string& first = *different.begin();
      return Divergence{"catalog", piece, first.substr(0, first.find('|')),
                        fmt::format("compared with PostgreSQL's catalog, the fake's has: {}",
                                    fmt::join(different, "; "))};
    }
    if (const auto rows = rows_difference(real[at], fake[at]))
      return Divergence{"rows", piece, "rows", *rows};
  }
  return std::nullopt;
}

}  // namespace backout::tests
