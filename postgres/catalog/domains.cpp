// A domain may be over another one: its values keep to the checks of both (domain_state_setup() in
// domains.c).
// Left out: domains over arrays, whose elements are none of theirs.
#include "postgres/catalog/domains.hpp"

namespace backout::postgres {

std::vector<ObjectId> domains_of(const Database& database, const ValueType& type) {
  std::vector<ObjectId> domains;
  ObjectId next = type.is_array() ? ObjectId{0} : type.user;
  for (const auto* domain = database.get<Type>(next); domain != nullptr && domain->variety == 'd';
       domain = database.get<Type>(next)) {
    domains.push_back(next);
    next = domain->base.is_array() ? ObjectId{0} : domain->base.user;
  }
  return domains;
}

}  // namespace backout::postgres
