#include "importers/document/facts.hpp"

#include <algorithm>
#include <cctype>

#include "importers/document/words.hpp"

namespace backout::importers {

namespace {

constexpr std::string_view kMark = "backout: ignore ";

/// 1-based line of a byte.
std::uint32_t line_of(std::string_view text, std::size_t at) {
  return 1 + static_cast<std::uint32_t>(std::count(
                 text.begin(),
                 text.begin() + static_cast<std::ptrdiff_t>(std::min(at, text.size())), '\n'));
}

/// Whether a name or title speaks of what runbooks are about.
bool names_change(std::string_view lower_text) {
  return contains_any(lower_text, {"rollback", "roll back", "roll-back", "runbook", "revert",
                                   "restore", "backout", "cutover", "deploy", "release", "recovery",
                                   "migration", "回滚", "rücksetz", "reversão", "failover"});
}

/// Whether a name or title is that of a procedure: something that people follow from its begin to
/// its end.
bool names_procedure(std::string_view lower_text) {
  const std::optional<Role> role = role_of_title(lower_text);
  return names_change(lower_text) || role == Role::rollback || role == Role::deploy ||
         contains_any(lower_text,
                      {"incident",   "emergency",   "disaster",       "backup",      "upgrade",
                       "playbook",   "procedure",   "operation",      "maintenance", "on-call",
                       "oncall",     "checklist",   "outage",         "launch",      "rollout",
                       "go-live",    "migrat",      "cutover",        "canary",      "blue-green",
                       "blue/green", "déploiement", "bereitstellung", "despliegue",  "implanta",
                       "reversi",    "restaur",     "retour",         "zurück",      "wiederher",
                       "geri al",    "geri dön",    "развер",         "откат",       "发布",
                       "部署",       "应急"});
}

void steps_of_comments(Document& document, std::uint32_t index) {
  const Block& block = document.blocks[index];
  for (const Segment& segment : block.script.segments) {
    if (segment.kind != Segment::Kind::step) continue;
    const Numbered numbered = read_number(segment.title);
    Step step;
    step.title = numbered.title;
    step.number = numbered.number;
    step.section = block.section;
    step.blocks = {index};
    step.from_comment = true;
    step.span = segment.span;
    for (const FoundTime& time : find_times(segment.title)) step.takes = time.range;
    document.steps.push_back(std::move(step));
  }
}

}  // namespace

void read_ignores(const Located& located, Document& document) {
  const std::string& text = located.text;
  for (std::size_t at = text.find(kMark); at != std::string::npos; at = text.find(kMark, at + 1)) {
    std::size_t end = std::min(text.find('\n', at), text.size());
    const std::size_t close = text.find("-->", at);
    if (close != std::string::npos && close < end) end = close;
    const std::string rest = text.substr(at + kMark.size(), end - at - kMark.size());
    const std::size_t reason = rest.find("--");
    Ignore ignore;
    ignore.rule = trimmed(rest.substr(0, std::min(reason, rest.size())));
    if (reason != std::string::npos) ignore.reason = trimmed(rest.substr(reason + 2));
    ignore.span = located.span(at, end);
    document.ignores.push_back(std::move(ignore));
  }
}

/// A suppression covers its own line, and what begins on the next line that is no comment and not
/// blank, to its end.
void settle_ignores(Document& document, std::string_view text) {
  for (Ignore& ignore : document.ignores) {
    ignore.line = line_of(text, ignore.span.begin);
    ignore.until = ignore.line + 1;
    std::size_t next = text.find('\n', ignore.span.end);
    next = next == std::string_view::npos ? text.size() : text.find_first_not_of(" \t\r\n", next);
    if (next == std::string_view::npos) continue;
    const auto cover = [&](const model::Span& span) {
      if (span.begin <= next && next < span.end)
        ignore.until = std::max(ignore.until, line_of(text, span.end));
    };
    ignore.until = std::max(ignore.until, line_of(text, next));
    bool inside = false;
    for (const Block& block : document.blocks) {
      if (block.span.begin <= ignore.span.begin && ignore.span.end <= block.span.end &&
          !document.is_script)
        inside = true;
    }
    for (const Block& block : document.blocks) {
      if (!inside && !document.is_script) cover(block.span);
      for (const Command& command : block.script.commands) cover(command.span);
    }
    for (const Line& line : document.lines) cover(line.span);
  }
}

void read_steps(Document& document) {
  for (std::uint32_t s = 0; s < document.sections.size(); ++s) {
    Section& section = document.sections[s];
    const std::string low = lower(section.title);
    if (section.kind == Section::Kind::plain && section.parent != kNowhere && section.level < 7) {
      const bool via = low.starts_with("via ") || low.starts_with("using ") ||
                       contains(low, " rollback (recommended)");
      if (via) section.kind = Section::Kind::method;
    }
    if (section.kind == Section::Kind::method) {
      document.methods.push_back(
          {section.title, s, section.parent, std::nullopt, {}, section.span});
    }
    const bool step = section.kind == Section::Kind::step ||
                      (section.number && section.kind == Section::Kind::plain && section.level > 1);
    if (!step) continue;
    Step found;
    found.title = section.title;
    found.section = s;
    found.number = section.number;
    found.span = section.span;
    found.deploys = section.role == Role::deploy;
    for (const FoundTime& time : find_times(section.title)) found.takes = time.range;
    document.steps.push_back(std::move(found));
  }
  for (std::uint32_t b = 0; b < document.blocks.size(); ++b) {
    if (!document.blocks[b].left_out) steps_of_comments(document, b);
    for (std::uint32_t s = 0; s < document.steps.size(); ++s) {
      Step& step = document.steps[s];
      if (!step.from_comment && document.below(document.blocks[b].section, step.section)) {
        step.blocks.push_back(b);
        document.blocks[b].step = s;
      }
    }
  }
  for (const Line& line : document.lines) {
    const Role role = document.role(line.section);
    const bool acts = role == Role::rollback || role == Role::deploy || role == Role::other;
    if (line.kind != Line::Kind::item || !line.ordered || line.depth != 1 || !acts ||
        document.is_script)
      continue;
    Step step;
    step.title = line.label.empty() ? line.text : line.label;
    step.section = line.section;
    step.number = line.number;
    step.span = line.span;
    for (const FoundTime& time : find_times(line.label)) step.takes = time.range;
    for (std::uint32_t b = 0; b < document.blocks.size(); ++b) {
      if (holds(line, document.blocks[b])) step.blocks.push_back(b);
    }
    document.steps.push_back(std::move(step));
  }
}

void finish_facts(Document& document, std::string_view text, std::string_view name) {
  read_steps(document);
  read_tables(document);
  read_prose(document);
  read_charts(document);
  read_checks(document);
  settle_ignores(document, text);
  for (std::uint32_t b = 0; b < document.blocks.size(); ++b) {
    for (std::uint32_t c = 0; c < document.blocks[b].script.commands.size(); ++c) {
      for (const Word& word : document.blocks[b].script.commands[c].words) {
        if (word.placeholder) document.placeholders.push_back({word.text, b, c, word.span});
      }
    }
  }
  document.is_runbook = is_runbook(document, name);
  document.is_aside = document.is_runbook && !document.is_script && !names_procedure(lower(name)) &&
                      !names_procedure(lower(document.title));
}

bool is_runbook(const Document& document, std::string_view name) {
  if (names_change(lower(name)) || names_change(lower(document.title))) return true;
  return std::ranges::any_of(document.sections, [](const Section& section) {
    const std::string title = lower(section.title);
    return section.role == Role::rollback || contains(title, "rollback") ||
           contains(title, "roll back");
  });
}

}  // namespace backout::importers
