#pragma once
// Rows of stores that are no SQL database, as facts of a record: `<area>.<id>` = content.

#include <string>
#include <vector>

#include "services/record_kind.hpp"

namespace backout::services {

/// The data below `area`: one datum per row.
inline std::vector<Datum> area_data(const Record& record, const std::string& area) {
  std::vector<Datum> data;
  for (const auto& [key, value] : record.facts()) {
    if (key.starts_with(area + '.')) data.push_back({key + "=" + value, area});
  }
  return data;
}

}  // namespace backout::services
