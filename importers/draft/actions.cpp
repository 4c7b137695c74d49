#include "importers/draft/actions.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include <fmt/format.h>

namespace backout::importers {

namespace {

using Keys = std::vector<std::pair<std::string, std::string>>;

/// The value of an argument as YAML; nothing when its type does not take what the command says.
std::optional<std::string> value_of(const model::FieldSpec& spec, const std::string& written) {
  using model::ValueType;
  if (!is_plain(written)) return std::nullopt;
  const bool digits = std::ranges::all_of(written, [](char c) { return c >= '0' && c <= '9'; });
  switch (spec.type) {
    case ValueType::string:
    case ValueType::strings:
    case ValueType::any:
      return scalar_text(written);
    case ValueType::integer:
    case ValueType::number:
      return digits ? std::optional(written) : std::nullopt;
    case ValueType::choice:
      return std::ranges::find(spec.choices, written) == spec.choices.end()
                 ? std::nullopt
                 : std::optional(written);
    case ValueType::boolean:
      return "true";  // the option stands there
    default:
      return std::nullopt;
  }
}

/// SQL as it stands in a document: comments of the shell are those of SQL.
std::string sql_text(const std::string& written) {
  std::string text;
  for (std::size_t at = 0; at < written.size();) {
    const std::size_t end = std::min(written.find('\n', at), written.size());
    const std::size_t first = std::min(written.find_first_not_of(" \t", at), end);
    // Comments of the shell, and the line that opens the client.
    if (first < end && (written[first] == '#' || written.compare(first, 5, "psql ") == 0 ||
                        written[first] == '\\'))
      text += "-- ";
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
      while (at < sql.size() && ((sql[at] | 32) >= 'a' && (sql[at] | 32) <= 'z'))
        word += static_cast<char>(sql[at++] | 32);
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
  static const std::set<std::string_view> kBuiltins = {
      "cd",    "echo",    "printf",   "export", "set",  "read", "local", "return",
      "exit",  "true",    "false",    "test",   "[",    "[[",   "sleep", "shift",
      "unset", "declare", "readonly", "trap",   "wait", ":"};
  return kBuiltins.contains(name);
}

/// Tools that only reckon with texts and times: what they print is no look at anything.
bool only_reckons(std::string_view name) {
  static const std::set<std::string_view> kTools = {
      "date",   "basename", "dirname", "printf", "pwd",     "whoami",  "hostname",
      "mktemp", "seq",      "id",      "uname",  "uuidgen", "openssl", "nproc"};
  return kTools.contains(name);
}

/// `json`, `yaml` and the like: a state that is wanted, not something that runs.
bool is_state(Language language) {
  return language == Language::json || language == Language::yaml || language == Language::other ||
         language == Language::python || language == Language::javascript ||
         language == Language::url;
}

bool is_duration(std::string_view word) {
  const std::size_t digits = word.find_first_not_of("0123456789");
  if (digits == 0 || word.empty() || word.size() > 6) return false;
  return digits == std::string_view::npos ||
         (digits + 1 == word.size() &&
          std::string_view("smhd").find(word[digits]) != std::string_view::npos);
}

/// The place of a command with those that it pipes into.
model::Span pipeline(const Script& script, std::uint32_t index) {
  model::Span span = script.commands[index].span;
  for (std::uint32_t i = index + 1;
       i < script.commands.size() && script.commands[i].context.pipe_position > 0; ++i) {
    if (!script.commands[i].context.substitution)
      span.end = std::max(span.end, script.commands[i].span.end);
  }
  return span;
}

std::string trimmed_text(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text;
}

}  // namespace

void DraftActions::take_constants(const Block& block) {
  constants_.clear();
  std::set<std::string> twice;
  for (const Assignment& assignment : block.script.assignments) {
    if (!assignment.literal || assignment.value.empty() ||
        !constants_.emplace(assignment.name, assignment.value).second) {
      twice.insert(assignment.name);
    }
  }
  for (const std::string& name : twice) constants_.erase(name);
}

std::string DraftActions::expanded(const std::string& word) const {
  std::string text = word;
  for (const auto& [name, value] : constants_) {
    for (const std::string& use : {"${" + name + "}", "$" + name}) {
      for (std::size_t at = text.find(use); at != std::string::npos;
           at = text.find(use, at + value.size())) {
        const char next = at + use.size() < text.size() ? text[at + use.size()] : ' ';
        const bool ends = use.back() == '}' ||
                          !(std::isalnum(static_cast<unsigned char>(next)) != 0 || next == '_');
        if (!ends) break;
        text.replace(at, use.size(), value);
      }
    }
  }
  return text;
}

void DraftActions::add_block(std::uint32_t index, const model::Span& within, DraftStep& step) {
  const Block& block = input_.document.blocks[index];
  if (block.left_out) return;
  if (block.language == Language::sql) return add_sql(block, step);
  if (is_state(block.language)) {
    if (!step.note.empty()) step.note += "\n";
    step.note += trimmed_text(block.content.text).substr(0, kLongestText);
    return;
  }
  take_constants(block);
  said_until_ = 0;
  const bool shared = block.span.begin < within.begin && within.end <= block.span.end;
  for (std::uint32_t i = 0; i < block.script.commands.size(); ++i) {
    const Command& command = block.script.commands[i];
    if (shared && (command.span.begin < within.begin || command.span.begin >= within.end)) continue;
    // `ssh host 'make'`: what it runs stands behind it.
    if (command.words.empty() || command.told()) continue;
    if (command.context.substitution) {
      add_substitution(block, command, step);
    } else if (!add_shell_word(command, step) && command.span.begin >= said_until_) {
      add_command(index, i, pipeline(block.script, i), step);
    }
  }
}

std::vector<DraftActions::Said> DraftActions::commands_of(std::uint32_t index,
                                                          const model::Span& within) const {
  const Block& block = input_.document.blocks[index];
  std::vector<Said> commands;
  if (block.language == Language::sql) return {{sql_text(block.content.text), block.span}};
  for (std::uint32_t i = 0; i < block.script.commands.size(); ++i) {
    const Command& command = block.script.commands[i];
    if (command.span.begin < within.begin || command.span.begin >= within.end) continue;
    if (command.words.empty() || command.told() || command.context.pipe_position > 0 ||
        is_builtin(command.name()))
      continue;
    if (only_reckons(command.name())) continue;
    commands.push_back({text_at(input_, pipeline(block.script, i)), command.span});
  }
  return commands;
}

void DraftActions::add_sql(const Block& block, DraftStep& step) {
  const std::string source = source_of(input_, block.span);
  const std::string text = sql_text(block.content.text);
  if (only_looks(text)) {
    step.looks = true;
    if (text.find_first_not_of(" \n-") != std::string::npos) {
      step.checks.push_back(fmt::format("{{command: {}, source: {}}}",
                                        scalar_text(trimmed_text(text)), scalar_text(source)));
    }
    return;
  }
  const std::string database = services_.database(source);
  DraftAction action{
      .id = ids_.take(step.id + "_sql", "sql"),
      .keys = {{"do", "sql"}, {"target", database}, {"text", scalar_text(text)}},
      .command = text.size() <= kLongestText ? text : text.substr(0, kLongestText) + " ...",
      .source = source,
      .typed = true,
      .is_sql = true};
  step.actions.push_back(std::move(action));
}

/// `read -p` asks a person, `sleep` waits; the other words of the shell do nothing that a plan
/// speaks of.
bool DraftActions::add_shell_word(const Command& command, DraftStep& step) {
  if (!is_builtin(command.name())) return false;
  const std::vector<std::string> argv = command.argv();
  const std::string source = source_of(input_, command.span);
  DraftAction action{.id = {},
                     .keys = {},
                     .command = text_at(input_, command.span),
                     .source = source,
                     .typed = true};
  if (command.name() == "sleep" && argv.size() == 2 && is_duration(expanded(argv[1]))) {
    const std::string time = expanded(argv[1]);
    const bool has_unit = time.back() > '9';
    action.id = ids_.take(step.id + "_wait", "wait");
    action.keys = {{"do", "wait"}, {"for", time == "0" || has_unit ? time : time + "s"}};
  } else if (command.name() == "read" && command.has("-p")) {
    const auto prompt = command.value("-p");
    action.id = ids_.take(step.id + "_confirm", "confirm");
    action.keys = {{"do", "confirm"}, {"prompt", scalar_text(prompt.value_or("?"))}};
  } else {
    return true;
  }
  step.actions.push_back(std::move(action));
  return true;
}

/// A look inside `$( )`: its whole line says what becomes of it.
void DraftActions::add_substitution(const Block& block, const Command& command, DraftStep& step) {
  if (command.span.begin < said_until_ || is_builtin(command.name()) ||
      only_reckons(command.name()))
    return;
  // Behind a pipe only what compares tells something: `$(echo "$RATE > 5" | bc)`.
  if (command.context.pipe_position > 0 && command.name() != "bc") return;
  model::Span whole = command.span;
  for (const Command& other : block.script.commands) {
    if (!other.context.substitution && other.span.begin < command.span.begin &&
        command.span.end <= other.span.end)
      return;
  }
  for (const Assignment& assignment : block.script.assignments) {
    if (assignment.span.begin <= command.span.begin && command.span.end <= assignment.span.end)
      whole = assignment.span;
  }
  if (whole == command.span) {
    const model::SourceFile& source = input_.sources[command.span.file];
    const std::string_view line = source.line(source.line_of(command.span.begin));
    const auto begin = static_cast<std::uint32_t>(line.data() - source.text().data());
    const std::size_t first = std::min(line.find_first_not_of(" \t"), line.size());
    if (line.substr(first).starts_with("for ")) return;
    whole = {command.span.file, begin + static_cast<std::uint32_t>(first),
             begin + static_cast<std::uint32_t>(line.size())};
    whole.end = std::max(whole.end, command.span.end);
  }
  said_until_ = whole.end;
  step.looks = true;
  step.checks.push_back(fmt::format("{{command: {}, source: {}}}",
                                    scalar_text(text_at(input_, whole)),
                                    scalar_text(source_of(input_, command.span))));
}

void DraftActions::add_command(std::uint32_t block, std::uint32_t index, const model::Span& extent,
                               DraftStep& step) {
  const Command& command = input_.document.blocks[block].script.commands[index];
  const catalogue::Known& known = command.known();
  const std::string source = source_of(input_, command.span);
  const Check* check = check_of(block, index);
  // An effect without a kind only names the words that matter.
  const auto typed = std::ranges::find_if(
      known.effects, [](const catalogue::Effect& effect) { return !effect.kind.empty(); });
  const bool has_effect = typed != known.effects.end();
  const bool looks = known.does == "look";
  if (writes_file(command, step)) return;
  // A query that only reads is a look, too.
  const bool reads = looks && has_effect && typed->verb == "sql";
  const bool acts = has_effect && !looks;
  if ((check != nullptr && !acts) || (!has_effect && looks) || reads) {
    if (command.context.pipe_position > 0) return;  // its first command is the look
    said_until_ = std::max(said_until_, extent.end);
    step.looks = true;
    const std::string expect =
        check == nullptr ? "" : ", expect: " + scalar_text(check->expectation);
    step.checks.push_back(fmt::format("{{command: {}{}, source: {}}}",
                                      scalar_text(text_at(input_, extent)), expect,
                                      scalar_text(source)));
    return;
  }
  DraftAction action;
  action.command = text_at(input_, command.span);
  action.source = source;
  action.id =
      ids_.take(fmt::format("{}_{}", step.id, has_effect ? typed->verb : known.tool), "step");
  action.changes_nothing =
      !has_effect && (known.does == "control" || known.does == "notify" || known.does == "version");
  if (has_effect) type(*typed, step.deploys, action);
  step.actions.push_back(std::move(action));
  if (check == nullptr) return;
  step.checks.push_back(fmt::format("{{manual: {}, source: {}}}", scalar_text(check->expectation),
                                    scalar_text(source)));
}

/// `cat > x.sql <<EOF`: what is written is kept for the command that runs it.
bool DraftActions::writes_file(const Command& command, DraftStep& step) {
  std::string target;
  std::string content;
  for (const Redirect& redirect : command.redirects) {
    if (redirect.op.starts_with('>')) target = redirect.target;
    if (!redirect.heredoc.empty()) content = redirect.heredoc;
  }
  if (target.empty() || content.empty()) return false;
  written_.insert_or_assign(target, content);
  DraftAction action{.id = ids_.take(step.id + "_write", "write"),
                     .keys = {},
                     .command = fmt::format("cat > {} <<'EOF'\n{}EOF", target, content),
                     .source = source_of(input_, command.span)};
  action.changes_nothing = true;
  step.actions.push_back(std::move(action));
  return true;
}

const Check* DraftActions::check_of(std::uint32_t block, std::uint32_t command) const {
  const auto found = std::ranges::find_if(input_.document.checks, [&](const Check& check) {
    return check.block == block && check.command == command && !check.expectation.empty();
  });
  return found == input_.document.checks.end() ? nullptr : &*found;
}

/// Writes the command as the typed action that it stands for, when the plan language has it.
void DraftActions::type(const catalogue::Effect& effect, bool deploys, DraftAction& action) {
  catalogue::Effect meant = effect;
  // A release of Helm is more than a workload: it has a kind of its own.
  const model::KindSpec* helm = input_.kinds.find("helm");
  if (action.command.find("helm") == 0 && helm != nullptr &&
      model::find_verb(*helm, meant.verb) != nullptr)
    meant.kind = "helm";
  for (catalogue::Argument& argument : meant.args) argument.value = expanded(argument.value);
  const std::string service = services_.of(meant, action.source);
  const model::KindSpec* kind = input_.kinds.find(meant.kind);
  if (service.empty() || kind == nullptr) return;
  Keys keys = {{"do", meant.verb}, {"target", service}};
  for (const model::FieldSpec& spec : model::find_verb(*kind, meant.verb)->args) {
    if (spec.type == model::ValueType::version) {
      // What a parameter stands for in a rollback is the version that the document chose to go back
      // to.
      if (spec.required) keys.emplace_back(spec.name, deploys ? "next" : "current");
      continue;
    }
    const auto arg = std::ranges::find(meant.args, spec.name, &catalogue::Argument::name);
    const auto file =
        std::ranges::find(meant.args, std::string("file"), &catalogue::Argument::name);
    if (spec.name == "text" && arg == meant.args.end() && file != meant.args.end() &&
        written_.contains(file->value)) {
      keys.emplace_back("text", scalar_text(written_.at(file->value)));
      continue;
    }
    if (spec.name == "file" && file != meant.args.end() && written_.contains(file->value)) continue;
    const auto value = arg == meant.args.end() ? std::nullopt : value_of(spec, arg->value);
    if (value)
      keys.emplace_back(spec.name, *value);
    else if (spec.required)
      keys.emplace_back(spec.name, "unknown");
  }
  action.keys = std::move(keys);
  action.typed = true;
}

}  // namespace backout::importers
