#include "analyzer/once.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <tuple>

namespace backout::analyzer {

namespace {

using model::Finding;

bool shows(const Finding& finding, const std::string& path) {
  return std::ranges::find(finding.paths, path) != finding.paths.end();
}

/// Fills in `cause` and `paths` where the rule did not: the message without the names of paths, and
/// those names.
void separate(const model::Plan& plan, Finding& finding) {
  std::string cause = finding.cause.empty() ? finding.message : finding.cause;
  const bool named = !finding.paths.empty();
  for (const model::RollbackPath& path : plan.paths) {
    const std::string words = fmt::format("path '{}'", path.name);
    if (!named && finding.message.find(words) != std::string::npos)
      finding.paths.push_back(path.name);
    for (std::size_t at = cause.find(words); at != std::string::npos; at = cause.find(words, at)) {
      cause.replace(at, words.size(), "path");
    }
  }
  finding.cause = std::move(cause);
}

/// Makes one finding of two with one cause: the worse of them tells, the other is remembered.
void join(const model::Plan& plan, Finding& first, Finding other) {
  if (other.severity > first.severity) std::swap(first, other);
  std::vector<std::string> paths;
  for (const model::RollbackPath& path : plan.paths) {
    if (shows(first, path.name) || shows(other, path.name)) paths.push_back(path.name);
  }
  if (!paths.empty())
    first.paths = std::move(paths);  // a plan without paths has one of the search's own
  if (first.fix.empty()) first.fix = other.fix;
  for (const model::RelatedPlace& related : other.related) {
    if (std::ranges::find(first.related, related) == first.related.end())
      first.related.push_back(related);
  }
  other.also.insert(other.also.begin(), other.message);
  for (const std::string& message : other.also) {
    if (message != first.message && std::ranges::find(first.also, message) == first.also.end())
      first.also.push_back(message);
  }
}

/// "(on 2 paths: 'full', 'code_only')": at most so many names; all of them are in `paths`.
constexpr std::size_t kMostNames = 4;

std::string where(const std::vector<std::string>& paths) {
  const std::size_t told = paths.size() <= kMostNames ? paths.size() : kMostNames - 1;
  const std::vector<std::string> names(paths.begin(),
                                       paths.begin() + static_cast<std::ptrdiff_t>(told));
  return fmt::format(" (on {} paths: '{}'{})", paths.size(), fmt::join(names, "', '"),
                     told == paths.size() ? "" : fmt::format(" and {} more", paths.size() - told));
}

}  // namespace

std::vector<Finding> once(const model::Plan& plan, std::vector<Finding> findings) {
  std::map<std::tuple<std::string, model::Span, std::string>, std::size_t> seen;
  std::vector<Finding> kept;
  for (Finding& finding : findings) {
    separate(plan, finding);
    const auto [at, is_new] =
        seen.emplace(std::tuple{finding.rule, finding.span, finding.cause}, kept.size());
    if (is_new) {
      kept.push_back(std::move(finding));
    } else {
      join(plan, kept[at->second], std::move(finding));
    }
  }
  for (Finding& finding : kept) {
    const bool tells = std::ranges::all_of(finding.paths, [&](const std::string& path) {
      return finding.message.find(fmt::format("'{}'", path)) != std::string::npos;
    });
    if (finding.paths.size() > 1 && !tells) finding.message += where(finding.paths);
  }
  return kept;
}

}  // namespace backout::analyzer
