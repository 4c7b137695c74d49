#pragma once
// Rows of stores that are no SQL database, as facts of a record: `<area>.<id>` = content.

#include <string>
#include <vector>

#include "services/record_kind.hpp"

namespace backout::services {

/// `record` with everything below `to` replaced by what stands below `from`.
inline Record copy_area(const Record& record, const std::string& from, const std::string& to) {
  Record next = record;
  for (const auto& [key, value] : record.facts()) {
    if (key.starts_with(to + '.')) next = next.without(key);
  }
  for (const auto& [key, value] : record.facts()) {
    if (key.starts_with(from + '.')) next = next.with(to + key.substr(from.size()), value);
  }
  return next;
}

/// The data below `area`: one datum per row.
inline std::vector<Datum> area_data(const Record& record, const std::string& area) {
  std::vector<Datum> data;
  for (const auto& [key, value] : record.facts()) {
    if (key.starts_with(area + '.')) data.push_back({key + "=" + value, area});
  }
  return data;
}

}  // namespace backout::services
