#include "importers/draft/steps.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace backout::importers {

namespace {

using Keys = std::vector<std::pair<std::string, std::string>>;
constexpr std::size_t kLongestCommand = 400;

std::string text_at(const DraftInput& input, const model::Span& span) {
  const std::string& text = input.sources[span.file].text();
  return text.substr(span.begin, std::min<std::size_t>(span.end - span.begin, kLongestCommand));
}

/// The value of an argument as YAML; nothing when its type does not take what the command says.
std::optional<std::string> value_of(const model::FieldSpec& spec, const std::string& written) {
  using model::ValueType;
  if (!is_plain(written)) return std::nullopt;
  const bool digits = std::ranges::all_of(written, [](char c) { return c >= '0' && c <= '9'; });
  switch (spec.type) {
    case ValueType::string:
    case ValueType::strings:
    case ValueType::any: return scalar_text(written);
    case ValueType::integer:
    case ValueType::number: return digits ? std::optional(written) : std::nullopt;
    case ValueType::choice:
      return std::ranges::find(spec.choices, written) == spec.choices.end() ? std::nullopt : std::optional(written);
    case ValueType::boolean: return "true";  // the option stands there
    default: return std::nullopt;
  }
}

/// SQL as it stands in a document: comments of the shell are those of SQL.
std::string sql_text(const std::string& written) {
  std::string text;
  for (std::size_t at = 0; at < written.size();) {
    const std::size_t end = std::min(written.find('\n', at), written.size());
    const std::size_t first = written.find_first_not_of(" \t", at);
    if (first != std::string::npos && first < end && written[first] == '#') text += "-- ";
    text.append(written, at, end - at);
    text += '\n';
    at = end + 1;
  }
  return text;
}

/// Whether every statement only reads: the first word of each is SELECT, EXPLAIN, SHOW or TABLE.
bool only_looks(const std::string& sql) {
  static const std::set<std::string> kLooks = {"select", "explain", "show", "table"};
  bool at_start = true;
  for (std::size_t at = 0; at < sql.size();) {
    if (sql.compare(at, 2, "--") == 0) {
      at = std::min(sql.find('\n', at), sql.size());
    } else if (sql[at] == ';') {
      at_start = true;
      ++at;
    } else if (at_start && sql[at] > ' ') {
      std::string word;
      while (at < sql.size() && ((sql[at] | 32) >= 'a' && (sql[at] | 32) <= 'z')) word += static_cast<char>(sql[at++] | 32);
      if (!kLooks.contains(word)) return false;
      at_start = false;
    } else {
      ++at;
    }
  }
  return true;
}

/// Words of the shell itself: they change nothing outside it.
bool is_builtin(std::string_view name) {
  static const std::set<std::string_view> kBuiltins = {"cd", "echo", "printf", "export", "set", "read", "local", "return", "exit", "true",
                                                       "false", "test", "[", "[[", "sleep", "shift", "unset", "declare", "readonly", "trap", "wait", ":"};
  return kBuiltins.contains(name);
}

class Writer {
 public:
  Writer(const DraftInput& input, DraftServices& services, Ids& ids) : input_(input), services_(services), ids_(ids) {}

  std::vector<DraftStep> write() {
    std::vector<DraftStep> steps;
    std::set<std::uint32_t> seen;
    for (std::size_t i = 0; i < input_.document.steps.size(); ++i) {
      const Step& step = input_.document.steps[i];
      for (const std::uint32_t block : step.blocks) seen.insert(block);
      if (!is_left_out(step.section)) steps.push_back(of_step(i));
    }
    for (std::uint32_t i = 0; i < input_.document.methods.size(); ++i) add_method_blocks(i, seen, steps);
    if (steps.empty()) add_loose_blocks(steps);
    for (const Time& time : input_.document.times) take_time(time, steps);
    std::ranges::stable_sort(steps, {}, [](const DraftStep& step) { return step.deploys ? 0 : 1; });
    return steps;
  }

 private:
  bool is_left_out(std::uint32_t section) const {
    switch (input_.document.role(section)) {
      case Role::template_text:
      case Role::contacts:
      case Role::drill:
      case Role::prevention:
      case Role::follow_up:
      case Role::communication:
      case Role::triggers:
      case Role::decision:
      case Role::targets:
      case Role::reference:
      case Role::schedule: return true;
      case Role::other:
      case Role::deploy:
      case Role::rollback:
      case Role::precheck:
      case Role::verification: return false;
    }
    return false;
  }

  /// What a step covers: a comment of a block begins one that ends where the next begins.
  model::Span extent(std::size_t index) const {
    const Step& step = input_.document.steps[index];
    model::Span span = step.span;
    if (!step.from_comment || step.blocks.empty()) return span;
    span.end = input_.document.blocks[step.blocks.front()].span.end;
    for (const Step& other : input_.document.steps) {
      if (other.from_comment && other.span.begin > span.begin) span.end = std::min(span.end, other.span.begin);
    }
    return span;
  }

  DraftStep of_step(std::size_t index) {
    const Step& step = input_.document.steps[index];
    DraftStep result = begin(step.title, step.span);
    if (step.takes) result.takes = duration(*step.takes);
    result.way = way_of(input_.document, step.section);
    result.deploys = step.deploys;
    if (step.section != kNowhere) result.is_optional = input_.document.sections[step.section].optional;
    for (const std::uint32_t block : step.blocks) add_block(block, extent(index), result);
    finish(result, step.title);
    return result;
  }

  void add_method_blocks(std::uint32_t index, const std::set<std::uint32_t>& seen, std::vector<DraftStep>& steps) {
    const Method& method = input_.document.methods[index];
    if (is_left_out(method.section)) return;
    DraftStep step = begin(method.title, method.span);
    step.way = method.section;
    if (method.takes) step.takes = duration(*method.takes);
    for (std::uint32_t i = 0; i < input_.document.blocks.size(); ++i) {
      const Block& block = input_.document.blocks[i];
      if (!seen.contains(i) && !block.left_out && input_.document.below(block.section, method.section)) {
        add_block(i, block.span, step);
      }
    }
    const bool has_steps = std::ranges::any_of(steps, [&](const DraftStep& other) { return other.way == method.section; });
    if (step.actions.empty() && has_steps) return;
    finish(step, method.title);
    steps.push_back(std::move(step));
  }

  /// A row of a table of times belongs to the one step whose title shares a word with it.
  static void take_time(const Time& time, std::vector<DraftStep>& steps) {
    if (time.use != Time::Use::takes || !time.from_table) return;
    DraftStep* found = nullptr;
    for (DraftStep& step : steps) {
      if (!shares_word(step.title, time.subject)) continue;
      if (found != nullptr) return;
      found = &step;
    }
    if (found != nullptr && found->takes.empty()) found->takes = duration(time.range);
  }

  /// A document without steps and methods: its blocks of commands, in order.
  void add_loose_blocks(std::vector<DraftStep>& steps) {
    for (std::uint32_t i = 0; i < input_.document.blocks.size(); ++i) {
      const Block& block = input_.document.blocks[i];
      if (block.left_out || is_left_out(block.section)) continue;
      DraftStep step = begin(std::string(input_.document.title_of(block.section)), block.span);
      step.way = way_of(input_.document, block.section);
      step.deploys = block.section != kNowhere && input_.document.role(block.section) == Role::deploy;
      add_block(i, block.span, step);
      if (step.actions.empty() && step.checks.empty()) continue;
      finish(step, step.title);
      steps.push_back(std::move(step));
    }
  }

  DraftStep begin(const std::string& title, const model::Span& span) {
    DraftStep step;
    step.title = title;
    step.source = source_of(input_, span);
    step.id = ids_.take(title, "step");
    return step;
  }

  /// A step of one action is that action; one without any is something that a person does.
  static void finish(DraftStep& step, const std::string& title) {
    if (step.actions.size() == 1) step.actions.front().id = step.id;
    if (!step.actions.empty()) return;
    DraftAction task{.id = step.id, .keys = {{"do", "task"}, {"text", scalar_text(title)}}, .command = {}, .source = step.source};
    step.actions.push_back(std::move(task));
  }

  /// The commands of a block; of one that several steps share (comments in it begin them), those in `within`.
  void add_block(std::uint32_t index, const model::Span& within, DraftStep& step) {
    const Block& block = input_.document.blocks[index];
    if (block.left_out) return;
    if (block.language == Language::sql) return add_sql(block, step);
    const bool shared = block.span.begin < within.begin && within.end <= block.span.end;
    for (std::uint32_t i = 0; i < block.script.commands.size(); ++i) {
      const Command& command = block.script.commands[i];
      if (shared && (command.span.begin < within.begin || command.span.begin >= within.end)) continue;
      if (command.context.substitution || command.words.empty() || is_builtin(command.name())) continue;
      add_command(index, i, command, step);
    }
  }

  void add_sql(const Block& block, DraftStep& step) {
    const std::string source = source_of(input_, block.span);
    const std::string text = sql_text(block.content.text);
    if (only_looks(text)) return;  // a look without an expectation decides nothing
    const std::string database = services_.database(source);
    DraftAction action{.id = ids_.take(step.id + "_sql", "sql"),
                       .keys = {{"do", "sql"}, {"target", database}, {"text", scalar_text(text)}},
                       .command = text.substr(0, kLongestCommand), .source = source, .typed = true, .is_sql = true};
    step.actions.push_back(std::move(action));
  }

  void add_command(std::uint32_t block, std::uint32_t index, const Command& command, DraftStep& step) {
    const std::vector<std::string> argv = command.argv();
    const catalogue::Known& known = command.known();
    if (const Check* check = check_of(block, index)) {
      step.checks.push_back(check_text(*check, command));
      return;
    }
    static const std::set<std::string> kSilent = {"look", "version", "control", "notify"};
    // An effect without a kind only names the words that matter.
    const auto typed = std::ranges::find_if(known.effects, [](const catalogue::Effect& effect) { return !effect.kind.empty(); });
    const bool has_effect = typed != known.effects.end();
    if (!has_effect && kSilent.contains(known.does)) {
      if (known.does == "look") step.checks.push_back(fmt::format("{{command: {}}}", scalar_text(text_at(input_, command.span))));
      return;
    }
    DraftAction action;
    action.command = text_at(input_, command.span);
    action.source = source_of(input_, command.span);
    action.id = ids_.take(fmt::format("{}_{}", step.id, has_effect ? typed->verb : known.tool), "step");
    if (has_effect) type(*typed, step.deploys, action);
    step.actions.push_back(std::move(action));
  }

  const Check* check_of(std::uint32_t block, std::uint32_t command) const {
    const auto found = std::ranges::find_if(input_.document.checks, [&](const Check& check) {
      return check.block == block && check.command == command && !check.expectation.empty();
    });
    return found == input_.document.checks.end() ? nullptr : &*found;
  }

  std::string check_text(const Check& check, const Command& command) const {
    return fmt::format("{{command: {}, expect: {}}}", scalar_text(text_at(input_, command.span)), scalar_text(check.expectation));
  }

  /// Writes the command as the typed action that it stands for, when the plan language has it.
  void type(const catalogue::Effect& effect, bool deploys, DraftAction& action) {
    const std::string service = services_.of(effect, action.source);
    const model::KindSpec* kind = input_.kinds.find(effect.kind);
    if (service.empty() || kind == nullptr) return;
    Keys keys = {{"do", effect.verb}, {"target", service}};
    for (const model::FieldSpec& spec : model::find_verb(*kind, effect.verb)->args) {
      if (spec.type == model::ValueType::version) {
        // What a parameter stands for in a rollback is the version that the document chose to go back to.
        if (spec.required) keys.emplace_back(spec.name, deploys ? "next" : "current");
        continue;
      }
      const auto arg = std::ranges::find(effect.args, spec.name, &catalogue::Argument::name);
      const auto value = arg == effect.args.end() ? std::nullopt : value_of(spec, arg->value);
      if (value) keys.emplace_back(spec.name, *value);
      else if (spec.required) keys.emplace_back(spec.name, "unknown");
    }
    action.keys = std::move(keys);
    action.typed = true;
  }

  const DraftInput& input_;
  DraftServices& services_;
  Ids& ids_;
};

}  // namespace

std::string source_of(const DraftInput& input, const model::Span& span) {
  return fmt::format("{}:{}", input.shown, input.sources[span.file].line_of(span.begin));
}

std::uint32_t way_of(const Document& document, std::uint32_t section) {
  for (const Method& method : document.methods) {
    if (document.below(section, method.section)) return method.section;
  }
  while (section != kNowhere && document.sections[section].kind == Section::Kind::step) section = document.sections[section].parent;
  return section;
}

std::vector<DraftStep> draft_steps(const DraftInput& input, DraftServices& services, Ids& ids) {
  return Writer(input, services, ids).write();
}

}  // namespace backout::importers
