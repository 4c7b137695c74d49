#pragma once
// The parts of a scenario, each a value of its own: where the deploy stops, live traffic, faults.
// PlanUnderTest::compose makes a scenario of them; simulator/testing/rapidcheck.hpp has a generator
// of each.

#include <cstddef>
#include <string>
#include <vector>

#include "simulator/scenario/scenario.hpp"

namespace backout::simulator {

/// A live operation that is served just before a step begins for the first time.
struct TrafficAt {
  std::string operation;  ///< as scenarios write it: "create_call of api@new"
  std::string before;     ///< a step of the deploy or of the path

  friend bool operator==(const TrafficAt&, const TrafficAt&) = default;
};

/// A fault that befalls an attempt at a step.
struct FaultAt {
  std::string step;  ///< of the deploy or of the path; empty: second_run, which comes when the path
                     ///< succeeded
  std::size_t attempt =
      1;  ///< retries count, and so do attempts of a person and of a path that is started over
  Fault fault = Fault::fail;  ///< killed: the runner dies just before the attempt
  std::size_t part = 0;  ///< Fault::half: after how many of the places where it may stop, from 0
  std::string lands =
      {};  ///< Fault::late: it takes effect just before the next attempt at this step of the path

  friend bool operator==(const FaultAt&, const FaultAt&) = default;
};

/// A run in parts. Where a plan leaves the order of a path open, the first step that may run does;
/// no optional step is left out.
struct Script {
  std::vector<std::string> deploy;  ///< the steps that run before the rollback begins, in order
  std::string path;                 ///< the path that is taken
  std::vector<TrafficAt> traffic;   ///< in order, where several come before the same step
  std::vector<FaultAt> faults;      ///< in any order

  friend bool operator==(const Script&, const Script&) = default;
};

/// Every script that lacks one thing of this one: the last step of the deploy, a fault, an
/// operation of traffic. Where nothing lacks, a fault comes at an earlier attempt or stops at an
/// earlier part. Not all of them can happen.
std::vector<Script> simpler(const Script& script);
/// The same of traffic and of faults alone.
std::vector<std::vector<TrafficAt>> simpler(const std::vector<TrafficAt>& traffic);
std::vector<std::vector<FaultAt>> simpler(const std::vector<FaultAt>& faults);

/// One line for people: "'create_call of api@new' before 'r_code'", "fail at attempt 2 of
/// 'r_code'".
std::string describe(const TrafficAt& traffic);
std::string describe(const FaultAt& fault);
/// A line for each part.
std::string describe(const Script& script);

}  // namespace backout::simulator
