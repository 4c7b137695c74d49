// LIKE and regular expressions of other people: what they match, and that none crashes or goes on
// for ever.
#include "postgres/values/pattern.hpp"

#include <string>

#include <gtest/gtest.h>

#include "last_of.hpp"
#include "postgres/read/text.hpp"
#include "postgres/witness/pattern_sample.hpp"

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

TEST(Like, RefusesABackslashThatEscapesNothing) {
  const auto outcome = [](const std::string& text, const std::string& pattern) {
    return last_of({"CREATE TABLE t (a text)", "INSERT INTO t VALUES ('" + text + "')",
                    "DELETE FROM t WHERE a LIKE '" + pattern + "'"});
  };
  EXPECT_EQ(outcome("abc", "ab\\"), "22025");
  EXPECT_EQ(outcome("abc", "%b\\"), "22025");
  EXPECT_EQ(outcome("ab", "ab\\"), "");  // the text ends before the backslash
  EXPECT_EQ(outcome("xbc", "ab\\"), "");
  EXPECT_EQ(outcome("abc", "abc\\\\"), "");
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
  // Groups in groups, one long word, a class that nobody closes, repeats of repeats: the stack
  // holds, and each ends.
  EXPECT_EQ(matches_pattern("aaa", times(150'000, "("), false), Truth::unknown);
  EXPECT_EQ(matches_pattern("aaa", times(150'000, "(") + "a" + times(150'000, ")"), false),
            Truth::unknown);
  EXPECT_EQ(matches_pattern(times(150'000, "a"), times(150'000, "a"), false), Truth::unknown);
  EXPECT_EQ(matches_pattern("x", "[x[:alpha:]", false), Truth::unknown);
  EXPECT_EQ(matches_pattern("x", "[x[:alpha:", false), Truth::unknown);
  EXPECT_EQ(matches_pattern(times(100'000, "a"), "(a|aa)*b", false), Truth::unknown);
  EXPECT_EQ(matches_pattern(times(3'000, "a"), "b", false), Truth::no);
}

TEST(Pattern, OfLongTextsIsNotRefusedBecauseTheyAreLong) {
  EXPECT_EQ(matches_pattern(times(1'500, "a"), "^a*$", false), Truth::yes);
  EXPECT_EQ(matches_pattern(times(1'500, "a"), "^.*$", false), Truth::yes);
  EXPECT_EQ(matches_pattern(times(1'500, "a") + "-", "^[a-z]+$", false), Truth::no);
  EXPECT_NE(matches_pattern(times(150'000, "a"), "a+$", false), Truth::no);
  EXPECT_NE(matches_pattern(times(150'000, "a"), "^(a|b)*$", false), Truth::no);
}

TEST(Pattern, ThatPostgresRefusesIsNotAnswered) {
  EXPECT_EQ(matches_pattern(times(150'000, "a"), "a{9999999}", false), Truth::unknown);
  for (const char* pattern : {"^{3}",
                              "^*a",
                              "$*",
                              "x**",
                              "b+*",
                              "a{1}{2}",
                              "a*??",
                              "a{256}",
                              "a{9999999}",
                              "a{1,256}",
                              "a{99999999999999999999}",
                              "a{3,1}",
                              "{3}",
                              "(*a)",
                              "|*",
                              "a|y{300}",
                              "(a",
                              "a)",
                              "a\\",
                              "[b-a]",
                              "b[a",
                              "[a-\\d]",
                              "[\\w-.]",
                              "[a-z-9]",
                              "[[:foo:]]",
                              "b\\q",
                              "\\y*",
                              "a{3",
                              "a{3x}",
                              "***:a"})
    EXPECT_EQ(matches_pattern("a", pattern, false), Truth::unknown) << pattern;
}

TEST(Pattern, TakesABraceWithoutANumberAsItStands) {
  EXPECT_EQ(matches_pattern("a{,3}", "^a{,3}$", false), Truth::yes);
  EXPECT_EQ(matches_pattern("aa", "^a{,3}$", false), Truth::no);
  EXPECT_EQ(matches_pattern("{b", "{b", false), Truth::yes);
  EXPECT_EQ(matches_pattern("a", "^a{1,255}$", false), Truth::yes);
}

TEST(Pattern, ReadsClassesAsPostgresDoes) {
  for (const auto& [text, pattern] : {std::pair("-", "[\\w-]"),
                                      {"-", "[--a]"},
                                      {"a", "[\\.-z]"},
                                      {"a", "[a-c-]"},
                                      {"/", "[!-\\/]"},
                                      {"-", "[+-]"},
                                      {"a", "[a\\]]"},
                                      {"*", "[*+]{1,2}"}})
    EXPECT_NE(matches_pattern(text, pattern, false), Truth::no) << pattern;
  for (const auto& [text, pattern] : {std::pair("a", "[!-\\/]"), {"a", "[^a-]"}, {"a", "^[+-]$"}})
    EXPECT_NE(matches_pattern(text, pattern, false), Truth::yes) << pattern;
  EXPECT_EQ(matches_pattern("a", "[[:upper:]]", true), Truth::yes);
  EXPECT_EQ(matches_pattern("A", "^[^[:lower:]]$", true), Truth::no);
}

TEST(Pattern, OfCharactersThatTakeSeveralBytesIsAnsweredOnlyWhereBytesDo) {
  EXPECT_EQ(matches_pattern("caf\u00e9", "f\u00e9$", false), Truth::yes);
  EXPECT_EQ(matches_pattern("caf\u00e9", "^tea", false), Truth::no);
  EXPECT_EQ(matches_pattern("a", "^[\u00e9a]$", false), Truth::yes);
  EXPECT_EQ(matches_pattern("\u00e9", "^[a-z_]$", false), Truth::no);
  EXPECT_EQ(matches_pattern("\u00e9.de", "\\.de$", false), Truth::yes);
  // PostgreSQL: all of these are true, and no byte says so.
  for (const char* pattern : {"^.$", "^[^a]$", "^[[:alpha:]]$", "^\\w$", "^\\D$", "^[a\\w]$",
                              "^[\u00e9]$", "^[\u00e0-\u00ff]$"})
    EXPECT_EQ(matches_pattern("\u00e9", pattern, false), Truth::unknown) << pattern;
  EXPECT_EQ(matches_pattern("\u00c9", "\u00e9", true), Truth::unknown);
  EXPECT_EQ(matches_pattern("\u00e9\u00e9", "^\u00e9+$", false), Truth::unknown);
  EXPECT_EQ(matches_pattern("", "^\u00e9?$", false), Truth::unknown);
  EXPECT_EQ(matches_pattern("b", "[a-\u00e9]", false), Truth::unknown);
}

TEST(PatternSample, MatchesItsPattern) {
  for (const char* pattern : {"^[a-z]{3}$", "(red|green)-\\d+", "[^a-c]x?", "a{2,4}b"}) {
    const auto sample = sample_of_regex(pattern, 7);
    ASSERT_TRUE(sample) << pattern;
    EXPECT_EQ(matches_pattern(*sample, pattern, false), Truth::yes) << pattern << ": " << *sample;
  }
  for (const char* pattern : {"$:", ".$.", "a^b", "(a|b^)c", "(?i)a^b"})
    EXPECT_FALSE(sample_of_regex(pattern, 7)) << pattern;  // nothing matches these
  for (const char* pattern :
       {"((((^{1000}){1000}){1000}){1000})", "x**", "a{300}", "a{3,1}", "[b-a]"})
    EXPECT_FALSE(sample_of_regex(pattern, 7)) << pattern;  // refused
  EXPECT_TRUE(sample_of_regex("(?i)^ab$", 7));
  EXPECT_TRUE(like(sample_of_like("a%_\\%b", 7), "a%_\\%b", false));
}

TEST(PatternSample, OfRepeatsOfRepeatsEnds) {
  EXPECT_FALSE(sample_of_regex("(((((x{9}){9}){9}){9}){9})", 0));
  // Nothing, again and again; and branches that are not taken.
  EXPECT_EQ(sample_of_regex("((((^){200}){200}){200}){200}", 0), "");
  EXPECT_FALSE(sample_of_regex("(a|(b|(c|(d|e{999}){999}){999}){999}){999}", 0));
}

}  // namespace
}  // namespace backout::postgres
