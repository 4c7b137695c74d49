#include "simulator/testing/drawn.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace backout::simulator {
namespace {

using What = Drawn::What;
using Kind = Happening::Kind;

void note_all(const std::vector<Happening>& happenings, std::set<std::string>& faults,
              std::set<std::string>& traffic) {
  for (const Happening& each : happenings) {
    if (each.fault) faults.insert(to_string(*each.fault));
    for (const Mishap& mishap : each.retries) faults.insert(to_string(mishap.fault));
    if (each.kind == Kind::traffic) traffic.insert(each.name);
    const bool by_itself = each.kind == Kind::sick || each.kind == Kind::late ||
                           each.kind == Kind::killed || each.kind == Kind::second_run;
    if (by_itself) faults.insert(to_string(each.kind));
  }
}

}  // namespace

const char* to_string(Drawn::What what) {
  switch (what) {
    case What::stop:
      return "stop";
    case What::path:
      return "path";
    case What::fault:
      return "fault";
    case What::traffic:
      return "traffic";
    case What::verdict:
      return "verdict";
  }
  return "";
}

void Drawn::note(const Played& played) {
  ++scenarios_;
  std::string stop = "none";
  for (const Happening& each : played.deploy) {
    if (each.kind == Kind::step) stop = each.name;
  }
  ++counts_[What::stop][stop];
  ++counts_[What::path][played.path];
  ++counts_[What::verdict][to_string(played.verdict)];
  std::set<std::string> faults;
  std::set<std::string> traffic;
  note_all(played.deploy, faults, traffic);
  note_all(played.rollback, faults, traffic);
  const auto add = [&](What what, const std::set<std::string>& names) {
    for (const std::string& name : names) ++counts_[what][name];
    if (names.empty()) ++counts_[what]["none"];
  };
  add(What::fault, faults);
  add(What::traffic, traffic);
}

const Drawn::Counts& Drawn::counts(What what) const {
  static const Counts kNone;
  const auto found = counts_.find(what);
  return found == counts_.end() ? kNone : found->second;
}

std::vector<std::string> Drawn::missing() const {
  std::vector<std::string> all;
  const auto expect = [&](What what, const std::string& name) {
    if (!counts(what).contains(name)) all.push_back(fmt::format("{} {}", to_string(what), name));
  };
  for (const std::string& step : plan_.deploy_steps()) expect(What::stop, step);
  for (const std::string& path : plan_.paths()) expect(What::path, path);
  for (const std::string& operation : plan_.operations()) expect(What::traffic, operation);
  return all;
}

std::string Drawn::text() const {
  std::string out = fmt::format("{} scenario{}\n", scenarios_, scenarios_ == 1 ? "" : "s");
  for (const auto& [what, counts] : counts_) {
    for (const auto& [name, count] : counts) {
      out += fmt::format("  {:<8} {:<36} {:>5.1f} %\n", to_string(what), name,
                         100.0 * static_cast<double>(count) / static_cast<double>(scenarios_));
    }
  }
  for (const std::string& each : missing()) out += fmt::format("  never    {}\n", each);
  return out;
}

}  // namespace backout::simulator
