#pragma once
// Failing scenarios that a property remembers: what failed once is tried first from then on.

#include <string>
#include <string_view>
#include <vector>

#include "simulator/scenario/scenario.hpp"

namespace backout::simulator {

/// A file of scenarios that failed, each with the property that it broke as its `name`. It is text
/// for people and for a repository: scenarios as `backout replay` reads them, `---` between two.
/// Not for several processes at once.
class FailingExamples {
 public:
  /// Reads the file; there is none when nothing ever failed. Throws std::runtime_error where it
  /// cannot be read.
  explicit FailingExamples(std::string file);

  /// Those of the property, in the order in which they were found.
  std::vector<Scenario> of(std::string_view property) const;
  /// Adds one, unless it is there already, and writes the file. Throws std::runtime_error where
  /// that cannot be done.
  void add(std::string_view property, Scenario scenario);

 private:
  std::string file_;
  std::vector<Scenario> all_;
};

}  // namespace backout::simulator
