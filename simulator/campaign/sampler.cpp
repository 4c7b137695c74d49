#include "simulator/campaign/sampler.hpp"

#include <cmath>

namespace backout::simulator {

Sampler::Sampler(std::int64_t low_ms, std::int64_t likely_ms, std::int64_t high_ms)
    : fixed_(low_ms == high_ms) {
  knots_[0] = low_ms;
  if (fixed_) return;
  const auto low = static_cast<double>(low_ms);
  const auto high = static_cast<double>(high_ms);
  const double rise = static_cast<double>(likely_ms) - low;
  const double width = high - low;
  const double last = static_cast<double>(knots_.size() - 1);
  for (std::size_t i = 0; i < knots_.size(); ++i) {
    const double share = static_cast<double>(i) / last;
    const double time = share * width < rise
                            ? low + std::sqrt(share * width * rise)
                            : high - std::sqrt((1 - share) * width * (width - rise));
    knots_[i] = static_cast<std::int64_t>(time);  // whole milliseconds, never above `high_ms`
  }
}

}  // namespace backout::simulator
