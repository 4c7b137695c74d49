#include <gtest/gtest.h>

#include "model/mention.hpp"

namespace backout::model {
namespace {

TEST(Mention, TheFirstOfTheWordsInEitherCase) {
  EXPECT_EQ(mentioned("AWS Secrets Manager in Zone Z", {"key vault", "secrets manager", "zone z"}),
            "secrets manager");
  EXPECT_EQ(mentioned("a folder", {"key vault", "secrets manager"}), "");
  EXPECT_EQ(mentioned("", {"a"}), "");
  EXPECT_TRUE(mentions("Azure KEY VAULT", {"key vault"}));
  EXPECT_FALSE(mentions("Azure", {"key vault"}));
}

TEST(Mention, ANameThatHoldsTheLettersIsNoMention) {
  EXPECT_FALSE(mentions("s3cure hosting", {"s3"}));
  EXPECT_FALSE(mentions("ecstatic", {"static"}));
  EXPECT_TRUE(mentions("aws-s3", {"s3"}));
  EXPECT_TRUE(mentions("data_corruption", {"corrupt*"}));
  EXPECT_FALSE(mentions("data_corruption", {"corrupt"}));
}

}  // namespace
}  // namespace backout::model
