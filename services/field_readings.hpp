#pragma once
// A field that is `unknown` has a value all the same: the plans that say which.

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "services/service.hpp"

namespace backout::services {

/// The plan as it would be if the field had one of its values.
struct Reading {
  Reading(Plan said, ServiceIndex service);
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

  const Plan plan;
  const Context context;
  StatePtr start;  ///< of the service before the deploy; null where that plan would be a mistake
};

struct FieldReadings {
  std::vector<std::unique_ptr<const Reading>> all;  ///< empty: the field says itself what it means
  bool beyond_words = false;  ///< of what it may be, none but nothing can be written down here
  StatePtr said;  ///< the service before the deploy as the plan has it, with what is unknown
  /// Whether what must be as before the deploy is something else by another of them.
  bool starts_differently = false;
};

/// The readings of the unknown fields of one plan: each is made when it is first asked for, from
/// any thread.
class Readings {
 public:
  /// Of a field that is `unknown`, by its place among the fields of the service.
  std::shared_ptr<const FieldReadings> of(const Context& context, ServiceIndex service,
                                          std::size_t field);

 private:
  std::mutex mutex_;
  std::map<std::pair<ServiceIndex, std::size_t>, std::shared_ptr<const FieldReadings>> made_;
  std::size_t steps_ = 0;  ///< of all plans that are kept
};

}  // namespace backout::services
