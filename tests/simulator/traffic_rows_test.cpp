// Rows of live operations obey the schema of the moment: docs/semantics.md, "Traffic".
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "explored.hpp"
#include "services/traffic.hpp"
#include "support/places.hpp"

namespace backout::simulator {
namespace {

using services::Outcome;
using testing::HasSubstr;

/// What comes of `INSERT ... insert` by a live version where the schema is `schema`.
Outcome served(const std::string& schema, const std::string& insert) {
  const Loaded loaded(
      "backout: 1\nname: rows\nservices:\n  db: {kind: postgres, sql: \"" + schema +
      "\"}\n  api: {kind: app, uses: [db], versions: {v1: {operations: {add: {sql: \"" + insert +
      "\", on: db}}}}, start: v1}\ndeploy:\n  steps:\n    - {id: stop, do: stop, target: api}\n"
      "rollback:\n  steps:\n    - {id: go, do: start, target: api}\n");
  const std::vector<services::LiveOperation> live =
      services::live_operations(loaded.context, loaded.start);
  return services::run_operation(loaded.context, loaded.start, live.at(0)).outcome;
}

TEST(TrafficRows, PointToRowsThatAreThere) {
  EXPECT_TRUE(served("CREATE TABLE c (id bigint PRIMARY KEY); INSERT INTO c VALUES (7); CREATE "
                     "TABLE o (id bigserial, c_id bigint NOT NULL REFERENCES c);",
                     "INSERT INTO o (c_id) VALUES (:c_id)")
                  .ok());
}

TEST(TrafficRows, MakeTheRowsThatTheyPointTo) {
  EXPECT_TRUE(served("CREATE TABLE a (id uuid PRIMARY KEY, n text NOT NULL); CREATE TABLE c (id "
                     "bigint PRIMARY KEY, a_id uuid NOT NULL REFERENCES a);"
                     "CREATE TABLE o (id bigserial, c_id bigint NOT NULL REFERENCES c);",
                     "INSERT INTO o (c_id) VALUES (:c_id)")
                  .ok());
}

TEST(TrafficRows, ObeyChecksAndDomains) {
  EXPECT_TRUE(served("CREATE TABLE o (id bigserial, state text NOT NULL CHECK (state IN ('open', "
                     "'paid')), n int CHECK (n BETWEEN 1 AND 9));",
                     "INSERT INTO o (state, n) VALUES (:state, :n)")
                  .ok());
  EXPECT_TRUE(served("CREATE DOMAIN mail AS text CHECK (VALUE ~ '^[a-z]+@x[.]org$'); CREATE TABLE "
                     "p (id bigserial, m mail NOT NULL);",
                     "INSERT INTO p (m) VALUES (:m)")
                  .ok());
  EXPECT_TRUE(
      served("CREATE TABLE s (id bigserial, a date NOT NULL, b date NOT NULL, CHECK (a < b));",
             "INSERT INTO s (a, b) VALUES (:a, :b)")
          .ok());
}

TEST(TrafficRows, ObeyAUniqueForeignKey) {
  EXPECT_TRUE(served("CREATE TABLE c (id bigint PRIMARY KEY); INSERT INTO c VALUES (7); CREATE "
                     "TABLE o (c_id bigint UNIQUE REFERENCES c); INSERT INTO o VALUES (7);",
                     "INSERT INTO o (c_id) VALUES (:c_id)")
                  .ok());
}

TEST(TrafficRows, AreUpdatedWithinTheirChecks) {
  EXPECT_TRUE(served("CREATE TABLE o (id bigserial, state text NOT NULL CHECK (state IN ('open', "
                     "'paid'))); INSERT INTO o (state) VALUES ('open');",
                     "UPDATE o SET state = :state")
                  .ok());
}

TEST(TrafficRows, AreRefusedForWhatNoValueChanges) {
  const Outcome left_out = served("CREATE TABLE o (id bigserial, a text NOT NULL, b text);",
                                  "INSERT INTO o (b) VALUES (:b)");
  EXPECT_EQ(left_out.result, Outcome::Result::refused);
  EXPECT_THAT(left_out.message, HasSubstr("null value in column \"a\""));
  const Outcome literal = served("CREATE TABLE o (id bigserial, a text CHECK (a = 'x'), b text);",
                                 "INSERT INTO o (a, b) VALUES ('y', :b)");
  EXPECT_EQ(literal.result, Outcome::Result::refused);
}

TEST(TrafficRows, StandForTheColumnsThatTheyAreGivenTo) {
  const std::string schema =
      "CREATE TABLE c (id bigint PRIMARY KEY); CREATE TABLE o (id bigserial, c_id bigint NOT NULL "
      "REFERENCES c, n int);";
  EXPECT_TRUE(served(schema, "INSERT INTO o (c_id, n) VALUES (:customer, :count)").ok());
  EXPECT_TRUE(served(schema, "INSERT INTO o (c_id, n) VALUES ($1, $2)").ok());
  EXPECT_TRUE(served(schema, "UPDATE o SET n = :count WHERE c_id = :customer").ok());
}

/// A release that changes nothing but the code, with an operation of both versions.
std::string same_write(const std::string& schema, const std::string& insert) {
  const std::string operations = "operations: {add: {sql: \"" + insert + "\", on: db}}";
  return "backout: 1\nname: rows\nservices:\n  db: {kind: postgres, sql: \"" + schema +
         "\"}\n  api: {kind: app, uses: [db], versions: {v1: {" + operations + "}, v2: {" +
         operations +
         "}}, start: v1}\ndeploy:\n  steps:\n    - {id: new, do: deploy, target: api, version: "
         "v2}\n" +
         "rollback:\n  steps:\n    - {id: old, do: deploy, target: api, version: v1}\n";
}

TEST(TrafficRows, AreTheSameInTheGhostWorld) {
  const std::string made =
      "CREATE TABLE c (id bigint PRIMARY KEY); CREATE TABLE o (id bigserial, c_id bigint NOT NULL "
      "REFERENCES c);";
  const std::string mail =
      "CREATE TABLE m (id bigserial, email text NOT NULL CHECK (email LIKE '%@%.%'));";
  const std::string key = "CREATE TABLE k (name text PRIMARY KEY CHECK (name ~ '^[a-z]+$'));";
  for (const std::string& plan : {same_write(made, "INSERT INTO o (c_id) VALUES (:c_id)"),
                                  same_write(mail, "INSERT INTO m (email) VALUES (:email)"),
                                  same_write(key, "INSERT INTO k (name) VALUES (:name)")}) {
    EXPECT_EQ(verdicts(Loaded(plan).matrix(1)),
              "before the deploy x full: RESTORED\nafter 'new' x full: RESTORED\n")
        << plan;
  }
}

TEST(TrafficRows, AreUnknownWhereNoneIsFound) {
  const Outcome none = served(
      "CREATE TABLE o (id bigserial, a text NOT NULL CHECK (md5(a) = "
      "'00000000000000000000000000000000'));",
      "INSERT INTO o (a) VALUES (:a)");
  EXPECT_EQ(none.result, Outcome::Result::opaque);
  EXPECT_THAT(none.message, HasSubstr("check constraint \"o_a_check\""));
}

TEST(TrafficRows, AForeignKeyHidesNothing) {
  const std::string plan = R"(backout: 1
services:
  db:
    kind: postgres
    sql: |2
      CREATE TABLE customers (id bigserial PRIMARY KEY, name text NOT NULL);
      CREATE TABLE orders (
        id bigserial PRIMARY KEY,
        customer_id bigint NOT NULL REFERENCES customers (id),
        total numeric NOT NULL
      );
  shop:
    kind: fly
    uses: [db]
    versions:
      current: {inserts: {orders: [customer_id, total]}}
      next: {inserts: {orders: [customer_id, price]}}
    start: current
deploy:
  steps:
    - id: migrate
      do: sql
      target: db
      text: |2
        ALTER TABLE orders ADD COLUMN price numeric;
        ALTER TABLE orders ALTER COLUMN total DROP NOT NULL;
      undo: back_migrate
    - {id: release_shop, do: deploy, target: shop, version: next, undo: back_shop}
rollback:
  steps:
    - {id: back_shop, do: deploy, target: shop, version: current}
    - id: back_migrate
      do: sql
      target: db
      text: |2
        ALTER TABLE orders ALTER COLUMN total SET NOT NULL;
        ALTER TABLE orders DROP COLUMN price;
)";
  const Matrix matrix = Loaded(plan).matrix(1);
  EXPECT_EQ(verdicts(matrix),
            "before the deploy x full: RESTORED\nduring 'migrate' x full: RESTORED\nafter "
            "'migrate' x full: RESTORED\nafter 'release_shop' x full: STUCK\n");
  EXPECT_THAT(cell(matrix, "after 'release_shop'", "full").reason,
              HasSubstr("column \"total\" of relation \"orders\" contains null values"));
}

/// The verdict after 'code', whose version does `work`; the way back makes the column `state` NOT
/// NULL and short again.
Verdict after_work(const std::string& work) {
  const Loaded loaded(
      "backout: 1\nname: met\nservices:\n  db: {kind: postgres, sql: \"CREATE TABLE o (id bigint "
      "PRIMARY KEY, state varchar(6) NOT NULL, n int); INSERT INTO o VALUES (7, 'open', 1), (8, "
      "'paid', 2)\"}\n"
      "  api: {kind: app, uses: [db], versions: {v1: {reads: {o: [id]}}, v2: {operations: {work: "
      "{sql: \"" +
      work +
      "\", on: db}}}}, start: v1}\n"
      "deploy:\n  steps:\n    - {id: widen, do: sql, target: db, text: 'ALTER TABLE o ALTER state "
      "TYPE varchar(20), ALTER state DROP NOT NULL'}\n    - {id: code, do: deploy, target: api, "
      "version: v2}\n"
      "rollback:\n  steps:\n    - {id: back, do: deploy, target: api, version: v1, undoes: "
      "[code]}\n"
      "    - {id: narrow, do: sql, target: db, text: 'ALTER TABLE o ALTER state TYPE varchar(6), "
      "ALTER state SET NOT NULL', undoes: [widen]}\n");
  return cell(loaded.matrix(), "after 'code'", "full").fault_free;
}

TEST(TrafficRows, AreMetByStatementsThatPickThemByAPlaceholder) {
  EXPECT_EQ(after_work("UPDATE o SET state = 'cancelled' WHERE id = :id"), Verdict::stuck);
  EXPECT_EQ(after_work("UPDATE o SET state = :state WHERE id = $1 AND n = :n"), Verdict::stuck)
      << "a wider value";
  EXPECT_EQ(after_work("UPDATE o SET state = NULL WHERE :id = o.id"), Verdict::stuck);
  EXPECT_EQ(after_work("UPDATE o SET state = 'cancelled' WHERE state = :old"), Verdict::stuck);
}

TEST(TrafficRows, OfUsersMayChangeAndGo) {
  EXPECT_EQ(after_work("UPDATE o SET n = :n WHERE id = :id"), Verdict::restored);
  EXPECT_EQ(after_work("DELETE FROM o WHERE id = :id"), Verdict::restored);
}

TEST(TrafficRows, AreMetThatNoConstraintKeeps) {
  const Loaded loaded(
      "backout: 1\nname: met\nservices:\n  db: {kind: postgres, sql: \"CREATE TABLE c (id bigint "
      "PRIMARY KEY); CREATE TABLE o (id bigint PRIMARY KEY, c_id bigint REFERENCES c); "
      "INSERT INTO c VALUES (1), (2); INSERT INTO o VALUES (7, 1)\"}\n  api: {kind: app, uses: "
      "[db], versions: {v1: {operations: {drop: {sql: \"DELETE FROM c WHERE id = :id\", on: "
      "db}}}}, start: v1}\n"
      "deploy:\n  steps:\n    - {id: stop, do: stop, target: api}\nrollback:\n  steps:\n    - {id: "
      "go, do: start, target: api}\n");
  const std::vector<services::LiveOperation> live =
      services::live_operations(loaded.context, loaded.start);
  const services::Applied applied =
      services::run_operation(loaded.context, loaded.start, live.at(0));
  EXPECT_TRUE(applied.outcome.ok()) << applied.outcome.message;
  EXPECT_EQ(applied.outcome.changes.size(), 1U) << "row 2 goes, which nothing points to";
}

TEST(TrafficRows, AreNotMetWhereThereIsNone) {
  EXPECT_EQ(after_work("UPDATE o SET state = 'cancelled' WHERE id = :id AND n = 5"),
            Verdict::restored);
  EXPECT_EQ(after_work("UPDATE o SET state = 'cancelled' WHERE id = :n AND n = :n"),
            Verdict::restored)
      << "no row has the same value in both";
}

}  // namespace
}  // namespace backout::simulator
