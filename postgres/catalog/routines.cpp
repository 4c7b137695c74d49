// PostgreSQL looks for a function in pg_catalog and along search_path and lets the types of the
// arguments choose among those of its name (FuncnameGetCandidates() in namespace.c). Here this is
// only the search by name: the built-in ones are a list of names (built_in_functions.inc).
// Left out: the choice among overloads, which is the callers'; a schema that hides another one's
// function of the same arguments.
#include "postgres/catalog/routines.hpp"

#include <algorithm>
#include <array>

#include "postgres/catalog/names.hpp"

namespace backout::postgres {
namespace {

constexpr auto kBuiltIn = std::to_array<std::string_view>({
#include "postgres/catalog/built_in_functions.inc"
});

}  // namespace

bool is_built_in_function(std::string_view name) {
  return std::binary_search(kBuiltIn.begin(), kBuiltIn.end(), name);
}

std::vector<ObjectId> routines_named(const Database& database, const std::string& schema,
                                     const std::string& name) {
  if (!schema.empty()) {
    const ObjectId within = database.schema_named(schema);
    const IdList here =
        within == 0 ? IdList() : database.lookup_all(NameSpace::routine, within, name);
    return {here.begin(), here.end()};
  }
  std::vector<ObjectId> found;
  for (const ObjectId within : search_path(database)) {
    const auto here = database.lookup_all(NameSpace::routine, within, name);
    found.insert(found.end(), here.begin(), here.end());
  }
  return found;
}

}  // namespace backout::postgres
