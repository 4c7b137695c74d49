#pragma once
// What rapidcheck shrinks a failing value to.

#include <rapidcheck.h>

namespace backout::simulator {

/// The first value from the seed on for which `fails` holds, made smaller as long as it holds for a
/// smaller one.
template <typename Value, typename Fails>
Value shrunk(const rc::Gen<Value>& generator, std::uint64_t seed, const Fails& fails) {
  rc::Random random(seed);
  rc::Shrinkable<Value> best = generator(random, 100);
  while (!fails(best.value())) {
    random.next();
    best = generator(random, 100);
  }
  for (bool any = true; any;) {
    any = false;
    rc::Seq<rc::Shrinkable<Value>> smaller = best.shrinks();
    for (auto each = smaller.next(); each && !any; each = smaller.next()) {
      if (!fails(each->value())) continue;
      best = *each;
      any = true;
      break;
    }
  }
  return best.value();
}

}  // namespace backout::simulator
