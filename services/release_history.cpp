// Which releases of an app there were, and which of them can still be served. Revisions are
// counted, and a platform keeps only so many.
#include <algorithm>
#include <cctype>
#include <cstdlib>

#include <fmt/format.h>

#include "services/record_kind.hpp"
#include "services/release.hpp"

namespace backout::services {

namespace {

bool is_number(const std::string& text) {
  return !text.empty() && text.size() < 10 &&
         std::ranges::all_of(text, [](unsigned char c) { return std::isdigit(c) != 0; });
}

/// `history:` as revision and version, by revision.
std::vector<std::pair<long, std::string>> numbered(const model::Service& service) {
  std::vector<std::pair<long, std::string>> all;
  const model::Node* history = service.fields.find("history");
  if (history == nullptr) return all;
  long next = 1;
  for (const model::Node& item : history->items) all.emplace_back(next++, item.text);
  for (const model::Node::Entry& entry : history->entries) {
    if (is_number(entry.key))
      all.emplace_back(std::strtol(entry.key.c_str(), nullptr, 10), entry.value.text);
  }
  std::sort(all.begin(), all.end());
  return all;
}

/// How many releases, from the first, a number may name.
std::size_t counted_revisions(const model::Service& service) {
  constexpr std::size_t kOfThisDeploy = 8;
  return numbered(service).size() + kOfThisDeploy;
}

/// Without a history: the only version whose name is a word and this number ("chart7", "rev-7").
std::string named_by_number(const model::Service& service, const std::string& number) {
  std::string found;
  for (const model::Version& version : service.versions) {
    const std::size_t digits = version.name.find_first_of("0123456789");
    if (digits == std::string::npos || digits == 0 || version.name.substr(digits) != number)
      continue;
    if (!found.empty()) return {};
    found = version.name;
  }
  return found;
}

}  // namespace

std::vector<std::string> history_before(const model::Service& service) {
  std::vector<std::string> all;
  for (const auto& [number, version] : numbered(service)) all.push_back(version);
  if (!service.start.empty() && (all.empty() || all.back() != service.start))
    all.push_back(service.start);
  return all;
}

std::string history_with(const model::Service& service, const Record& now,
                         const std::string& version) {
  std::vector<std::string> history = split_list(now.get("history"));
  if (!history.empty() && history.back() == version) return now.get("history");
  const std::size_t counted = counted_revisions(service);
  if (history.size() > counted) {
    const auto same =
        std::find(history.begin() + static_cast<std::ptrdiff_t>(counted), history.end(), version);
    if (same != history.end()) history.erase(same);
  }
  history.push_back(version);
  return join_list(history);
}

std::string version_of_revision(const model::Service& service, const Record& app,
                                const std::string& number) {
  const std::vector<std::pair<long, std::string>> known = numbered(service);
  if (!is_number(number) || service.fields.is_unknown("history")) return {};
  if (known.empty()) return named_by_number(service, number);
  const long wanted = std::strtol(number.c_str(), nullptr, 10);
  for (const auto& [revision, version] : known) {
    if (revision == wanted) return version;
  }
  const std::vector<std::string> served = split_list(app.get("history"));
  const long at = static_cast<long>(known.size()) - 1 + wanted - known.back().first;
  const std::size_t counted = std::min(served.size(), counted_revisions(service));
  if (wanted < known.back().first || at >= static_cast<long>(counted)) return {};
  return served[static_cast<std::size_t>(at)];
}

std::string moving_image(const model::Service& service, const std::string& word) {
  const model::Version* version = service.find_version(word);
  const Record before = Record().with("history", join_list(history_before(service)));
  if (version == nullptr)
    version = service.find_version(version_of_revision(service, before, word));
  return version == nullptr ? std::string() : moving_tag(version->artefact);
}

std::string why_not_kept(const model::Service& service, const Record& app,
                         const std::string& version) {
  if (app.get("image." + version) == "gone")
    return fmt::format("'{}' of '{}' is no longer kept", version, service.name);
  const std::int64_t most = service.fields.integer("keeps").value_or(0);
  if (most <= 0) return {};
  std::vector<std::string> newest;
  const std::vector<std::string> served = split_list(app.get("history"));
  for (auto it = served.rbegin(); it != served.rend(); ++it) {
    if (std::ranges::find(newest, *it) == newest.end()) newest.push_back(*it);
  }
  const auto found = std::ranges::find(newest, version);
  if (found == newest.end() || found - newest.begin() < most) return {};
  return fmt::format("'{}' of '{}' is no longer kept: it keeps {} versions", version, service.name,
                     most);
}

}  // namespace backout::services
