// Every fault kind is explained where people meet it.
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

#include "simulator/faults.hpp"

namespace backout::simulator {
namespace {

std::string read(const std::string& file) {
  std::ifstream in(std::string(BACKOUT_SOURCE_DIR) + file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(FaultDocs, ExplainEveryKindOfTheCatalogue) {
  const std::string page = read("/docs/faults.md");
  const std::string coverage = read("/reports/html/src/coverage.js");
  for (const FaultInfo& info : fault_catalogue()) {
    const std::string name = info.name;
    EXPECT_NE(page.find("\n| `" + name + "` |"), std::string::npos) << name << " is in no row of docs/faults.md";
    if (info.timed) continue;  // the coverage of the matrix has none of them
    EXPECT_NE(coverage.find(' ' + name + ": '"), std::string::npos) << name << " has no words on the page";
  }
}

}  // namespace
}  // namespace backout::simulator
