#include "services/postgres/routines.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "services/postgres/alter_table.hpp"
#include "services/postgres/names.hpp"
#include "services/postgres/object_address.hpp"

namespace backout::postgres {
namespace {

constexpr auto kBuiltIn = std::to_array<std::string_view>({
#include "services/postgres/built_in_functions.inc"
});

}  // namespace

bool is_built_in_function(std::string_view name) { return std::binary_search(kBuiltIn.begin(), kBuiltIn.end(), name); }

std::vector<ObjectId> routines_named(const Database& database, const std::string& schema, const std::string& name) {
  if (!schema.empty()) {
    const ObjectId within = database.schema_named(schema);
    return within == 0 ? std::vector<ObjectId>() : database.lookup_all(NameSpace::routine, within, name);
  }
  std::vector<ObjectId> found;
  for (const ObjectId within : search_path(database)) {
    const auto here = database.lookup_all(NameSpace::routine, within, name);
    found.insert(found.end(), here.begin(), here.end());
  }
  return found;
}

Checked<ObjectId> find_routine(const Execution& execution, PgQuery__ObjectType /*type*/, const PgQuery__ObjectWithArgs& routine) {
  const QualifiedName name = qualified(routine.objname, routine.n_objname);
  const auto found = routines_named(execution.database, name.schema, name.name);
  if (found.empty()) {
    if (!execution.database.doubt().empty()) return tl::unexpected(not_known(execution.database.doubt()));
    return tl::unexpected(refuse("42883", fmt::format("function {} does not exist", name.name)));
  }
  if (found.size() > 1) return tl::unexpected(not_known(fmt::format("which of the functions {} is meant", name.name)));
  return found.front();
}

Checked<void> switch_trigger(Execution& /*execution*/, ObjectId /*table*/, const PgQuery__AlterTableCmd& /*command*/) {
  return tl::unexpected(not_known("ENABLE and DISABLE TRIGGER"));
}

}  // namespace backout::postgres
