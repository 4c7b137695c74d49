#include "importers/draft/steps.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "importers/document/words.hpp"
#include "importers/draft/actions.hpp"

namespace backout::importers {

namespace {

constexpr std::size_t kLongestNote = 600;

/// What a section speaks of that is no way back; nullptr for one that rolls back, deploys or looks.
const char* beside(Role role) {
  switch (role) {
    case Role::template_text:
      return "template";
    case Role::contacts:
      return "contact";
    case Role::drill:
      return "drill";
    case Role::prevention:
      return "prevention";
    case Role::follow_up:
      return "follow-up";
    case Role::communication:
      return "message";
    case Role::triggers:
      return "trigger";
    case Role::decision:
      return "decision";
    case Role::targets:
      return "target";
    case Role::reference:
      return "reference";
    case Role::schedule:
      return "time";
    case Role::other:
    case Role::deploy:
    case Role::rollback:
    case Role::precheck:
    case Role::verification:
      break;
  }
  return nullptr;
}

/// Whether a title names an act and no way back of its own: "Stop the workers", "2. Restart".
bool is_act(std::string_view title) {
  static constexpr std::array kVerbs = {
      "stop",    "start",    "restart", "scale",  "disable", "enable",  "switch",   "notify",
      "pause",   "resume",   "drain",   "put",    "take",    "turn",    "clear",    "flush",
      "restore", "redeploy", "deploy",  "run",    "remove",  "delete",  "create",   "update",
      "apply",   "wait",     "check",   "verify", "test",    "monitor", "announce", "freeze"};
  std::string word;
  for (const char c : title) {
    const char low = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (low < 'a' || low > 'z') break;
    word += low;
  }
  return std::ranges::any_of(kVerbs, [&](const char* verb) { return word == verb; });
}

class StepsWriter {
 public:
  StepsWriter(const DraftInput& input, DraftServices& services, Ids& ids)
      : input_(input), document_(input.document), ids_(ids), actions_(input, services, ids) {
    for (const Time& time : document_.times) times_.insert(bytes_of(time.span));
  }

  DraftSteps write() {
    for (std::size_t i = 0; i < document_.steps.size(); ++i) add_step(i);
    for (std::uint32_t i = 0; i < document_.methods.size(); ++i) add_method_blocks(i);
    add_sections();
    for (const Time& time : document_.times) take_time(time);
    settle_total();
    std::ranges::stable_sort(made_.steps, {}, [](const DraftStep& step) {
      if (!step.deploys) return 3;
      return step.place == DraftStep::Place::front ? 0
             : step.place == DraftStep::Place::own ? 1
                                                   : 2;
    });
    return std::move(made_);
  }

 private:
  const char* about(std::uint32_t section) const { return beside(document_.role(section)); }

  /// Whether a step of a left-out section stands in a numbered row of steps of the rollback or the
  /// deploy itself.
  bool stands_in_row(const Step& step) const {
    if (step.section == kNowhere || document_.sections[step.section].kind != Section::Kind::step)
      return false;
    const Section& section = document_.sections[step.section];
    return section.own_role && section.parent != kNowhere && about(section.parent) == nullptr &&
           (section.role == Role::follow_up || section.role == Role::communication ||
            section.role == Role::decision);
  }

  /// What a step is about that is no part of the deploy or of a way back; nullptr for one that is.
  const char* note_about(const Step& step) const {
    if (about(step.section) != nullptr) return stands_in_row(step) ? nullptr : about(step.section);
    // A deploy below what comes after the rollback is the next one.
    for (std::uint32_t at = step.section; at != kNowhere && step.deploys;
         at = document_.sections[at].parent) {
      if (document_.sections[at].role == Role::follow_up) return about(at);
    }
    return nullptr;
  }

  /// Whether a section above this one is about rolling back: "Manual redeploy" below "Render
  /// rollback" deploys nothing new.
  bool below_rollback(std::uint32_t section) const {
    for (std::uint32_t at = section; at != kNowhere; at = document_.sections[at].parent) {
      const Section& each = document_.sections[at];
      if (each.own_role && (each.role == Role::rollback || each.role == Role::follow_up))
        return true;
    }
    return false;
  }

  /// What a step covers: a comment of a block begins one that ends where the next begins.
  model::Span extent(std::size_t index) const {
    const Step& step = document_.steps[index];
    model::Span span = step.span;
    if (!step.from_comment || step.blocks.empty()) return span;
    span.end = document_.blocks[step.blocks.front()].span.end;
    for (const Step& other : document_.steps) {
      if (other.from_comment && other.span.begin > span.begin)
        span.end = std::min(span.end, other.span.begin);
    }
    return span;
  }

  void add_step(std::size_t index) {
    const Step& step = document_.steps[index];
    std::vector<std::uint32_t> blocks;
    std::ranges::copy_if(step.blocks, std::back_inserter(blocks),
                         [&](std::uint32_t block) { return !is_chosen(step, block); });
    // A heading above choices is no step beside them.
    if (blocks.empty() && !step.blocks.empty()) return;
    seen_.insert(blocks.begin(), blocks.end());
    if (note_about(step) != nullptr) return add_note(index);
    DraftStep result = begin(step.title, step.span);
    if (step.takes) result.takes = duration(*step.takes);
    result.way = way_of(document_, step.section);
    result.deploys = step.deploys && !below_rollback(step.section);
    if (step.section != kNowhere) result.is_optional = document_.sections[step.section].optional;
    for (const std::uint32_t block : blocks) actions_.add_block(block, extent(index), result);
    add_lines(step, result);
    finish(result, step.title);
    if (!step.from_comment) cover(result, step.section);
    made_.steps.push_back(std::move(result));
  }

  /// Whether the block belongs to a method below the step's own heading.
  bool is_chosen(const Step& step, std::uint32_t block) const {
    if (step.from_comment || step.section == kNowhere ||
        document_.sections[step.section].span != step.span)
      return false;
    return std::ranges::any_of(document_.methods, [&](const Method& method) {
      return method.section != step.section && document_.below(method.section, step.section) &&
             document_.below(document_.blocks[block].section, method.section);
    });
  }

  /// Lines to tick below a step of its own section are its looks, what is listed below one is a
  /// note.
  void add_lines(const Step& step, DraftStep& result) {
    if (step.from_comment || step.section == kNowhere) return;
    const bool is_section = document_.sections[step.section].span == step.span;
    bool inside = is_section;
    for (const Line& line : document_.lines) {
      const bool mine =
          is_section ? document_.below(line.section, step.section) : line.section == step.section;
      if (!mine) continue;
      if (!is_section && line.depth <= 1 && line.kind != Line::Kind::paragraph) {
        inside = line.span == step.span;
        if (inside) continue;
      }
      if (!inside || states_time(line)) continue;
      if (line.kind == Line::Kind::checkbox) {
        (document_.role(line.section) == Role::precheck ? result.prechecks : result.checks)
            .push_back(manual(line));
      } else if (line.kind == Line::Kind::item || result.actions.empty()) {
        add_to_note(result.note, line.text);
      }
    }
  }

  /// Adds a line to a note; where it grows too long "..." stands for it and what follows.
  static void add_to_note(std::string& note, const std::string& line) {
    static constexpr std::string_view kCut = "; ...";
    if (note.ends_with(kCut)) return;
    if (!note.empty() && note.size() + line.size() > kLongestNote)
      note += kCut;
    else
      note += (note.empty() ? "" : "; ") + line;
  }

  using Bytes = std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>;
  static Bytes bytes_of(const model::Span& span) { return {span.file, span.begin, span.end}; }

  /// Whether all that a line says is a time, which stands elsewhere.
  bool states_time(const Line& line) const {
    return line.text.size() < 40 && times_.contains(bytes_of(line.span));
  }

  std::string manual(const Line& line) const {
    return fmt::format("{{manual: {}, source: {}}}", scalar_text(line.text),
                       scalar_text(source_of(input_, line.span)));
  }

  void add_note(std::size_t index) {
    const Step& step = document_.steps[index];
    DraftNote note{note_about(step),
                   step.title,
                   {},
                   step.takes ? duration(*step.takes) : "",
                   source_of(input_, step.span)};
    const model::Span within = extent(index);
    for (const std::uint32_t block : step.blocks) {
      for (auto& command :
           actions_.commands_of(block, step.from_comment ? within : document_.blocks[block].span)) {
        note.commands.push_back(std::move(command.text));
      }
    }
    if (document_.role(step.section) != Role::template_text) made_.notes.push_back(std::move(note));
  }

  void add_method_blocks(std::uint32_t index) {
    const Method& method = document_.methods[index];
    if (about(method.section) != nullptr) return;
    DraftStep step = begin(method.title, method.span);
    step.way = method.section;
    if (method.takes) step.takes = duration(*method.takes);
    for (std::uint32_t i = 0; i < document_.blocks.size(); ++i) {
      const Block& block = document_.blocks[i];
      if (!seen_.contains(i) && !block.left_out && document_.below(block.section, method.section)) {
        actions_.add_block(i, block.span, step);
        seen_.insert(i);
      }
    }
    const bool has_steps = std::ranges::any_of(
        made_.steps, [&](const DraftStep& other) { return other.way == method.section; });
    if (step.actions.empty() && has_steps) return;
    finish(step, method.title);
    step.stands_alone = true;
    for (const Line& line : document_.lines) {
      if (!document_.below(line.section, method.section) || has_steps || states_time(line))
        continue;
      if (line.kind == Line::Kind::checkbox)
        step.checks.push_back(manual(line));
      else
        add_to_note(step.note, line.text);
    }
    cover(step, method.section);
    made_.steps.push_back(std::move(step));
  }

  /// Sections with commands or lines to tick that are neither step nor method nor below one.
  void add_sections() {
    const bool has_steps = !made_.steps.empty();
    for (std::uint32_t s = 0; s <= document_.sections.size(); ++s) {
      const std::uint32_t section = s == document_.sections.size() ? kNowhere : s;
      if (is_covered(section) || home(section) != section) continue;
      const Role role = document_.role(section);
      const bool takes_part = role == Role::rollback || role == Role::deploy ||
                              role == Role::verification || role == Role::precheck;
      add_section(section, about(section) == nullptr && (takes_part || !has_steps) ? nullptr
                           : about(section) == nullptr                             ? "other"
                                                       : about(section));
    }
  }

  void add_section(std::uint32_t section, const char* note_about) {
    const std::string title(document_.title_of(section));
    DraftStep step;
    DraftNote note{note_about == nullptr ? "" : note_about, title, {}, "", ""};
    bool holds = false;
    for (std::uint32_t i = 0; i < document_.blocks.size(); ++i) {
      const Block& block = document_.blocks[i];
      if (home(block.section) != section || seen_.contains(i) || block.left_out) continue;
      if (note_about != nullptr) {
        add_command_notes(note, i);
        continue;
      }
      if (!holds)
        step = begin(title, section == kNowhere ? block.span : document_.sections[section].span);
      holds = true;
      actions_.add_block(i, block.span, step);
    }
    if (note_about != nullptr) {
      for (const Line& line : document_.lines) {
        const bool ticked = line.kind == Line::Kind::checkbox && line.section == section;
        if (ticked)
          made_.notes.push_back({"check", line.text, {}, "", source_of(input_, line.span)});
      }
      return;
    }
    const Role role = document_.role(section);
    const bool looks = role == Role::verification || role == Role::precheck;
    for (const Line& line : document_.lines) {
      const bool ticked = line.kind == Line::Kind::checkbox ||
                          (looks && line.kind == Line::Kind::item && line.depth == 1);
      if (home(line.section) != section || !ticked || section == kNowhere ||
          is_heading_of_block(line))
        continue;
      if (!holds) step = begin(title, document_.sections[section].span);
      holds = true;
      (role == Role::precheck ? step.prechecks : step.checks).push_back(manual(line));
    }
    if (holds) place(std::move(step), section, role);
  }

  void add_command_notes(const DraftNote& note, std::uint32_t block) {
    for (auto& [text, span] : actions_.commands_of(block, document_.blocks[block].span)) {
      made_.notes.push_back(
          {note.about, note.text, {std::move(text)}, "", source_of(input_, span)});
    }
  }

  /// A bold paragraph that warns heads nothing: what follows belongs to the section above.
  std::uint32_t home(std::uint32_t section) const {
    static constexpr std::array kWarnings = {"warning", "note",     "important", "caution",
                                             "danger",  "tip",      "attention", "achtung",
                                             "atenção", "attention"};
    while (section != kNowhere && document_.sections[section].level >= 7) {
      const std::string title = lower(document_.sections[section].title);
      const bool warns =
          std::ranges::any_of(kWarnings, [&](const char* word) { return title.find(word) < 8; });
      if (!warns) break;
      section = document_.sections[section].parent;
    }
    return section;
  }

  /// A list item that only leads to the block in it says nothing that the block's own look does
  /// not.
  bool is_heading_of_block(const Line& line) const {
    return std::ranges::any_of(document_.blocks,
                               [&](const Block& block) { return holds(line, block); });
  }

  void place(DraftStep step, std::uint32_t section, Role role) {
    const bool only_looks = step.actions.empty();
    if (only_looks && step.checks.empty() && step.prechecks.empty() && step.note.empty()) return;
    finish(step, step.title);
    step.way = way_of_sections(section);
    step.deploys = role == Role::deploy && !below_rollback(section);
    step.is_optional = section != kNowhere && document_.sections[section].optional;
    if (only_looks && step.note.empty() && step.deploys) {
      const auto first = std::ranges::find_if(made_.steps, &DraftStep::deploys);
      const bool before =
          first != made_.steps.end() && first->way != kNowhere && section < first->way;
      step.place = before ? DraftStep::Place::front : DraftStep::Place::back;
    } else if (only_looks && step.note.empty()) {
      step.place = role == Role::verification ? DraftStep::Place::back : DraftStep::Place::front;
      step.common = section == kNowhere ? kNowhere : document_.sections[section].parent;
      settle_phase(step, section);
    }
    made_.steps.push_back(std::move(step));
  }

  /// Looks before and after a deploy that the document describes belong to that deploy.
  void settle_phase(DraftStep& step, std::uint32_t section) const {
    const bool has_deploy = std::ranges::any_of(made_.steps, &DraftStep::deploys);
    if (!has_deploy || section == kNowhere || below_rollback(section)) return;
    for (std::uint32_t at = section; at != kNowhere; at = document_.sections[at].parent) {
      const std::string title = lower(document_.sections[at].title);
      const bool of_rollback = document_.sections[at].level > 1 &&
                               (contains(title, "rollback") || contains(title, "roll back"));
      if (of_rollback) return;
    }
    step.deploys = true;
  }

  /// Sections beside each other whose titles are acts are one way, the one of the section above
  /// them.
  std::uint32_t way_of_sections(std::uint32_t section) const {
    const std::uint32_t own = way_of(document_, section);
    if (own == kNowhere || own != section) return own;
    const std::uint32_t parent = document_.sections[section].parent;
    std::size_t acts = 0;
    std::size_t all = 0;
    for (const Section& other : document_.sections) {
      if (other.parent != parent || other.level >= 7) continue;
      ++all;
      if (is_act(other.title) && other.title.find(" via ") == std::string::npos) ++acts;
    }
    return all > 1 && acts * 2 > all && parent != kNowhere ? parent : own;
  }

  /// Whether a step or a method holds the section.
  bool is_covered(std::uint32_t section) const {
    return std::ranges::any_of(covered_,
                               [&](std::uint32_t step) { return document_.below(section, step); });
  }

  void cover(const DraftStep& step, std::uint32_t section) {
    const bool heads = section != kNowhere &&
                       (document_.sections[section].kind != Section::Kind::plain ||
                        document_.sections[section].number) &&
                       step.place == DraftStep::Place::own;
    if (heads) covered_.insert(section);
  }

  /// A row of a table or list of times belongs to the one step whose title fits it best.
  void take_time(const Time& time) {
    const bool in_list = time.section != kNowhere && document_.role(time.section) == Role::schedule;
    if (!time.from_table && !in_list) return;
    if (time.use == Time::Use::total) {
      made_.total = duration(time.range);
      made_.total_source = source_of(input_, time.span);
      total_of_ = &time;
    }
    if (time.use != Time::Use::takes) return;
    DraftStep* found = nullptr;
    std::size_t best = 0;
    bool tied = false;
    for (DraftStep& step : made_.steps) {
      const std::size_t likeness =
          step.takes.empty() ? 2 * likeness_of(step.title, time.subject) : 0;
      // A step of a row comes before a method that only sums others up.
      const std::size_t rank = likeness == 0 ? 0 : likeness - (step.stands_alone ? 1 : 0);
      if (rank == 0 || rank < best) continue;
      tied = rank == best;
      best = rank;
      found = &step;
    }
    if (found == nullptr || tied) return;
    found->takes = duration(time.range);
    made_.used.insert(&time);
    if (!found->deploys && found->place == DraftStep::Place::own) timed_.insert(time.section);
  }

  /// A total stands for the rollback when it closes a list of the times of its steps.
  void settle_total() {
    if (total_of_ != nullptr && timed_.contains(total_of_->section))
      made_.used.insert(total_of_);
    else
      made_.total.clear();
  }

  DraftStep begin(const std::string& title, const model::Span& span) {
    DraftStep step;
    step.title = title;
    step.at = span.begin;
    step.source = source_of(input_, span);
    step.id = ids_.take(title, "step");
    return step;
  }

  /// A step of one action is that action; one without any is something that a person does.
  static void finish(DraftStep& step, const std::string& title) {
    if (step.actions.size() == 1) step.actions.front().id = step.id;
    if (!step.actions.empty()) return;
    DraftAction task{.id = step.id,
                     .keys = {{"do", "task"}, {"text", scalar_text(title)}},
                     .command = {},
                     .source = step.source};
    step.actions.push_back(std::move(task));
  }

  const DraftInput& input_;
  const Document& document_;
  Ids& ids_;
  DraftActions actions_;
  DraftSteps made_;
  std::set<std::uint32_t> seen_;     ///< blocks that stand in a step or method
  std::set<std::uint32_t> covered_;  ///< sections that are a step or a method
  std::set<std::uint32_t> timed_;    ///< sections whose times are those of steps of the rollback
  std::set<Bytes> times_;            ///< where times are said
  const Time* total_of_ = nullptr;
};

}  // namespace

std::string text_at(const DraftInput& input, const model::Span& span) {
  const std::string& text = input.sources[span.file].text();
  const std::size_t begin = std::min<std::size_t>(span.begin, text.size());
  const std::size_t last = std::clamp<std::size_t>(span.end, begin, text.size());
  if (last - begin <= kLongestText) return text.substr(begin, last - begin);
  std::size_t end = begin + kLongestText;
  while (end > begin && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U)
    --end;  // not within a character
  return text.substr(begin, end - begin) + " ...";
}

std::string source_of(const DraftInput& input, const model::Span& span) {
  return fmt::format("{}:{}", input.shown, input.sources[span.file].line_of(span.begin));
}

std::uint32_t way_of(const Document& document, std::uint32_t section) {
  for (const Method& method : document.methods) {
    if (document.below(section, method.section)) return method.section;
  }
  while (document.is_step(section)) section = document.sections[section].parent;
  return section;
}

DraftSteps draft_steps(const DraftInput& input, DraftServices& services, Ids& ids) {
  return StepsWriter(input, services, ids).write();
}

}  // namespace backout::importers
