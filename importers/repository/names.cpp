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

/// `exec`, `run` and `cp` name one service; the others as many as stand there.
void add_compose_services(std::vector<Named>& names, Words words, std::size_t verb,
                          const std::vector<std::string>& files) {
  static const std::set<std::string> kOfServices = {"restart", "stop", "start", "up",   "logs",
                                                    "kill",    "rm",   "pull",  "build"};
  const bool is_one = words[verb] == "exec" || words[verb] == "run";
  if (!is_one && !kOfServices.contains(words[verb])) return;
  static const std::set<std::string> kWithValue = {"-t",      "--timeout", "--tail",   "--scale",
                                                   "--since", "-n",        "--profile"};
  static const std::set<std::string> kOfOne = {
      "-u",           "--user",          "-w",    "--workdir", "-e", "--env",     "--index",
      "--entrypoint", "--name",          "-v",    "--volume",  "-p", "--publish", "-l",
      "--label",      "--env-from-file", "--pull"};
  for (std::size_t i = verb + 1; i < words.size(); ++i) {
    if (words[i].starts_with("-")) {
      if ((is_one ? kOfOne : kWithValue).contains(words[i])) ++i;
      continue;
    }
    if (is_literal(words[i])) names.push_back({Sort::service, "docker", words[i], i, files});
    if (is_one) return;
  }
}

void add_compose_names(std::vector<Named>& names, Words words, std::size_t from) {
  std::vector<std::string> files;
  std::size_t verb = from;
  for (; verb < words.size() && words[verb].starts_with("-"); ++verb) {
    static const std::set<std::string> kWithValue = {"-f",
                                                     "--file",
                                                     "-p",
                                                     "--project-name",
                                                     "--profile",
                                                     "--env-file",
                                                     "--project-directory",
                                                     "--ansi",
                                                     "--progress",
                                                     "--parallel"};
    if (!kWithValue.contains(words[verb])) continue;
    if (words[verb] == "-f" || words[verb] == "--file")
      files.push_back(verb + 1 < words.size() ? words[verb + 1] : "");
    ++verb;
  }
  for (const std::string& word : words.subspan(0, std::min(verb, words.size()))) {
    if (word.starts_with("--file=")) files.push_back(word.substr(7));
  }
  add_files(names, words.subspan(0, std::min(verb, words.size())), {"-f", "--file"});
  if (verb < words.size()) add_compose_services(names, words, verb, files);
}

/// `docker run -v NAME:/data`, `docker volume rm NAME`: a name that stands there without the one
/// of the project is another volume.
void add_volumes(std::vector<Named>& names, Words words) {
  if (words.size() < 3) return;
  const auto is_name = [](const std::string& name) {
    return is_literal(name) && name[0] != '-' && name.find_first_of("/.") == std::string::npos;
  };
  if (words[1] == "volume" && (words[2] == "rm" || words[2] == "inspect")) {
    for (std::size_t i = 3; i < words.size(); ++i) {
      if (is_name(words[i])) names.push_back({Sort::volume, "docker", words[i], i});
    }
  }
  const bool runs = words[1] == "run" || (words[1] == "container" && words[2] == "run");
  if (!runs) return;
  for (const Option& option : values_of(words, {"-v", "--volume"})) {
    const std::string name = option.value.substr(0, option.value.find(':'));
    if (name.size() < option.value.size() && is_name(name))
      names.push_back({Sort::volume, "docker", name, option.word});
  }
}

/// `cd iac`: a folder below one that there is, or one that projects keep their own tools in.
void add_folder(std::vector<Named>& names, Words words) {
  if (words.size() != 2 || !is_relative_path(words[1]) || words[1].starts_with(".")) return;
  static const std::set<std::string> kOfTools = {
      "iac",    "infra",   "infrastructure", "terraform", "k8s",    "kubernetes", "helm",
      "charts", "ansible", "scripts",        "ops",       "deploy", "deployment", "docker"};
  const std::string first = words[1].substr(0, words[1].find('/'));
  if (kOfTools.contains(first)) names.push_back({Sort::folder, "", words[1], 1});
}

void add_workload(std::vector<Named>& names, Words words) {
  // `kubectl logs -f` follows.
  const bool follows = std::ranges::find(words, "logs") != words.end();
  if (!follows) add_files(names, words, {"-f", "--filename"});
  add_files(names, words, {"-k", "--kustomize"}, Sort::folder);
  static const std::set<std::string> kSorts = {"deployment", "deployments", "deploy", "statefulset",
                                               "sts",        "daemonset",   "ds",     "rollout"};
  for (std::size_t i = 1; i < words.size(); ++i) {
    // `-f deploy/shop.yaml` is a file.
    const std::string& before = words[i - 1];
    if (!follows && (before == "-f" || before == "--filename" || before == "-k")) continue;
    const std::size_t slash = words[i].find('/');
    if (slash != std::string::npos && kSorts.contains(words[i].substr(0, slash))) {
      const std::string name = words[i].substr(slash + 1);
      if (is_literal(name)) names.push_back({Sort::service, "kubernetes", name, i});
    } else if (words[i] != "rollout" && kSorts.contains(words[i]) && i + 1 < words.size() &&
               is_literal(words[i + 1]) && words[i + 1][0] != '-') {
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
  } else if (tool == "docker") {
    add_volumes(names, words);
  } else if (tool == "cd" || tool == "pushd") {
    add_folder(names, words);
  } else if (tool == "aws") {
    for (std::size_t i = 1; i < words.size(); ++i) {
      const std::size_t at = words[i].find("file://");
      if (at != std::string::npos && is_relative_path(std::string_view(words[i]).substr(at + 7)))
        names.push_back({Sort::file, "", words[i].substr(at + 7), i});
    }
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
