// Random statements on the fake and on a real PostgreSQL. By default a fixed number of sequences of
// a fixed seed; BACKOUT_DIFFERENTIAL_SECONDS and BACKOUT_DIFFERENTIAL_SEED ask for more and for
// others, and print each kind of divergence as the smallest fixture that shows it.

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "differential/comparison.hpp"
#include "differential/fake.hpp"
#include "differential/fixture.hpp"
#include "differential/shrink.hpp"
#include "differential/statements.hpp"

namespace backout::tests {
namespace {

constexpr int kLength = 20;
constexpr int kSequences = 40;
constexpr std::uint64_t kSeed = 1;
/// Statements in a thousand of kSequences on which the fake may be wrong: what it was when this was
/// last lowered.
constexpr std::size_t kMostWrong = 30;
/// Bytes of a statement that tell kinds of divergence apart.
constexpr std::size_t kSignature = 14;

std::optional<std::uint64_t> number_from(const char* variable) {
  const char* text = std::getenv(variable);
  return text == nullptr ? std::nullopt
                         : std::optional<std::uint64_t>(std::strtoull(text, nullptr, 10));
}

/// How much was compared, and what came of it.
struct Tally {
  std::size_t sequences = 0;
  std::size_t statements = 0;
  std::size_t accepted = 0;
  std::size_t opaque = 0;
  std::map<std::string, std::size_t> wrong;    ///< by the nature of the divergence
  std::map<std::string, std::size_t> reasons;  ///< of opaque pieces

  void add(const FakeRun& run) {
    ++sequences;
    for (std::size_t at = 0; at < run.followed.size(); ++at) {
      statements += run.followed[at].statements.size();
      if (run.outcomes[at + 1].sqlstate == "00000") accepted += run.followed[at].statements.size();
    }
    opaque += run.opaque.size();
    statements += run.opaque.size();
    for (const std::string& why : run.opaque) ++reasons[why.substr(0, why.find(':'))];
  }

  std::size_t all_wrong() const {
    std::size_t sum = 0;
    for (const auto& [nature, count] : wrong) sum += count;
    return sum;
  }

  std::string text() const {
    const auto share = [&](std::size_t count) {
      return fmt::format("{} ({:.2f} %)", count, 100.0 * double(count) / double(statements));
    };
    std::string text =
        fmt::format("{} sequences, {} statements, accepted {}, opaque {}, wrong {}\n", sequences,
                    statements, share(accepted), share(opaque), share(all_wrong()));
    for (const auto& [nature, count] : wrong)
      text += fmt::format("  wrong {}: {}\n", nature, share(count));
    for (const auto& [why, count] : reasons) text += fmt::format("  opaque {}: {}\n", why, count);
    return text;
  }
};

class Differential : public testing::Test {
 protected:
  void SetUp() override {
    if (!PostgresServer::programs()) {
      GTEST_SKIP() << "no PostgreSQL 15 on this machine";
    }
    server_.emplace();
  }

  std::optional<Divergence> compare(const std::vector<Piece>& pieces) {
    const FakeRun run = run_fake(pieces);
    return first_divergence(ask(*server_, run.followed), run.outcomes);
  }

  /// The smallest sequence that diverges in the same way, as a fixture.
  std::string smallest(const std::vector<Piece>& pieces, const Divergence& divergence) {
    const auto small = shrink(pieces, [&](const std::vector<Piece>& fewer) {
      const auto again = compare(fewer);
      return again && again->kind == divergence.kind;
    });
    return fmt::format("-- {}\n{}", compare(small)->text,
                       print_fixture(small, ask(*server_, small)));
  }

  /// Compares the sequence; leaves out what diverges and goes on with the rest.
  void explore(const std::vector<Piece>& pieces, Tally& tally) {
    FakeRun run = run_fake(pieces);
    tally.add(run);
    while (const auto divergence = first_divergence(ask(*server_, run.followed), run.outcomes)) {
      ++tally.wrong[divergence->nature];
      const auto place = run.followed.begin() + static_cast<std::ptrdiff_t>(divergence->piece);
      report({run.followed.begin(), place + 1}, *divergence);
      run.followed.erase(place);
      run = run_fake(run.followed);
    }
  }

  void report(const std::vector<Piece>& pieces, const Divergence& divergence) {
    const std::string& last = pieces.back().statements.back();
    if (!shrinks_) {
      std::cout << fmt::format("{}: {}\n", divergence.text, last);
    } else if (reported_.insert(last.substr(0, kSignature) + divergence.kind).second) {
      std::cout << smallest(pieces, divergence) << std::endl;
    }
  }

  bool shrinks_ = false;
  std::optional<PostgresServer> server_;
  std::set<std::string> reported_;  ///< divergences that are alike are told once
};

TEST_F(Differential, TheFakeSaysWhatPostgresSays) {
  const auto seconds = number_from("BACKOUT_DIFFERENTIAL_SECONDS");
  const std::uint64_t seed = number_from("BACKOUT_DIFFERENTIAL_SEED").value_or(kSeed);
  shrinks_ = seconds.has_value();
  const auto start = std::chrono::steady_clock::now();
  const auto goes_on = [&](std::size_t done) {
    return seconds ? std::chrono::steady_clock::now() - start < std::chrono::seconds(*seconds)
                   : done < kSequences;
  };
  Tally tally;
  while (goes_on(tally.sequences)) {
    explore(piece_sequences(kLength)(rc::Random(seed * 1'000'003 + tally.sequences), 50).value(),
            tally);
  }
  std::cout << tally.text();
  EXPECT_LE(tally.all_wrong() * 1000, tally.statements * kMostWrong);
}

}  // namespace
}  // namespace backout::tests
