// What PostgreSQL keeps by kind of object: the words of its messages (getObjectDescription() in
// objectaddress.c), the letters of pg_default_acl.defaclobjtype, the privileges that there are
// (manual, "Privileges").
// Left out: kinds that are not modelled: foreign servers, languages, collations, operators, casts,
// publications, large objects, databases and tablespaces.
#include "postgres/catalog/object_kinds.hpp"

#include <array>

namespace backout::postgres {
namespace {

constexpr std::array<std::string_view, 2> kOfSchemas{"USAGE", "CREATE"};
constexpr std::array<std::string_view, 7> kOfRelations{"SELECT",   "INSERT",     "UPDATE", "DELETE",
                                                       "TRUNCATE", "REFERENCES", "TRIGGER"};
constexpr std::array<std::string_view, 3> kOfSequences{"USAGE", "SELECT", "UPDATE"};
constexpr std::array<std::string_view, 1> kOfFunctions{"EXECUTE"};

constexpr std::array kRows{
    ObjectKindRow{ObjectKind::schema, "schema", "schema", "SCHEMA", NameSpace::schema, false, 'n',
                  kOfSchemas},
    ObjectKindRow{ObjectKind::table, "table", "table", "TABLE", NameSpace::relation, false, 'r',
                  kOfRelations},
    ObjectKindRow{ObjectKind::constraint, "constraint", "constraint", "", NameSpace::constraint,
                  true},
    ObjectKindRow{ObjectKind::index, "index", "index", "INDEX", NameSpace::relation},
    ObjectKindRow{ObjectKind::sequence, "sequence", "sequence", "SEQUENCE", NameSpace::relation,
                  false, 'S', kOfSequences},
    ObjectKindRow{ObjectKind::type, "type", "type", "TYPE", NameSpace::type, false, 'T'},
    ObjectKindRow{ObjectKind::view, "view", "view", "VIEW", NameSpace::relation, false, 'r',
                  kOfRelations},
    ObjectKindRow{ObjectKind::function, "function", "function", "", NameSpace::routine, false, 'f',
                  kOfFunctions},
    ObjectKindRow{ObjectKind::trigger, "trigger", "trigger", "", NameSpace::trigger, true},
    ObjectKindRow{ObjectKind::event_trigger, "event trigger", "eventtrigger", "",
                  NameSpace::event_trigger},
    ObjectKindRow{ObjectKind::policy, "policy", "policy", "", NameSpace::policy, true},
    ObjectKindRow{ObjectKind::rule, "rule", "rule", "", NameSpace::rule, true},
    ObjectKindRow{ObjectKind::extension, "extension", "extension", "EXTENSION",
                  NameSpace::extension},
    ObjectKindRow{ObjectKind::role, "role", "role", "", NameSpace::role},
    ObjectKindRow{ObjectKind::statistics, "statistics object", "statistics", "STATISTICS",
                  NameSpace::statistics},
    ObjectKindRow{ObjectKind::default_grants, "default privileges", "default grant", "",
                  NameSpace::default_grants},
};

constexpr bool in_order() {
  for (std::size_t at = 0; at < kRows.size(); ++at) {
    if (kRows[at].kind != static_cast<ObjectKind>(at)) return false;
  }
  return kRows.size() == kObjectKinds;
}
static_assert(in_order(), "each kind of objects has its row, in the order of ObjectKind");

}  // namespace

const ObjectKindRow& row_of(ObjectKind kind) { return kRows[static_cast<std::size_t>(kind)]; }

}  // namespace backout::postgres
