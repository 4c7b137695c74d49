#include "reports/summary.hpp"

#include <gtest/gtest.h>

namespace backout::reports {
namespace {

TEST(Verdict, IsOneSentenceThatEndsOnce) {
  Summary summary;
  summary.can = "no";
  summary.where = "not from step 2";
  EXPECT_EQ(to_sentence(summary), "No; not from step 2.");
}

TEST(Verdict, GetsNoFullStopBehindATextThatWasCut) {
  Summary summary;
  summary.can = "no";
  summary.why = "the rows of db.users that were written by ...";
  EXPECT_EQ(to_sentence(summary), "No; the rows of db.users that were written by ...");
}

}  // namespace
}  // namespace backout::reports
