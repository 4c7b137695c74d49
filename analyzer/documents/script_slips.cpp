// Part of misdirected-command: lists that are sorted by another column, folders that are volumes,
// configurations that nothing tests.
#include <algorithm>

#include <fmt/format.h>

#include "analyzer/documents/flow.hpp"
#include "analyzer/documents/scripts.hpp"

namespace backout::analyzer::documents {

namespace {

/// Lists whose first column is a size.
bool prints_size_first(const Command& command) {
  const std::string& text = command.line();
  if (command.name() == "rclone") return has_any(text, {"rclone ls ", "rclone lsl "});
  if (command.name() == "gsutil") return has(text, " ls ") && command.has("-l");
  return command.name() == "gcloud" && has(text, "storage ls") && command.has("-l");
}

/// What stands before the colon of `-v` or `--volume`.
std::vector<std::string> mounts_of(const Command& command) {
  std::vector<std::string> all;
  for (std::size_t i = 0; i + 1 < command.words.size(); ++i) {
    const std::string& word = command.words[i].text;
    if (word == "-v" || word == "--volume")
      all.push_back(command.words[i + 1].text.substr(0, command.words[i + 1].text.find(':')));
  }
  return all;
}

/// Whether the variable holds an argument of the script as it was given.
bool is_argument(const Block& block, const std::string& name) {
  bool given = false;
  for (const importers::Assignment& each : block.script.assignments) {
    if (each.name != name) continue;
    if (has_any(each.value, {"realpath", "readlink", "pwd", "PWD"}) || each.value.starts_with('/'))
      return false;
    given = given || each.value.starts_with("$1") || each.value.starts_with("${1") ||
            each.value.starts_with("$2") || each.value.starts_with("${2");
  }
  return given;
}

}  // namespace

void look_at_split_commands(const Block& block, Findings& found) {
  static constexpr std::string_view kAlone[] = {"cd ", "export ", "source ", "set "};
  const auto& commands = block.script.commands;
  for (std::size_t i = 0; i < commands.size(); ++i) {
    const Command& command = commands[i];
    const std::string& script = command.known().script;
    const bool elsewhere = command.known().where == "remote" &&
                           (command.known().tool == "ssh" || command.known().tool == "gcloud" ||
                            command.known().tool == "vagrant");
    const bool alone =
        std::ranges::any_of(kAlone,
                            [&](std::string_view word) { return script.starts_with(word); }) &&
        script.find_first_of(";&|\n") == std::string::npos;
    if (!elsewhere || !alone || !command.context.and_then) continue;
    const auto next =
        std::find_if(commands.begin() + static_cast<std::ptrdiff_t>(i) + 1, commands.end(),
                     [](const Command& each) { return !each.context.elsewhere; });
    if (next == commands.end() || !next->context.after_and) continue;
    add_once(
        found,
        finding(model::Severity::error, next->span,
                fmt::format("only `{}` runs on the other machine: '{}' behind it runs on this one",
                            script, text_of(*next)),
                "quote all of it: ssh HOST 'cd DIR && COMMAND'"));
  }
}

void look_at_sorted_sizes(const Block& block, Findings& found) {
  const auto& commands = block.script.commands;
  for (std::size_t i = 0; i + 2 < commands.size(); ++i) {
    if (!prints_size_first(commands[i]) || commands[i].context.pipe_length < 3 ||
        commands[i].context.pipe_position != 0)
      continue;
    const Command& sort = commands[i + 1];
    const Command& last = commands[i + 2];
    // `sort -rk2`, `sort --key=2`
    const bool keyed = std::ranges::any_of(sort.words, [](const importers::Word& word) {
      const bool letters = word.text.size() > 1 && word.text[0] == '-' && word.text[1] != '-';
      return word.text.starts_with("--key") || (letters && has(word.text, "k"));
    });
    const bool by_first = sort.name() == "sort" && sort.context.pipe_position == 1 && !keyed;
    if (!by_first || (last.name() != "head" && last.name() != "tail")) continue;
    add_once(found, finding(model::Severity::error, commands[i].span,
                            fmt::format("'{}' prints the size first: this sorts by size, and takes "
                                        "the largest file or one whose size begins with the "
                                        "highest digit, not the newest",
                                        text_of(commands[i])),
                            "list names or times (`rclone lsf`, `sort -k2`), or record which copy "
                            "is the right one"));
  }
}

void look_at_relative_mounts(const Block& block, Findings& found) {
  for (const Command& command : block.script.commands) {
    if (!is(command, {"docker", "run"})) continue;
    for (const std::string& host : mounts_of(command)) {
      const bool plain = is_plain(host) && has(host, "/") && host[0] != '/' && host[0] != '.' &&
                         host[0] != '~' && !has(host, "\\");
      const std::string name = host.starts_with('$') ? variable_at(host, 0) : "";
      // A folder is what a test or a path within it says that it is.
      const bool folder =
          !name.empty() && is_argument(block, name) &&
          has_any(block.content.text, {"-d \"$" + name, "-d \"${" + name, "-d $" + name,
                                       "$" + name + "/", "${" + name + "}/"});
      if (!plain && !folder) continue;
      add_once(found,
               finding(model::Severity::warning, command.span,
                       fmt::format("where '{}' is a relative path docker refuses it, or takes it "
                                   "for the name of a volume: that folder is not mounted",
                                   host),
                       fmt::format("an absolute path: `$(realpath \"{}\")`", host)));
    }
  }
}

void look_at_untested_configs(const Block& block, Findings& found) {
  if (has_any(block.content.text,
              {"nginx -t", "nginx\" -t", "configtest", "config test", "nginx -T"}))
    return;
  const Command* written = nullptr;
  for (const Command& command : block.script.commands) {
    const std::string& text = command.low_line();
    if (written != nullptr && command.known().does == "restart" && has(text, "nginx") &&
        has(text, "restart")) {
      model::Finding made =
          finding(model::Severity::warning, command.span,
                  "nothing tests the configuration before nginx is started on it: where it is "
                  "wrong nginx does not come up, and nobody is served",
                  "`nginx -t` first, and `nginx -s reload`, which keeps the old one when the new "
                  "one is refused");
      made.related.push_back({written->span, "written here"});
      add_once(found, std::move(made));
      return;
    }
    std::string into;
    if (command.name() == "cp" || command.name() == "mv" || command.name() == "ln")
      into = lower(command.words.back().text);
    if (command.name() == "sed" && command.has("-i")) into = text;
    for (const importers::Redirect& each : command.redirects) {
      if (each.op == ">") into = lower(each.target);
    }
    const bool writes = has(into, "nginx") && has(into, ".conf") &&
                        !has_any(into, {"backup", ".bak", ".old", "/tmp"});
    if (writes && written == nullptr) written = &command;
  }
}

void look_at_open_files(const Block& block, Findings& found) {
  if (!runs_as_script(block)) return;
  const Run run(block);
  bool stopped = false;
  for (std::size_t i = 0; i < run.commands.size(); ++i) {
    const Command& command = *run.commands[i].command;
    const std::string& does = command.known().does;
    stopped = stopped || does == "stop" || does == "scale" || command.known().path == "down" ||
              has_any(command.low_line(), {"stop", "kill", "shutdown"});
    const bool copies = command.name() == "cp" || is(command, {"docker", "cp"}) ||
                        (command.known().tool == "docker-compose" && command.known().path == "cp");
    if (!copies || stopped || command.words.size() < 3) continue;
    const std::string to = lower(command.words.back().text);
    const std::string from = lower(resolved(block, command.words[command.words.size() - 2].text));
    const bool data = (to.ends_with(".db") || to.ends_with(".sqlite") || to.ends_with(".sqlite3") ||
                       to.ends_with(".rdb")) &&
                      !has_any(to, {"backup", ".bak", "/tmp", "copy", "snapshot"});
    if (!data || has(from, ":")) continue;
    // What is started again behind it was running.
    const auto again = std::find_if(run.commands.begin() + static_cast<std::ptrdiff_t>(i),
                                    run.commands.end(), [&](const Ran& later) {
                                      return later.command->known().does == "restart" &&
                                             run.may_meet(later, run.commands[i]);
                                    });
    if (again == run.commands.end()) continue;
    model::Finding made =
        finding(model::Severity::error, command.span,
                "the copy is put under a process that has the file open: it goes on with the old "
                "one, and what it still writes, or the log "
                "beside the file, spoils the copy",
                "stop it first, take `-wal` and `-shm` away, and start it behind the copy");
    made.related.push_back({again->command->span, "it is restarted only here"});
    add_once(found, std::move(made));
  }
}

}  // namespace backout::analyzer::documents
