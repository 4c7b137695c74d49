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

/// A rule and a step: what a harmful edit is known by, for the message may be another one by then.
using Place = std::pair<std::string, std::string>;
Place place_of(const Finding& finding) { return {finding.rule, finding.step}; }

/// How many findings of each rule are warnings or worse, and how many are errors.
std::map<std::string, std::pair<int, int>> weight_of(const std::vector<Finding>& findings) {
  std::map<std::string, std::pair<int, int>> weight;
  for (const Finding& finding : findings) {
    weight[finding.rule].first += finding.severity >= model::Severity::warning ? 1 : 0;
    weight[finding.rule].second += finding.severity == model::Severity::error ? 1 : 0;
  }
  return weight;
}

/// The rules that have more errors; or more warnings, unless there are fewer errors: what comes to
/// light behind one is the smaller harm. Of several edits together (`alone` is false) one would
/// excuse another.
std::set<std::string> worse_rules(const std::vector<Finding>& before,
                                  const std::vector<Finding>& after, bool alone) {
  const auto errors = [](const std::vector<Finding>& all) {
    return std::ranges::count(all, model::Severity::error, &Finding::severity);
  };
  const bool fewer = alone && errors(after) < errors(before);
  auto known = weight_of(before);
  std::set<std::string> worse;
  for (const auto& [rule, weight] : weight_of(after)) {
    const auto& [warnings_too, of_errors] = weight;
    if (of_errors > known[rule].second || (!fewer && warnings_too > known[rule].first))
      worse.insert(rule);
  }
  return worse;
}

/// The steps at which the rules say what they did not say before.
std::set<std::string> steps_of_new(const std::set<std::string>& rules,
                                   const std::vector<Finding>& before,
                                   const std::vector<Finding>& after) {
  std::set<Name> known;
  for (const Finding& finding : before) known.insert(name_of(finding));
  std::set<std::string> steps;
  for (const Finding& finding : after) {
    if (rules.contains(finding.rule) && !known.contains(name_of(finding)))
      steps.insert(finding.step);
  }
  return steps;
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
        settings_(untimed(std::move(settings))),
        examined_(examine_text(file_, text_, settings_)) {}

  Mended run() && {
    // Each batch is another text, or there are fewer edits to try.
    for (Batch batch = untried(); !batch.empty(); batch = untried()) attempt(batch);
    return {std::move(text_), std::move(rules_)};
  }

 private:
  using Batch = std::vector<const Finding*>;

  static PipelineSettings untimed(PipelineSettings settings) {
    settings.runs = 0;  // percentiles tell nothing of findings
    return settings;
  }

  /// The findings whose edits can be tried together: none meets another.
  Batch untried() const {
    Batch batch;
    std::vector<Edit> edits;
    if (!examined_.report) return batch;
    for (const Finding& finding : examined_.report->findings) {
      const bool own =
          std::ranges::all_of(finding.edits, [](const Edit& edit) { return edit.span.file == 0; });
      if (finding.edits.empty() || !own || tried_.contains(name_of(finding)) ||
          harmful_.contains(place_of(finding)) || overlaps(finding.edits, edits))
        continue;
      batch.push_back(&finding);
      edits.insert(edits.end(), finding.edits.begin(), finding.edits.end());
    }
    return batch;
  }

  /// Tries a batch; where it is not good, those to blame are not tried again, and where none is,
  /// its halves are: each try is a whole analysis.
  void attempt(const Batch& batch) {
    const std::optional<Batch> blamed = take(batch);
    if (!blamed) return;
    if (blamed->empty()) halve(batch);
    for (const Finding* finding : *blamed) {
      tried_.insert(name_of(*finding));
      if (!finding->step.empty()) harmful_.insert(place_of(*finding));
    }
  }

  /// Whether a part of a batch that is not good as a whole was taken. What is left of it waits for
  /// the next round: its places are no longer its own.
  bool halve(const Batch& batch) {
    if (batch.size() == 1) {
      tried_.insert(name_of(*batch[0]));
      return false;
    }
    const auto middle = batch.begin() + static_cast<std::ptrdiff_t>(batch.size() / 2);
    const Batch first(batch.begin(), middle);
    const Batch second(middle, batch.end());
    return !take(first) || !take(second) || halve(first) || halve(second);
  }

  /// Nothing: the batch is mended. Otherwise its findings that are there as before, and those alone
  /// at a step where something worse is said now; none when that does not tell.
  std::optional<Batch> take(const Batch& batch) {
    std::vector<Edit> edits;
    for (const Finding* finding : batch)
      edits.insert(edits.end(), finding->edits.begin(), finding->edits.end());
    std::string text = analyzer::apply(text_, edits);
    ExaminedText examined = examine_text(file_, text, settings_);
    if (!examined.report) return Batch();
    const std::vector<Finding>& before = examined_.report->findings;
    const std::vector<Finding>& after = examined.report->findings;
    const std::set<std::string> worse = worse_rules(before, after, batch.size() == 1);
    const std::set<std::string> steps = steps_of_new(worse, before, after);
    Batch blamed;
    for (const Finding* finding : batch) {
      const auto same = [&](const Finding& each) { return name_of(each) == name_of(*finding); };
      const auto beside = [&](const Finding* each) { return each->step == finding->step; };
      const bool stays = std::ranges::count_if(after, same) >= std::ranges::count_if(before, same);
      const bool harms = !finding->step.empty() && steps.contains(finding->step) &&
                         std::ranges::count_if(batch, beside) == 1;
      if (stays || harms) blamed.push_back(finding);
    }
    if (!worse.empty() || !blamed.empty()) return blamed;
    for (const Finding* finding : batch) rules_.push_back(finding->rule);
    text_ = std::move(text);
    examined_ = std::move(examined);
    return std::nullopt;
  }

  const std::string& file_;
  std::string text_;
  PipelineSettings settings_;
  ExaminedText examined_;
  std::set<Name> tried_;
  std::set<Place> harmful_;
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
