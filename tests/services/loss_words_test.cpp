// What is gone with a datum, in the business's words.
#include <gtest/gtest.h>

#include "services/service.hpp"

namespace backout::services {
namespace {

TEST(LossWords, NameTheTableAndItsService) {
  const std::string table = "db.tables.dev.calls";
  EXPECT_EQ(kind_in_words({"db.tables.dev.calls#1f", table}), "rows of dev.calls in 'db'");
  EXPECT_EQ(kind_in_words({"db.tables.dev.calls#1f.note=x.y#z", table + ".columns.note"}),
            "note of dev.calls in 'db'");
  EXPECT_EQ(kind_in_words({"db.tables.users#1f.email is NULL", "db.tables.users.columns.email"}),
            "which users had no email in 'db'");
}

TEST(LossWords, NameWhatHasNoTables) {
  EXPECT_EQ(kind_in_words({"vectors.points.old=new", "vectors.points"}),
            "points 'old' in 'vectors'");
  EXPECT_EQ(kind_in_words({"search.docs#7", "search.docs"}), "docs in 'search'");
  EXPECT_EQ(kind_in_words({"db.rows.shop.v1.order=kept", "db.rows"}),
            "rows 'shop.v1.order' in 'db'");
}

}  // namespace
}  // namespace backout::services
