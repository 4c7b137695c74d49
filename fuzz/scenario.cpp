// Scenarios, and results of shards: read, added to themselves, written again.
#include <cstdlib>
#include <string>

#include "simulator/campaign/outcome.hpp"
#include "simulator/scenario/scenario.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace backout::simulator;
  const std::string text(reinterpret_cast<const char*>(data), size);
  load_scenario_text("scenario.yaml", text);
  const auto outcome = from_json(text);
  if (!outcome) return 0;
  const auto whole = merge({*outcome, *outcome});
  if (whole) to_json(*whole, "0");
  const auto again = from_json(to_json(*outcome, "0"));
  if (!again) std::abort();  // what is written can be read
  return 0;
}
