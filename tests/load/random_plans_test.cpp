// Whatever a plan is turned into, the loader says where it is wrong or loads it.
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "model/load.hpp"
#include "model/render.hpp"
#include "small_catalog.hpp"
#include "support/places.hpp"

namespace backout::model {
namespace {

std::string good_plan(const char* name) {
  std::ifstream in(source_path("fixtures/load/good/") + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// One random edit: bytes removed, repeated, moved, replaced by a word of the language or by noise.
std::string mutated(const std::string& text) {
  static const std::vector<std::string> kWords = {
      "needs", "[", "]",  "{",   "}",  ": ", "\n",    "  ", "- ",       "unknown", "null", "&a ",
      "*a",    "'", "\"", "|\n", "5m", "-1", "steps", "\t", "\xc3\xa9", "\xff",    "<"};
  const std::size_t at = *rc::gen::inRange<std::size_t>(0, text.size());
  const std::size_t length =
      *rc::gen::inRange<std::size_t>(0, std::min<std::size_t>(60, text.size() - at) + 1);
  switch (*rc::gen::inRange(0, 4)) {
    case 0:
      return text.substr(0, at) + text.substr(at + length);
    case 1:
      return text.substr(0, at) + *rc::gen::elementOf(kWords) + text.substr(at);
    case 2:
      return text.substr(0, at) + text.substr(at, length) + text.substr(at);
    default:
      return text.substr(0, at) + *rc::gen::elementOf(kWords) + text.substr(at + length);
  }
}

void expect_placed(const LoadError& error) {
  RC_ASSERT(!error.mistakes.empty());
  for (const Mistake& mistake : error.mistakes) {
    RC_ASSERT(mistake.span.begin <= mistake.span.end);
    RC_ASSERT(mistake.span.end <= (*error.sources)[mistake.span.file].text().size());
    RC_ASSERT(!render(mistake, *error.sources).empty());
  }
}

TEST(RandomPlans, LoadOrSayWhereTheyAreWrong) {
  for (const char* name : {"call_sid.yaml", "emergency.yaml", "json_plan.json"}) {
    const std::string good = good_plan(name);
    ASSERT_TRUE(rc::check(name, [&] {
      std::string text = good;
      const int edits = *rc::gen::inRange(1, 4);
      for (int i = 0; i < edits && !text.empty(); ++i) text = mutated(text);
      const auto plan = load_plan_text("random.yaml", text, "", tests::small_catalog());
      if (!plan) expect_placed(plan.error());
    }));
  }
}

TEST(RandomPlans, LoadTheSameTwice) {
  const std::string good = good_plan("emergency.yaml");
  ASSERT_TRUE(rc::check([&] {
    const std::string text = mutated(good);
    const auto first = load_plan_text("a.yaml", text, "", tests::small_catalog());
    const auto second = load_plan_text("a.yaml", text, "", tests::small_catalog());
    RC_ASSERT(first.has_value() == second.has_value());
    if (!first) RC_ASSERT(first.error().mistakes == second.error().mistakes);
  }));
}

}  // namespace
}  // namespace backout::model
