// Part of misdirected-command and of undo-leaves-rest: what follows when the code goes back in a
// working copy.
#include <algorithm>

#include <fmt/format.h>

#include "analyzer/documents/parts.hpp"

namespace backout::analyzer::documents {

namespace {

bool is_branch_name(const importers::Word& word) {
  const std::string text = lower(word.text);
  return has_any(text, {"branch", "feature/", "hotfix/", "release/"}) ||
         has_word(text, {"main", "master", "develop", "dev", "production", "prod", "staging",
                         "release", "stable"});
}

/// A checkout of a commit or a tag: afterwards no branch is checked out.
bool leaves_branch(const Command& command) {
  if (!is(command, {"git", "checkout"}) && !is(command, {"git", "switch"})) return false;
  const auto words = operands(command, 1);
  if (words.size() != 1 || command.has("--") || command.has("-b") || command.has("-B") ||
      command.has("-c") || command.has("-f"))
    return false;
  const std::string text = lower(words[0]->text);
  const bool commit = words[0]->placeholder ||
                      has_any(text, {"tag", "commit", "sha", "hash", "version", "last_good",
                                     "last-good", "known", "prev"}) ||
                      (text.size() > 1 && text[0] == 'v' && text[1] >= '0' && text[1] <= '9');
  return commit && !is_branch_name(*words[0]);
}

/// `git reset --hard COMMIT`, that is not one of a branch of the server.
bool resets(const Command& command) {
  if (!is(command, {"git", "reset"}) || !command.has("--hard")) return false;
  const auto words = operands(command, 1);
  return words.size() == 1 && !words[0]->text.starts_with("origin/") && words[0]->text != "HEAD" &&
         !is_branch_name(*words[0]);
}

/// What installs packages for the code of a document: `composer`, `pip`, `npm`; empty where nothing
/// says.
struct Packages {
  std::string_view tool;
  std::string_view command;
};
Packages packages_of(const DocumentFacts& facts, const Block& block) {
  const Document& document = facts.document;
  const bool laravel = std::ranges::any_of(
      block.script.commands, [](const Command& each) { return each.known().tool == "artisan"; });
  if (laravel) return {"composer", "composer install --no-dev"};
  if (document_says(document,
                    {"requirements.txt", "pip install", "gunicorn", "uvicorn", "manage.py"}))
    return {"pip", "pip install -r requirements.txt"};
  if (document_says(document,
                    {"npm ci", "npm install", "package.json", "yarn install", "pnpm install"}))
    return {"npm", "npm ci"};
  return {};
}

bool installs(const Command& command) {
  const std::string text = command.line() + " ";
  return is_own_script(command) ||
         has_any(text, {" ci ", " install ", " i ", "composer ", "bundle ", "pip ", "pip3 ",
                        "poetry ", "uv sync", "pipenv ", "docker ", "yarn ", "make ", "dotnet ",
                        "go build", "cargo ", "mvn", "gradle", "deploy"});
}

bool restarts_service(const Command& command) {
  const catalogue::Known& known = command.known();
  const bool service =
      (known.tool == "systemctl" || known.tool == "supervisorctl" || known.tool == "service") &&
      (known.does == "restart" || known.does == "start");
  return service && !has_any(command.line(), {"nginx", "postgres", "redis", "mysql", "docker",
                                              "apache", "caddy", "rabbit"});
}

}  // namespace

void look_at_pulls_behind(const Block& block, Findings& found) {
  const Command* checkout = nullptr;
  const Command* reset = nullptr;
  for (const Command& command : block.script.commands) {
    if (leaves_branch(command))
      checkout = &command;
    else if (is(command, {"git", "checkout"}) || is(command, {"git", "switch"}))
      checkout = nullptr;
    if (resets(command)) reset = &command;
    if (is(command, {"git", "push"}) || is(command, {"git", "revert"}) || command.name() == "ssh" ||
        command.name() == "cd")
      reset = nullptr;
    if (!is(command, {"git", "pull"}) || command.context.or_else || command.has("--tags")) continue;
    const Command* before = checkout != nullptr ? checkout : reset;
    if (before == nullptr) continue;
    const bool named = operands(command, 1).size() > 1;
    model::Finding made =
        finding(model::Severity::error, command.span,
                checkout != nullptr && !named
                    ? fmt::format("'{}' leaves no branch checked out: `git pull` has nothing to "
                                  "pull and is refused",
                                  text_of(*before))
                    : fmt::format("this brings back what '{}' took away: the branch on the server "
                                  "still holds the bad commits",
                                  text_of(*before)),
                "git fetch before the checkout, and no pull behind it");
    made.related.push_back({before->span, "the code goes back here"});
    add_once(found, std::move(made));
    checkout = reset = nullptr;
  }
}

void look_at_other_packages(const DocumentFacts& facts, const Block& block, Findings& found) {
  if (has_any(block.content.text, {"docker", "kubectl", "podman"})) return;
  const Packages packages = packages_of(facts, block);
  if (packages.tool.empty()) return;
  const Command* checkout = nullptr;
  for (const Command& command : block.script.commands) {
    const bool goes = is(command, {"git", "checkout"}) || is(command, {"git", "reset"}) ||
                      is(command, {"git", "switch"});
    if (goes && !command.has("--") && !command.has("-b")) checkout = &command;
    if (installs(command)) checkout = nullptr;
    const bool artisan = command.known().tool == "artisan" && command.known().path != "down" &&
                         command.known().path != "up";
    if (checkout == nullptr || (!restarts_service(command) && !artisan)) continue;
    model::Finding made = finding(model::Severity::warning, command.span,
                                  "this does not bring everything back: the packages are those "
                                  "that the newer commit installed",
                                  fmt::format("`{}` behind the checkout", packages.command));
    made.related.push_back({checkout->span, "the code goes back here"});
    add_once(found, std::move(made));
    return;
  }
}

}  // namespace backout::analyzer::documents
