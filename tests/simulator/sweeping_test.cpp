// Work of the new version over the rows of before, which nobody asked for: docs/semantics.md,
// "Traffic".
#include "services/sweeping.hpp"

#include <gtest/gtest.h>

#include "explored.hpp"

namespace backout::simulator {
namespace {

TEST(Sweeping, IsAnUpdateOrDeleteThatPicksNobodysRows) {
  for (const char* sql :
       {"UPDATE orders SET email = lower(email)", "delete from orders where state = 'old'",
        " UPDATE orders SET state = NULL WHERE state = 'open'",
        "UPDATE orders SET email = lower(email) WHERE paid = false",
        "UPDATE orders SET email = lower(email)\nWHERE paid",
        "DELETE FROM orders WHERE order_id IS NOT NULL", "DELETE FROM orders WHERE id > 0",
        "DELETE FROM orders\nWHERE id IN (SELECT id FROM orders)",
        "UPDATE orders SET email = c.email FROM customers c WHERE orders.customer_id = c.id",
        "DELETE FROM orders WHERE id = 7 OR paid", "DELETE FROM orders WHERE NOT id = 7",
        "WITH gone AS (DELETE FROM orders RETURNING id) SELECT count(*) FROM gone"})
    EXPECT_TRUE(services::is_sweeping(sql)) << sql;
  for (const char* sql :
       {"UPDATE orders SET email = :email WHERE id = :id",
        "UPDATE orders SET state = 'paid' WHERE id = 7",
        "DELETE FROM orders WHERE order_id IN (1, 2)",
        "UPDATE orders SET state = 'paid'\nWHERE id = 7 AND NOT paid",
        "DELETE FROM orders WHERE sid = 'x'", "DELETE FROM orders WHERE \"orderId\" = 7",
        "DELETE FROM orders o WHERE 7 = o.id",
        "DELETE FROM orders WHERE id = '7'::bigint OR order_key = 'a'",
        "DELETE FROM orders WHERE id = ANY ('{1,2}')", "UPDATE orders SET",
        "UPDATE orders SET state = $1", "INSERT INTO orders (email) VALUES ('a')", "SELECT 1", ""})
    EXPECT_FALSE(services::is_sweeping(sql)) << sql;
}

/// The verdict after the new version was deployed, whose version also does `work`; the old one does
/// `before`.
Verdict verdict(const std::string& work, const std::string& before = "SELECT id FROM orders") {
  const Loaded loaded(
      "backout: 1\nname: sweep\nservices:\n  db: {kind: postgres, tables: {orders: {rows: 5, "
      "columns: {id: bigint primary key, email: text not null, paid: boolean not null}}}}\n"
      "  api: {kind: app, uses: [db], versions: {v1: {operations: {tidy: {sql: \"" +
      before + "\"}}}, v2: {operations: {tidy: {sql: \"" + work +
      "\"}}}}, start: v1}\ndeploy:\n  steps:\n    - {id: code, do: deploy, target: api, version: "
      "v2, undo: back}\n"
      "rollback:\n  steps:\n    - {id: back, do: deploy, target: api, version: v1}\n");
  return cell(loaded.matrix(), "after 'code'", "full").verdict;
}

TEST(Sweeping, LosesWhatItOverwrites) {
  EXPECT_EQ(verdict("UPDATE orders SET email = lower(email)"), Verdict::data_lost);
}

TEST(Sweeping, LosesWhatItDeletes) { EXPECT_EQ(verdict("DELETE FROM orders"), Verdict::data_lost); }

TEST(Sweeping, LosesNothingThatTheVersionBeforeOverwritesAsWell) {
  EXPECT_EQ(
      verdict("UPDATE orders SET email = lower(email)", "UPDATE orders SET email = lower(email)"),
      Verdict::restored);
}

TEST(Sweeping, LosesWhatItOverwritesWhereAColumnEndsLikeAKey) {
  EXPECT_EQ(verdict("UPDATE orders SET email = lower(email) WHERE paid = false"),
            Verdict::data_lost);
}

TEST(Sweeping, PicksByAKeyOnAnotherLine) {
  EXPECT_EQ(verdict("UPDATE orders SET email = 'a'\\nWHERE id = 1"), Verdict::restored);
}

TEST(Sweeping, IsNotWhatAUserAsksFor) {
  EXPECT_EQ(verdict("UPDATE orders SET email = :email WHERE id = :id"), Verdict::restored);
}

}  // namespace
}  // namespace backout::simulator
