// Lines of prose: triggers, targets, times of methods, thresholds that verify.
#include <algorithm>

#include "importers/document/facts.hpp"
#include "importers/document/words.hpp"

namespace backout::importers {

namespace {

Trigger::Tier tier_of(const Document& document, const Line& line) {
  const std::string title = lower(document.title_of(line.section));
  if (contains_any(title,
                   {"do not", "don't", "when not", "no rollback", "fix forward", "without rollback",
                    "no action", "nicht", "não ", "no revertir", "ne pas", "不要"}))
    return Trigger::Tier::keep;
  const bool immediate =
      contains_any(title, {"immediate", "must", "required", "mandatory", "automatic"});
  if (!immediate && contains_any(title, {"consider", "may ", "optional", "evaluate"}))
    return Trigger::Tier::consider;
  return Trigger::Tier::rollback;
}

/// Whether a block belongs to the list item: then it is a step.
bool has_block(const Document& document, const Line& line) {
  return std::ranges::any_of(document.blocks,
                             [&](const Block& block) { return holds(line, block); });
}

void add_trigger(Document& document, const Line& line) {
  Trigger trigger;
  trigger.text = line.text;
  trigger.tier = tier_of(document, line);
  trigger.section = line.section;
  trigger.span = line.span;
  for (Threshold threshold : find_thresholds(line.text)) {
    threshold.section = line.section;
    threshold.span = line.span;
    threshold.use = trigger.tier == Trigger::Tier::keep       ? Threshold::Use::keep
                    : trigger.tier == Trigger::Tier::consider ? Threshold::Use::consider
                                                              : Threshold::Use::rollback_now;
    trigger.thresholds.push_back(threshold);
    document.thresholds.push_back(threshold);
  }
  document.triggers.push_back(std::move(trigger));
}

void add_thresholds(Document& document, std::string_view text, std::uint32_t section,
                    model::Span span, Role role) {
  const bool alerts =
      contains_any(lower(text) + " " + lower(document.title_of(section)), {"alert", "alarm"});
  for (Threshold threshold : find_thresholds(text)) {
    threshold.section = section;
    threshold.span = span;
    threshold.use = alerts                       ? Threshold::Use::alert
                    : role == Role::verification ? Threshold::Use::verify
                                                 : Threshold::Use::other;
    document.thresholds.push_back(threshold);
  }
}

/// The labels of the items that the line stands below, and its own, in lower case.
std::string labels_of(const Document& document, std::size_t index) {
  const Line& line = document.lines[index];
  std::string all = lower(line.label);
  int depth = line.depth;
  for (std::size_t i = index; i-- > 0 && depth > 1;) {
    const Line& above = document.lines[i];
    if (above.section != line.section) break;
    if (above.depth >= depth || above.depth == 0) continue;
    depth = above.depth;
    all = lower(above.label.empty() ? above.text : above.label) + " " + all;
  }
  return all;
}

bool is_loss(std::string_view text) {
  return contains_word(text, "rpo") ||
         contains_any(text, {"recovery point", "data loss", "perte de donn", "pérdida de datos",
                             "perda de dados", "datenverlust", "فقدان البيانات", "数据丢失"});
}

/// "Expected recovery time", "Time to complete": how long it takes, and no target.
bool is_estimate(std::string_view label) {
  const bool time = contains_any(label, {"time", "duration", "recovery"}) &&
                    !contains_any(label, {"objective", "target", "rto", "timestamp"});
  return time && contains_any(label, {"expected", "estimated", "estimate", "typical", "to complete",
                                      "approximate", "usual"});
}

/// How often data is saved, by a line or its label: "Frequency: daily" below a heading about
/// backups.
void add_frequency(Document& document, std::size_t index) {
  const Line& line = document.lines[index];
  const std::string text = lower(line.text);
  std::string about = text + " " + labels_of(document, index);
  for (std::uint32_t s = line.section; s != kNowhere; s = document.sections[s].parent) {
    if (document.sections[s].level > 1) about += " " + lower(document.sections[s].title);
  }
  if (!contains_any(about, {"backup", "snapshot", "dump", "sauvegarde", "respaldo", "sicherung",
                            "备份", "نسخ"}) ||
      contains_any(about, {"test", "drill", "verif", "validat", "review", "rotat"}))
    return;
  static const std::vector<std::pair<std::string_view, std::int64_t>> kWords = {
      {"weekly", 604'800'000},     {"daily", 86'400'000},       {"nightly", 86'400'000},
      {"every day", 86'400'000},   {"every night", 86'400'000}, {"last night", 86'400'000},
      {"yesterday's", 86'400'000}, {"hourly", 3'600'000},       {"every hour", 3'600'000},
      {"täglich", 86'400'000},     {"diario", 86'400'000},      {"diaria", 86'400'000},
      {"diário", 86'400'000},      {"quotidien", 86'400'000},   {"ежедневн", 86'400'000},
      {"codzienn", 86'400'000},    {"每日", 86'400'000},        {"每天", 86'400'000}};
  std::int64_t every = 0;
  for (const auto& [word, ms] : kWords) {
    if (contains(text, word) && (every == 0 || ms < every)) every = ms;
  }
  if (const std::size_t at = text.find("every "); at != std::string::npos) {
    for (const FoundTime& found : find_times(text.substr(at, 24))) {
      const std::int64_t ms = found.range.high_ms.value_or(0);
      if (ms > 0 && (every == 0 || ms < every)) every = ms;
    }
  }
  // Logs that are shipped all the time keep more than the copies do.
  if (every > 0 && !contains_any(text, {"wal", "binlog", "continuous", "point-in-time",
                                        "point in time", "log ship", "replicat"}))
    document.frequencies.push_back({every, line.section, line.span});
}

Time::Use use_of(const Line& line, Role role) {
  const std::string low = lower(line.text);
  const std::string label = lower(line.label);
  if (contains_any(low, {"worst-case budget", "worst case budget", "time budget", "total budget"}))
    return Time::Use::target;
  if (role != Role::rollback &&
      contains_any(low, {"responds within", "response within", "respond within", "response time:"}))
    return Time::Use::response;
  if (is_loss(label)) return Time::Use::loss;
  if (is_estimate(label)) return Time::Use::takes;
  if (label == "total" || label.starts_with("total "))
    return role == Role::targets ? Time::Use::target : Time::Use::total;
  if (role == Role::targets || contains_word(label, "rto") || contains_word(label, "target"))
    return Time::Use::target;
  for (const std::string_view word :
       {"time", "duration", "estimated time", "estimated duration", "expected time", "dauer",
        "tempo", "duração", "duración", "durée", "süre", "时间", "rollback time", "typical time",
        "tiempo", "temps", "expected duration", "estimated rollback time"}) {
    if (label == word) return Time::Use::takes;
  }
  if (role == Role::schedule && line.kind == Line::Kind::item) return Time::Use::takes;
  if (contains_any(low, {"typically takes", "takes about", "takes ", "to complete ("}))
    return Time::Use::takes;
  if (contains_any(low, {"monitor for", "watch for", "monitor "})) return Time::Use::window;
  return Time::Use::other;
}

/// What a time is about, of a text that stands in every time that it states: the beginning of a
/// long one.
std::string subject_of(const Line& line) {
  constexpr std::size_t kLongest = 1000;
  const std::string& text = line.label.empty() ? line.text : line.label;
  return text.size() <= kLongest ? text : text.substr(0, text.find_last_of(' ', kLongest));
}

/// The words of its clause straight before a time, in lower case: "rpo:" of "RTO: 30 minutes. RPO:
/// 5 minutes."
std::string words_before(std::string_view text, std::size_t at) {
  constexpr std::size_t kLongest = 40;
  std::string_view before = text.substr(at - std::min(at, kLongest), std::min(at, kLongest));
  // A line may end between the words and the time.
  const std::size_t last = before.find_last_not_of(" \n");
  before = before.substr(0, last == std::string_view::npos ? 0 : last + 1);
  if (const std::size_t end = before.find_last_of(".;,|(\n"); end != std::string_view::npos)
    before.remove_prefix(end + 1);
  return lower(before);
}

void add_times(Document& document, std::size_t index, Role role) {
  const Line line = document.lines[index];
  const std::string labels = labels_of(document, index);
  const Time::Use use = use_of(line, role);
  const bool free = use == Time::Use::other || use == Time::Use::target;
  const bool headed = contains_word(lower(document.title_of(line.section)), "rpo") ||
                      contains(lower(document.title_of(line.section)), "recovery point");
  const bool loss = free && (is_loss(labels) || (headed && !contains_word(labels, "rto")));
  const bool target =
      free && !loss && contains_any(labels, {"rto", "recovery time objective", "وقت الاستعادة"});
  for (const FoundTime& found : find_times(line.text)) {
    Time time;
    time.range = found.range;
    time.use = loss ? Time::Use::loss : target ? Time::Use::target : use;
    time.subject = subject_of(line);
    time.section = line.section;
    time.span = line.span;
    const std::string before = free ? words_before(line.text, found.begin) : std::string();
    if (contains_word(before, "rpo") || contains(before, "recovery point objective")) {
      time.use = Time::Use::loss;
      if (!is_loss(labels)) time.subject = "RPO";
    } else if (contains_word(before, "rto") || contains(before, "recovery time objective")) {
      time.use = Time::Use::target;
      if (!contains_word(labels, "rto")) time.subject = "RTO";
    } else if (free && contains_any(before, {"target restore time", "target recovery time",
                                             "target rollback time", "restore time target"})) {
      time.use = Time::Use::target;
      time.subject = "target time of recovery";
    } else if (contains(before, "budget")) {
      time.subject = "budget";
    }
    document.times.push_back(time);
    if (time.use != Time::Use::takes || role == Role::schedule) continue;
    for (auto it = document.methods.rbegin(); it != document.methods.rend(); ++it) {
      if (!document.below(line.section, it->section) || it->takes) continue;
      it->takes = found.range;
      it->takes_span = line.span;
      break;
    }
  }
}

void heading_times(Document& document) {
  for (std::uint32_t s = 0; s < document.sections.size(); ++s) {
    const std::string low = lower(document.sections[s].title);
    for (const FoundTime& found : find_times(document.sections[s].title)) {
      if (contains_any(low, {"monitor", "first ", "window", "after", "t+"}))
        break;  // "T+45 to T+55": a clock
      Time time;
      time.range = found.range;
      const Role role = document.sections[s].role;
      const bool bounds = role == Role::triggers && !found.range.low_ms && found.range.high_ms;
      const std::string before_it = words_before(document.sections[s].title, found.begin);
      const bool loses = contains_word(before_it, "rpo") || contains(before_it, "recovery point");
      const bool promises = contains_word(low, "rto") || contains(low, "recovery time objective");
      time.use = loses                         ? Time::Use::loss
                 : promises                    ? Time::Use::target
                 : contains_word(low, "total") ? Time::Use::total
                 : bounds                      ? Time::Use::target
                                               : Time::Use::takes;
      time.subject = document.sections[s].title;
      time.section = s;
      time.span = document.sections[s].span;
      document.times.push_back(std::move(time));
    }
  }
}

/// "Step 1 (0-10 min)", "Step 2 (10-15 min)": the times are those of one clock that starts with the
/// first of them.
void settle_clock(Document& document, std::vector<std::size_t>& row) {
  const bool runs = row.size() > 2 && document.times[row.front()].range.low_ms == 0;
  if (runs) {
    const Time last = document.times[row.back()];
    for (const std::size_t i : row) {
      Time& time = document.times[i];
      const std::int64_t takes = *time.range.high_ms - *time.range.low_ms;
      time.range.low_ms = time.range.high_ms = takes;
      for (Step& step : document.steps) {
        if (step.section == time.section && !step.from_comment) step.takes = time.range;
      }
    }
    Time whole = last;
    whole.range.low_ms = whole.range.high_ms = *last.range.high_ms;
    whole.section = document.sections[last.section].parent;
    whole.subject = std::string(document.title_of(whole.section));
    if (whole.section != kNowhere) document.times.push_back(std::move(whole));
  }
  row.clear();
}

void settle_clocks(Document& document) {
  std::vector<std::size_t> row;
  const std::size_t count = document.times.size();
  for (std::size_t i = 0; i < count; ++i) {
    const Time& time = document.times[i];
    const bool fits = time.use == Time::Use::takes && time.section != kNowhere &&
                      time.range.low_ms && time.range.high_ms;
    const bool follows = fits && !row.empty() &&
                         document.times[row.back()].range.high_ms == time.range.low_ms &&
                         document.sections[document.times[row.back()].section].parent ==
                             document.sections[time.section].parent;
    if (!follows) settle_clock(document, row);
    if (fits) row.push_back(i);
  }
  settle_clock(document, row);
}

}  // namespace

void read_prose(Document& document) {
  const std::size_t before = document.times.size();
  heading_times(document);
  if (before < document.times.size()) settle_clocks(document);
  for (std::size_t i = 0; i < document.lines.size(); ++i) {
    const Line line = document.lines[i];
    const Role role = document.role(line.section);
    if (role == Role::template_text || role == Role::reference) continue;
    add_times(document, i, role);
    add_frequency(document, i);
    if (role == Role::contacts || role == Role::drill) continue;
    if (role == Role::triggers && line.kind != Line::Kind::paragraph &&
        !has_block(document, line)) {
      add_trigger(document, line);
    } else {
      add_thresholds(document, line.text, line.section, line.span, role);
    }
  }
  for (const Block& block : document.blocks) {
    const Role role = document.role(block.section);
    if (role != Role::verification || block.left_out) continue;
    for (const Comment& comment : block.script.comments)
      add_thresholds(document, comment.text, block.section, comment.span, role);
  }
}

}  // namespace backout::importers
