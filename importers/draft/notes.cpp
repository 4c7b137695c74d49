#include "importers/draft/notes.hpp"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "importers/document/words.hpp"
#include "importers/draft/decisions.hpp"
#include "importers/draft/text.hpp"

namespace backout::importers {

namespace {

/// Whether a name or a line speaks of a bound: `ALERT_THRESHOLD_ERROR_RATE`, `threshold: 5`.
bool is_bound(std::string_view text) {
  const std::string low = lower(text);
  return contains_any(
      low, {"threshold", "timeout", "limit", "window", "max_", "min_", "expr", "retention"});
}

bool has_digit(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

const char* about_of(Time::Use use) {
  switch (use) {
    case Time::Use::takes:
      return "time";
    case Time::Use::target:
      return "target";
    case Time::Use::total:
      return "total";
    case Time::Use::response:
      return "response";
    case Time::Use::window:
      return "watch";
    case Time::Use::wait:
      return "wait";
    case Time::Use::loss:
      return "target";
    case Time::Use::other:
      break;
  }
  return "time";
}

class NotesWriter {
 public:
  NotesWriter(const DraftInput& input, const std::string& body)
      : input_(input), document_(input.document), body_(body) {}

  std::string write(const DraftSteps& made, const std::set<const Time*>& used) {
    for (const DraftNote& note : made.notes) add(note);
    for (const Time& time : document_.times) {
      if (!used.contains(&time) && !stands_on_step(time)) add_time(time);
    }
    for (const Threshold& threshold : document_.thresholds) add_threshold(threshold);
    for (const Block& block : document_.blocks) add_bounds(block);
    return text_.empty() ? std::string() : "notes:\n" + text_;
  }

 private:
  void add(const DraftNote& note) {
    std::string line = fmt::format("  - {{about: {}", note.about);
    if (!note.text.empty()) line += ", text: " + scalar_text(note.text);
    if (!note.takes.empty() && note.takes != "unknown") line += ", takes: " + note.takes;
    if (!note.commands.empty()) {
      std::string commands;
      for (const std::string& command : note.commands)
        commands += (commands.empty() ? "" : ", ") + scalar_text(command);
      line += fmt::format(", commands: [{}]", commands);
    }
    line += fmt::format(", source: {}}}\n", scalar_text(note.source));
    if (known_.insert(line).second) text_ += line;
  }

  /// Whether the time is the one of a step or method that the plan has.
  bool stands_on_step(const Time& time) const {
    const auto line = [&](const model::Span& span) {
      return input_.sources[span.file].line_of(span.begin);
    };
    const auto same = [&](const std::optional<TimeRange>& takes, const model::Span& span) {
      return takes && line(span) == line(time.span) && takes->high_ms == time.range.high_ms;
    };
    const bool of_method = std::ranges::any_of(document_.methods, [&](const Method& method) {
      return same(method.takes, method.takes_span) && in_body(method.span);
    });
    return of_method || std::ranges::any_of(document_.steps, [&](const Step& step) {
             return same(step.takes, step.span);
           });
  }

  bool in_body(const model::Span& span) const {
    return body_.find(fmt::format("\"{}\"", source_of(input_, span))) != std::string::npos;
  }

  void add_time(const Time& time) {
    if (document_.role(time.section) == Role::template_text || !time.range.high_ms) return;
    add({about_of(time.use), time.subject, {}, duration(time.range), source_of(input_, time.span)});
  }

  void add_threshold(const Threshold& threshold) {
    if (in_body(threshold.span) || document_.role(threshold.section) == Role::template_text) return;
    const char* about = threshold.use == Threshold::Use::alert    ? "alert"
                        : threshold.use == Threshold::Use::verify ? "check"
                                                                  : "limit";
    add({about, limit_text(threshold), {}, {}, source_of(input_, threshold.span)});
  }

  /// Variables of scripts and lines of configuration that set a bound.
  void add_bounds(const Block& block) {
    if (block.left_out) return;
    for (const Assignment& assignment : block.script.assignments) {
      if (!assignment.literal || !is_bound(assignment.name) || !has_digit(assignment.value))
        continue;
      add({"limit",
           fmt::format("{}={}", assignment.name, assignment.value),
           {},
           {},
           source_of(input_, assignment.span)});
    }
    for (const Comparison& comparison : block.script.comparisons) {
      const std::string text = text_at(input_, comparison.span);
      if (has_digit(text) && text.find("$?") == std::string::npos)
        add({"limit", text, {}, {}, source_of(input_, comparison.span)});
    }
    const bool is_configuration =
        block.language == Language::javascript || block.language == Language::json ||
        block.language == Language::yaml || block.language == Language::other ||
        block.language == Language::python;
    if (is_configuration) add_configuration(block);
  }

  void add_configuration(const Block& block) {
    const model::SourceFile& source = input_.sources[block.span.file];
    std::string within;
    const std::size_t last = source.line_of(block.span.end == 0 ? 0 : block.span.end - 1);
    for (std::size_t number = source.line_of(block.span.begin) + 1; number < last; ++number) {
      const std::string line = trimmed(source.line(number));
      const bool opens = line.ends_with('{') || line.ends_with(':');
      if (opens)
        within = line.substr(0, line.find_first_of(":={ "));
      else if (is_bound(line) && has_digit(line)) {
        add({"limit",
             within.empty() ? line : within + ": " + line,
             {},
             {},
             fmt::format("{}:{}", input_.shown, number)});
      }
    }
  }

  const DraftInput& input_;
  const Document& document_;
  const std::string& body_;
  std::set<std::string> known_;  ///< the lines of text_
  std::string text_;
};

}  // namespace

std::string draft_notes(const DraftInput& input, const DraftSteps& made,
                        const std::set<const Time*>& used, const std::string& body) {
  return NotesWriter(input, body).write(made, used);
}

}  // namespace backout::importers
