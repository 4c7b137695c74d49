#include "reports/migrations/migrations_report.hpp"

namespace backout::reports {

#define BACKOUT_FORMAT(name) void write_migrations_##name(const MigrationsReport&, const Style&, std::ostream&);
#include "reports/migrations/formats.inc"
#undef BACKOUT_FORMAT

const std::vector<MigrationsFormat>& all_migrations_formats() {
  static const std::vector<MigrationsFormat> kAll = {
#define BACKOUT_FORMAT(name) {#name, &write_migrations_##name},
#include "reports/migrations/formats.inc"
#undef BACKOUT_FORMAT
  };
  return kAll;
}

const MigrationsFormat* find_migrations_format(std::string_view name) {
  for (const MigrationsFormat& format : all_migrations_formats()) {
    if (name == format.name) return &format;
  }
  return nullptr;
}

}  // namespace backout::reports
