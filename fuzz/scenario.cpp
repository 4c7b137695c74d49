// Scenarios and results of shards.
#include <string>

#include "simulator/campaign/outcome.hpp"
#include "simulator/scenario/scenario.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  backout::simulator::load_scenario_text("scenario.yaml", text);
  backout::simulator::from_json(text);
  return 0;
}
