// What other tools call the keys of a plan: pipelines, infrastructure, orchestration, playbooks.
// Edit distance does not find `target` for `host`; this does.
#include <algorithm>
#include <cctype>
#include <initializer_list>
#include <optional>

#include "model/load_context.hpp"

namespace backout::model {
namespace {

struct OtherWord {
  std::string_view word;
  std::initializer_list<std::string_view> keys;  ///< what it may mean here, the likeliest first
};

const OtherWord kOtherWords[] = {
    // What a step acts on, and what it does.
    {"on", {"target"}},
    {"service", {"target", "of", "on"}},
    {"host", {"target", "url"}},
    {"hosts", {"target", "url"}},
    {"resource", {"target"}},
    {"component", {"target"}},
    {"app", {"target"}},
    {"database", {"target"}},
    {"environment", {"target"}},
    {"action", {"do"}},
    {"verb", {"do"}},
    {"operation", {"do", "operations"}},
    {"module", {"do"}},
    {"task", {"do"}},
    {"uses", {"do"}},
    {"type", {"kind", "do"}},
    {"run", {"do", "command"}},
    {"script", {"command", "do"}},
    {"cmd", {"command", "do"}},
    {"exec", {"command", "do"}},
    {"shell", {"command", "do"}},
    {"query", {"text", "sql"}},
    // What it is called, and what is said of it.
    {"name", {"id"}},
    {"key", {"id"}},
    {"step", {"id"}},
    {"label", {"id", "name"}},
    {"title", {"id", "name", "note"}},
    {"description", {"note"}},
    {"comment", {"note"}},
    {"summary", {"note"}},
    {"doc", {"note", "source"}},
    {"link", {"source"}},
    // Order and time.
    {"depends_on", {"needs", "uses"}},
    {"dependencies", {"needs", "uses"}},
    {"requires", {"needs", "uses"}},
    {"require", {"needs", "requires", "uses"}},
    {"prerequisites", {"needs", "precheck"}},
    {"wait_for", {"needs", "after"}},
    {"duration", {"takes"}},
    {"time", {"takes"}},
    {"estimate", {"takes"}},
    {"estimated_time", {"takes"}},
    {"eta", {"takes"}},
    {"delay", {"after"}},
    {"sleep", {"after"}},
    {"deadline", {"within", "timeout"}},
    {"timeout_minutes", {"timeout"}},
    {"timeout_seconds", {"timeout"}},
    // Checks, and what follows when one fails.
    {"check", {"verify"}},
    {"checks", {"verify"}},
    {"assert", {"verify"}},
    {"test", {"verify"}},
    {"validate", {"verify"}},
    {"validation", {"verify"}},
    {"verification", {"verify"}},
    {"health_check", {"verify"}},
    {"healthcheck", {"verify"}},
    {"postcheck", {"verify"}},
    {"if", {"precheck", "when"}},
    {"when", {"precheck"}},
    {"only_if", {"precheck", "when"}},
    {"condition", {"precheck", "when"}},
    {"precondition", {"precheck"}},
    {"preconditions", {"precheck"}},
    {"on_error", {"on_failure"}},
    {"on_fail", {"on_failure"}},
    {"ignore_errors", {"critical"}},
    {"continue_on_error", {"critical"}},
    {"allow_failure", {"critical"}},
    {"attempts", {"retry", "retries"}},
    {"max_attempts", {"retry", "retries"}},
    {"max_retries", {"retry", "retries"}},
    // The way back.
    {"rollback", {"undo"}},
    {"revert", {"undo", "rollback"}},
    {"down", {"undo", "rollback"}},
    {"inverse", {"undo"}},
    {"on_rollback", {"undo"}},
    {"reverts", {"undoes"}},
    {"reverses", {"undoes"}},
    {"rolls_back", {"undoes"}},
    {"undo_of", {"undoes"}},
    {"irreversible", {"point_of_no_return"}},
    {"teardown", {"rollback"}},
    {"destroy", {"rollback"}},
    // Who, and whether somebody is asked first.
    {"owner", {"by"}},
    {"who", {"by"}},
    {"actor", {"by"}},
    {"role", {"by"}},
    {"runs_on", {"by", "via"}},
    {"runner", {"by", "via"}},
    {"approval", {"gate"}},
    {"approve", {"gate"}},
    {"manual", {"gate", "by"}},
    {"pause", {"gate"}},
    // The rest of a plan.
    {"jobs", {"steps", "deploy"}},
    {"stages", {"steps", "deploy"}},
    {"tasks", {"steps", "deploy"}},
    {"actions", {"steps", "deploy"}},
    {"phases", {"steps", "deploy"}},
    {"pipeline", {"deploy"}},
    {"release", {"deploy"}},
    {"resources", {"services"}},
    {"components", {"services"}},
    {"systems", {"services"}},
    {"apps", {"services"}},
    {"scenarios", {"paths"}},
    {"strategies", {"paths"}},
    {"methods", {"paths"}},
    {"slo", {"objectives"}},
    {"slos", {"objectives"}},
    {"sla", {"objectives"}},
    {"snapshots", {"backups"}},
    {"triggers", {"decisions"}},
    {"exclude", {"ignore"}},
    {"disable", {"ignore"}},
    // Services and their versions.
    {"current", {"start"}},
    {"current_version", {"start"}},
    {"initial", {"start"}},
    {"active", {"start", "live"}},
    {"releases", {"versions"}},
    {"image", {"artefact"}},
    {"artifact", {"artefact"}},
    {"build", {"artefact"}},
    {"digest", {"artefact", "image"}},
    {"tag", {"artefact", "version", "ref", "image"}},
    {"revision", {"to_revision", "version", "ref"}},
    {"replicas", {"instances"}},
    {"scale", {"instances"}},
};

/// `dependsOn` and `depends-on` as depends_on.
std::string in_snake_case(std::string_view word) {
  std::string text;
  for (const char c : word) {
    const bool upper = c >= 'A' && c <= 'Z';
    if (upper && !text.empty() && text.back() != '_') text += '_';
    text += c == '-' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return text;
}

/// What other tools mean by the word: empty where the map says all of that already, nullopt for
/// what is no such word here.
std::optional<std::string> by_table(std::string_view word, const Node& map,
                                    const std::vector<std::string>& known) {
  const auto found = std::ranges::find(kOtherWords, in_snake_case(word), &OtherWord::word);
  if (found == std::end(kOtherWords)) return std::nullopt;
  bool is_said = false;
  for (const std::string_view key : found->keys) {
    if (std::ranges::find(known, key) == known.end()) continue;
    if (map.find(key) == nullptr) return std::string(key);
    is_said = true;
  }
  return is_said ? std::optional<std::string>("") : std::nullopt;
}

}  // namespace

std::string key_meant(std::string_view word, const Node& map,
                      const std::vector<std::string>& known) {
  const std::optional<std::string> key = by_table(word, map, known);
  return key ? *key : nearest(word, known);
}

std::string said_instead(std::string_view key, const Node& map,
                         const std::vector<std::string>& known) {
  constexpr std::size_t kShort = 3;  // `to` is no slip of `do`
  for (const Node::Entry& entry : map.entries) {
    if (std::ranges::find(known, entry.key) != known.end()) continue;
    const bool is_slip = entry.key.size() > kShort && nearest(entry.key, known) == key;
    if (by_table(entry.key, map, known) == key || is_slip) return entry.key;
  }
  return {};
}

}  // namespace backout::model
