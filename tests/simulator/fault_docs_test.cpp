// Every fault kind is explained where people meet it.
#include <string>

#include <gtest/gtest.h>

#include "simulator/faults.hpp"
#include "support/places.hpp"
#include "support/process.hpp"

namespace backout::simulator {
namespace {

TEST(FaultDocs, ExplainEveryKindOfTheCatalogue) {
  const std::string page = tests::read_file(std::string(kSourceDir) + "/docs/faults.md");
  const std::string coverage =
      tests::read_file(std::string(kSourceDir) + "/reports/html/src/coverage.js");
  for (const FaultInfo& info : fault_catalogue()) {
    const std::string name = info.name;
    EXPECT_NE(page.find("\n| `" + name + "` |"), std::string::npos)
        << name << " is in no row of docs/faults.md";
    if (info.set == FaultSet::timed) continue;  // the coverage of the matrix has none of them
    EXPECT_NE(coverage.find(' ' + name + ": '"), std::string::npos)
        << name << " has no words on the page";
  }
}

}  // namespace
}  // namespace backout::simulator
