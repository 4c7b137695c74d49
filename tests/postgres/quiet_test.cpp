// What of a script is no statement.
#include <gtest/gtest.h>

#include "postgres/read/quiet.hpp"

namespace backout::postgres {
namespace {

TEST(Quiet, PassesStringsNamesBodiesAndComments) {
  EXPECT_EQ(skip_quiet("'it''s';", 0), 7U);
  EXPECT_EQ(skip_quiet("E'it\\'s';", 1), 8U);
  EXPECT_EQ(skip_quiet("\"a;b\";", 0), 5U);
  EXPECT_EQ(skip_quiet("$f$ ; $$ $f$;", 0), 12U);
  EXPECT_EQ(skip_quiet("-- a;\nb", 0), 5U);
  EXPECT_EQ(skip_quiet("/* /* ; */ */;", 0), 13U);
  EXPECT_EQ(skip_quiet("a", 0), 0U);
  EXPECT_EQ(skip_quiet("$1", 0), 1U);
}

TEST(Quiet, WhatIsNotClosedGoesToTheEnd) {
  EXPECT_EQ(skip_quiet("'a;", 0), 3U);
  EXPECT_EQ(skip_quiet("/* /* */ a;", 0), 11U);
}

TEST(Quiet, ACommentThatNothingClosesIsNotBlank) {
  EXPECT_EQ(skip_blanks_and_comments(" \t-- a\n/* b /* c */ */\n", 0), 23U);
  EXPECT_EQ(skip_blanks_and_comments(" /* /* */ ALTER", 0), 1U);
  EXPECT_EQ(skip_blanks_and_comments("  x", 0), 2U);
}

}  // namespace
}  // namespace backout::postgres
