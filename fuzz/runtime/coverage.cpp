// g++ calls __sanitizer_cov_trace_pc at every edge, libFuzzer wants counters: one byte for each
// place, by its hash.
#include <cstddef>
#include <cstdint>

extern "C" void __sanitizer_cov_8bit_counters_init(std::uint8_t* begin, std::uint8_t* end);

namespace {

constexpr std::size_t kCounters = std::size_t{1} << COUNTER_BITS;
std::uint8_t counters[kCounters];
const bool known = [] {
  __sanitizer_cov_8bit_counters_init(counters, counters + kCounters);
  return true;
}();

}  // namespace

extern "C" void __sanitizer_cov_trace_pc() {
  const auto place = reinterpret_cast<std::uintptr_t>(__builtin_return_address(0));
  std::uint8_t& counter = counters[(place * 0x9E3779B97F4A7C15U) >> (64 - COUNTER_BITS)];
  counter += counter < 255 ? 1 : 0;
}

// g++ calls these where decimals are compared; libFuzzer knows nothing to do with them.
extern "C" void __sanitizer_cov_trace_cmpf(float, float) {}
extern "C" void __sanitizer_cov_trace_cmpd(double, double) {}
