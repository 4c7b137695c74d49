// A script, task, file or service that a document names and its repository does not hold.
#include <map>
#include <set>

#include <fmt/format.h>

#include "analyzer/documents/common.hpp"
#include "importers/repository/resolve.hpp"

namespace backout::analyzer::documents {

namespace {

using importers::Named;
using importers::WorkPlace;

const char* word_for(Named::Sort sort) {
  switch (sort) {
    case Named::Sort::script:
      return "script";
    case Named::Sort::file:
      return "file";
    case Named::Sort::folder:
      return "folder";
    case Named::Sort::task:
      return "task";
    case Named::Sort::service:
      return "service";
    case Named::Sort::workflow:
      return "workflow";
  }
  return "file";
}

/// Follows a document's commands: where they run, and what they write.
class Walk {
 public:
  explicit Walk(const DocumentFacts& facts) : facts_(facts) {
    place_.document_folder = facts.folder;
    for (const Block* block : shell_blocks(facts.document)) {
      for (const Command& command : block->script.commands) {
        for (const importers::Word& word : command.words) {
          if (word.text.find_first_of("./") != std::string::npos) paths_.insert(word.text);
        }
      }
    }
  }

  /// Blocks begin where people stand who open a terminal.
  void enter(const Block& block) {
    place_.folder.clear();
    place_.elsewhere = unpacked_;
    // "Save this as scripts/rollback.sh:" above a whole script says that the reader makes it.
    // Nobody saves a step of a workflow.
    if (!block.script.whole || facts_.document.is_workflow) return;
    const std::string_view title = facts_.document.title_of(block.section);
    for (const std::string& path : paths_) {
      if (block.lead.find(path) != std::string::npos || title.find(path) != std::string_view::npos)
        place_.made.push_back(path);
    }
  }

  void follow(const Command& command) {
    for (const importers::Redirect& redirect : command.redirects) {
      if (redirect.op.starts_with(">") || redirect.op.starts_with("&>"))
        place_.made.push_back(redirect.target);
    }
    if (!command.context.elsewhere && (command.name() == "cd" || command.name() == "pushd"))
      change_folder(command);
    if (command.context.elsewhere || command.told() || command.name() == "ssh" ||
        command.name() == "scp")
      return;
    note_made(command);
  }

  const WorkPlace& place() const { return place_; }

 private:
  void change_folder(const Command& command) {
    const std::vector<std::string> argv = command.argv();
    const bool is_plain = argv.size() == 2 && command.words.back().literal &&
                          !command.words.back().placeholder && argv[1][0] != '/' &&
                          argv[1][0] != '~' && argv[1] != "-";
    if (is_plain)
      place_.folder += (place_.folder.empty() ? "" : "/") + argv[1];
    else
      place_.elsewhere = true;
  }

  /// What cannot be told: another project's files, or those of an archive.
  void note_made(const Command& command) {
    const bool unpacks =
        is(command, {"git", "clone"}) || is(command, {"unzip"}) ||
        is(command, {"git", "worktree"}) ||
        (is(command, {"tar"}) &&
         (command.has("-x") || (command.argv().size() > 1 && has(command.argv()[1], "x"))));
    if (unpacks) unpacked_ = place_.elsewhere = true;
    for (const char* maker : {"cp", "mv", "tee", "touch", "mkdir", "install", "ln"}) {
      if (command.name() == maker && command.words.size() > 1)
        place_.made.push_back(command.words.back().text);
    }
    for (const char* option : {"-o", "-O", "--output", "--output-document", "--file", "-f"}) {
      const bool writes =
          command.name() == "curl" || command.name() == "wget" || has(command.name(), "dump");
      if (const auto value = command.value(option); writes && value) place_.made.push_back(*value);
    }
  }

  const DocumentFacts& facts_;
  WorkPlace place_;
  std::set<std::string> paths_;  ///< words that may name a file
  bool unpacked_ = false;
};

model::Finding absent(const Named& named, const importers::Resolution& found,
                      const model::Span& span) {
  const bool is_unit = named.sort == Named::Sort::service;
  std::string message =
      fmt::format("{} '{}' is not in the repository: this step fails when it is needed",
                  word_for(named.sort), named.name);
  if (is_unit) {
    message = fmt::format("no {} of the repository is called '{}'",
                          named.runner == "docker" ? "compose service" : "manifest's workload",
                          named.name);
  } else if (named.sort == Named::Sort::task) {
    message = fmt::format("{} knows no '{}' in the repository: this step fails when it is needed",
                          named.runner, named.name);
  }
  const std::string fix = found.nearest.empty()
                              ? "add it, or name what does this today"
                              : fmt::format("name '{}', or add what is missing", found.nearest);
  // A workload may be described in another repository; a script that is called by its path may not.
  const auto severity =
      named.runner == "kubernetes" ? model::Severity::warning : model::Severity::error;
  return finding(severity, span, std::move(message), fix);
}

}  // namespace

std::vector<model::Finding> check_names_absent(const DocumentFacts& facts) {
  std::vector<model::Finding> findings;
  std::map<std::pair<std::string, std::string>, std::size_t> said;  // runner and name -> finding
  Walk walk(facts);
  for (const Block* block : shell_blocks(facts.document)) {
    walk.enter(*block);
    for (const Command& command : block->script.commands) {
      // What is a file on another machine is not one of the repository.
      if (command.context.elsewhere || command.told()) continue;
      const std::vector<std::string> argv = command.argv();
      for (const Named& named : importers::names_in(argv)) {
        const importers::Repository* repository = facts.repository ? facts.repository() : nullptr;
        if (repository == nullptr) return findings;
        const importers::Resolution found = importers::resolve(*repository, named, walk.place());
        if (found.presence != importers::Presence::absent) continue;
        const model::Span span = command.words[command.name_index() + named.word].span;
        const auto [earlier, is_new] =
            said.emplace(std::pair(named.runner, named.name), findings.size());
        if (is_new)
          findings.push_back(absent(named, found, span));
        else
          findings[earlier->second].related.push_back({span, "and here"});
      }
      walk.follow(command);
    }
  }
  return findings;
}

}  // namespace backout::analyzer::documents
