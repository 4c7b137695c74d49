#pragma once
// Traffic that the plan says nothing of: where it would matter, nothing is known for good.

#include <map>
#include <optional>
#include <vector>

#include "simulator/interruptions.hpp"

namespace backout::simulator {

class Silence {
 public:
  explicit Silence(Setting& setting) : setting_(setting) {}

  /// An app that works on a store which a deploy step of `row` or a task of `path` that is not
  /// `left_out` changes, and of whose live versions in one of the worlds of `log` one is silent or
  /// has an operation that nobody can tell the effect of; nullopt when there is none.
  std::optional<UnsaidTraffic> heard(const Interruption& row, const Playbook& path,
                                     const StepSet& left_out, const Log& log);
  /// All that was found so far, by app.
  std::vector<UnsaidTraffic> all() const;
  /// Why a cell is UNKNOWN because of it.
  std::string why(const UnsaidTraffic& unsaid) const;

 private:
  const std::vector<model::ServiceIndex>& changed(ActionId action);
  void add_changes(const Task& task, std::vector<UnsaidTraffic>& all);
  void listen(UnsaidTraffic& unsaid, const Log& log);
  void keep(const UnsaidTraffic& unsaid);

  Setting& setting_;
  std::map<ActionId, std::vector<model::ServiceIndex>> changed_;
  std::map<model::ServiceIndex, UnsaidTraffic> found_;
};

/// "version 'b' says nothing of its traffic"
std::string to_string(const UnsaidTraffic& unsaid);

}  // namespace backout::simulator
