#include <gtest/gtest.h>

#include "model/mention.hpp"

namespace backout::model {
namespace {

TEST(Mention, TheFirstOfTheWordsInEitherCase) {
  EXPECT_EQ(mentioned("AWS Secrets Manager in Zone Z", {"key vault", "secrets manager", "zone z"}), "secrets manager");
  EXPECT_EQ(mentioned("a folder", {"key vault", "secrets manager"}), "");
  EXPECT_EQ(mentioned("", {"a"}), "");
  EXPECT_TRUE(mentions("Azure KEY VAULT", {"key vault"}));
  EXPECT_FALSE(mentions("Azure", {"key vault"}));
}

}  // namespace
}  // namespace backout::model
