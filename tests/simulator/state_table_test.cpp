// The search's table of states and its words of value, against plain containers and plain
// comparisons.
#include <tuple>
#include <unordered_map>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "simulator/packed_state.hpp"
#include "simulator/state_table.hpp"
#include "simulator/value_word.hpp"

namespace backout::simulator {
namespace {

using State = PackedState<2>;

/// Hashes of few values, so that slots and halves of hashes coincide.
struct Crowded : State {
  std::uint64_t hash() const { return (words[0] % 7) << 32 | (words[0] % 5) << 28; }
};

template <typename Key>
Key key(std::uint64_t number) {
  Key made;
  made.words = {number, number * number};
  return made;
}

template <typename Key>
void expect_like_a_map(std::uint64_t keys) {
  StateTable<Key> table;
  for (int round = 0; round < 3; ++round) {
    std::unordered_map<std::uint64_t, typename StateTable<Key>::Entry*> known;
    for (std::uint64_t i = 0; i < keys * 2; ++i) {
      const std::uint64_t number = i * 0x9e3779b97f4a7c15ULL % keys;
      const Key state = key<Key>(number);
      EXPECT_EQ(table.find(state, state.hash()), known.contains(number) ? known[number] : nullptr);
      const auto [entry, fresh] = table.find_or_add(state, state.hash(), number + 1);
      EXPECT_EQ(fresh, known.try_emplace(number, entry).second);
      EXPECT_EQ(entry, known[number]);
      EXPECT_EQ(entry->word, number + 1);
      EXPECT_TRUE(entry->state == state);
    }
    EXPECT_EQ(table.size(), known.size());
    table.clear();
    EXPECT_EQ(table.size(), 0U);
  }
}

TEST(StateTable, FindsWhatWasAddedAndForgetsWhenCleared) {
  expect_like_a_map<State>(20'000);
  expect_like_a_map<Crowded>(300);
}

rc::Gen<Value> any_value() {
  return rc::gen::map(
      rc::gen::tuple(rc::gen::inRange(0, 7), rc::gen::inRange(0, 5), rc::gen::inRange(0, 4),
                     rc::gen::inRange(0, 4), rc::gen::arbitrary<bool>()),
      [](const std::tuple<int, int, int, int, bool>& drawn) {
        const auto [verdict, why, length, ordinal, escapes] = drawn;
        return Value{{static_cast<Verdict>(verdict), static_cast<TextId>(why)},
                     static_cast<std::uint32_t>(length),
                     static_cast<std::uint32_t>(ordinal),
                     escapes};
      });
}

RC_GTEST_PROP(ValueWord, KeepsAValue, ()) {
  const Value value = *any_value();
  const std::uint64_t word = ValueWord::pack(value);
  RC_ASSERT(ValueWord::is_done(word));
  const Value back = ValueWord::unpack(word);
  RC_ASSERT(back.judgement.verdict == value.judgement.verdict &&
            back.judgement.why == value.judgement.why);
  RC_ASSERT(back.length == value.length && back.ordinal == value.ordinal &&
            back.escapes == value.escapes);
}

/// The worst verdict first, then the nearest, then the first transition; a good state is what
/// follows.
RC_GTEST_PROP(ValueWord, TheWorstIsThatOfPlainComparisons, ()) {
  const Value alone = *any_value();
  const std::vector<Value> after = *rc::gen::container<std::vector<Value>>(any_value());
  Worst worst;
  worst.begin(alone.judgement);
  const bool good = alone.judgement.verdict == Verdict::restored;
  Value plain{alone.judgement, 0, 0, false};
  bool any = !good;
  bool escapes = false;
  for (std::uint32_t i = 0; i < after.size(); ++i) {
    worst.join(ValueWord::pack(after[i]), i);
    escapes = escapes || after[i].escapes;
    const Value next{after[i].judgement, after[i].length + 1, i, false};
    const auto rank = [](const Value& v) {
      return std::tuple(v.judgement.verdict, v.length, v.ordinal);
    };
    if (!any || rank(next) < rank(plain)) plain = next;
    any = true;
  }
  const Value found = ValueWord::unpack(worst.word());
  RC_ASSERT(found.judgement.verdict == plain.judgement.verdict &&
            found.judgement.why == plain.judgement.why);
  RC_ASSERT(found.length == plain.length && found.ordinal == plain.ordinal &&
            found.escapes == escapes);
}

}  // namespace
}  // namespace backout::simulator
