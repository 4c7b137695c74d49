// Reads catalogue/<tool>.yaml. The form is described in README.md beside the files.
#include <algorithm>
#include <array>
#include <functional>

#include <fmt/format.h>

#include "catalogue/tool.hpp"
#include "model/yaml.hpp"

namespace backout::catalogue {

namespace {

using model::Node;

const std::vector<std::string> kDoes = {
    "look",    "wait",         "notify",    "local",  "build", "fetch",   "backup", "restore",
    "migrate", "migrate_down", "record",    "deploy", "start", "restart", "stop",   "roll_back",
    "switch",  "scale",        "configure", "delete", "write", "version", "run",    "control"};
const std::vector<std::string> kWhere = {"local", "remote", "either"};
constexpr std::array<std::string_view, 14> kTrapNames = {
    "hides_failure", "misdirected",    "destroys", "unpinned", "asks",  "endless", "no_timeout",
    "partial",       "not_repeatable", "delayed",  "lossy",    "locks", "refused", "deprecated"};

std::size_t number_of(std::string_view digits) {
  std::size_t number = 0;
  for (const char c : digits) number = number * 10 + static_cast<std::size_t>(c - '0');
  return number;
}
bool is_number(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// Reads one file; what is wrong goes to `mistakes`.
class Reader {
 public:
  Reader(Tool& tool, const model::Sources& sources, std::vector<std::string>& mistakes)
      : tool_(tool), sources_(sources), mistakes_(mistakes) {}

  void read(const Node& root);

 private:
  void wrong(const Node& at, std::string what) {
    mistakes_.push_back(
        fmt::format("{}.yaml:{}: {}", tool_.name, sources_.place(at.span).line, what));
  }
  void one_of(const Node& node, const std::vector<std::string>& words) {
    if (std::ranges::find(words, node.text) == words.end())
      wrong(node, fmt::format("'{}' is not a word for this", node.text));
  }
  bool tool_key(const Node::Entry& entry);
  bool command_key(Command& command, const Node::Entry& entry);
  bool fact_key(Facts& facts, const Node::Entry& entry);
  void read_cases(Command& command, const Node& list);
  void read_options(Command& command, std::set<std::string>& into, const Node& list);
  void read_complete(const Node& map);
  void read_commands(const Node& map);
  void read_argument(Facts& facts, const std::string& name, const Node& value);
  void read_args(Facts& facts, const Node& map);
  void read_trap(Facts& facts, const Node& map);
  void read_runs(Command& command, const Node& node);
  void read_sql(Command& command, const Node& node);
  Atom read_atom(const Node& node, std::string_view text);
  void read_condition(Condition& condition, const Node::Entry& entry);
  void make_groups();
  void settle(const std::string& path, Command& command, const Node& at);
  void settle_option(const std::string& path, std::string& name, const Node& at);

  Tool& tool_;
  const model::Sources& sources_;
  std::vector<std::string>& mistakes_;
};

void Reader::read_options(Command& command, std::set<std::string>& into, const Node& list) {
  for (const Node& item : list.items) {
    std::vector<std::string> names;
    for (std::size_t begin = 0; begin < item.text.size();) {
      const std::size_t end = std::min(item.text.find(' ', begin), item.text.size());
      if (end > begin) names.push_back(item.text.substr(begin, end - begin));
      begin = end + 1;
    }
    if (names.empty()) continue;
    into.insert(names.back());
    for (const std::string& name : names) {
      if (name[0] != '-' && name[0] != '+' && name[0] != '/')
        wrong(item, fmt::format("'{}' is no option", name));
      if (!command.canonical.emplace(name, names.back()).second)
        wrong(item, fmt::format("option '{}' stands twice", name));
    }
  }
}

void Reader::read_argument(Facts& facts, const std::string& name, const Node& value) {
  const std::string& text = value.text;
  ArgumentFrom from{name, ArgumentFrom::Type::literal, 0, text};
  if (is_number(text)) {
    from.type = ArgumentFrom::Type::argument;
    from.number = number_of(text);
  } else if (text.ends_with("..") && is_number(text.substr(0, text.size() - 2))) {
    from.type = ArgumentFrom::Type::arguments_from;
    from.number = number_of(text.substr(0, text.size() - 2));
  } else if (text.starts_with('-') || text.starts_with('/')) {
    from.type = ArgumentFrom::Type::option;
  } else if (text == "tool") {
    from.type = ArgumentFrom::Type::tool_word;
  } else if (text.starts_with('=')) {
    from.text = text.substr(1);
  } else {
    wrong(value, fmt::format("'{}' is neither a number, an option nor =text", text));
  }
  facts.args.push_back(std::move(from));
}

void Reader::read_args(Facts& facts, const Node& map) {
  for (const Node::Entry& entry : map.entries) {
    if (entry.value.is_scalar()) read_argument(facts, entry.key, entry.value);
    for (const Node& item : entry.value.items) read_argument(facts, entry.key, item);
  }
}

Atom Reader::read_atom(const Node& node, std::string_view text) {
  Atom atom;
  const std::size_t equals = text.find('=');
  const std::string_view name = text.substr(0, equals);
  if (equals != text.npos) {
    atom.has_glob = true;
    atom.glob = text.substr(equals + 1);
  }
  if (name.starts_with("env:")) {
    atom.type = Atom::Type::environment;
    atom.name = name.substr(4);
  } else if (name.starts_with("args>") || name.starts_with("args<")) {
    atom.type = name[4] == '>' ? Atom::Type::more_arguments : Atom::Type::fewer_arguments;
    atom.number = number_of(name.substr(5));
  } else if (name == "input") {
    atom.type = Atom::Type::input;
  } else if (name == "arg*") {
    atom.type = Atom::Type::any_argument;
  } else if (name.starts_with("arg") && is_number(name.substr(3))) {
    atom.type = Atom::Type::argument;
    atom.number = number_of(name.substr(3));
  } else if (name.starts_with('-') || name.starts_with('+') || name.starts_with('/')) {
    atom.name = name;
  } else {
    wrong(node, fmt::format("'{}' is no condition", text));
  }
  return atom;
}

void Reader::read_condition(Condition& condition, const Node::Entry& entry) {
  for (const std::string& text : entry.value.as_strings()) {
    std::vector<Atom> group;
    for (std::size_t begin = 0; begin <= text.size();) {
      const std::size_t end = std::min(text.find(" or ", begin), text.size());
      group.push_back(read_atom(entry.value, std::string_view(text).substr(begin, end - begin)));
      begin = end + 4;
    }
    (entry.key == "when" ? condition.when : condition.unless).push_back(std::move(group));
  }
}

void Reader::read_trap(Facts& facts, const Node& map) {
  TrapFact fact;
  fact.trap.tool = tool_.name;
  for (const Node::Entry& entry : map.entries) {
    const auto kind = std::ranges::find(kTrapNames, entry.key);
    if (entry.key == "when" || entry.key == "unless") {
      read_condition(fact.condition, entry);
    } else if (entry.key == "instead") {
      fact.trap.instead = entry.value.text;
    } else if (entry.key == "only_if") {
      fact.trap.only_if = entry.value.text;
    } else if (entry.key == "source") {
      fact.trap.source = entry.value.text;
    } else if (kind != kTrapNames.end()) {
      if (!fact.trap.says.empty()) wrong(entry.value, "a trap has one kind");
      fact.trap.kind = static_cast<Trap::Kind>(kind - kTrapNames.begin());
      fact.trap.says = entry.value.text;
    } else {
      wrong(entry.value, fmt::format("unknown key '{}' of a trap", entry.key));
    }
  }
  if (fact.trap.says.empty()) wrong(map, "a trap says nothing");
  facts.traps.push_back(std::move(fact));
}

void Reader::read_runs(Command& command, const Node& node) {
  Runs& runs = command.runs;
  if (node.is_scalar()) return wrong(node, "`runs` is a map");
  for (const Node::Entry& entry : node.entries) {
    const std::string& text = entry.value.text;
    if (entry.key == "elsewhere") {
      runs.elsewhere = text == "true";
    } else if (entry.key == "unless" && entry.value.type == Node::Type::list) {
      runs.unless = entry.value.as_strings();
    } else if (entry.key == "argv" && is_number(text)) {
      runs.type = Runs::Type::argv_from;
      runs.number = number_of(text);
    } else if (entry.key == "script" && is_number(text)) {
      runs.type = Runs::Type::script_from;
      runs.number = number_of(text);
    } else if (entry.key == "script") {
      runs.type = Runs::Type::script_option;
      runs.option = text;
    } else if (entry.key == "input" && is_number(text)) {
      runs.input = number_of(text);
    } else if (entry.key == "joins") {
      runs.joins = text == "true";
    } else if (entry.key == "option") {
      runs.type = Runs::Type::option_then_rest;
      runs.option = text;
    } else {
      wrong(entry.value, fmt::format("unknown key '{}' of runs", entry.key));
    }
  }
}

void Reader::read_sql(Command& command, const Node& node) {
  if (node.is_scalar()) return wrong(node, "`sql` is a map");
  for (const Node::Entry& entry : node.entries) {
    const std::string& text = entry.value.text;
    if (entry.key == "option") {
      command.sql.option = text;
    } else if (entry.key == "argument" && is_number(text)) {
      command.sql.number = number_of(text);
    } else if (entry.key == "input") {
      command.sql.input = text == "true";
    } else {
      wrong(entry.value, fmt::format("unknown key '{}' of sql", entry.key));
    }
  }
}

bool Reader::fact_key(Facts& facts, const Node::Entry& entry) {
  const Node& value = entry.value;
  static const std::map<std::string, std::string Facts::*, std::less<>> kTexts = {
      {"about", &Facts::about},
      {"does", &Facts::does},
      {"where", &Facts::where},
      {"destroys", &Facts::destroys},
      {"reversible", &Facts::reversible},
      {"repeat", &Facts::repeat},
      {"exit", &Facts::exit},
      {"source", &Facts::source}};
  if (const auto text = kTexts.find(entry.key); text != kTexts.end()) {
    facts.*text->second = value.text;
    if (entry.key == "does") one_of(value, kDoes);
    if (entry.key == "where") one_of(value, kWhere);
  } else if (entry.key == "action") {
    const std::size_t slash = value.text.find('/');
    if (slash == std::string::npos) wrong(value, "an action is kind/verb");
    facts.kind = value.text.substr(0, slash);
    facts.verb = slash == std::string::npos ? "" : value.text.substr(slash + 1);
  } else if (entry.key == "args") {
    read_args(facts, value);
  } else if (entry.key == "traps") {
    for (const Node& trap : value.items) read_trap(facts, trap);
  } else {
    return false;
  }
  return true;
}

void Reader::read_cases(Command& command, const Node& list) {
  for (const Node& item : list.items) {
    Facts facts;
    for (const Node::Entry& entry : item.entries) {
      if (entry.key == "when" || entry.key == "unless") {
        read_condition(facts.condition, entry);
      } else if (!fact_key(facts, entry)) {
        wrong(entry.value, fmt::format("unknown key '{}' of a case", entry.key));
      }
    }
    command.cases.push_back(std::move(facts));
  }
}

bool Reader::command_key(Command& command, const Node::Entry& entry) {
  if (fact_key(command.facts, entry)) return true;
  if (entry.key == "cases") {
    read_cases(command, entry.value);
  } else if (entry.key == "values") {
    read_options(command, command.values, entry.value);
  } else if (entry.key == "flags") {
    read_options(command, command.flags, entry.value);
  } else if (entry.key == "attached") {
    read_options(command, command.attached, entry.value);
  } else if (entry.key == "all_options") {
    command.all_options = entry.value.text == "true";
  } else if (entry.key == "arguments") {
    command.arguments = entry.value.text == "true";
  } else if (entry.key == "runs") {
    read_runs(command, entry.value);
  } else if (entry.key == "sql") {
    read_sql(command, entry.value);
  } else if (entry.key == "is") {
    command.is = entry.value.text;
  } else {
    return false;
  }
  return true;
}

void Reader::read_commands(const Node& map) {
  for (const Node::Entry& entry : map.entries) {
    Command& command = tool_.commands[entry.key];
    for (const Node::Entry& key : entry.value.entries) {
      if (!command_key(command, key))
        wrong(key.value, fmt::format("unknown key '{}' of '{}'", key.key, entry.key));
    }
    if (command.facts.source.empty())
      command.facts.source = fmt::format("{}, {} {}", tool_.source, tool_.name, entry.key);
  }
}

void Reader::read_complete(const Node& map) {
  for (const Node::Entry& entry : map.entries) {
    std::set<std::string>& names = tool_.complete[entry.key == "." ? "" : entry.key];
    for (const Node& item : entry.value.items) {
      if (!names.insert(item.text).second) wrong(item, fmt::format("'{}' stands twice", item.text));
    }
  }
}

bool Reader::tool_key(const Node::Entry& entry) {
  if (entry.key == "tool") {
    if (entry.value.text != tool_.name) wrong(entry.value, "the file is named otherwise");
  } else if (entry.key == "also") {
    tool_.also = entry.value.as_strings();
  } else if (entry.key == "plugins") {
    tool_.plugins = entry.value.text;
  } else if (entry.key == "family") {
    tool_.family = entry.value.text == "true";
  } else if (entry.key == "plain") {
    tool_.plain = entry.value.text == "true";
  } else if (entry.key == "single_dash") {
    tool_.single_dash = entry.value.text == "true";
  } else if (entry.key == "complete") {
    read_complete(entry.value);
  } else if (entry.key == "same") {
    for (const Node::Entry& name : entry.value.entries) tool_.same[name.key] = name.value.text;
  } else if (entry.key == "commands") {
    return true;  // read last: they need `source`
  } else {
    return command_key(tool_.self, entry);
  }
  return true;
}

void Reader::make_groups() {
  const auto add = [&](const std::string& path) {
    for (std::size_t space = path.rfind(' '); space != std::string::npos;
         space = path.rfind(' ', space - 1)) {
      tool_.groups.insert(path.substr(0, space));
    }
    tool_.groups.insert("");
  };
  for (const auto& [path, command] : tool_.commands) add(path);
  for (const auto& [group, names] : tool_.complete) {
    tool_.groups.insert(group);
    for (const std::string& name : names) add(group.empty() ? name : group + ' ' + name);
  }
}

void Reader::settle_option(const std::string& path, std::string& name, const Node& at) {
  for (std::string level = path;;) {
    const auto command = tool_.commands.find(level);
    const Command* here = level.empty()                     ? &tool_.self
                          : command == tool_.commands.end() ? nullptr
                                                            : &command->second;
    if (here != nullptr) {
      if (const auto found = here->canonical.find(name); found != here->canonical.end()) {
        name = found->second;
        return;
      }
    }
    if (level.empty())
      return wrong(at,
                   fmt::format("'{}': option '{}' is in no list of flags or values", path, name));
    const std::size_t space = level.rfind(' ');
    level = space == std::string::npos ? "" : level.substr(0, space);
  }
}

void Reader::settle(const std::string& path, Command& command, const Node& at) {
  const auto settle_condition = [&](Condition& condition) {
    for (auto* groups : {&condition.when, &condition.unless}) {
      for (auto& group : *groups) {
        for (Atom& atom : group) {
          if (atom.type == Atom::Type::option && !atom.name.empty())
            settle_option(path, atom.name, at);
        }
      }
    }
  };
  const auto settle_facts = [&](Facts& facts) {
    if (facts.source.empty()) facts.source = command.facts.source;
    settle_condition(facts.condition);
    for (ArgumentFrom& from : facts.args) {
      if (from.type == ArgumentFrom::Type::option) settle_option(path, from.text, at);
    }
    for (TrapFact& fact : facts.traps) {
      if (fact.trap.source.empty()) fact.trap.source = facts.source;
      settle_condition(fact.condition);
    }
  };
  settle_facts(command.facts);
  for (Facts& facts : command.cases) settle_facts(facts);
  if (!command.runs.option.empty()) settle_option(path, command.runs.option, at);
  if (!command.sql.option.empty()) settle_option(path, command.sql.option, at);
}

void Reader::read(const Node& root) {
  if (root.type != Node::Type::map) return wrong(root, "a tool is a map");
  for (const Node::Entry& entry : root.entries) {
    if (!tool_key(entry)) wrong(entry.value, fmt::format("unknown key '{}' of a tool", entry.key));
  }
  tool_.about = tool_.self.facts.about;
  tool_.source = tool_.self.facts.source;
  if (tool_.source.empty()) wrong(root, "the tool has no source");
  if (tool_.about.empty()) wrong(root, "the tool has no `about`");
  if (const Node* commands = root.find("commands")) read_commands(*commands);
  make_groups();
  settle("", tool_.self, root);
  for (auto& [path, command] : tool_.commands) settle(path, command, root);
}

std::size_t count(const Facts& facts) {
  std::size_t all = facts.traps.size();
  for (const std::string* text : {&facts.does, &facts.where, &facts.destroys, &facts.reversible,
                                  &facts.repeat, &facts.exit, &facts.kind}) {
    all += text->empty() ? 0 : 1;
  }
  return all;
}

std::size_t count(const Command& command) {
  std::size_t all = count(command.facts);
  for (const Facts& facts : command.cases) all += count(facts);
  return all + (command.runs.type == Runs::Type::nothing ? 0 : 1) + (command.sql.any() ? 1 : 0);
}

}  // namespace

std::string_view name_of(Trap::Kind kind) { return kTrapNames[static_cast<std::size_t>(kind)]; }

std::size_t Tool::facts() const {
  std::size_t all = count(self) + complete.size();
  for (const auto& [path, command] : commands) all += count(command);
  return all;
}

Tool read_tool(std::string_view name, std::string_view text, std::vector<std::string>& mistakes) {
  Tool tool;
  tool.name = name;
  model::Sources sources;
  const std::uint32_t file = sources.add(std::string(name) + ".yaml", std::string(text));
  const model::Document document = model::parse_yaml(sources, file);
  for (const model::Mistake& mistake : document.mistakes) {
    mistakes.push_back(
        fmt::format("{}.yaml:{}: {}", name, sources.place(mistake.span).line, mistake.message));
  }
  if (document.root) Reader(tool, sources, mistakes).read(*document.root);
  return tool;
}

}  // namespace backout::catalogue
