// A DynamoDB table, whose requests are not executed: the plan declares what they change.
//
// What the real thing does: a backup, or a point in time, is restored to a new table: the table
// that apps use stays as it is, and indexes, alarms, tags, streams and TTL settings of the new one
// are to be set up again. Source: DynamoDB developer guide, "Restoring a table from a backup",
// "Point-in-time recovery". What this fake leaves out: items, capacity, streams.
//
// Facts: schema.<path>, beside.<table> (not essential); rows, values, copies: not essential.
#include "services/typed_store.hpp"

namespace backout::services {

const Kind& kind_dynamodb() {
  static const std::unique_ptr<const Kind> kKind =
      make_typed_store({"dynamodb",
                        "A DynamoDB table; requests are declared effects.",
                        {},
                        "a change of the table is no part of a transaction",
                        {"backup", "pitr"},
                        {},
                        "",
                        true});
  return *kKind;
}

}  // namespace backout::services
