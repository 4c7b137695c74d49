// Names of migration files, one a line: what each says, and that their order is one.
#include <string>

#include "fuzz/check.hpp"
#include "importers/migrations/names.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace backout;
  using importers::VersionKey;
  std::string_view text = fuzz::text_of(data, size);
  const bool dated = fuzz::choose(text, 2) == 1;
  std::vector<VersionKey> keys;
  for (const std::string_view name : fuzz::parts(text, '\n', 3)) {
    const importers::MigrationName read = importers::parse_name(name);
    importers::leading_version(name);
    keys.emplace_back(read.version, read.id, dated);
    fuzz::demand(!(keys.back() < keys.back()), "nothing comes before itself");
  }
  for (const VersionKey& a : keys) {
    for (const VersionKey& b : keys) {
      fuzz::demand(!(a < b && b < a), "one of two comes first");
      for (const VersionKey& c : keys)
        fuzz::demand(!(a < b && b < c) || a < c, "an order is transitive");
    }
  }
  return 0;
}
