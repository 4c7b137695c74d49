// Part of misdirected-command: what a command is given cannot be what is meant.
#include <algorithm>
#include <cctype>
#include <set>

#include <fmt/format.h>

#include "analyzer/documents/scripts.hpp"

namespace backout::analyzer::documents {

namespace {

/// Whether each bracket of a text that begins like JSON has its other one.
bool closes(std::string_view text) {
  std::string open;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '\\') {
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && (c == '{' || c == '[')) {
      open += c == '{' ? '}' : ']';
    } else if (!quoted && (c == '}' || c == ']')) {
      if (open.empty() || open.back() != c) return false;
      open.pop_back();
    }
  }
  return open.empty() && !quoted;
}

bool begins_like_json(std::string_view text) {
  std::string begin;
  for (const char c : text) {
    if (c != ' ' && c != '\n' && begin.size() < 2) begin += c;
  }
  return begin == "{\"" || begin == "[{" || begin == "[\"";
}

/// `kubectl patch -p '{"spec": {...}'`.
void look_at_json(const Command& command, Findings& found) {
  static const std::set<std::string_view> kTools = {"kubectl", "curl", "aws",   "az",     "gcloud",
                                                    "gh",      "oc",   "vault", "consul", "argocd"};
  if (!kTools.contains(command.known().tool)) return;
  for (const importers::Word& word : command.words) {
    const bool open = has_any(word.text, {"...", "…", "<", "$", "{{"});
    if (!word.quoted || !word.literal || open || !begins_like_json(word.text) || closes(word.text))
      continue;
    add_once(found, finding(model::Severity::error, word.span,
                            "this is no JSON: a bracket or a quote has no other one, and the "
                            "command is refused",
                            "close it, and try the command with --dry-run or against a test"));
  }
}

/// `psql -c "BEGIN; -- the statements; COMMIT;"`: on one line the rest is a comment.
void look_at_comments_of_sql(const Command& command, Findings& found) {
  const std::string& sql = command.known().sql;
  const std::size_t at = sql.find("-- ");
  if (at == std::string::npos || sql.find('\n', at) != std::string::npos) return;
  const bool begins = at == 0 || sql[at - 1] == ' ' || sql[at - 1] == ';';
  const std::string rest = sql.substr(at + 3);
  if (!begins || sql.find('\'') < at || !has(rest, ";")) return;
  add_once(found,
           finding(model::Severity::error, command.span,
                   fmt::format("behind `--` the rest of the line is a comment: '{}' is never "
                               "run, and the command ends well",
                               rest),
                   "a file with one statement a line, or `/* ... */`"));
}

/// `docker exec db pg_ctl promote`: the image's programs are root's there.
void look_at_root(const Command& command, Findings& found) {
  const catalogue::Known& known = command.known();
  if (known.tool != "pg_ctl" || known.wrappers.empty()) return;
  const bool in_container =
      std::ranges::any_of(known.wrappers, [](const catalogue::Wrapper& wrapper) {
        return wrapper.elsewhere && wrapper.command.starts_with("docker") &&
               wrapper.command.ends_with("exec");
      });
  const std::string& text = command.line();
  const std::string before = text.substr(0, text.find("pg_ctl"));
  if (!in_container || has_any(before, {" -u", "--user", "gosu ", " su ", "sudo "})) return;
  add_once(found, finding(model::Severity::error, command.span,
                          "pg_ctl refuses to run as root, and root is who runs what is executed in "
                          "a container of the PostgreSQL image",
                          "-u postgres behind `exec`"));
}

/// `curl ".../query?query=rate(errors[5m])"`: curl reads brackets as a range of addresses.
void look_at_ranges(const Command& command, Findings& found) {
  if (command.known().tool != "curl" || command.has("-g") || command.has("--globoff")) return;
  for (std::size_t i = command.name_index() + 1; i < command.words.size(); ++i) {
    const std::string& text = command.words[i].text;
    if (!has(text, "://") || command.words[i - 1].text.starts_with("--data")) continue;
    for (std::size_t at = text.find('['); at != std::string::npos; at = text.find('[', at + 1)) {
      std::size_t end = at + 1;
      while (end < text.size() && std::isdigit(static_cast<unsigned char>(text[end])) != 0) ++end;
      const bool window = end > at + 1 && end + 1 < text.size() &&
                          has("smhdw", text.substr(end, 1)) && text[end + 1] == ']' &&
                          text[at - 1] != '\\';
      if (!window) continue;
      add_once(found, finding(model::Severity::error, command.words[i].span,
                              fmt::format(
                                  "curl reads '{}' in an address as a range of addresses and stops "
                                  "there: nothing is asked",
                                  text.substr(at, end + 2 - at)),
                              "curl -G --data-urlencode 'query=...', or curl -g"));
      return;
    }
  }
}

/// "# Check the deployment", and below it `vercel --prod --logs`, which deploys.
void look_at_deploying_looks(const Command& command, Findings& found) {
  static const std::set<std::string_view> kTools = {"vercel",   "netlify",  "railway", "flyctl",
                                                    "wrangler", "firebase", "heroku"};
  const catalogue::Known& known = command.known();
  if (known.does != "deploy" || !kTools.contains(known.tool)) return;
  const std::string comment = lower(command.comment);
  const std::string_view said = std::string_view(comment).substr(
      std::min(comment.find_first_not_of(" #0123456789.)"), comment.size()));
  static constexpr std::string_view kLooks[] = {"check ",   "verify ",     "view ", "inspect ",
                                                "monitor ", "get current", "list ", "show ",
                                                "watch ",   "look "};
  const bool looks = importers::begins_with_any(said, kLooks) &&
                     !has_any(said, {"deploy the", "redeploy", "then deploy", "and deploy"});
  if (!looks) return;
  add_once(found, finding(model::Severity::error, command.span,
                          fmt::format("this is meant as a look, and `{}` deploys what the folder "
                                      "holds now",
                                      known.command),
                          "the command that lists or inspects (`vercel inspect URL`, `vercel logs "
                          "URL`)"));
}

}  // namespace

void look_at_payloads(const Block& block, Findings& found) {
  for (const Command& command : block.script.commands) {
    look_at_json(command, found);
    look_at_comments_of_sql(command, found);
    look_at_root(command, found);
    look_at_ranges(command, found);
    look_at_deploying_looks(command, found);
  }
}

bool clears_away(const Block& block, const Command& command) {
  const std::string& function = command.context.function;
  return !function.empty() && has_any(block.content.text, {"trap " + function, "trap '" + function,
                                                           "trap \"" + function});
}

}  // namespace backout::analyzer::documents
