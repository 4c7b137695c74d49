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

/// faults.inc
enum class Fault : std::uint8_t {
#define BACKOUT_FAULT(name, help, told, set) name,
#include "simulator/faults.inc"
#undef BACKOUT_FAULT
};
inline constexpr std::size_t kFaultCount = 0
#define BACKOUT_FAULT(name, help, told, set) +1
#include "simulator/faults.inc"
#undef BACKOUT_FAULT
    ;

/// When a fault kind is looked at; the column of faults.inc.
enum class FaultSet { usual, asked, timed };

/// A line of faults.inc.
struct FaultInfo {
  Fault fault;
  const char* name;  ///< as `fault_kinds` and reports write it
  const char* help;
  const char* told;
  FaultSet set;
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
