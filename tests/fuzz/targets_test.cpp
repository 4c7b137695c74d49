// Every target of fuzz/ on its seeds and on so many changed ones (fuzz/targets.tsv), the same in
// every run: what scripts/fuzz does for hours, guided by coverage. BACKOUT_FUZZ=N takes N times as
// many.
#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <ostream>

#include <unistd.h>

#include <gtest/gtest.h>

#include "fuzz/inputs.hpp"
#include "support/process.hpp"

#define FUZZ_TARGET(name) extern "C" int fuzz_##name(const unsigned char* data, std::size_t size);
#include "fuzz_targets.inc"
#undef FUZZ_TARGET

namespace backout::tests {

void PrintTo(const FuzzTarget& target, std::ostream* out) { *out << target.name; }

namespace {

using Entry = int (*)(const unsigned char*, std::size_t);

const std::map<std::string, Entry>& entries() {
  static const std::map<std::string, Entry> kEntries = {
#define FUZZ_TARGET(name) {#name, fuzz_##name},
#include "fuzz_targets.inc"
#undef FUZZ_TARGET
  };
  return kEntries;
}

const std::string* running = nullptr;  ///< the input that a crash is the fault of

/// Writes the input as it would be typed in C, and lets the signal go on.
void tell_input(int signal) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (const char c : *running) {
    const auto byte = static_cast<unsigned char>(c);
    const std::array<char, 4> shown = {'\\', 'x', kDigits[byte >> 4U], kDigits[byte & 15U]};
    if (write(STDERR_FILENO, shown.data(), shown.size()) < 0) break;
  }
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

class Fuzzed : public testing::TestWithParam<FuzzTarget> {};

TEST_P(Fuzzed, NeitherCrashesNorBreaksAPromise) {
  const FuzzTarget& target = GetParam();
  static const TemporaryFolder folder;  // `migrations` writes its files there
  setenv("TMPDIR", folder.path().c_str(), 1);
  const Entry entry = entries().at(target.name);
  for (const int signal : {SIGABRT, SIGSEGV, SIGFPE, SIGBUS}) std::signal(signal, tell_input);
  const auto run = [&](const std::string& input) {
    running = &input;
    EXPECT_EQ(entry(reinterpret_cast<const unsigned char*>(input.data()), input.size()), 0);
  };
  std::vector<std::string> seeds = seeds_of(target);
  const char* factor = std::getenv("BACKOUT_FUZZ");
  const std::size_t executions =
      target.executions * (factor == nullptr ? 1 : std::strtoul(factor, nullptr, 10));
  ASSERT_GT(executions, 0u);
  Mutator mutator(seeds, dictionary_of(target.name), target.longest);
  for (std::size_t done = 0; done < executions; ++done) run(mutator.next());
  seeds.resize(std::min(seeds.size(), executions));
  for (const std::string& seed : seeds) run(seed);
}

INSTANTIATE_TEST_SUITE_P(Targets, Fuzzed, testing::ValuesIn(fuzz_targets()),
                         [](const auto& info) { return info.param.name; });

TEST(FuzzTargets, AreAllInTheTable) {
  std::vector<std::string> named;
  for (const FuzzTarget& target : fuzz_targets()) named.push_back(target.name);
  std::vector<std::string> built;
  for (const auto& [name, entry] : entries()) built.push_back(name);
  std::ranges::sort(named);
  EXPECT_EQ(named, built);
}

}  // namespace
}  // namespace backout::tests
