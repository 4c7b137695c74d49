#pragma once

#include <optional>
#include <string_view>
#include <utility>

#include "postgres/values/datetime.hpp"

namespace backout::postgres {

/// How far clocks are ahead of UTC in a zone of the IANA database, by its rule of today.
class TimeZone {
 public:
  /// Nothing for names without a slash, which PostgreSQL may read as abbreviations, and for others
  /// that there are not. In whatever case.
  static std::optional<TimeZone> named(std::string_view name);

  /// Nothing before the year from which on the rule holds.
  std::optional<Micros> offset_at(Micros utc) const;
  /// The point in time of what a clock shows; of what it shows twice or never, the one that comes
  /// of the smaller offset, as in PostgreSQL.
  std::optional<Micros> point_of(Micros local) const;
  /// What clocks never show, and a point in time that they show as they do another one: both do not
  /// come back from where AT TIME ZONE brings them. Nothing when clocks are never changed.
  std::optional<std::pair<Micros, Micros>> awkward() const;

 private:
  struct Change {
    int month = 1;
    int week = 1;
    int weekday = 0;
    Micros clock = 0;
  };
  static std::optional<Change> read_change(std::string_view text);
  static Micros moment(int year, const Change& change, Micros offset);
  bool in_summer(Micros utc, int year) const;

  Micros standard_ = 0;
  std::optional<Micros> summer_;
  Change start_;
  Change end_;
  int since_ = 0;
};

}  // namespace backout::postgres
