#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include "catalogue/parse.hpp"
#include "model/load.hpp"

namespace backout::catalogue {

namespace {

/// Wrappers in wrappers are followed this deep.
constexpr int kDepth = 16;

Answer answer(const std::string& text) {
  using Value = Answer::Value;
  if (text.empty()) return {};
  for (const auto& [word, value] : {std::pair{"yes", Value::yes}, std::pair{"no", Value::no}}) {
    const std::string_view plain = word;
    if (text == plain) return {value, ""};
    if (text.starts_with(plain) && text.substr(plain.size(), 2) == ", ")
      return {value, text.substr(plain.size() + 2)};
  }
  return {Value::depends, text};
}

bool is_assignment(std::string_view word) {
  const std::size_t equals = word.find('=');
  if (equals == 0 || equals == word.npos) return false;
  return std::ranges::all_of(word.substr(0, equals),
                             [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; }) &&
         std::isdigit(static_cast<unsigned char>(word[0])) == 0;
}

std::string base_name(const std::string& word) {
  const std::size_t slash = word.rfind('/');
  return slash == std::string::npos ? word : word.substr(slash + 1);
}

void lay_over(Facts& facts, const Facts& over) {
  if (over.does == "look" ||
      over.does == "wait") {  // `--dry-run`: nothing of what the command does otherwise
    facts.kind = facts.verb = facts.destroys = facts.reversible = "";
  }
  for (const auto text : {&Facts::about, &Facts::does, &Facts::where, &Facts::destroys,
                          &Facts::source, &Facts::reversible, &Facts::repeat, &Facts::exit}) {
    if (!(over.*text).empty()) facts.*text = over.*text;
  }
  if (!over.kind.empty()) {
    facts.kind = over.kind;
    facts.verb = over.verb;
  }
  facts.args.insert(facts.args.end(), over.args.begin(), over.args.end());
  facts.traps.insert(facts.traps.end(), over.traps.begin(), over.traps.end());
}

std::vector<Argument> arguments(const Facts& facts, const Words& words, int tool_word,
                                const std::string& tool) {
  using Type = ArgumentFrom::Type;
  std::vector<Argument> all;
  const auto add = [&](const ArgumentFrom& from, const Words::Word& word) {
    all.push_back({from.name, word.text, word.index, word.begin});
  };
  for (const ArgumentFrom& from : facts.args) {
    if (from.type == Type::literal) all.push_back({from.name, from.text, -1, 0});
    if (from.type == Type::tool_word) all.push_back({from.name, tool, tool_word, 0});
    if (from.type == Type::argument && words.arguments.size() >= from.number)
      add(from, words.arguments[from.number - 1]);
    for (std::size_t i = from.number;
         from.type == Type::arguments_from && i <= words.arguments.size(); ++i) {
      add(from, words.arguments[i - 1]);
    }
    for (const Words::Option& option : words.options) {
      if (from.type == Type::option && option.name == from.text)
        add(from, option.has_value ? option.value : option.written);
    }
  }
  return all;
}

/// The facts that hold for these words, base and case together.
Facts facts_of(const Command& command, const Words& words) {
  Facts facts = command.facts;
  const auto found = std::ranges::find_if(
      command.cases, [&](const Facts& one) { return holds(one.condition, words); });
  if (found != command.cases.end()) lay_over(facts, *found);
  return facts;
}

void add_facts(Known& known, const Facts& facts, const Words& words, const std::string& tool) {
  known.about = facts.about;
  known.does = facts.does;
  known.where = facts.where;
  known.destroys = facts.destroys;
  known.source = facts.source;
  known.reversible = answer(facts.reversible);
  known.repeatable = answer(facts.repeat);
  known.exit_tells = answer(facts.exit);
  Effect effect{facts.kind, facts.verb, arguments(facts, words, known.word, tool)};
  if (!effect.kind.empty() || !effect.args.empty()) known.effects.push_back(std::move(effect));
  bool could_hide = false;
  for (const TrapFact& fact : facts.traps) {
    could_hide |= fact.trap.kind == Trap::Kind::hides_failure;
    if (holds(fact.condition, words)) known.traps.push_back(fact.trap);
  }
  if (const Trap* hides = known.find(Trap::Kind::hides_failure)) {
    known.exit_tells = {Answer::Value::no, hides->says};
  } else if (could_hide && facts.exit.empty()) {
    known.exit_tells = {Answer::Value::yes, ""};
  }
}

/// The names that the file knows at a level, for a hint.
std::vector<std::string> names_at(const Tool& tool, const std::string& group) {
  std::vector<std::string> names;
  if (const auto whole = tool.complete.find(group); whole != tool.complete.end())
    names.assign(whole->second.begin(), whole->second.end());
  for (const auto& [path, command] : tool.commands) {
    const bool below = group.empty() || (path.starts_with(group) && path.size() > group.size() &&
                                         path[group.size()] == ' ');
    const std::string rest = !below ? "" : group.empty() ? path : path.substr(group.size() + 1);
    if (!rest.empty() && rest.find(' ') == std::string::npos) names.push_back(rest);
  }
  return names;
}

void add_stranger(Known& known, const Tool& tool, const Parsed& parsed,
                  const std::string& written) {
  const std::string group = parsed.group.empty() ? written : written + ' ' + parsed.group;
  known.existence = parsed.exists ? Existence::unknown_command : Existence::does_not_exist;
  known.command = group + ' ' + parsed.stranger;
  const std::string near = model::nearest(parsed.stranger, names_at(tool, parsed.group));
  const std::string nearest = near.empty() ? "" : fmt::format(" (nearest: `{} {}`)", group, near);
  if (!parsed.exists) {
    known.hint = fmt::format("`{}` has no `{}` command{}", group, parsed.stranger, nearest);
    const auto whole = tool.complete.find(parsed.group);
    if (whole != tool.complete.end() && whole->second.empty() &&
        names_at(tool, parsed.group).empty()) {
      known.hint = fmt::format("`{}` has no subcommands, so no `{}`", group, parsed.stranger);
    }
    known.source = tool.source;
  } else if (is_placeholder(parsed.stranger)) {
    known.hint = fmt::format("which command of `{}` it is, is not written", group);
  } else if (parsed.group.empty() && !tool.plugins.empty() && tool.complete.contains("")) {
    known.hint = fmt::format("`{}` has no `{}` of its own: {}{}", group, parsed.stranger,
                             tool.plugins, nearest);
  } else {
    known.hint = fmt::format("nothing is known of `{}`{}", known.command, nearest);
  }
}

/// An own script or an unknown program.
void add_unknown_tool(Known& known, const std::string& word) {
  known.tool = known.command = word;
  const bool is_script = word.find('/') != std::string::npos || matches("*.sh", word) ||
                         matches("*.py", word) || matches("*.rb", word);
  if (!is_script) {
    known.hint =
        fmt::format("no file of the catalogue describes `{}`: what it does is not known", word);
    return;
  }
  known.does = "run";
  known.effects.push_back({"", "", {{"script", word, known.word, 0}}});
  known.hint = fmt::format("`{}` is a program of one's own: what it does stands there", word);
}

Wrapper wrapper(const std::string& command, const Tool& tool, const Parsed& parsed,
                const Facts& facts, int word) {
  return {command, word, parsed.command->runs.elsewhere,
          arguments(facts, parsed.words, word, tool.name)};
}

void add_script(Known& known, const Runs& runs, const Words& words) {
  const bool from =
      runs.type == Runs::Type::script_from || (runs.type == Runs::Type::argv_from && runs.joins);
  if (runs.type == Runs::Type::script_option) {
    if (const Words::Option* option = words.find(runs.option);
        option != nullptr && option->has_value) {
      known.script = option->value.text;
      known.script_word = option->value.index;
      known.script_begin = option->value.begin;
    }
  }
  const std::size_t end =
      runs.joins ? std::min(runs.number, words.arguments.size()) : words.arguments.size();
  for (std::size_t i = runs.number; from && i <= end; ++i) {
    if (known.script_word < 0) known.script_word = words.arguments[i - 1].index;
    known.script += (known.script.empty() ? "" : " ") + words.arguments[i - 1].text;
  }
  // `bash -s ARGUMENT` reads its input all the same; of `bash FILE` the input is that of the file.
  known.reads_script = runs.input > 0 && known.script.empty() &&
                       (words.arguments.size() < runs.input || words.find("-s") != nullptr);
}

void add_sql(Known& known, const Speaks& sql, const Words& words) {
  known.speaks_sql = sql.any();
  for (const Words::Option& option : words.options) {
    if (option.name == sql.option && option.has_value)
      known.sql += (known.sql.empty() ? "" : ";\n") + option.value.text;
  }
  for (std::size_t i = sql.number; sql.number > 0 && i <= words.arguments.size(); ++i) {
    known.sql += (known.sql.empty() ? "" : ";\n") + words.arguments[i - 1].text;
  }
}

/// The command that a wrapper runs, with the wrapper's own traps.
Known inside(Known inner, const Known& outer, Wrapper around) {
  inner.traps.insert(inner.traps.end(), outer.traps.begin(), outer.traps.end());
  if (around.elsewhere && inner.where != "remote") inner.where = "remote";
  inner.wrappers.insert(inner.wrappers.begin(), std::move(around));
  return inner;
}

Known look_up_at(std::span<const std::string> argv, std::size_t at, int depth, Around around);

Known look_up_tool(const Tool& tool, const std::string& written, std::span<const std::string> argv,
                   std::size_t at, int depth, const Around& around) {
  Known known;
  known.word = static_cast<int>(at);
  known.tool = tool.family ? written : tool.name;
  const Parsed parsed = parse(tool, argv, at, around);
  known.command = parsed.path.empty() ? written : written + ' ' + parsed.path;
  known.path = parsed.path;
  if (!parsed.stranger.empty()) {
    add_stranger(known, tool, parsed, written);
    return known;
  }
  if (parsed.command == nullptr) {
    known.existence = Existence::exists;
    known.source = tool.source;
    return known;
  }
  if (!parsed.command->is.empty()) {
    if (const Tool* other = find_tool(parsed.command->is); other != nullptr && depth < kDepth) {
      std::size_t word = at + 1;
      while (word < argv.size() &&
             (argv[word].starts_with('-') || !matches(parsed.path, argv[word])))
        ++word;
      if (word < argv.size()) {
        const std::string name = base_name(argv[word]);
        return look_up_tool(*other, find_tool(name) == other ? name : written + ' ' + name, argv,
                            word, depth + 1, around);
      }
    }
  }
  known.existence = Existence::known;
  Facts facts = facts_of(*parsed.command, parsed.words);
  add_facts(known, facts, parsed.words, tool.name);
  if (known.where.empty()) known.where = tool.self.facts.where;
  if (known.about.empty()) known.about = parsed.path.empty() ? tool.about : "";
  if (parsed.command->all_options) known.unknown_options = parsed.unknown_options;
  const bool joined = parsed.command->runs.joins && parsed.inner < argv.size() &&
                      argv[parsed.inner].find(' ') != std::string::npos;
  if (parsed.inner > 0 && parsed.inner < argv.size() && depth < kDepth && !joined) {
    const Around inner{parsed.words.environment, around.has_input};
    return inside(look_up_at(argv, parsed.inner, depth + 1, inner), known,
                  wrapper(known.command, tool, parsed, facts, known.word));
  }
  add_script(known, parsed.command->runs, parsed.words);
  add_sql(known, parsed.command->sql, parsed.words);
  return known;
}

Known look_up_at(std::span<const std::string> argv, std::size_t at, int depth, Around around) {
  while (at < argv.size() && is_assignment(argv[at])) around.environment.push_back(argv[at++]);
  Known known;
  known.word = static_cast<int>(at);
  if (at >= argv.size()) {
    if (around.environment.empty()) return known;
    known.existence = Existence::known;
    known.does = "control";
    known.about = "Sets a variable of the shell";
    return known;
  }
  const std::string& word = argv[at];
  if (const Tool* tool = find_tool(word))
    return look_up_tool(*tool, base_name(word), argv, at, depth, around);
  if (word.starts_with("/usr/") || word.starts_with("/bin/") || word.starts_with("/sbin/") ||
      word.starts_with("./node_modules/.bin/")) {
    if (const Tool* tool = find_tool(base_name(word)))
      return look_up_tool(*tool, base_name(word), argv, at, depth, around);
  }
  if (matches("*manage.py", word) || matches("*gradlew", word) || matches("*mvnw", word) ||
      matches("*bin/rails", word) || matches("*bin/rake", word)) {
    if (const Tool* tool = find_tool(base_name(word)))
      return look_up_tool(*tool, base_name(word), argv, at, depth, around);
  }
  add_unknown_tool(known, word);
  return known;
}

}  // namespace

bool Trap::opens_prompt() const {
  if (kind != Kind::asks || !says.starts_with("it opens a ")) return false;
  return std::ranges::any_of(
      std::array<std::string_view, 3>{"shell", "prompt", "session"},
      [&](std::string_view what) { return says.find(what) != std::string::npos; });
}

const Trap* Known::find(Trap::Kind kind) const {
  const auto found = std::ranges::find(traps, kind, &Trap::kind);
  return found == traps.end() ? nullptr : &*found;
}

Known look_up(std::span<const std::string> argv, bool has_input) {
  return look_up_at(argv, 0, 0, {{}, has_input});
}

namespace {

std::vector<Known> look_up_pieces(std::string_view line) {
  std::vector<Known> all;
  for (const Piece& piece : split_line(line)) {
    Known known = look_up(piece.argv, piece.has_input);
    const std::string script = known.script;
    const std::vector<Wrapper> wrappers = known.wrappers;
    const Wrapper around{known.command, known.word, known.where == "remote",
                         known.effects.empty() ? std::vector<Argument>{} : known.effects[0].args};
    all.push_back(std::move(known));
    if (script.empty()) continue;
    for (Known& inner : look_up_line(script)) {
      inner.wrappers.insert(inner.wrappers.begin(), around);
      inner.wrappers.insert(inner.wrappers.begin(), wrappers.begin(), wrappers.end());
      if (around.elsewhere) inner.where = "remote";
      all.push_back(std::move(inner));
    }
  }
  return all;
}

}  // namespace

std::vector<Known> look_up_line(std::string_view line) {
  // A simulation asks for the lines of its steps again and again.
  static constexpr std::size_t kKept = 128;
  thread_local std::map<std::string, std::vector<Known>, std::less<>> kept;
  if (const auto found = kept.find(line); found != kept.end()) return found->second;
  std::vector<Known> all = look_up_pieces(line);
  if (kept.size() >= kKept) kept.clear();
  kept.emplace(line, all);
  return all;
}

}  // namespace backout::catalogue
