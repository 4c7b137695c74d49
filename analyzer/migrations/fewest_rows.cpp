#include "analyzer/migrations/fewest_rows.hpp"

#include <algorithm>
#include <set>
#include <vector>

#include "postgres/dml/row_checks.hpp"

namespace backout::analyzer {

using postgres::RowLog;

RowLog fewest_rows(RowLog rows, int trials, const std::function<bool(const RowLog&)>& shows) {
  std::size_t least = 0;
  std::size_t most = rows.size();
  while (least < most && trials-- > 0) {
    const std::size_t middle = (least + most) / 2;
    if (shows({rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(middle)}))
      most = middle;
    else
      least = middle + 1;
  }
  rows.resize(most);
  for (std::size_t size = std::max<std::size_t>(rows.size() / 2, 1); !rows.empty(); size /= 2) {
    for (std::size_t at = 0; at + size <= rows.size() && trials-- > 0;) {
      RowLog fewer = rows;
      fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(at),
                  fewer.begin() + static_cast<std::ptrdiff_t>(at + size));
      if (shows(fewer))
        rows = std::move(fewer);
      else
        at += size;
    }
    if (size <= 1) break;
  }
  return rows;
}

RowLog with_what_they_point_to(const postgres::Database& base, const RowLog& rows,
                               const postgres::StoredRow& row) {
  postgres::Database database = base;
  postgres::Execution execution{database, nullptr, 0};
  std::set<std::size_t> chosen;
  std::vector<postgres::StoredRow> open = {row};
  while (!open.empty()) {
    const postgres::StoredRow from = open.back();
    open.pop_back();
    for (const postgres::Constraint* key : database.parts_of<postgres::Constraint>(from.table)) {
      if (key->type != 'f') continue;
      for (std::size_t at = 0; at < rows.size(); ++at) {
        if (rows[at].table != key->referenced || chosen.contains(at)) continue;
        const auto points = points_to(execution, *key, *from.row, *rows[at].row);
        if (!points || *points != postgres::Truth::yes) continue;
        chosen.insert(at);
        open.push_back(rows[at]);
      }
    }
  }
  RowLog log;
  for (std::size_t at = 0; at < rows.size(); ++at) {
    if (chosen.contains(at) || rows[at].row == row.row) log.push_back(rows[at]);
  }
  return log;
}

}  // namespace backout::analyzer
