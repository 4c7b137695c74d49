// LIKE and regular expressions of other people: what they match, and that none crashes or goes on for ever.
#include "services/postgres/pattern.hpp"

#include <string>

#include <gtest/gtest.h>

#include "services/postgres/pattern_sample.hpp"
#include "services/postgres/text.hpp"

namespace backout::postgres {
namespace {

std::string times(std::size_t count, std::string_view piece) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += piece;
  return text;
}

TEST(Like, MatchesTheWholeText) {
  EXPECT_TRUE(like("", "", false));
  EXPECT_TRUE(like("", "%%", false));
  EXPECT_FALSE(like("", "_", false));
  EXPECT_TRUE(like("abcabd", "%ab_", false));
  EXPECT_FALSE(like("abcabdx", "%ab_", false));
  EXPECT_TRUE(like("aXbXc", "a%b%c", false));
  EXPECT_FALSE(like("aXbX", "a%b%c", false));
  EXPECT_TRUE(like("a%b", "a\\%b", false));
  EXPECT_FALSE(like("axb", "a\\%b", false));
  EXPECT_TRUE(like("a\\", "a\\", false));
  EXPECT_TRUE(like("\u00e9b", "_b", false));
  EXPECT_FALSE(like("ABC", "abc", false));
  EXPECT_TRUE(like("ABC", "a_C", true));
}

TEST(Like, CostsNoMoreThanTheProductOfTheLengths) {
  EXPECT_FALSE(like(times(60, "a"), times(25, "%a") + "%b", false));
  EXPECT_TRUE(like(times(60, "a"), times(25, "%a") + "%", false));
}

TEST(Pattern, FindsWhatItKnows) {
  EXPECT_EQ(matches_pattern("shop-12", "^[a-z]+-\\d{2}$", false), Truth::yes);
  EXPECT_EQ(matches_pattern("shop-1", "^[a-z]+-\\d{2}$", false), Truth::no);
  EXPECT_EQ(matches_pattern("x [y]", "[[:space:]]\\[(y|z)]", false), Truth::yes);
  EXPECT_EQ(matches_pattern("ABC", "b", true), Truth::yes);
  EXPECT_EQ(matches_pattern("abc", "(?=a)", false), Truth::unknown);
}

TEST(Pattern, IsNotKnownWhereAnEscapeMayMatchNothing) {
  // PostgreSQL: 'abc' ~ '^abc\\y' and '' ~ '\\A' are true.
  EXPECT_EQ(matches_pattern("abc", "^abc\\y", false), Truth::unknown);
  EXPECT_EQ(matches_pattern("", "\\A", false), Truth::unknown);
  EXPECT_EQ(matches_pattern("", "\\d", false), Truth::no);
}

TEST(Pattern, OfAnySizeIsAnswered) {
  // Groups in groups, one long word, a class that nobody closes, repeats of repeats: the stack holds, and each ends.
  EXPECT_EQ(matches_pattern("aaa", times(150'000, "("), false), Truth::unknown);
  EXPECT_EQ(matches_pattern("aaa", times(150'000, "(") + "a" + times(150'000, ")"), false), Truth::unknown);
  EXPECT_EQ(matches_pattern(times(150'000, "a"), times(150'000, "a"), false), Truth::unknown);
  EXPECT_EQ(matches_pattern("x", "[x[:alpha:]", false), Truth::unknown);
  EXPECT_EQ(matches_pattern("x", "[x[:alpha:", false), Truth::unknown);
  EXPECT_EQ(matches_pattern(times(100'000, "a"), "(a|aa)*b", false), Truth::unknown);
  EXPECT_EQ(matches_pattern(times(3'000, "a"), "b", false), Truth::no);
}

TEST(PatternSample, MatchesItsPattern) {
  for (const char* pattern : {"^[a-z]{3}$", "(red|green)-\\d+", "[^a-c]x?", "a{2,4}b"}) {
    const auto sample = sample_of_regex(pattern, 7);
    ASSERT_TRUE(sample) << pattern;
    EXPECT_EQ(matches_pattern(*sample, pattern, false), Truth::yes) << pattern << ": " << *sample;
  }
  for (const char* pattern : {"$:", ".$.", "a^b"}) EXPECT_FALSE(sample_of_regex(pattern, 7)) << pattern;  // nothing matches these
  EXPECT_TRUE(like(sample_of_like("a%_\\%b", 7), "a%_\\%b", false));
}

TEST(PatternSample, OfRepeatsOfRepeatsEnds) {
  EXPECT_FALSE(sample_of_regex("(((((x{9}){9}){9}){9}){9})", 0));
  // Nothing, again and again; and branches that are not taken.
  EXPECT_EQ(sample_of_regex("((((^{1000}){1000}){1000}){1000})", 0), "");
  EXPECT_FALSE(sample_of_regex("(a|(b|(c|(d|e{999}){999}){999}){999}){999}", 0));
}

}  // namespace
}  // namespace backout::postgres
