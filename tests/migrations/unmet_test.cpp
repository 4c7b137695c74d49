// What is said of a pair of which no row here shows what it does elsewhere: whole findings.

#include <string>

#include <gtest/gtest.h>

#include "support/places.hpp"
#include "support/process.hpp"

namespace backout::tests {
namespace {

/// The finding on the second of two migrations, in one line.
std::string finding(const std::string& base, const std::string& up, const std::string& down) {
  const TemporaryFolder folder;
  folder.write("db/1_base.up.sql", base);
  folder.write("db/1_base.down.sql", "-- backout: irreversible the beginning\nSELECT 1;\n");
  folder.write("db/2_x.up.sql", up);
  folder.write("db/2_x.down.sql", down);
  std::string said;
  for (const char byte :
       run_process({kProgram, "migrations", "db"}, "", folder.path().string()).out) {
    const char one = byte == '\n' ? ' ' : byte;
    if (one != ' ' || said.empty() || said.back() != ' ') said += one;
  }
  const std::size_t begin = said.find("note[migrations-unknown]");
  const std::size_t end = said.find(" fix:", begin);
  return begin == std::string::npos || end == std::string::npos ? said
                                                                : said.substr(begin, end - begin);
}

constexpr const char* kCoupon =
    "CREATE TABLE coupon (id int PRIMARY KEY, code text NOT NULL, used int NOT NULL);\n";
constexpr const char* kHash = "md5(code) = '2ab96390c7dbe3439de74d0c9b0b1767'";

TEST(Unmet, NamesTheUpdateThatMetNoRow) {
  EXPECT_EQ(finding(kCoupon, std::string("UPDATE coupon SET used = 0 WHERE ") + kHash + ";\n",
                    "SELECT 1;\n"),
            "note[migrations-unknown] db/2_x.down.sql:1:1 the verdict is not known: no row was "
            "found that this would change: UPDATE coupon SET used = 0 WHERE md5(code) = "
            "'2ab96390c7dbe3439de74d0c9b0b1767'");
}

TEST(Unmet, NamesTheInsertThatMetNoRow) {
  EXPECT_EQ(finding(std::string(kCoupon) + "CREATE TABLE kept (id int);\n",
                    std::string("INSERT INTO kept SELECT id FROM coupon WHERE ") + kHash + ";\n",
                    "SELECT 1;\n"),
            "note[migrations-unknown] db/2_x.down.sql:1:1 the verdict is not known: no row was "
            "found that this would insert: INSERT INTO kept SELECT id FROM coupon WHERE md5(code) "
            "= '2ab96390c7dbe3439de74d0c9b0b1767'");
}

TEST(Unmet, NamesTheStatementOfABranchThatNoRowsTook) {
  EXPECT_EQ(finding(kCoupon,
                    std::string("DO $$ BEGIN\n  IF EXISTS (SELECT 1 FROM coupon WHERE ") + kHash +
                        ") THEN\n    UPDATE coupon SET used = 0;\n  END IF;\nEND $$;\n",
                    "SELECT 1;\n"),
            "note[migrations-unknown] db/2_x.down.sql:1:1 the verdict is not known: no rows were "
            "found with which this runs: UPDATE coupon SET used = 0");
}

TEST(Unmet, NamesTheUniqueIndexThatNoTwoRowsBroke) {
  EXPECT_EQ(
      finding(std::string(kCoupon) + "CREATE UNIQUE INDEX one_code ON coupon (code) WHERE " +
                  kHash + ";\n",
              "DROP INDEX one_code;\n",
              std::string("CREATE UNIQUE INDEX one_code ON coupon (code) WHERE ") + kHash + ";\n"),
      "note[migrations-unknown] db/2_x.down.sql:1:1 the verdict is not known: no two rows were "
      "found that the new schema takes and unique index \"one_code\" refuses");
}

TEST(Unmet, NamesTheCheckThatNoRowBroke) {
  EXPECT_EQ(finding(std::string(kCoupon) + "ALTER TABLE coupon ADD CONSTRAINT not_that CHECK "
                                           "(md5(code) <> '2ab96390c7dbe3439de74d0c9b0b1767');\n",
                    "ALTER TABLE coupon DROP CONSTRAINT not_that;\n",
                    "ALTER TABLE coupon ADD CONSTRAINT not_that CHECK (md5(code) <> "
                    "'2ab96390c7dbe3439de74d0c9b0b1767');\n"),
            "note[migrations-unknown] db/2_x.down.sql:1:1 the verdict is not known: no row was "
            "found that the new schema takes and check constraint \"not_that\" refuses");
}

}  // namespace
}  // namespace backout::tests
