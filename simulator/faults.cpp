#include "simulator/faults.hpp"

#include <algorithm>
#include <array>

namespace backout::simulator {
namespace {

constexpr std::array<FaultInfo, kFaultCount> kCatalogue = {{
    {Fault::fail, "fail", "the step changes nothing and reports an error", true},
    {Fault::fail_applied, "fail_applied", "the step changes everything and reports an error", true},
    {Fault::half, "half", "the step stops between two of its parts and reports an error", true},
    {Fault::timeout_none, "timeout_none", "the step runs into its timeout and changed nothing", true},
    {Fault::timeout_applied, "timeout_applied", "the step runs into its timeout and changed everything", true},
    {Fault::late, "late", "the step runs into its timeout and takes effect later, after other steps", true},
    {Fault::lying_ok, "lying_ok", "the step changes nothing and reports success", false},
    {Fault::killed, "killed", "the runner dies between two steps and the path is started over", true},
    {Fault::second_run, "second_run", "the whole path is run once more after it succeeded", true},
    {Fault::down, "down", "the service does not answer: the step and its retries fail, until a person goes on", false},
    {Fault::lying_check, "lying_check", "the step changes nothing, and its check passes", false},
    {Fault::gone, "gone", "the copy that the step restores, or the image that it starts, is gone", false},
    {Fault::corrupt, "corrupt", "the copy that the step restores is damaged", false},
    {Fault::stale, "stale", "the copy that the step restores is from before the deploy", false},
    {Fault::wrong_format, "wrong_format", "the copy that the step restores is of another format than its tool reads", false},
    {Fault::connected, "connected", "somebody that the plan does not know of is connected to the database", false},
    {Fault::cached, "cached", "readers of what the step changes go on with the old value until they are told", false},
    {Fault::lingering, "lingering", "an instance of the version that the step replaces goes on serving", false},
    {Fault::unhealthy, "unhealthy", "the app that the step starts, or sends traffic to, runs and does not serve", false},
    {Fault::slow, "slow", "the step takes ten times as long", false, true},
    {Fault::nobody, "nobody", "it takes ten times as long until a person responds", false, true},
    {Fault::no_data, "no_data", "a metric that the decision looks at is absent", false, true},
}};

}  // namespace

std::span<const FaultInfo> fault_catalogue() { return kCatalogue; }

const char* to_string(Fault fault) { return kCatalogue[static_cast<std::size_t>(fault)].name; }

bool is_timed(Fault fault) { return kCatalogue[static_cast<std::size_t>(fault)].timed; }

std::vector<Fault> fault_set(const std::vector<std::string>& wanted, std::vector<std::string>& unknown) {
  const auto named = [&](const FaultInfo& info) {
    return std::ranges::any_of(wanted, [&](const std::string& name) { return name == "all" || name == info.name; });
  };
  std::vector<Fault> chosen;
  for (const FaultInfo& info : kCatalogue) {
    if (wanted.empty() ? info.by_default : named(info)) chosen.push_back(info.fault);
  }
  for (const std::string& name : wanted) {
    const bool known = name == "all" || std::ranges::any_of(kCatalogue, [&](const FaultInfo& i) { return name == i.name; });
    if (!known) unknown.push_back(name);
  }
  return chosen;
}

}  // namespace backout::simulator
