// A script, task, file or service that a document names and its repository does not hold.
#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "analyzer/documents/absent.hpp"
#include "analyzer/documents/common.hpp"
#include "analyzer/documents/prose.hpp"
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
    case Named::Sort::volume:
      return "volume";
  }
  return "file";
}

/// The folder that `git clone` makes: `shop` of `git clone https://example.org/shop.git`; empty for
/// others.
std::string folder_of_clone(const Command& command) {
  if (!is(command, {"git", "clone"})) return {};
  const auto words = operands(command, 1);
  if (words.empty()) return {};
  if (words.size() > 1) return words[1]->text;
  std::string name = words[0]->text;
  if (name.ends_with(".git")) name.resize(name.size() - 4);
  return name.substr(name.find_last_of("/:") + 1);
}

/// Follows a document's commands: where they run, and what they write.
class Walk {
 public:
  /// `home`: the folder on the server that holds the project; empty: none that is known.
  Walk(const DocumentFacts& facts, std::string home) : facts_(facts), home_(std::move(home)) {
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
    place_.elsewhere = is_cloned_;
    is_home_ = false;
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
  bool is_home() const { return is_home_; }

 private:
  void change_folder(const Command& command) {
    const std::vector<std::string> argv = command.argv();
    const bool is_plain = argv.size() == 2 && command.words.back().literal &&
                          !command.words.back().placeholder && argv[1][0] != '/' &&
                          argv[1][0] != '~' && argv[1] != "-";
    const bool goes_home = !home_.empty() && argv.size() == 2 &&
                           (argv[1] == home_ || argv[1].starts_with(home_ + "/"));
    if (goes_home) {
      place_.folder = argv[1].substr(std::min(home_.size() + 1, argv[1].size()));
      place_.elsewhere = is_cloned_;
      is_home_ = true;
    } else if (is_plain)
      place_.folder += (place_.folder.empty() ? "" : "/") + argv[1];
    else
      place_.elsewhere = true;
  }

  /// What cannot be told: another project's files, or those of an archive.
  void note_made(const Command& command) {
    const bool clones = is(command, {"git", "clone"}) || is(command, {"git", "worktree"});
    const bool unpacks =
        is(command, {"unzip"}) ||
        (is(command, {"tar"}) &&
         (command.has("-x") || (command.argv().size() > 1 && has(command.argv()[1], "x"))));
    if (unpacks) place_.unpacked = true;
    if (clones && (home_.empty() || folder_of_clone(command) != home_))
      is_cloned_ = place_.elsewhere = true;
    for (const char* maker : {"cp", "mv", "tee", "touch", "mkdir", "install", "ln"}) {
      if (command.name() == maker && command.words.size() > 1)
        place_.made.push_back(command.words.back().text);
    }
    if (is(command, {"docker", "volume", "create"}))
      place_.made.push_back(command.words.back().text);
    for (const char* option : {"-o", "-O", "--output", "--output-document", "--file", "-f"}) {
      const bool writes =
          command.name() == "curl" || command.name() == "wget" || has(command.name(), "dump");
      if (const auto value = command.value(option); writes && value) place_.made.push_back(*value);
    }
  }

  const DocumentFacts& facts_;
  WorkPlace place_;
  std::set<std::string> paths_;  ///< words that may name a file
  std::string home_;
  bool is_home_ = false;
  bool is_cloned_ = false;  ///< another project lies beside
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
  } else if (named.sort == Named::Sort::volume) {
    message = fmt::format(
        "no compose file of the repository gives a volume the name '{}': Docker makes an empty one "
        "of that name, or finds none",
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

/// The words that name things: those of what `watch` and `flock` run here, too.
std::vector<std::string> words_of(const Command& command, std::size_t& first) {
  const bool is_here =
      std::ranges::none_of(command.known().wrappers,
                           [](const catalogue::Wrapper& wrapper) { return wrapper.elsewhere; });
  if (!is_here) {
    first = command.name_index();
    return command.argv();
  }
  const Command inner = inside(command);
  first = command.words.size() - inner.words.size() + inner.name_index();
  return inner.argv();
}

struct Place {
  Named named;
  importers::Resolution found;
  model::Span span;
  bool is_home = false;
};

/// Everything that commands name, looked up.
std::vector<Place> look_up(const DocumentFacts& facts, const importers::Repository& repository,
                           const std::string& home) {
  std::vector<Place> all;
  Walk walk(facts, home);
  for (const Block* block : shell_blocks(facts.document)) {
    walk.enter(*block);
    for (const Command& command : block->script.commands) {
      // What is a file on another machine is not one of the repository.
      if (command.context.elsewhere) continue;
      std::size_t first = 0;
      const std::vector<std::string> argv = words_of(command, first);
      for (const Named& named : importers::names_in(argv)) {
        const bool of_docker =
            named.sort == Named::Sort::volume || named.sort == Named::Sort::service;
        if (command.told() && !of_docker) continue;
        const importers::Resolution found = importers::resolve(repository, named, walk.place());
        all.push_back({named, found, command.words[first + named.word].span, walk.is_home()});
      }
      walk.follow(command);
    }
  }
  return all;
}

/// The one folder of a server, or of a clone, that all such `cd` go to or below; empty when they go
/// to several.
std::string server_folder(const Document& document) {
  std::vector<std::string> folders;
  std::string clone;
  for (const Block* block : shell_blocks(document)) {
    for (const Command& command : block->script.commands) {
      const std::vector<std::string> argv = command.argv();
      const bool changes = !command.context.elsewhere && argv.size() == 2 &&
                           (argv[0] == "cd" || argv[0] == "pushd") && !argv[1].empty();
      if (const std::string cloned = folder_of_clone(command); !cloned.empty()) clone = cloned;
      const bool goes = changes && (argv[1][0] == '/' || argv[1][0] == '~' || argv[1][0] == '$' ||
                                    argv[1] == clone);
      if (goes) folders.push_back(argv[1]);
    }
  }
  if (folders.empty()) return {};
  const std::string home =
      *std::ranges::min_element(folders, {}, [](const std::string& each) { return each.size(); });
  const bool is_one = std::ranges::all_of(folders, [&](const std::string& each) {
    return each == home || each.starts_with(home + "/");
  });
  return is_one && home.size() > 2 ? home : "";
}

/// Whether what is named in that folder shows that the project lies there: most of it is here, and
/// not only services that many projects have.
bool holds_project(const std::vector<Place>& places, const importers::Repository& repository,
                   const std::string& home) {
  // The clone of the repository itself, and what stands behind it without a word of where.
  const bool clone = home.find_first_of("/~$") == std::string::npos;
  if (clone && repository.root.filename() == home) return true;
  int present = 0;
  int absent = 0;
  int files = 0;
  for (const Place& place : places) {
    if (!place.is_home && !clone) continue;
    const bool is_here = place.found.presence == importers::Presence::present;
    if (place.found.presence == importers::Presence::absent) ++absent;
    if (is_here) ++present;
    if (is_here && place.named.sort != Named::Sort::service) ++files;
  }
  return present >= absent && (files > 0 || present > 1);
}

/// Whether a command or a line speaks of something that a repository holds.
bool names_anything(const DocumentFacts& facts) {
  for (const Block* block : shell_blocks(facts.document)) {
    for (const Command& command : block->script.commands) {
      std::size_t first = 0;
      if (command.known().tool == "docker-compose" ||
          !importers::names_in(words_of(command, first)).empty())
        return true;
    }
  }
  return std::ranges::any_of(facts.document.lines, [&](const importers::Line& line) {
    const std::string_view raw = raw_of(facts, line);
    return has(raw, "](") || (has(raw, "`") && has(raw, "/")) || has(lower(raw), "workflow");
  });
}

}  // namespace

std::vector<model::Finding> check_names_absent(const DocumentFacts& facts) {
  std::vector<model::Finding> findings;
  // The repository is read when something names a part of it.
  if (!facts.repository || !names_anything(facts)) return findings;
  const importers::Repository* repository = facts.repository();
  if (repository == nullptr) return findings;
  const std::string home = server_folder(facts.document);
  std::vector<Place> places = look_up(facts, *repository, home);
  if (!home.empty() && !holds_project(places, *repository, home))
    places = look_up(facts, *repository, "");
  std::map<std::pair<std::string, std::string>, std::size_t> said;  // runner and name -> finding
  for (const Place& place : places) {
    if (place.found.presence != importers::Presence::absent) continue;
    const auto [earlier, is_new] =
        said.emplace(std::pair(place.named.runner, place.named.name), findings.size());
    if (is_new)
      findings.push_back(absent(place.named, place.found, place.span));
    else
      findings[earlier->second].related.push_back({place.span, "and here"});
  }
  look_at_links(facts, *repository, findings);
  look_at_paths(facts, *repository, findings);
  look_at_workflow_names(facts, *repository, findings);
  look_at_compose_place(facts, *repository, findings);
  look_at_compose_variables(facts, *repository, findings);
  return findings;
}

}  // namespace backout::analyzer::documents
