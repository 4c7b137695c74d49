#pragma once
// A runbook as facts. It knows words, tables, commands and times, and no service kinds. Every fact
// has its place.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "importers/shell/shell.hpp"
#include "model/source.hpp"

namespace backout::importers {

inline constexpr std::uint32_t kNowhere = 0xffffffff;

/// What a section is for, by the words of its heading or of one above it.
enum class Role {
  other,
  deploy,
  rollback,
  triggers,
  decision,
  precheck,
  verification,
  communication,
  template_text,  ///< a form to fill in after the fact: left out
  contacts,
  drill,
  prevention,
  follow_up,
  reference,
  targets,
  schedule
};
const char* to_string(Role role);

/// A heading and what stands below it.
struct Section {
  std::string title;  ///< without markup and without its number
  model::Span span;   ///< of the heading
  int level = 1;  ///< 1 to 6; a bold paragraph that stands for a heading is one below its heading
  std::uint32_t parent = kNowhere;
  Role role = Role::other;  ///< its own, or inherited
  bool own_role = false;
  /// steps follow each other, methods are alternatives, a variant is for one kind of system
  enum class Kind { plain, step, method, variant };
  Kind kind = Kind::plain;
  std::optional<std::int64_t> number;  ///< of "Step 3", "Method 1", "4."
  bool optional = false;               ///< "(Optional)", "(if needed)"
};

/// Two points of time, in milliseconds; `low` is nullopt in "less than 5 minutes".
struct TimeRange {
  std::optional<std::int64_t> low_ms;
  std::optional<std::int64_t> high_ms;  ///< nullopt: "more than", "at least"
  bool strict = false;                  ///< `<` and not `<=`
  bool rough = false;                   ///< "~", "about"
};

/// A time that the text states.
struct Time {
  enum class Use {
    takes,     ///< how long a step, method or section takes
    target,    ///< an objective
    total,     ///< a stated sum
    response,  ///< until somebody reacts
    window,    ///< over which something is watched
    wait,
    other,
    loss  ///< how much written data may be lost: an RPO
  };
  TimeRange range;
  Use use = Use::other;
  std::string
      subject;  ///< what it is about: the step, the row's first cell, the label of the list item
  std::uint32_t section = kNowhere;
  model::Span span;
  bool from_table = false;
};

/// `error rate > 5 %`.
struct Threshold {
  enum class Metric { error_rate, latency, users, success_rate, performance, memory, disk, other };
  Metric metric = Metric::other;
  enum class Op { less, at_most, greater, at_least, between, equal };
  Op op = Op::greater;
  double value = 0;
  double upper = 0;       ///< for between
  std::string unit;       ///< "%", "ms", "x", ...
  bool relative = false;  ///< "+50%", "increase", "from baseline"
  std::optional<std::int64_t> window_ms;
  bool first_window = false;  ///< "in the first 10 minutes": nothing is said of later
  enum class Use { rollback_now, consider, keep, verify, alert, decision, other };
  Use use = Use::other;
  std::uint32_t section = kNowhere;
  model::Span span;  ///< of the line that states it
};

/// "Daily snapshots, kept for 30 days": how often something is saved.
struct Frequency {
  std::int64_t every_ms = 0;
  std::uint32_t section = kNowhere;
  model::Span span;
};

/// What a text says to do about an issue.
enum class Answer { unsaid, yes, maybe, no, watch, fix_forward, disable };

/// A row of a decision table.
struct DecisionRow {
  std::string subject;   ///< the first cell
  std::string severity;  ///< lower case; empty when there is no such column
  std::vector<std::pair<std::string, Answer>> answers;  ///< by column: "code rollback" yes
  std::vector<std::pair<std::string, std::string>>
      cells;  ///< header (lower case) and text of every cell
  std::vector<Threshold> thresholds;
  std::optional<TimeRange> time;  ///< of a column about time or downtime
  std::string time_column;
  std::string action;  ///< the text that the answer was read from
  std::uint32_t table = 0;
  std::uint32_t section = kNowhere;
  model::Span span;
};

/// A question of a flowchart with the answers that it has.
struct Branch {
  std::string question;
  std::string yes;  ///< where Yes leads; empty: nowhere
  std::string no;
  bool has_yes = false;
  bool has_no = false;
  std::uint32_t chart = 0;
  std::uint32_t section = kNowhere;
  model::Span span;
};

/// A line of a trigger list.
struct Trigger {
  std::string text;
  enum class Tier { rollback, consider, keep };
  Tier tier = Tier::rollback;
  std::vector<Threshold> thresholds;
  std::uint32_t section = kNowhere;
  model::Span span;
};

/// A fenced or indented block, or a command in a list item or paragraph.
struct Block {
  std::string fence;                    ///< its word, lower case; empty for none
  Language language = Language::empty;  ///< what the content is
  Located content;
  Script script;                         ///< when the content is shell (or a session)
  std::vector<std::string> environment;  ///< variables that it begins with, where the text says so
  std::string lead;   ///< the paragraph above it in the same section or list item
  std::string after;  ///< the paragraph below it
  std::string item;   ///< text of the list item that holds it; empty outside lists
  std::uint32_t section = kNowhere;
  std::uint32_t step = kNowhere;
  std::uint32_t list_item = kNowhere;
  model::Span span;          ///< with its fences
  bool in_sentence = false;  ///< a code span that an item or a paragraph orders to be run: `lead`
                             ///< and `after` are the words around it
  bool left_out = false;     ///< in a template, a drill, a contact list
  bool cut = false;          ///< nested deeper than the reader can go: nothing of it was read
};

/// A list item, a tick box or a paragraph, in order of the text.
struct Line {
  enum class Kind { paragraph, item, checkbox };
  Kind kind = Kind::paragraph;
  std::string text;   ///< without markup
  std::string label;  ///< what stands in bold at its begin, without a colon
  std::uint32_t section = kNowhere;
  std::uint32_t block_before = kNowhere;  ///< the last block of the same section above it
  int depth = 0;                          ///< of list items
  bool ordered = false;
  std::optional<std::int64_t> number;
  std::uint32_t list_item = kNowhere;  ///< the list item that it stands in
  model::Span span;
};

/// Whether the block stands in the line, or in the list item that the line begins. What two items
/// say may be equal: their places are not.
bool holds(const Line& line, const Block& block);

/// One thing to do, in order.
struct Step {
  std::string title;
  std::uint32_t section = kNowhere;
  std::optional<std::int64_t> number;
  std::vector<std::uint32_t> blocks;
  std::optional<TimeRange> takes;
  bool deploys = false;             ///< stands in the deployment part of the document
  bool from_comment = false;        ///< a comment in a block: `# 1. Stop (10 seconds)`
  std::uint32_t method = kNowhere;  ///< index into methods
  model::Span span;
};

/// One of several ways to the same end.
struct Method {
  std::string title;
  std::uint32_t section = kNowhere;
  std::uint32_t parent = kNowhere;  ///< the section whose methods these are
  std::optional<TimeRange> takes;
  model::Span takes_span;
  model::Span span;
};

/// A look, with the expectation that stands beside it.
struct Check {
  std::string text;
  std::string expectation;  ///< "200", "All services healthy"; empty: none is written
  model::Span expectation_span;
  std::uint32_t block = kNowhere;    ///< the block of its command; kNowhere for a tick box
  std::uint32_t command = kNowhere;  ///< in that block's script
  bool before = false;               ///< a precheck
  std::uint32_t section = kNowhere;
  model::Span span;
};

/// Something that a person has to fill in.
struct Placeholder {
  std::string text;
  std::uint32_t block = kNowhere;
  std::uint32_t command = kNowhere;
  model::Span span;
};

/// `<!-- backout: ignore RULE -- reason -->` or `# backout: ignore RULE -- reason`.
struct Ignore {
  std::string rule;
  std::string reason;
  std::uint32_t line =
      0;  ///< 1-based; it covers this line, and the next block, item, paragraph or heading
  std::uint32_t until = 0;  ///< last line that it covers
  model::Span span;
};

/// Any table, by rows of cells.
struct Table {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;
  std::vector<model::Span> spans;
  std::uint32_t section = kNowhere;
  bool decides = false;
  bool times = false;
};

/// What a workflow says besides commands.
struct Pipeline {
  /// What somebody who starts it may leave out.
  struct Input {
    std::string name;
    std::string value;  ///< taken then; empty: none, and it alone says what is checked out
    model::Span span;   ///< of the value, else of the name
  };
  /// A step that an action takes.
  struct Use {
    std::string name;
    std::string action;
    bool goes_on = false;  ///< behind its failure, too (`continue-on-error`)
    model::Span span;      ///< of the action
  };
  /// An output that is read.
  struct Reference {
    std::string text;  ///< "needs.build.outputs.tag"
    model::Span span;
  };
  std::vector<Input> inputs;
  std::vector<Use> uses;
  std::vector<Reference> undeclared;  ///< outputs that are read, and that no job or step makes
  bool may_overlap = false;  ///< people or programs start it, and nothing keeps two runs apart
};

/// What a document says in lower case, in its order: made once, looked through by many.
struct LowTexts {
  std::vector<std::string> titles;  ///< by section
  std::vector<std::string> lines;   ///< by line
  std::vector<std::string> blocks;  ///< by block, their content
  /// Answers of questions about all of it, or all below a section, by the question: the same is
  /// asked of every line and command. Of the one thread that looks at the document.
  mutable std::map<std::string, bool> answers;
  /// Where a version is asked for, and in which section.
  mutable std::optional<std::vector<std::pair<std::uint32_t, std::uint32_t>>> version_questions;
  mutable std::optional<std::vector<bool>>
      ways_back;  ///< by section, whether a way back is described there
  /// Sections that say something, each once and kNowhere among them, by what they say.
  mutable std::map<bool (*)(std::string_view), std::vector<std::uint32_t>> said;
};

/// How sections belong together, by section: made once, asked by many.
struct Procedures {
  std::vector<bool> steps;  ///< whether it is a step of what the section above it describes
  std::vector<std::uint32_t>
      around;  ///< the section that is followed from its begin to its end around it
};

/// Everything that a document says.
struct Document {
  std::uint32_t file = 0;
  std::string title;
  bool is_script = false;  ///< a shell script and no Markdown: one block holds it
  bool is_aside =
      false;  ///< it is about something else, and some of its sections are about rolling back
  bool is_workflow = false;  ///< a pipeline of a CI system: a script, too, of a block per step
  bool is_runbook =
      false;  ///< it is about deploying or rolling back, by its name, headings or commands
  std::vector<Section> sections;
  std::vector<Step> steps;
  std::vector<Method> methods;
  std::vector<Block> blocks;
  std::vector<Line> lines;
  std::vector<Check> checks;
  std::vector<Time> times;
  std::vector<Frequency> frequencies;
  std::vector<Threshold> thresholds;
  std::vector<Trigger> triggers;
  std::vector<DecisionRow> decisions;
  std::vector<Branch> branches;
  std::vector<Table> tables;
  std::vector<Placeholder> placeholders;
  std::vector<Ignore> ignores;
  Pipeline pipeline;  ///< of a workflow
  /// Why nothing is read from its place on; only of a workflow, which is no YAML then.
  std::optional<model::Mistake> mistake;

  /// The role of a section: its own, or that of the nearest section above it that has one.
  Role role(std::uint32_t section) const;
  /// Whether `section` is `ancestor` or stands below it.
  bool below(std::uint32_t section, std::uint32_t ancestor) const;
  /// Whether a section is one step of the procedure that the section above it describes: "Step 2",
  /// "Phase 3", "### 2. Stop the workers". The document must not change any more.
  bool is_step(std::uint32_t section) const;
  /// What somebody follows from its begin to its end around `section`: a scenario, a method, or the
  /// section above the steps; kNowhere for kNowhere.
  std::uint32_t procedure_of(std::uint32_t section) const;
  /// The title of a section; empty for none.
  std::string_view title_of(std::uint32_t section) const;
  /// Its texts in lower case; the document must not change any more.
  const LowTexts& low() const;

 private:
  const Procedures& procedures() const;

  mutable std::shared_ptr<const LowTexts> low_;
  mutable std::shared_ptr<const Procedures> procedures_;
};

/// Reads Markdown. Never fails. `file` is the index of the text in the sources that findings point
/// into.
Document read_document(std::string_view text, std::uint32_t file, std::string_view name);

/// Whether a Markdown text is a runbook (Document::is_runbook), by its name and headings alone: a
/// small part of the work.
bool is_runbook_text(std::string_view text, std::string_view name);

/// Whether a file is a workflow of GitHub Actions or a pipeline of GitLab, by its path.
bool is_workflow_file(std::string_view path);
/// Whether it is a pipeline of GitLab.
bool is_gitlab_file(std::string_view path);

/// Reads a workflow: sections are jobs and steps, blocks what they run. Without blocks when none of
/// its jobs deploys or rolls back.
Document read_workflow(std::string_view text, std::uint32_t file, std::string_view name);

/// Reads a shell script as a document of one block.
Document read_script(std::string_view text, std::uint32_t file, std::string_view name);

}  // namespace backout::importers
