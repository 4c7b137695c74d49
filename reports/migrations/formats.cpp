#include "reports/migrations/migrations_report.hpp"
#include "reports/screen.hpp"

namespace backout::reports {

#define BACKOUT_FORMAT(name) \
  void write_migrations_##name(const MigrationsReport&, const Style&, std::ostream&);
#include "reports/migrations/formats.inc"
#undef BACKOUT_FORMAT

namespace {

template <auto Write>
void write_through_screen(const MigrationsReport& report, const Style& style, std::ostream& out) {
  print_screened(out, [&](std::ostream& safe) { Write(report, style, safe); });
}

}  // namespace

const std::vector<MigrationsFormat>& all_migrations_formats() {
  static const std::vector<MigrationsFormat> kAll = {
#define BACKOUT_FORMAT(name) {#name, &write_through_screen<write_migrations_##name>},
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
