#pragma once
// The fault catalogue: how an attempt may go wrong. Faults are generic: a service says what an
// action changes, the simulator says when it lands and whether anyone hears of it.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/plan.hpp"

namespace backout::simulator {

enum class Fault : std::uint8_t {
  fail,
  fail_applied,
  half,
  timeout_none,
  timeout_applied,
  late,
  lying_ok,
  killed,
  second_run,
  down,
  lying_check,
  gone,
  corrupt,
  stale,
  wrong_format,
  connected,
  cached,
  lingering,
  unhealthy,
  slow,
  nobody,
  no_data,
};
inline constexpr std::size_t kFaultCount = 22;

/// A line of the catalogue.
struct FaultInfo {
  Fault fault;
  const char* name;  ///< as `fault_kinds` and reports write it
  const char* help;  ///< one sentence: truth and observation
  /// What a log says of an attempt that it befalls: behind ": " why it can is told, behind ";"
  /// where there is a reason; empty: it befalls runs, not attempts.
  const char* told;
  bool by_default;  ///< part of the set when a plan names none
  bool timed =
      false;  ///< changes times or decisions only: it befalls timed runs, the matrix has none of it
};

/// All fault kinds, in the order of the enumeration.
std::span<const FaultInfo> fault_catalogue();
const char* to_string(Fault fault);
/// What a log says of an attempt that the fault befalls; `why` as FaultInfo::told says.
std::string tell(Fault fault, const std::string& why);
bool is_timed(Fault fault);

/// The fault kinds to consider: `wanted` by name ("all" = every kind), or the default set when it
/// is empty. Names that are no fault kind are appended to `unknown`.
std::vector<Fault> fault_set(const std::vector<std::string>& wanted,
                             std::vector<std::string>& unknown);

}  // namespace backout::simulator
