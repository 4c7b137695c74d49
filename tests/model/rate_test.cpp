#include <gtest/gtest.h>

#include "model/rate.hpp"

namespace backout::model {
namespace {

TEST(Rate, IsReadPerHour) {
  EXPECT_EQ(per_hour("1.5/s"), 5400);
  EXPECT_EQ(per_hour("20/min"), 1200);
  EXPECT_EQ(per_hour("0/h"), 0);
  EXPECT_EQ(per_hour("48/d"), 2);
}

TEST(Rate, IsNumberAndUnit) {
  for (const char* text : {"", "unknown", "20", "/min", "1%", "-1/h", "1/week", "1 /h", "1.5.2/h",
                           "1e3/h", "inf/h", "nan/h"}) {
    EXPECT_EQ(per_hour(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace backout::model
