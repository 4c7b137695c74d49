#include "catalogue/parse.hpp"

#include <algorithm>

namespace backout::catalogue {

namespace {

bool is_option(std::string_view word) { return word.size() > 1 && word[0] == '-' && word != "--"; }

/// The levels that say which options there are: the tool, its group, the command.
struct Level {
  const Command* command = nullptr;
  std::size_t word = 0;  ///< index of its own word
};
using Levels = std::vector<Level>;

/// The canonical name of an option, whether it takes a value, whether anybody knows it.
struct Naming {
  std::string canonical;
  bool takes_value = false;
  bool is_known = false;
};
/// The option of this name at word `at`: of the levels in front of it, the innermost that has one;
/// then of those behind it. `compose -f FILE logs`: a file, although `logs -f` follows.
Naming name_option(const Levels& levels, const std::string& name, std::size_t at) {
  for (const bool in_front : {true, false}) {
    for (auto level = levels.rbegin(); level != levels.rend(); ++level) {
      if ((level->word < at) != in_front) continue;
      const auto found = level->command->canonical.find(name);
      if (found != level->command->canonical.end())
        return {found->second, level->command->values.contains(found->second), true};
    }
  }
  return {name, false, false};
}

class Parser {
 public:
  Parser(const Tool& tool, std::span<const std::string> argv, Parsed& parsed)
      : tool_(tool), argv_(argv), parsed_(parsed) {}

  void run(std::size_t tool_word) {
    levels_.push_back({&tool_.self, tool_word});
    parsed_.command = &tool_.self;
    at_ = tool_word + 1;
    while (at_ < argv_.size() && descend()) {
    }
    // What stood before the subcommand belongs to all levels: read again with their options.
    parsed_.words.options.clear();
    parsed_.words.arguments.clear();
    for (at_ = tool_word + 1; at_ < argv_.size();) word();
    if (parsed_.command != nullptr && parsed_.command->runs.type == Runs::Type::option_then_rest)
      inner_of_option();
  }

 private:
  /// Steps over options to the next word and into the subcommand of this name. False: there is
  /// none.
  bool descend() {
    if (!tool_.groups.contains(parsed_.path)) return false;
    while (at_ < argv_.size() && is_option(argv_[at_])) {
      if (!pathless_option()) return false;
    }
    if (at_ >= argv_.size() || argv_[at_] == "--") return false;
    const std::string& word = argv_[at_];
    const std::string path = find_child(word);
    if (path.empty()) {
      stranger(word);
      return false;
    }
    parsed_.path = path;
    const std::size_t own = at_++;
    path_words_.push_back(own);
    const auto command = tool_.commands.find(path);
    parsed_.command = command == tool_.commands.end() ? nullptr : &command->second;
    if (parsed_.command != nullptr) levels_.push_back({parsed_.command, own});
    return true;
  }

  /// An option that runs something (python -m) ends the search for subcommands.
  bool pathless_option() {
    const std::string name = argv_[at_].substr(0, argv_[at_].find('='));
    const Naming naming = name_option(levels_, name, at_);
    const Command& level = *levels_.back().command;
    if (level.runs.type == Runs::Type::option_then_rest && naming.canonical == level.runs.option)
      return false;
    const bool apart = naming.takes_value && name.size() == argv_[at_].size();
    at_ += apart ? 2 : 1;
    return true;
  }

  std::string find_child(const std::string& word) const {
    std::string path = parsed_.path.empty() ? word : parsed_.path + ' ' + word;
    if (const auto other = tool_.same.find(path); other != tool_.same.end()) path = other->second;
    if (tool_.commands.contains(path) || tool_.groups.contains(path)) return path;
    const auto group = tool_.complete.find(parsed_.path);
    if (group != tool_.complete.end() && group->second.contains(word)) return path;
    for (const auto& [known, command] :
         tool_.commands) {  // names with `*`: "db:migrate:*", "*manage.py"
      if (known.find('*') != std::string::npos && matches(known, path)) return known;
    }
    return {};
  }

  void stranger(const std::string& word) {
    const bool whole = tool_.complete.contains(parsed_.path);
    const bool does_something =
        parsed_.command != nullptr && !parsed_.command->facts.does.empty() && !parsed_.path.empty();
    if (parsed_.command != nullptr && (parsed_.command->arguments || (does_something && !whole)))
      return;
    parsed_.stranger = word;
    parsed_.group = parsed_.path;
    const bool plugin = parsed_.path.empty() && !tool_.plugins.empty();
    parsed_.exists = !whole || plugin || is_placeholder(word);
  }

  bool is_path_word(std::size_t at) const {
    return std::ranges::find(path_words_, at) != path_words_.end();
  }

  void word() {
    const std::string& text = argv_[at_];
    if (is_path_word(at_)) {
      ++at_;
    } else if (only_arguments_) {
      argument();
    } else if (text == "--") {
      only_arguments_ = true;
      ++at_;
    } else if (is_option(text)) {
      option();
    } else {
      argument();
    }
  }

  /// `command -v NAME`: the name is only looked at.
  bool runs_nothing(const Runs& runs) const {
    return std::ranges::any_of(runs.unless, [&](const std::string& option) {
      return parsed_.words.find(option) != nullptr;
    });
  }

  void argument() {
    parsed_.words.arguments.push_back({argv_[at_], static_cast<int>(at_), 0});
    const Command* command = parsed_.command;
    if (command != nullptr && command->runs.type == Runs::Type::argv_from &&
        !runs_nothing(command->runs)) {
      const std::string& text = argv_[at_];
      const bool assignment =
          text.find('=') != std::string::npos && text.find('/') > text.find('=');
      if (assignment &&
          parsed_.words.arguments.size() == command->runs.number) {  // env X=1, sudo X=1
        parsed_.words.environment.push_back(text);
        parsed_.words.arguments.pop_back();
      } else if (parsed_.words.arguments.size() == command->runs.number) {
        parsed_.inner = at_;
        only_arguments_ = true;
      }
    } else if (command != nullptr && command->runs.type == Runs::Type::script_from &&
               parsed_.words.arguments.size() == command->runs.number) {
      only_arguments_ = true;
    }
    ++at_;
  }

  void option() {
    const std::string& text = argv_[at_];
    const std::size_t equals = text.find('=');
    if (text.starts_with("--") || tool_.single_dash) {
      std::string name = text.substr(0, equals);
      if (tool_.single_dash && name.starts_with("--")) name.erase(0, 1);
      add_option(name, equals == std::string::npos ? text.size() : equals + 1);
      return;
    }
    const Naming whole = name_option(levels_, text.substr(0, equals), at_);
    if (whole.is_known)
      return add_option(text.substr(0, equals),
                        equals == std::string::npos ? text.size() : equals + 1);
    bundle(text);
  }

  /// -sfL, -ofile
  void bundle(const std::string& text) {
    const std::size_t word = at_;
    for (std::size_t i = 1; i < text.size() && at_ == word; ++i) {
      const std::string name = {'-', text[i]};
      if (name_option(levels_, name, at_).takes_value) return add_option(name, i + 1);
      if (i + 1 < text.size() &&
          tool_.self.attached.contains(name_option(levels_, name, at_).canonical))
        return add_option(name, i + 1);
      add_flag(name);
    }
    ++at_;
  }

  void add_flag(const std::string& name) {
    const Naming naming = name_option(levels_, name, at_);
    if (!naming.is_known) parsed_.unknown_options.push_back(name);
    parsed_.words.options.push_back(
        {naming.canonical, false, {}, {argv_[at_], static_cast<int>(at_), 0}});
  }

  /// The option of argv_[at_] whose value, if it has one in that word, begins at `begin`.
  void add_option(const std::string& name, std::size_t begin) {
    const std::size_t word = at_++;
    const Naming naming = name_option(levels_, name, word);
    if (!naming.is_known) parsed_.unknown_options.push_back(name);
    Words::Option option{naming.canonical, false, {}, {argv_[word], static_cast<int>(word), 0}};
    if (begin < argv_[word].size()) {
      option.has_value = true;
      option.value = {argv_[word].substr(begin), static_cast<int>(word), begin};
    } else if (naming.takes_value && at_ < argv_.size() && argv_[word].back() != '=') {
      option.has_value = true;
      option.value = {argv_[at_], static_cast<int>(at_), 0};
      ++at_;
    }
    if (parsed_.command != nullptr && parsed_.command->runs.type == Runs::Type::option_then_rest &&
        naming.canonical == parsed_.command->runs.option) {
      only_arguments_ = true;
    }
    parsed_.words.options.push_back(std::move(option));
  }

  /// `python -m pip install`: the inner command begins with the option's value.
  void inner_of_option() {
    const Words::Option* option = parsed_.words.find(parsed_.command->runs.option);
    if (option != nullptr && option->has_value && option->value.begin == 0) {
      parsed_.inner = static_cast<std::size_t>(option->value.index);
    }
  }

  const Tool& tool_;
  std::span<const std::string> argv_;
  Parsed& parsed_;
  Levels levels_;
  std::vector<std::size_t> path_words_;
  std::size_t at_ = 0;
  bool only_arguments_ = false;
};

}  // namespace

Parsed parse(const Tool& tool, std::span<const std::string> argv, std::size_t tool_word,
             const Around& around) {
  Parsed parsed;
  parsed.words.environment = around.environment;
  parsed.words.has_input = around.has_input;
  Parser(tool, argv, parsed).run(tool_word);
  return parsed;
}

}  // namespace backout::catalogue
