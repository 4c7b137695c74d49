#include "cli/baseline.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <ostream>
#include <set>
#include <tuple>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/selection.hpp"
#include "model/files.hpp"
#include "reports/common.hpp"

namespace backout::cli {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

namespace {

std::string folder_of(const std::string& baseline) {
  const fs::path folder = fs::path(baseline).parent_path();
  return folder.empty() ? "." : folder.string();
}

/// The findings of a run with the names that a baseline gives them.
class Namer {
 public:
  explicit Namer(const std::string& baseline) : folder_(folder_of(baseline)) {}

  KnownFinding name(const reports::PlanReport& report, const model::Finding& finding) {
    const model::Sources& sources = *report.plan->sources;
    const std::string file = relative_to(sources.place(finding.span).file, folder_);
    const std::size_t occurrence = seen_[reports::fingerprint_in(file, finding, 0)]++;
    return {reports::fingerprint_in(file, finding, occurrence), finding.rule, file, finding.step,
            reports::valid_utf8(finding.message)};
  }

  /// Whether this run says all that there is to say about the file.
  bool looked_at(const std::vector<reports::PlanReport>& reports, const std::string& file) const {
    const bool read = std::ranges::any_of(reports, [&](const reports::PlanReport& report) {
      const model::Sources& sources = *report.plan->sources;
      for (std::uint32_t i = 0; i < sources.size(); ++i) {
        if (relative_to(sources[i].name(), folder_) == file) return true;
      }
      return false;
    });
    return read || !fs::exists(fs::path(folder_) / file);
  }

 private:
  std::string folder_;
  std::map<std::string, std::size_t> seen_;
};

}  // namespace

tl::expected<std::vector<KnownFinding>, std::string> read_baseline(const std::string& file) {
  const auto text = model::read_file(file);
  if (!text) return tl::unexpected(fmt::format("cannot read the baseline '{}'", file));
  const Json json = Json::parse(*text, nullptr, false);
  const auto wrong = [&] {
    return tl::unexpected(fmt::format("'{}' is no baseline that backout wrote", file));
  };
  if (!json.is_object() || !json.contains("baseline") || json["baseline"] != 1 ||
      !json.contains("findings") || !json["findings"].is_array())
    return wrong();
  std::vector<KnownFinding> known;
  for (const Json& each : json["findings"]) {
    for (const char* key : {"fingerprint", "rule", "file", "step", "message"}) {
      if (!each.is_object() || !each.contains(key) || !each[key].is_string()) return wrong();
    }
    known.push_back(
        {each["fingerprint"], each["rule"], each["file"], each["step"], each["message"]});
  }
  return known;
}

std::vector<KnownFinding> leave_out_known(std::vector<reports::PlanReport>& reports,
                                          const std::vector<KnownFinding>& known,
                                          const std::string& baseline) {
  Namer namer(baseline);
  std::set<std::string> wanted;
  for (const KnownFinding& each : known) wanted.insert(each.fingerprint);
  std::set<std::string> found;
  for (reports::PlanReport& report : reports) {
    std::erase_if(report.findings, [&](const model::Finding& finding) {
      const std::string fingerprint = namer.name(report, finding).fingerprint;
      return wanted.contains(fingerprint) && found.insert(fingerprint).second;
    });
  }
  std::vector<KnownFinding> stale;
  for (const KnownFinding& each : known) {
    if (!found.contains(each.fingerprint) && namer.looked_at(reports, each.file))
      stale.push_back(each);
  }
  return stale;
}

std::vector<KnownFinding> known_now(const std::vector<reports::PlanReport>& reports,
                                    const std::vector<KnownFinding>& known,
                                    const std::string& baseline) {
  Namer namer(baseline);
  std::vector<KnownFinding> now;
  for (const reports::PlanReport& report : reports) {
    for (const model::Finding& finding : report.findings)
      now.push_back(namer.name(report, finding));
  }
  for (const KnownFinding& each : known) {
    if (!namer.looked_at(reports, each.file)) now.push_back(each);
  }
  return now;
}

void write_baseline(std::vector<KnownFinding> known, std::ostream& out) {
  std::ranges::sort(known, {}, [](const KnownFinding& each) {
    return std::tie(each.file, each.rule, each.step, each.message, each.fingerprint);
  });
  Json json{{"baseline", 1}, {"findings", Json::array()}};
  for (const KnownFinding& each : known) {
    json["findings"].push_back(Json{{"fingerprint", each.fingerprint},
                                    {"rule", each.rule},
                                    {"file", each.file},
                                    {"step", each.step},
                                    {"message", each.message}});
  }
  out << json.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

}  // namespace backout::cli
