// Which things of the repository a command needs: the tools whose arguments are files, tasks and
// services of a project.
#include <algorithm>
#include <set>
#include <string_view>

#include "importers/repository/resolve.hpp"

namespace backout::importers {

namespace {

using Words = std::span<const std::string>;
using Sort = Named::Sort;

/// Whether a word means what it says: no expansion, glob, placeholder or home folder in it.
bool is_literal(std::string_view word) {
  return !word.empty() && word[0] != '~' &&
         word.find_first_of("$`*?<>{}[]\"'|&;() \n\\") == std::string_view::npos &&
         word.find("YYYY") == std::string_view::npos &&
         word.find("...") == std::string_view::npos && word.find("://") == std::string_view::npos;
}

bool is_relative_path(std::string_view word) {
  return is_literal(word) && word[0] != '/' && word[0] != '-';
}

bool has_ending(std::string_view word, std::initializer_list<std::string_view> endings) {
  return std::ranges::any_of(endings,
                             [&](std::string_view ending) { return word.ends_with(ending); });
}

bool looks_like_script(std::string_view word) {
  return is_relative_path(word) &&
         (word.find('/') != std::string_view::npos ||
          has_ending(word, {".sh", ".bash", ".py", ".js", ".mjs", ".cjs", ".ts", ".rb", ".php",
                            ".pl", ".sql", ".ps1"}));
}

/// The value of one of the options: behind it, behind `=`, or stuck to a short one.
struct Option {
  std::size_t word = 0;
  std::string value;
};
std::vector<Option> values_of(Words words, std::initializer_list<std::string_view> options) {
  std::vector<Option> values;
  for (std::size_t i = 1; i < words.size(); ++i) {
    for (const std::string_view option : options) {
      if (words[i] == option && i + 1 < words.size())
        values.push_back({i + 1, words[i + 1]});
      else if (words[i].starts_with(std::string(option) + "="))
        values.push_back({i, words[i].substr(option.size() + 1)});
    }
  }
  return values;
}

/// The first argument at or after `from` that is no option; 0 when there is none.
std::size_t first_operand(Words words, std::size_t from) {
  for (std::size_t i = from; i < words.size(); ++i) {
    if (!words[i].starts_with("-")) return i;
  }
  return 0;
}

void add_files(std::vector<Named>& names, Words words,
               std::initializer_list<std::string_view> options, Sort sort = Sort::file) {
  for (const Option& option : values_of(words, options)) {
    if (option.value != "-" && is_relative_path(option.value))
      names.push_back({sort, "", option.value, option.word});
  }
}

/// `npm run NAME`, and for yarn, pnpm and bun also a NAME that is none of their own commands.
void add_npm_task(std::vector<Named>& names, Words words) {
  // Another package's folder is named: which one is not looked into.
  if (!values_of(words, {"--prefix", "-C", "--dir", "--cwd", "-w", "--workspace", "--filter", "-F"})
           .empty())
    return;
  const std::size_t verb = first_operand(words, 1);
  if (verb == 0 || (words[verb] != "run" && words[verb] != "run-script")) return;
  const std::size_t task = first_operand(words, verb + 1);
  if (task != 0 && is_literal(words[task])) names.push_back({Sort::task, "npm", words[task], task});
}

void add_make_targets(std::vector<Named>& names, Words words) {
  if (!values_of(words, {"-C", "-f", "--directory", "--file", "--makefile"}).empty()) return;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const bool is_target =
        is_literal(words[i]) && words[i][0] != '-' && words[i].find('=') == std::string::npos;
    if (is_target) names.push_back({Sort::task, words[0], words[i], i});
  }
}

void add_compose_names(std::vector<Named>& names, Words words, std::size_t from) {
  add_files(names, words, {"-f", "--file"});
  if (!values_of(words, {"-f", "--file"}).empty())
    return;  // services of that file: another look-up
  static const std::set<std::string> kOfServices = {"restart", "stop", "start", "up",   "logs",
                                                    "kill",    "rm",   "pull",  "build"};
  std::size_t verb = from;
  while (verb < words.size() && words[verb].starts_with("-")) ++verb;
  if (verb >= words.size() || !kOfServices.contains(words[verb])) return;
  for (std::size_t i = verb + 1; i < words.size(); ++i) {
    if (words[i].starts_with("-")) {
      static const std::set<std::string> kWithValue = {
          "-t", "--timeout", "--tail", "--scale", "--since", "-n", "--profile"};
      if (kWithValue.contains(words[i])) ++i;
    } else if (is_literal(words[i])) {
      names.push_back({Sort::service, "docker", words[i], i});
    }
  }
}

void add_workload(std::vector<Named>& names, Words words) {
  add_files(names, words, {"-f", "--filename"});
  add_files(names, words, {"-k", "--kustomize"}, Sort::folder);
  static const std::set<std::string> kSorts = {"deployment", "deployments", "deploy", "statefulset",
                                               "sts",        "daemonset",   "ds"};
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::size_t slash = words[i].find('/');
    if (slash != std::string::npos && kSorts.contains(words[i].substr(0, slash))) {
      const std::string name = words[i].substr(slash + 1);
      if (is_literal(name)) names.push_back({Sort::service, "kubernetes", name, i});
    } else if (kSorts.contains(words[i]) && i + 1 < words.size() && is_literal(words[i + 1]) &&
               words[i + 1][0] != '-') {
      names.push_back({Sort::service, "kubernetes", words[i + 1], i + 1});
    }
  }
}

bool is_interpreter(const std::string& tool) {
  static const std::set<std::string> kInterpreters = {
      "bash", "sh",   "zsh", "dash", "source", ".",       "python", "python3",
      "node", "ruby", "php", "perl", "tsx",    "ts-node", "pwsh"};
  return kInterpreters.contains(tool);
}

}  // namespace

std::vector<Named> names_in(Words words) {
  std::vector<Named> names;
  if (words.empty()) return names;
  const std::string& tool = words[0];
  if (tool.find('/') != std::string::npos) {
    if (is_relative_path(tool)) names.push_back({Sort::script, "", tool, 0});
    return names;
  }
  if (is_interpreter(tool)) {
    const std::size_t script = first_operand(words, 1);
    // `bash -c TEXT`, `python -m MODULE`, `node -e TEXT`; the -e of a shell is another one.
    const bool is_shell = tool.ends_with("sh");
    const bool reads_argument = words.size() > 1 && (words[1] == "-c" || words[1] == "-m" ||
                                                     (words[1] == "-e" && !is_shell));
    if (script != 0 && !reads_argument && looks_like_script(words[script])) {
      names.push_back({Sort::script, "", words[script], script});
    }
  } else if (tool == "npm" || tool == "pnpm" || tool == "yarn" || tool == "bun") {
    add_npm_task(names, words);
  } else if (tool == "make" || tool == "just") {
    add_make_targets(names, words);
  } else if (tool == "psql") {
    add_files(names, words, {"-f", "--file"});
  } else if (tool == "kubectl" || tool == "oc") {
    add_workload(names, words);
  } else if (tool == "docker-compose" ||
             (tool == "docker" && words.size() > 1 && words[1] == "compose")) {
    add_compose_names(names, words, tool == "docker" ? 2 : 1);
  } else if (tool == "helm") {
    add_files(names, words, {"-f", "--values"});
  } else if (tool == "terraform" || tool == "tofu") {
    add_files(names, words, {"-chdir"}, Sort::folder);
    add_files(names, words, {"-var-file"});
  } else if (tool == "ansible-playbook") {
    const std::size_t playbook = first_operand(words, 1);
    if (playbook != 0 && is_relative_path(words[playbook]))
      names.push_back({Sort::file, "", words[playbook], playbook});
  } else if (tool == "gh" && words.size() > 3 && words[1] == "workflow" && words[2] == "run" &&
             has_ending(words[3], {".yml", ".yaml"})) {
    names.push_back({Sort::workflow, "github", words[3], 3});
  }
  return names;
}

}  // namespace backout::importers
