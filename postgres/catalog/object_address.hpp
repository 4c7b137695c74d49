#pragma once

#include "postgres/execute/execution.hpp"

namespace backout::postgres {

/// The object that DROP, ALTER and COMMENT name by kind and either a relation or a list of names:
/// 42P01, 42704, 42883 or 3F000 when there is none, 42809 when it is of another kind.
Checked<ObjectId> find_object(const Execution& execution, PgQuery__ObjectType type,
                              const PgQuery__RangeVar* relation, const PgQuery__Node* object);

/// The routine of a name and argument types (ddl_routine.cpp): 42883 when there is none, 42725
/// when the name is not unique.
Checked<ObjectId> find_routine(const Execution& execution, PgQuery__ObjectType type,
                               const PgQuery__ObjectWithArgs& routine);

}  // namespace backout::postgres
