// Part of misdirected-command: compose commands without the file that the others name, images that
// are fetched and not started, and looks at this machine when what went back runs elsewhere.
#include <algorithm>
#include <map>
#include <set>
#include <string>

#include <fmt/format.h>

#include "analyzer/documents/parts.hpp"
#include "analyzer/documents/prose.hpp"

namespace backout::analyzer::documents {

namespace {

/// The compose file that a command names; empty for none. Nothing where it is no command of
/// compose.
std::string file_of(const Command& command) {
  for (std::size_t i = command.name_index() + 1; i + 1 < command.words.size(); ++i) {
    const std::string& word = command.words[i].text;
    if (!word.starts_with('-') && word != "compose" && !command.words[i - 1].text.starts_with('-'))
      break;  // `logs -f` follows
    if (word == "-f" || word == "--file") return command.words[i + 1].text;
    if (word.starts_with("--file=")) return word.substr(7);
  }
  return {};
}

bool is_compose(const Command& command) {
  return is(command, {"docker", "compose"}) || command.name() == "docker-compose" ||
         runs(command, "docker-compose");
}

/// What speaks to the services of a project, whichever file it comes from.
bool needs_file(const Command& command) {
  static const std::set<std::string_view> kPaths = {
      "ps", "exec", "logs", "up", "down", "stop", "start", "restart", "build", "pull", "run"};
  return std::ranges::any_of(
             command.words,
             [&](const importers::Word& word) { return kPaths.contains(word.text); }) &&
         !command.has("-p") && !command.has("--project-name");
}

bool has_edit(const Block& block) {
  return has_any(block.content.text,
                 {"sed ", "nano ", "vim ", "vi ", "yq ", "export ", "docker tag", "envsubst", "cp ",
                  "mv ", "tee ", ">> ", "git checkout", "kubectl"});
}

}  // namespace

void look_at_compose_files(const DocumentFacts& facts, Findings& found) {
  if (document_says(facts.document, {"compose_file", "alias "})) return;
  std::map<std::uint32_t, std::map<std::string, std::size_t>> named;
  std::map<std::uint32_t, std::vector<const Command*>> open;
  for (const Block* block : shell_blocks(facts.document)) {
    if (!is_followed(facts, *block)) continue;
    const std::uint32_t unit = facts.document.procedure_of(block->section);
    for (const Command& command : block->script.commands) {
      if (!is_compose(command)) continue;
      const std::string file = file_of(command);
      // `cd folder` may lead to another project.
      if (!file.empty())
        ++named[unit][file];
      else if (needs_file(command) && command.environment.empty() &&
               !has(block->content.text, "COMPOSE_FILE"))
        open[unit].push_back(&command);
    }
  }
  for (const auto& [unit, commands] : open) {
    const auto files = named.find(unit);
    if (files == named.end() || files->second.size() != 1) continue;
    const auto& [file, count] = *files->second.begin();
    const std::string name = file.substr(file.rfind('/') + 1);
    const bool of_other = name != "docker-compose.yml" && name != "docker-compose.yaml" &&
                          name != "compose.yml" && name != "compose.yaml";
    if (!of_other || count < 2 || commands.size() > count) continue;
    for (const Command* command : commands) {
      add_once(found,
               finding(model::Severity::error, command->span,
                       fmt::format("this names no file and speaks to the services of "
                                   "docker-compose.yml; what this procedure starts comes from '{}'",
                                   file),
                       fmt::format("docker compose -f {}", file)));
    }
  }
}

void look_at_fetched_images(const DocumentFacts& facts, const Block& block, Findings& found) {
  if (facts.document.is_workflow || has_edit(block)) return;
  const Role role = facts.document.role(block.section);
  if (role != Role::rollback && !is_procedure(facts, block.section)) return;
  const Command* fetched = nullptr;
  for (const Command& command : block.script.commands) {
    const auto words = operands(command, 1);
    const bool tagged = is(command, {"docker", "pull"}) && words.size() == 1 &&
                        has(words[0]->text.substr(words[0]->text.rfind('/') + 1), ":") &&
                        !words[0]->text.ends_with(":latest");
    if (tagged) fetched = &command;
    if (fetched == nullptr || !is_compose(command) || !command.environment.empty() ||
        command.has("--build"))
      continue;
    if (!std::ranges::any_of(command.words,
                             [](const importers::Word& word) { return word.text == "up"; }))
      continue;
    // A hand edit of the file may stand in another block of the same steps.
    const std::uint32_t unit = facts.document.procedure_of(block.section);
    const bool edited = std::ranges::any_of(facts.document.blocks, [&](const Block& other) {
      return &other != &block && facts.document.procedure_of(other.section) == unit &&
             (other.language == importers::Language::yaml || has_edit(other));
    });
    if (edited) return;
    model::Finding made =
        finding(model::Severity::error, command.span,
                fmt::format("'{}' fetches an image, and this starts the one that the compose file "
                            "names: nothing changes the tag in between",
                            text_of(*fetched)),
                "write the tag into the file that compose reads, by a command");
    made.related.push_back({fetched->span, "fetched here"});
    add_once(found, std::move(made));
    return;
  }
}

void look_at_this_machine(const DocumentFacts& facts, Findings& found) {
  const Document& document = facts.document;
  if (document.is_workflow || (document.is_script && !names_rollback(facts))) return;
  // Something of the document runs on this machine, or is brought to it.
  if (document_says(document,
                    {"port-forward", "docker compose", "docker-compose", "docker run", "systemctl",
                     "pm2 ", "ssh ", "minikube", "kind create", "proxy", "tunnel", "k3d", "k3s",
                     "docker exec", "local cluster", "docker desktop"}))
    return;
  // What a cluster takes back runs there, whatever else the words may mean.
  if (document_says(document, {"exec", "local", "kind "}) &&
      !document_says(document, {"kubectl rollout undo", "helm rollback"}))
    return;
  const Command* back = nullptr;
  for (const Block* block : shell_blocks(document)) {
    if (!is_followed(facts, *block)) continue;
    for (const Command& command : block->script.commands) {
      const catalogue::Known& known = command.known();
      const bool remote =
          known.does == "roll_back" &&
          (known.tool == "kubectl" || known.tool == "helm" || known.tool == "flyctl" ||
           known.tool == "heroku" || known.tool == "vercel" || known.tool == "wrangler");
      if (remote && back == nullptr) back = &command;
      std::string address = command.line();
      if (document.is_script) {
        for (const importers::Word& word : command.words)
          address += " " + resolved(*block, word.text);
      }
      const bool asks =
          command.name() == "curl" && !command.context.elsewhere &&
          has_any(address, {"://localhost", "://127.0.0.1", " localhost:", " localhost/"}) &&
          command.known().wrappers.empty();
      if (back == nullptr || !asks) continue;
      model::Finding made =
          finding(model::Severity::error, command.span,
                  fmt::format("this asks this machine, and what '{}' takes back runs elsewhere: "
                              "nothing is brought here to be asked",
                              text_of(*back)),
                  "the address that users take, or `kubectl port-forward` before it");
      made.related.push_back({back->span, "goes back there"});
      add_once(found, std::move(made));
    }
  }
}

}  // namespace backout::analyzer::documents
