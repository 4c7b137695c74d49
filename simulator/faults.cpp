#include "simulator/faults.hpp"

#include <algorithm>
#include <array>

namespace backout::simulator {
namespace {

constexpr auto kCatalogue = std::to_array<FaultInfo>({
#define BACKOUT_FAULT(name, help, told, set) {Fault::name, #name, help, told, FaultSet::set},
#include "simulator/faults.inc"
#undef BACKOUT_FAULT
});

}  // namespace

std::span<const FaultInfo> fault_catalogue() { return kCatalogue; }

const char* to_string(Fault fault) { return kCatalogue[static_cast<std::size_t>(fault)].name; }

std::string tell(Fault fault, const std::string& why) {
  const std::string told = kCatalogue[static_cast<std::size_t>(fault)].told;
  if (told.ends_with(": ")) return told + why;
  if (told.ends_with(';')) return why.empty() ? told.substr(0, told.size() - 1) : told + ' ' + why;
  return told;
}

bool is_timed(Fault fault) {
  return kCatalogue[static_cast<std::size_t>(fault)].set == FaultSet::timed;
}

std::vector<Fault> fault_set(const std::vector<std::string>& wanted,
                             std::vector<std::string>& unknown) {
  const auto named = [&](const FaultInfo& info) {
    return std::ranges::any_of(
        wanted, [&](const std::string& name) { return name == "all" || name == info.name; });
  };
  std::vector<Fault> chosen;
  for (const FaultInfo& info : kCatalogue) {
    if (wanted.empty() ? info.set == FaultSet::usual : named(info)) chosen.push_back(info.fault);
  }
  for (const std::string& name : wanted) {
    const bool known = name == "all" || std::ranges::any_of(kCatalogue, [&](const FaultInfo& i) {
                         return name == i.name;
                       });
    if (!known) unknown.push_back(name);
  }
  return chosen;
}

}  // namespace backout::simulator
