#pragma once
// Inputs for the targets of fuzz/: the same ones in every run.

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace backout::tests {

/// A row of fuzz/targets.tsv.
struct FuzzTarget {
  std::string name;
  std::size_t executions = 0;
  std::size_t longest = 0;  ///< bytes
  std::vector<std::string> folders;
};

std::vector<FuzzTarget> fuzz_targets();
/// The texts that a target begins from, in the order of their paths; what is too long is cut.
std::vector<std::string> seeds_of(const FuzzTarget& target);
/// The words of fuzz/dictionaries/<target>.dict; none where it has none.
std::vector<std::string> dictionary_of(const std::string& target);

/// Changes seeds: lines, bytes, ranges, words of the dictionary, the other half of another seed.
class Mutator {
 public:
  Mutator(std::vector<std::string> seeds, std::vector<std::string> words, std::size_t longest)
      : seeds_(std::move(seeds)),
        words_(std::move(words)),
        longest_(longest),
        bare_(seeds_.size() < 10) {
    seeds_.emplace_back();
  }
  std::string next();

 private:
  std::size_t below(std::size_t count) { return static_cast<std::size_t>(random_() % count); }
  char byte() { return static_cast<char>(below(256)); }
  void change(std::string& text);
  /// A line of some seed, with its end.
  std::string line();

  std::vector<std::string> seeds_;
  std::vector<std::string> words_;
  std::size_t longest_ = 0;
  bool bare_ = false;  ///< hardly any seeds
  std::string last_;
  std::mt19937_64 random_{1};
};

}  // namespace backout::tests
