// Counterexamples, word for word: fixtures/traces/*.yaml with what the search says of each in the
// .txt beside it. BACKOUT_UPDATE=1 writes the .txt files anew.
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "explored.hpp"
#include "support/places.hpp"
#include "support/process.hpp"

namespace backout::simulator {
namespace {

namespace fs = std::filesystem;

std::string traces(const Loaded& loaded) {
  const Matrix matrix = loaded.matrix(1);
  std::string out = verdicts(matrix);
  for (const Cell& each : matrix.cells) {
    if (each.counterexample.empty()) continue;
    out += fmt::format("\n{} x {}: {}\n", matrix.interruptions[each.interruption].label,
                       matrix.paths[each.path], each.reason);
    for (const TraceLine& line : each.counterexample) {
      out += fmt::format("  {}: {}\n", line.step.empty() ? "-" : line.step, line.text);
      for (const std::string& change : line.changes) out += "      " + change + '\n';
    }
  }
  for (const auto& [kind, fired] : matrix.completeness.faults)
    out += fmt::format("{}{}={}", kind == "fail" ? "\nfired: " : " ", kind, fired);
  return out + '\n';
}

TEST(Traces, AreThoseOfTheFixtures) {
  std::size_t compared = 0;
  for (const fs::directory_entry& entry :
       fs::directory_iterator(fs::path(kSourceDir) / "fixtures" / "traces")) {
    if (entry.path().extension() != ".yaml") continue;
    const std::string actual = traces(Loaded(tests::read_file(entry.path())));
    fs::path expected = entry.path();
    expected.replace_extension(".txt");
    if (std::getenv("BACKOUT_UPDATE") != nullptr)
      std::ofstream(expected, std::ios::binary) << actual;
    EXPECT_EQ(actual, tests::read_file(expected)) << entry.path();
    ++compared;
  }
  EXPECT_GE(compared, 2U);
}

}  // namespace
}  // namespace backout::simulator
