#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "last_of.hpp"

namespace backout::postgres {
namespace {

const std::string kPosts = "CREATE TABLE posts (id int, title text, author int)";
const std::string kUsers = "CREATE TABLE users (id int, name text, title text)";

TEST(Views, NeedTheColumnsThatTheirQueriesReadAndNoOthers) {
  const std::string view =
      "CREATE VIEW v AS SELECT title, (SELECT name FROM users u WHERE u.id = author) FROM posts";
  EXPECT_EQ(last_of({kPosts, kUsers, view, "ALTER TABLE users DROP COLUMN title"}), "");
  EXPECT_EQ(last_of({kPosts, kUsers, view, "ALTER TABLE posts DROP COLUMN title"}), "2BP01");
  EXPECT_EQ(last_of({kPosts, kUsers, view, "ALTER TABLE posts ALTER author TYPE bigint"}), "0A000");
  EXPECT_EQ(last_of({kPosts, kUsers,
                     "CREATE VIEW v AS SELECT *, (SELECT max(name) FROM users) FROM posts",
                     "ALTER TABLE users DROP COLUMN title"}),
            "");
  EXPECT_EQ(last_of({kPosts, kUsers,
                     "CREATE VIEW v AS WITH users AS (SELECT id FROM posts) SELECT id FROM users",
                     "DROP TABLE users"}),
            "");
  EXPECT_EQ(
      last_of({kPosts, kUsers, "CREATE VIEW v AS SELECT name FROM posts p JOIN users u USING (id)",
               "ALTER TABLE posts DROP COLUMN id"}),
      "2BP01");
}

TEST(Views, NameTheirColumnsAsPostgresDoes) {
  const std::string view =
      "CREATE VIEW v AS SELECT (SELECT name FROM users LIMIT 1), EXISTS (SELECT 1), ARRAY(SELECT "
      "1), greatest(1, 2),"
      " CASE WHEN true THEN 1 ELSE author END, CASE WHEN true THEN 1 END, title::varchar, 1::text, "
      "nullif(1, 2),"
      " coalesce(1, 2), current_date FROM posts";
  EXPECT_EQ(last_of({kPosts, kUsers, view,
                     "CREATE VIEW w AS SELECT v.name, v.exists, v.array, v.greatest, v.author, "
                     "v.case, v.title, v.text, v.nullif, v.coalesce,"
                     " v.current_date FROM v"}),
            "");
}

}  // namespace
}  // namespace backout::postgres
