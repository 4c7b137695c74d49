// A rollback to something that moves: HEAD, a branch, "the previous revision".
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "analyzer/documents/prose.hpp"
#include "analyzer/documents/scripts.hpp"

namespace backout::analyzer::documents {

namespace {

bool may_go_back(const DocumentFacts& facts, const Block& block) {
  const Role role = facts.document.role(block.section);
  if (facts.document.is_script) return true;
  return role != Role::deploy && role != Role::drill && role != Role::prevention &&
         role != Role::precheck;
}

bool is_branch(std::string_view word) {
  static const std::set<std::string_view> kBranches = {
      "main", "master", "develop", "production", "staging", "release", "HEAD"};
  return kBranches.contains(word) || word.starts_with("origin/");
}

/// `git clone`, and then its branch: there is nothing yet to go back from.
bool is_first(const Block& block, const Command& checkout) {
  return std::ranges::any_of(block.script.commands, [&](const Command& each) {
    return each.span.end <= checkout.span.begin && is(each, {"git", "clone"});
  });
}

/// `git checkout main` before `git revert`, `git reset`, `git merge`: the branch is only where the
/// work is done.
bool is_worked_on(const Block& block, const Command& checkout) {
  // Behind the deploy of a commit the branch is only come back to.
  const bool back = std::ranges::any_of(block.script.commands, [&](const Command& each) {
    return each.span.end <= checkout.span.begin && is(each, {"git", "checkout"}) &&
           each.words.size() > 2 && !is_branch(each.words.back().text);
  });
  const bool last = std::ranges::none_of(block.script.commands, [&](const Command& each) {
    return each.span.begin > checkout.span.end && effect_of(each) != Effect::look &&
           effect_of(each) != Effect::say;
  });
  if (back && last) return true;
  return std::ranges::any_of(block.script.commands, [&](const Command& each) {
    if (each.span.begin <= checkout.span.end) return false;
    return is(each, {"git", "revert"}) || is(each, {"git", "reset"}) ||
           is(each, {"git", "merge"}) || is(each, {"git", "cherry-pick"}) ||
           is(each, {"git", "branch"}) ||
           (is(each, {"git", "checkout"}) && each.words.size() > 2 &&
            !is_branch(each.words.back().text));
  });
}

/// `target="HEAD~1"` where the command is given `$target`; nullptr for none.
const importers::Assignment* relative_value(const Block& block, const Command& command) {
  for (const importers::Word* word : operands(command, 1)) {
    const std::string name = variable_at(word->text, word->text.find('$'));
    if (name.empty()) continue;
    for (const importers::Assignment& each : block.script.assignments) {
      if (each.name == name && (each.value.starts_with("HEAD~") || each.value.starts_with("HEAD^")))
        return &each;
    }
  }
  return nullptr;
}

void look_at_git(const Block& block, const Command& command, std::vector<model::Finding>& found) {
  if (is(command, {"git", "revert"})) {
    for (const importers::Word* word : operands(command, 1)) {
      if (word->text != "HEAD") continue;
      add_once(found, finding(model::Severity::warning, command.span,
                              "HEAD is whatever was merged last, not the release that is sick: a "
                              "second run reverts the revert, and a merge needs -m",
                              "git revert --no-edit <first-bad>^..<last-bad>, or -m 1 <merge>, "
                              "with the commits of the release"));
    }
  }
  const bool goes =
      is(command, {"git", "checkout"}) || (is(command, {"git", "reset"}) && command.has("--hard"));
  if (const importers::Assignment* each = goes ? relative_value(block, command) : nullptr) {
    add_once(found,
             finding(model::Severity::warning, each->span,
                     fmt::format("'{}' is counted from wherever the branch stands by then, and a "
                                 "second run goes one further back",
                                 each->value),
                     "name the tag or the commit that served before, as the deploy recorded it"));
  }
  const bool checkout = is(command, {"git", "checkout"}) || is(command, {"git", "switch"});
  if (checkout && !command.has("-b")) {
    const auto words = operands(command, 1);
    const bool relative =
        !words.empty() && (words[0]->text.starts_with("HEAD~") ||
                           words[0]->text.starts_with("HEAD^") || words[0]->text.starts_with("@~"));
    if (relative) {
      add_once(found,
               finding(model::Severity::warning, command.span,
                       fmt::format("'{}' is counted from wherever the branch stands by then, and a "
                                   "second run goes one further back",
                                   words[0]->text),
                       "name the tag or the commit that served before, as the deploy recorded it"));
    }
    if (words.size() == 1 && !command.has("--") && is_branch(words[0]->text) &&
        words[0]->text != "HEAD" && !is_worked_on(block, command) && !is_first(block, command)) {
      add_once(
          found,
          finding(
              model::Severity::error, command.span,
              fmt::format(
                  "'{}' moves: it may hold the very commit that is rolled back, or others since",
                  words[0]->text),
              "check out the tag or commit that served before, as the deploy recorded it"));
    }
  }
}

void look_at_platforms(const Command& command, std::vector<model::Finding>& found) {
  if (is(command, {"kubectl", "rollout", "undo"}) && !command.value("--to-revision")) {
    add_once(found, finding(model::Severity::warning, command.span,
                            "without --to-revision this goes to whatever ran before, which may be "
                            "bad as well; run twice, it goes back to the release that is sick",
                            "kubectl rollout undo ... --to-revision=N, with the revision that the "
                            "deploy recorded"));
  }
  if (is(command, {"helm", "rollback"}) && operands(command, 1).size() == 1) {
    add_once(found, finding(model::Severity::warning, command.span,
                            "without a revision this goes to the one before, which may be a failed "
                            "one; run twice, it goes back to the release that is sick",
                            "helm rollback RELEASE REVISION --wait --timeout 5m"));
  }
  if (is(command, {"railway", "up"})) {
    add_once(found, finding(model::Severity::error, command.span,
                            "railway up deploys the working directory of whoever types it, which "
                            "is not the version that served before",
                            "redeploy the deployment that was good, by its id"));
  }
  for (const importers::Word& word : command.words) {
    const bool image =
        command.name() == "docker" || command.name() == "kubectl" || command.name() == "podman";
    if (!image || !word.text.ends_with(":latest") || effect_of(command) == Effect::look) continue;
    // `docker run --rm`, `kubectl run --rm`: gone again when it ends, it serves nobody.
    if (command.has("--rm")) continue;
    // `docker tag app:latest app:rollback` keeps what serves now under a name of its own.
    if (is(command, {"docker", "tag"}) && &word != &command.words.back()) continue;
    // `docker build -t app:latest`: what is built is what was checked out.
    if (is(command, {"docker", "build"}) || is(command, {"docker", "buildx"})) continue;
    const bool same = is(command, {"kubectl", "set", "image"});
    add_once(
        found,
        finding(
            model::Severity::warning, word.span,
            fmt::format(
                "'{}' names no version{}", word.text,
                same ? ", and where it is served already nothing changes: no pod is replaced" : ""),
            "name the tag or the digest that served before"));
  }
}

/// What the catalogue says of commands that go back.
void look_at_known_targets(const Command& command, std::vector<model::Finding>& found) {
  const catalogue::Known& known = command.known();
  const bool told =
      known.tool == "git" ? known.path != "reset" : known.tool == "kubectl" || known.tool == "helm";
  const bool back =
      known.does == "roll_back" || known.does == "migrate_down" || known.tool == "goose";
  if (told || !back) return;
  for (const catalogue::Trap& trap : known.traps) {
    if (trap.kind != catalogue::Trap::Kind::unpinned || !trap.only_if.empty()) continue;
    add_once(found,
             finding(model::Severity::warning, command.span, trap_text(command, trap),
                     trap.instead.empty() ? "name what served before, as the deploy recorded it"
                                          : trap.instead));
  }
}

/// A deploy of the folder as it stands, in a chapter that checks nothing out.
void look_at_folder(const DocumentFacts& facts, const Block& block, const Command& command,
                    std::vector<model::Finding>& found) {
  const catalogue::Known& known = command.known();
  if (known.does != "deploy" || known.tool == "railway" ||
      facts.document.role(block.section) != Role::rollback)
    return;
  for (const catalogue::Trap& trap : known.traps) {
    const bool folder = trap.kind == catalogue::Trap::Kind::unpinned &&
                        has_any(trap.says, {"folder holds", "working directory holds"});
    if (!folder || section_text_says(
                       facts.document, chapter_of(facts.document, block.section),
                       {"git checkout", "git revert", "git reset", "git switch", "git worktree"}))
      continue;
    add_once(found, finding(model::Severity::warning, command.span, trap_text(command, trap),
                            "check out the commit that served before, or name a build of it"));
  }
}

/// A manifest, chart or installer from an address that moves; a global install without a version.
void look_at_addresses(const DocumentFacts& facts, const Command& command,
                       std::vector<model::Finding>& found) {
  const bool deploys = facts.document.is_script && has(file_name_of(facts), "deploy");
  static const std::set<std::string_view> kUses = {"kubectl", "curl",      "wget",  "helm",
                                                   "oc",      "kustomize", "docker"};
  for (const importers::Word& word : command.words) {
    const bool moves =
        has(word.text, "://") && has_any(word.text + "/", {"/main/", "/master/", "/stable/",
                                                           "/latest/", "/HEAD/", "/develop/"});
    const bool acts =
        (command.name() != "curl" && command.name() != "wget") || command.context.pipe_length > 1;
    const bool file = has_any(word.text, {".yaml", ".yml", ".sh", ".json", ".tgz", "github"});
    if (!moves || !acts || !file || !kUses.contains(command.name())) continue;
    add_once(
        found,
        finding(model::Severity::warning, word.span,
                fmt::format("'{}' moves: what it holds on that day is not what was there before",
                            word.text.substr(0, 80)),
                "an address with a tag or a commit in it, or a copy in the repository"));
  }
  const bool global = (is(command, {"npm", "install"}) || is(command, {"npm", "i"})) &&
                      (command.has("-g") || command.has("--global"));
  if (!global || deploys || operands(command, 1).empty() ||
      operands(command, 1)[0]->text.find('@', 1) != std::string::npos)
    return;
  add_once(
      found,
      finding(
          model::Severity::warning, command.span,
          "this installs whatever version is the newest on that day, in the middle of a rollback",
          "install it beforehand, with a version"));
}

/// `restore ... latest`: the newest copy may be one of the bad state.
void look_at_newest(const Command& command, std::vector<model::Finding>& found) {
  for (const importers::Redirect& redirect : command.redirects) {
    const std::string file = lower(redirect.target);
    const bool copy = redirect.op == "<" && (runs(command, "psql") || runs(command, "mysql")) &&
                      has_any(file, {"latest", "newest"}) &&
                      has_any(file, {"backup", "dump", ".sql"});
    if (!copy) continue;
    add_once(
        found,
        finding(model::Severity::warning, redirect.span,
                fmt::format("'{}' is whichever copy was made last: it may hold the damage already",
                            redirect.target),
                "name the copy from before the change, and look at its date and size first"));
    return;
  }
  if (effect_of(command) != Effect::restore || command.known().tool == "pgbackrest") return;
  for (const importers::Word& word : command.words) {
    const std::string text = lower(word.text);
    if ((text.starts_with('-') && text != "--latest" && text != "--newest") ||
        text.starts_with('$') || has(text, "://") ||
        !has_any(text, {"latest", "newest", "last_", "last-"}))
      continue;
    add_once(
        found,
        finding(model::Severity::warning, word.span,
                fmt::format("'{}' is whichever copy was made last: it may hold the damage already",
                            word.text),
                "name the copy from before the change, and look at its date and size first"));
    return;
  }
}

/// Whether a command that does more than tell and look is given the variable, or another one that
/// is made of it.
bool acts_on(const Block& block, const importers::Assignment& chosen) {
  std::set<std::string> names = {chosen.name};
  for (const importers::Assignment& each : block.script.assignments) {
    const bool made = std::ranges::any_of(
        names, [&](const std::string& name) { return uses_variable(each.value, name); });
    if (made && each.span.begin > chosen.span.begin) names.insert(each.name);
  }
  return std::ranges::any_of(block.script.commands, [&](const Command& command) {
    const Effect effect = effect_of(command);
    const bool piped = command.context.pipe_length > 1;
    if (((effect == Effect::say || effect == Effect::look) && !piped) || command.context.condition)
      return false;
    return std::ranges::any_of(names, [&](const std::string& name) {
      return std::ranges::any_of(
                 command.words,
                 [&](const importers::Word& word) { return uses_variable(word.text, name); }) ||
             std::ranges::any_of(command.redirects, [&](const importers::Redirect& redirect) {
               return redirect.op.starts_with('<') && uses_variable(redirect.target, name);
             });
    });
  });
}

/// `BACKUP=$(ls -t *.dump | head -1)`, and a restore of it.
void look_at_newest_files(const DocumentFacts& facts, const Block& block,
                          std::vector<model::Finding>& found) {
  for (const importers::Assignment& each : block.script.assignments) {
    const bool sorted =
        has_any(each.value, {"ls -t", "ls -1t", "ls -lt", "--sort=time", "sort -r", "| sort |"}) &&
        has_any(each.value,
                {"head -1", "head -n 1", "head -n1", "tail -1", "tail -n 1", "tail -n1"});
    const bool queried = has(each.value, "sort_by(") && has_any(each.value, {"[0]", "[-1]"}) &&
                         has_any(lower(each.value), {"createtime", "snapshot"});
    if ((!sorted && !queried) ||
        !has_any(lower(each.value), {"backup", "dump", ".sql", "snapshot"}))
      continue;
    const bool used = std::ranges::any_of(facts.document.blocks,
                                          [&](const Block& other) { return acts_on(other, each); });
    const bool restored =
        used && std::ranges::any_of(facts.document.blocks, [&](const Block& other) {
          return std::ranges::any_of(other.script.commands, [&](const Command& command) {
            const bool loads = (effect_of(command) == Effect::restore && command.name() != "tar" &&
                                command.name() != "cp") ||
                               runs(command, "pg_restore") || runs(command, "psql") ||
                               runs(command, "mysql") || runs(command, "mongorestore");
            return loads && command.span.begin > each.span.begin;
          });
        });
    if (!restored) continue;
    add_once(
        found,
        finding(model::Severity::warning, each.span,
                fmt::format("'{}' is whichever copy was made last: it may hold the damage already",
                            each.name),
                "name the copy from before the change, and look at its date and size first"));
    return;
  }
}

/// The second newest of a list of revisions: after a rollback that is the bad one.
void look_at_second_newest(const Block& block, std::vector<model::Finding>& found) {
  const std::string text = lower(block.content.text);
  for (const std::string_view list :
       {"run revisions list", "rollout history", "helm history", "list-task-definitions",
        "list-versions-by-function", "wrangler deployments list", "vercel ls", "git tag --sort",
        "git tag -l", "fly releases", "flyctl releases", "heroku releases", "list-deployments",
        "gh release list", "ls -1dt", "ls -1t", "ls -dt", "ls -td", "ls -t "}) {
    for (std::size_t at = text.find(list); at != std::string::npos; at = text.find(list, at + 1)) {
      // Up to the end of the command, its continued lines included.
      std::size_t end = std::min(text.find('\n', at), text.size());
      while (end > at && end < text.size() && text[end - 1] == '\\')
        end = std::min(text.find('\n', end + 1), text.size());
      const bool second =
          has_any(std::string_view(text).substr(at, end - at),
                  {"limit=2 | tail", "limit 2 | tail", "head -2 | tail", "head -n 2 | tail",
                   "head -n2 | tail", "sed -n 2p", "sed -n '2p'", "nr==2", "nr == 2",
                   "tail -2 | head", "tail -n 2 | head", "'.[1].", "\".[1].", "[1].imageref",
                   "| .[1]", "sed -n \"2p\"", "tail -n +2 | head"});
      // The second newest copy of data is no release.
      const bool copies =
          list.starts_with("ls ") && has_any(std::string_view(text).substr(at, end - at),
                                             {"backup", "dump", ".sql", ".gz", "snapshot"});
      if (copies) continue;
      if (!second) continue;
      add_once(
          found,
          finding(model::Severity::warning, block.content.span(at, at + list.size()),
                  "the second newest is what was deployed before the last one, not what served "
                  "well: run twice, or behind a rollback, it is the release that is sick",
                  "the revision that the last good deploy recorded, or one that is given as an "
                  "argument"));
      break;
    }
  }
}

/// "Choose the most recent backup" where data was deleted or spoilt.
void look_at_newest_in_words(const DocumentFacts& facts, std::vector<model::Finding>& found) {
  for (const importers::Line& line : facts.document.lines) {
    const std::string text = lower(line.text);
    const bool newest =
        has_any(text,
                {"most recent", "latest", "newest", "last automated", "last backup",
                 "last snapshot", "last available", "más reciente", "mais recente", "plus récent",
                 "dernière", "neueste", "letzte", "ostatni", "последн", "最新", "最近", "أحدث"}) &&
        has_any(text, {"backup", "snapshot", "recovery point", "dump", "copia", "respaldo",
                       "sauvegarde", "sicherung", "kopi", "резерв", "备份", "نسخة"});
    if (!newest || line.kind == importers::Line::Kind::paragraph ||
        !is_procedure(facts, line.section) ||
        has_any(text,
                {"before", "prior", "valid", "verified", "known good", "antes", "avant", "vor "}))
      continue;
    if (!section_says(facts.document, line.section,
                      {"corrupt", "delet", "compromis", "ransom", "accident", "data loss",
                       "beschädig", "corromp", "borrad", "损坏", "误删", "فقدان"}))
      continue;
    add_once(
        found,
        finding(
            model::Severity::warning, line.span,
            "the newest copy may have been made after the damage: then it brings the damage back",
            "find out when the damage happened, and take the last copy from before"));
  }
}

/// `git add .` in a rollback: whatever else lies in the folder goes live, too.
void look_at_add(const Command& command, std::vector<model::Finding>& found) {
  if (!is(command, {"git", "add"})) return;
  const auto words = operands(command, 1);
  const bool all = command.has("-A") || command.has("--all") ||
                   (words.size() == 1 && (words[0]->text == "." || words[0]->text == "*"));
  if (!all) return;
  add_once(found,
           finding(model::Severity::warning, command.span,
                   "this commits whatever else lies in the folder, and the push brings it live",
                   "git add with the names of the files that go back"));
}

/// What somebody who starts a rollback may leave out, and what is gone back to then.
void look_at_inputs(const Document& document, std::vector<model::Finding>& found) {
  static const std::set<std::string_view> kMoves = {"latest",  "main", "master",  "head",
                                                    "develop", "edge", "nightly", "stable"};
  const bool back = std::ranges::any_of(document.sections, [](const importers::Section& each) {
    return each.role == Role::rollback;
  });
  for (const importers::Pipeline::Input& input : document.pipeline.inputs) {
    const bool target = has_any(lower(input.name), {"tag", "version", "image", "revision", "commit",
                                                    "sha", "release", "target"});
    if (back && input.value.empty()) {
      add_once(found,
               finding(model::Severity::error, input.span,
                       fmt::format("who leaves '{}' out goes back to the branch as it is: most "
                                   "likely to what is sick",
                                   input.name),
                       "`required: true`; or the version that the last good deploy recorded"));
      continue;
    }
    if (!back || !target || !kMoves.contains(lower(input.value))) continue;
    add_once(
        found,
        finding(
            model::Severity::error, input.span,
            fmt::format("who leaves '{}' out goes back to '{}': that is whatever was built last, "
                        "most likely what is sick",
                        input.name, input.value),
            "no default, and `required: true`; or the version that the last good deploy recorded"));
  }
}

/// `git pull` in a rollback that checks out no commit: it brings the bad one along.
void look_at_pull(const DocumentFacts& facts, const Block& block, const Command& command,
                  std::vector<model::Finding>& found) {
  if (!is(command, {"git", "pull"}) || facts.document.role(block.section) != Role::rollback) return;
  const bool pinned = std::ranges::any_of(block.script.commands, [](const Command& each) {
    return is(each, {"git", "checkout"}) || is(each, {"git", "switch"}) ||
           is(each, {"git", "revert"}) || is(each, {"git", "reset"});
  });
  if (pinned) return;
  add_once(found,
           finding(model::Severity::warning, command.span,
                   "git pull takes whatever the branch holds by then, the bad commit included",
                   "git fetch, and check out the tag or commit that served before"));
}

}  // namespace

std::vector<model::Finding> check_unpinned_target(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  for (const Block* block : shell_blocks(facts.document)) {
    if (!may_go_back(facts, *block) || !is_followed(facts, *block)) continue;
    look_at_newest_files(facts, *block, found);
    look_at_second_newest(*block, found);
    look_at_literal_revisions(facts, *block, found);
    look_at_counted_back(*block, found);
    look_at_default_targets(facts, *block, found);
    look_at_downloads(facts, *block, found);
    for (const Command& command : block->script.commands) {
      look_at_git(*block, command, found);
      look_at_folder(facts, *block, command, found);
      look_at_platforms(command, found);
      look_at_known_targets(command, found);
      look_at_pull(facts, *block, command, found);
      look_at_addresses(facts, command, found);
      look_at_newest(command, found);
      if (facts.document.role(block->section) == Role::rollback) look_at_add(command, found);
    }
  }
  look_at_newest_in_words(facts, found);
  look_at_chosen_by_hand(facts, found);
  look_at_inputs(facts.document, found);
  return found;
}

}  // namespace backout::analyzer::documents
