#include "simulator/faults.hpp"

#include <algorithm>
#include <array>

namespace backout::simulator {
namespace {

constexpr std::array<FaultInfo, kFaultCount> kCatalogue = {{
    {Fault::fail, "fail", "the step changes nothing and reports an error",
     "reports an error; nothing happened", true},
    {Fault::fail_applied, "fail_applied", "the step changes everything and reports an error",
     "reports an error; it took effect", true},
    {Fault::half, "half", "the step stops between two of its parts and reports an error",
     "stops half way and reports an error", true},
    {Fault::timeout_none, "timeout_none", "the step runs into its timeout and changed nothing",
     "runs into its timeout; nothing happened", true},
    {Fault::timeout_applied, "timeout_applied",
     "the step runs into its timeout and changed everything",
     "runs into its timeout; it took effect", true},
    {Fault::late, "late",
     "the step runs into its timeout and takes effect later, after other steps",
     "runs into its timeout; it takes effect later", true},
    {Fault::lying_ok, "lying_ok", "the step changes nothing and reports success",
     "reports success; nothing happened", false},
    {Fault::killed, "killed", "the runner dies between two steps and the path is started over", "",
     true},
    {Fault::second_run, "second_run", "the whole path is run once more after it succeeded", "",
     true},
    {Fault::down, "down",
     "the service does not answer: the step and its retries fail, until a person goes on",
     "the service does not answer, however often it is tried", false},
    {Fault::lying_check, "lying_check", "the step changes nothing, and its check passes",
     "reports success and its check passes; nothing happened", false},
    {Fault::gone, "gone", "the copy that the step restores, or the image that it starts, is gone",
     "what it needs is gone: ", false},
    {Fault::corrupt, "corrupt", "the copy that the step restores is damaged",
     "its copy is damaged: ", false},
    {Fault::stale, "stale", "the copy that the step restores is from before the deploy",
     "restores a copy from before the deploy;", false},
    {Fault::wrong_format, "wrong_format",
     "the copy that the step restores is of another format than its tool reads",
     "its copy is of another format: ", false},
    {Fault::connected, "connected",
     "somebody that the plan does not know of is connected to the database",
     "somebody else is connected: ", false},
    {Fault::cached, "cached",
     "readers of what the step changes go on with the old value until they are told",
     "done, but behind a cache;", false},
    {Fault::lingering, "lingering",
     "an instance of the version that the step replaces goes on serving",
     "done, but an old instance goes on serving;", false},
    {Fault::unhealthy, "unhealthy",
     "the app that the step starts, or sends traffic to, runs and does not serve",
     "done, but the app does not serve;", false},
    {Fault::slow, "slow", "the step takes ten times as long", "", false, true},
    {Fault::nobody, "nobody", "it takes ten times as long until a person responds", "", false,
     true},
    {Fault::no_data, "no_data", "a metric that the decision looks at is absent", "", false, true},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < kCatalogue.size(); ++i) {
    if (kCatalogue[i].fault != static_cast<Fault>(i)) return false;
  }
  return true;
}
static_assert(in_order(),
              "a row of the catalogue stands where its fault stands in the enumeration");

}  // namespace

std::span<const FaultInfo> fault_catalogue() { return kCatalogue; }

const char* to_string(Fault fault) { return kCatalogue[static_cast<std::size_t>(fault)].name; }

std::string tell(Fault fault, const std::string& why) {
  const std::string told = kCatalogue[static_cast<std::size_t>(fault)].told;
  if (told.ends_with(": ")) return told + why;
  if (told.ends_with(';')) return why.empty() ? told.substr(0, told.size() - 1) : told + ' ' + why;
  return told;
}

bool is_timed(Fault fault) { return kCatalogue[static_cast<std::size_t>(fault)].timed; }

std::vector<Fault> fault_set(const std::vector<std::string>& wanted,
                             std::vector<std::string>& unknown) {
  const auto named = [&](const FaultInfo& info) {
    return std::ranges::any_of(
        wanted, [&](const std::string& name) { return name == "all" || name == info.name; });
  };
  std::vector<Fault> chosen;
  for (const FaultInfo& info : kCatalogue) {
    if (wanted.empty() ? info.by_default : named(info)) chosen.push_back(info.fault);
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
