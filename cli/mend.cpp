#include "cli/mend.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <tuple>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "analyzer/edits.hpp"
#include "cli/examine_text.hpp"
#include "cli/output_file.hpp"
#include "model/files.hpp"
#include "reports/screen.hpp"
#include "reports/text/diff.hpp"
#include "reports/text/layout.hpp"

namespace backout::cli {

namespace {

using model::Edit;
using model::Finding;

/// What tells a finding from others, wherever it stands.
using Name = std::tuple<std::string, std::string, std::string>;
Name name_of(const Finding& finding) { return {finding.rule, finding.step, finding.message}; }

/// How many findings of each rule are warnings or worse, and how many are errors.
std::map<std::string, std::pair<int, int>> weight_of(const std::vector<Finding>& findings) {
  std::map<std::string, std::pair<int, int>> weight;
  for (const Finding& finding : findings) {
    weight[finding.rule].first += finding.severity >= model::Severity::warning ? 1 : 0;
    weight[finding.rule].second += finding.severity == model::Severity::error ? 1 : 0;
  }
  return weight;
}

/// No rule has more errors; nor more warnings, unless there are fewer errors: what comes to light
/// behind one is the smaller harm.
bool is_better(const std::vector<Finding>& before, const std::vector<Finding>& after) {
  const auto errors = [](const std::vector<Finding>& all) {
    return std::ranges::count(all, model::Severity::error, &Finding::severity);
  };
  const bool fewer = errors(after) < errors(before);
  auto known = weight_of(before);
  return std::ranges::all_of(weight_of(after), [&](const auto& each) {
    const auto& [warnings_too, of_errors] = each.second;
    return of_errors <= known[each.first].second &&
           (fewer || warnings_too <= known[each.first].first);
  });
}

bool overlaps(const std::vector<Edit>& some, const std::vector<Edit>& others) {
  return std::ranges::any_of(some, [&](const Edit& one) {
    return std::ranges::any_of(others, [&](const Edit& other) {
      return one.span.begin <= other.span.end && other.span.begin <= one.span.end;
    });
  });
}

/// A text on its way to a better one.
class Mending {
 public:
  Mending(const std::string& file, std::string text, PipelineSettings settings)
      : file_(file),
        text_(std::move(text)),
        settings_(std::move(settings)),
        examined_(examine_text(file_, text_, settings_)) {
    settings_.runs = 0;  // percentiles tell nothing of findings
  }

  Mended run() && {
    while (examined_.report && round()) {
    }
    return {std::move(text_), std::move(rules_)};
  }

 private:
  /// Tries all edits that do not meet; where they are not good together, one by one. False: nothing
  /// changed.
  bool round() {
    std::vector<const Finding*> batch;
    std::vector<Edit> edits;
    for (const Finding& finding : examined_.report->findings) {
      const bool own =
          std::ranges::all_of(finding.edits, [](const Edit& edit) { return edit.span.file == 0; });
      if (finding.edits.empty() || !own || tried_.contains(name_of(finding)) ||
          overlaps(finding.edits, edits))
        continue;
      batch.push_back(&finding);
      edits.insert(edits.end(), finding.edits.begin(), finding.edits.end());
    }
    if (batch.empty()) return false;
    if (take(batch, edits)) return true;
    if (batch.size() > 1) {
      for (const Finding* finding : batch) {
        if (take({finding}, finding->edits))
          return true;  // the others' places are no longer theirs
        tried_.insert(name_of(*finding));
      }
    }
    for (const Finding* finding : batch) tried_.insert(name_of(*finding));
    return false;
  }

  bool take(const std::vector<const Finding*>& mended, const std::vector<Edit>& edits) {
    std::string text = analyzer::apply(text_, edits);
    ExaminedText examined = examine_text(file_, text, settings_);
    if (!examined.report || !is_better(examined_.report->findings, examined.report->findings))
      return false;
    for (const Finding* finding : mended) {
      const auto count = [&](const std::vector<Finding>& all) {
        return std::ranges::count_if(
            all, [&](const Finding& each) { return name_of(each) == name_of(*finding); });
      };
      if (count(examined.report->findings) >= count(examined_.report->findings)) return false;
    }
    for (const Finding* finding : mended) rules_.push_back(finding->rule);
    text_ = std::move(text);
    examined_ = std::move(examined);
    return true;
  }

  const std::string& file_;
  std::string text_;
  PipelineSettings settings_;
  ExaminedText examined_;
  std::set<Name> tried_;
  std::vector<std::string> rules_;
};

std::string counted_rules(std::vector<std::string> rules) {
  std::ranges::sort(rules);
  std::vector<std::string> parts;
  for (auto it = rules.begin(); it != rules.end();) {
    const auto end = std::upper_bound(it, rules.end(), *it);
    parts.push_back(end - it > 1 ? fmt::format("{} ({})", *it, end - it) : *it);
    it = end;
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

/// A carriage return in front of a line's end is part of the end: git and patch want it as it is.
/// Of all else nothing reaches a terminal raw.
void print_diff(std::ostream& out, const std::string& diff) {
  std::istringstream lines(diff);
  for (std::string line; std::getline(lines, line);) {
    const bool returns = line.ends_with('\r');
    if (returns) line.pop_back();
    reports::print_screened(out, [&](std::ostream& safe) { safe << line; });
    reports::write_own(out, returns ? "\r\n" : "\n");
  }
}

}  // namespace

Mended mend(const std::string& file, std::string text, const PipelineSettings& settings) {
  return Mending(file, std::move(text), settings).run();
}

std::optional<std::size_t> mend_files(const Invocation& invocation,
                                      const std::vector<std::string>& files,
                                      const PipelineSettings& settings, MendMode mode) {
  std::size_t findings = 0;
  std::size_t changed = 0;
  for (const std::string& file : files) {
    if (settings.watch != nullptr && !settings.watch->go_on(0)) break;
    const auto text = model::read_file(file);
    if (!text) continue;  // check says why
    const Mended mended = mend(file, *text, settings);
    if (mended.text == *text) continue;
    if (mode == MendMode::show) {
      print_diff(invocation.out, reports::unified_diff(*text, mended.text, file));
    } else if (model::read_file(file).value_or("") != *text) {
      invocation.err << fmt::format("backout: '{}' changed meanwhile and stays as it is\n", file);
      continue;
    } else if (!write_text(invocation, file, mended.text)) {
      return std::nullopt;
    }
    invocation.err << fmt::format("backout: {} {}: {}\n",
                                  mode == MendMode::show ? "would mend" : "mended", file,
                                  counted_rules(mended.rules));
    findings += mended.rules.size();
    ++changed;
  }
  if (changed > 1)
    invocation.err << fmt::format("backout: {} in {}\n", reports::counted(findings, "finding"),
                                  reports::counted(changed, "file"));
  return findings;
}

}  // namespace backout::cli
