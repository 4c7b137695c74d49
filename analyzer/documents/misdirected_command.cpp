// A command that does not exist, or does something else than it is there for.
#include <algorithm>

#include <fmt/format.h>

#include "analyzer/documents/common.hpp"

namespace backout::analyzer::documents {


namespace {

using Words = std::initializer_list<std::string_view>;

struct Fact {
  std::vector<std::string_view> words;
  model::Severity severity;
  const char* message;
  const char* fix;
};

bool matches(const Command& command, const std::vector<std::string_view>& words) {
  const auto argv = command.argv();
  if (argv.size() < words.size()) return false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (argv[i] != words[i]) return false;
  }
  return true;
}

/// As of 2026; catalogue/ has the same facts with their sources.
const std::vector<Fact>& command_facts() {
  using enum model::Severity;
  static const std::vector<Fact> kAll = {
      {{"railway", "rollback"}, error, "the Railway CLI has no `rollback`", "redeploy the good deployment in the dashboard, or `railway redeploy` it"},
      {{"railway", "deployments"}, warning, "the Railway CLI has no `deployments`", "railway deployment list"},
      {{"railway", "run"}, error, "`railway run` runs the command on this machine with the service's variables, not in the container", "railway ssh -- COMMAND"},
      {{"fly", "releases", "rollback"}, error, "flyctl has no `releases rollback`", "fly deploy --image <image of the good release> (fly releases --image lists them)"},
      {{"flyctl", "releases", "rollback"}, error, "flyctl has no `releases rollback`", "flyctl deploy --image <image of the good release>"},
      {{"supabase", "db", "reset"}, error,
       "`supabase db reset` is no rollback: without --linked it resets the local database only, with --linked it drops all data of the project",
       "write a migration that takes the change back, and `supabase db push` it"},
      {{"supabase", "db", "version"}, error, "the Supabase CLI has no `db version`", "supabase migration list"},
  };
  return kAll;
}

/// `git checkout <sha>` and then `git push ... main`: what is checked out is not what is pushed.
void look_at_push(const Block& block, std::vector<model::Finding>& found) {
  const Command* checkout = nullptr;
  for (const Command& command : block.script.commands) {
    const bool moves = is(command, {"git", "checkout"}) || is(command, {"git", "switch"});
    if (moves) {
      const auto words = operands(command, 1);
      const bool branch = command.has("-b") || command.has("-B") || command.has("-c") || command.has("--") || words.size() != 1 || !words[0]->placeholder ||
                          !has_any(lower(words[0]->text), {"commit", "hash", "sha", "tag", "version"});
      checkout = branch ? nullptr : &command;
    }
    if (checkout == nullptr || !is(command, {"git", "push"})) continue;
    const auto words = operands(command, 1);
    if (words.size() != 2 || has(words[1]->text, ":") || words[1]->text == "HEAD" || has(words[1]->text, "tag")) continue;
    model::Finding made = finding(model::Severity::error, command.span,
                                  fmt::format("this pushes the branch '{}' as it stands, not the commit that is checked out", words[1]->text),
                                  fmt::format("git push {} HEAD:{}", words[0]->text, words[1]->text));
    made.related.push_back({checkout->span, "a commit is checked out here, on no branch"});
    found.push_back(std::move(made));
  }
}

/// A restore of a dump that is called recovery to a point in time.
void look_at_recovery(const DocumentFacts& facts, const Block& block, std::vector<model::Finding>& found) {
  const std::string title = lower(facts.document.title_of(block.section));
  if (!has_any(title, {"point-in-time", "point in time", "pitr"})) return;
  if (has_any(lower(block.content.text), {"recovery_target", "wal", "pgbackrest", "barman", "restore-db-instance", "pitr", "clone"})) return;
  for (const Command& command : block.script.commands) {
    if (command.name() != "pg_restore" && command.name() != "psql") continue;
    found.push_back(finding(model::Severity::error, command.span,
                            "this is no recovery to a point in time: a dump brings back the moment when it was made, and no write since",
                            "replay the write-ahead log (recovery_target_time), or say that the dump's time is what comes back"));
    return;
  }
}

/// `railway down`, and then files are copied in the container that is gone.
void look_at_down(const DocumentFacts& facts, const Block& block, const Command& command, std::vector<model::Finding>& found) {
  if (!is(command, {"railway", "down"})) return;
  for (const Block* later : shell_blocks(facts.document)) {
    if (later->section != block.section || later->span.begin <= block.span.begin) continue;
    for (const Command& next : later->script.commands) {
      if (next.name() != "cp" && next.name() != "sqlite3" && next.name() != "tar") continue;
      model::Finding made = finding(model::Severity::error, command.span,
                                    "`railway down` removes the deployment: no container is left in which the next step could copy anything",
                                    "stop the writers inside the service (maintenance mode), restore, then redeploy");
      made.related.push_back({next.span, "needs the container"});
      found.push_back(std::move(made));
      return;
    }
  }
}

void look_at_snapshot(const Command& command, std::vector<model::Finding>& found) {
  const std::string text = lower(full_of(command));
  if (command.name() != "tar" || !command.has("-x") || !has(text, "qdrant") || !has(text, "snapshot")) return;
  found.push_back(finding(model::Severity::error, command.span,
                          "a Qdrant snapshot is recovered through the API, per collection: unpacked over the storage folder it mixes old files and new ones",
                          "PUT /collections/NAME/snapshots/recover"));
}

/// A SQLite file copied over one whose write-ahead log stays.
void look_at_sqlite(const Block& block, const Command& command, std::vector<model::Finding>& found) {
  if (command.name() != "cp" || command.words.size() < 3 || has_any(block.content.text, {"-wal", ".restore", "wal_checkpoint"})) return;
  const std::string& target = command.words.back().text;
  const std::string& source = command.words[command.words.size() - 2].text;
  const bool database = target.ends_with(".db") || target.ends_with(".sqlite") || target.ends_with(".sqlite3");
  if (!database || !has_any(lower(source), {"backup", "bak", "restore"}) || has_any(lower(target), {"backup", "bak"})) return;
  found.push_back(finding(model::Severity::error, command.span,
                          "the -wal and -shm files of the old database stay: SQLite replays them into the copy, and the restore is undone or the file is spoilt",
                          "stop the writers, remove FILE-wal and FILE-shm, then copy; or sqlite3 FILE '.restore BACKUP'"));
}

}  // namespace

std::vector<model::Finding> check_misdirected_command(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  for (const Block* block : shell_blocks(facts.document)) {
    for (const Command& command : block->script.commands) {
      for (const Fact& fact : command_facts()) {
        if (!matches(command, fact.words)) continue;
        const auto same = [&](const model::Finding& each) { return each.message == fact.message; };
        const auto before = std::ranges::find_if(found, same);
        if (before == found.end()) found.push_back(finding(fact.severity, command.span, fact.message, fact.fix));
        else before->related.push_back({command.span, "here, too"});
      }
      look_at_down(facts, *block, command, found);
      look_at_snapshot(command, found);
      look_at_sqlite(*block, command, found);
    }
    look_at_push(*block, found);
    look_at_recovery(facts, *block, found);
  }
  return found;
}

}  // namespace backout::analyzer::documents
