// Part of unpinned-target: numbers that are counted back, and environments that nobody named.
#include <algorithm>
#include <cctype>
#include <map>

#include <fmt/format.h>

#include "analyzer/documents/flow.hpp"
#include "analyzer/documents/scripts.hpp"

namespace backout::analyzer::documents {

namespace {

/// `$((CURRENT_REVISION - 1))`, `$(expr $VERSION - 1)` of something that deploys are counted by.
bool counts_back(std::string_view text) {
  const std::string low = lower(text);
  for (const std::string_view begin : {"$((", "$(expr "}) {
    const std::size_t at = low.find(begin);
    if (at == std::string::npos) continue;
    std::string inner;
    for (const char c : low.substr(at + begin.size())) {
      if (c == ')') break;
      if (std::isspace(static_cast<unsigned char>(c)) == 0) inner += c;
    }
    if (has_any(inner, {"revision", "version", "release", "_rev", "td_rev", "build_num",
                        "build_number"}) &&
        inner.ends_with("-1"))
      return true;
  }
  return false;
}

/// The variable that `--to-revision` is given, also by another one that holds the whole option;
/// empty for none.
std::string revision_of(const Block& block, const Command& command) {
  const auto given = [](const std::string& text) {
    return variable_at(text, text.find("--to-revision"));
  };
  for (const importers::Word& word : command.words) {
    if (const std::string name = given(word.text); !name.empty()) return name;
    if (!word.text.starts_with('$')) continue;
    for (const importers::Assignment& each : block.script.assignments) {
      if (!uses_variable(word.text, each.name)) continue;
      if (const std::string name = given(each.value); !name.empty()) return name;
    }
  }
  const auto value = command.value("--to-revision");
  return value ? variable_at(*value, 0) : std::string();
}

/// The number that stands for a variable which nobody gives: 1 of `${2:-1}`; empty for none, and
/// for 0, which means the one before.
std::string default_number(const std::string& value) {
  const std::size_t at = value.find(":-");
  if (at == std::string::npos) return {};
  const std::size_t end = value.find_first_not_of("0123456789", at + 2);
  const std::string number = value.substr(at + 2, end - at - 2);
  return end < value.size() && value[end] == '}' && number != "0" ? number : std::string();
}

void look_at_default_revisions(const Block& block, Findings& found) {
  for (const Command& command : block.script.commands) {
    std::string name =
        is(command, {"kubectl", "rollout", "undo"}) ? revision_of(block, command) : std::string();
    if (is(command, {"helm", "rollback"})) {
      const auto words = operands(command, 1);
      if (words.size() > 1) name = variable_at(words[1]->text, 0);
    }
    for (const importers::Assignment& each : block.script.assignments) {
      const std::string number =
          each.name == name && !name.empty() ? default_number(each.value) : std::string();
      if (number.empty()) continue;
      add_once(found, finding(model::Severity::error, each.span,
                              fmt::format("who gives no '{}' goes back to revision {}: one of the "
                                          "oldest, or one that is not kept any more",
                                          name, number),
                              "no default: stop with the history when it is missing"));
    }
  }
}

void look_at_shared_revisions(const Block& block, Findings& found) {
  std::map<std::string, std::pair<const Command*, std::string>> first;  // by the variable
  for (const Command& command : block.script.commands) {
    const bool undo = is(command, {"kubectl", "rollout", "undo"});
    const std::string name = undo ? revision_of(block, command) : "";
    const auto words = operands(command, 2);
    if (name.empty() || words.empty() || !words[0]->literal) continue;
    const auto [before, is_new] = first.try_emplace(name, &command, words[0]->text);
    if (is_new || before->second.second == words[0]->text) continue;
    model::Finding made = finding(model::Severity::error, command.span,
                                  fmt::format("each workload counts its own revisions: '{}' names "
                                              "one release of '{}' and another of '{}'",
                                              name, before->second.second, words[0]->text),
                                  "the revision of each from `kubectl rollout history`, or the "
                                  "image that served before by `kubectl set image`");
    made.related.push_back({before->second.first->span, "the same number"});
    add_once(found, std::move(made));
    return;
  }
}

/// `ENVIRONMENT=${1:-production}`: the argument's number and what stands for it.
bool is_given(const importers::Assignment& each) {
  return each.value.size() > 1 && each.value[0] == '$' &&
         (std::isdigit(static_cast<unsigned char>(each.value[1])) != 0 ||
          (each.value.size() > 2 && each.value[1] == '{' &&
           std::isdigit(static_cast<unsigned char>(each.value[2])) != 0));
}

bool names_environment(const importers::Assignment& each) {
  const std::string name = lower(each.name);
  return begins_word(name, {"env", "target_env", "deploy_env"}) || name == "stage" ||
         name == "environment" || name.ends_with("_env");
}

/// Whether what no pattern of a `case` names ends the script: `*) usage; exit 1 ;;`.
bool stops_at_unknown(const Block& block, const std::string& name) {
  return std::ranges::any_of(block.script.arms, [&](const importers::Arm& arm) {
    if (!arm.rest || !uses_variable(arm.condition, name)) return false;
    return std::ranges::any_of(block.script.commands, [&](const Command& command) {
      return arm.span.begin <= command.span.begin && command.span.begin < arm.span.end &&
             leaves(block, command);
    });
  });
}

bool puts_versions(const Command& command) {
  const Effect effect = effect_of(command);
  return effect == Effect::deploy || effect == Effect::restore || effect == Effect::destroy ||
         command.known().path == "up";
}

}  // namespace

namespace {

/// `$(git log --format=%H -n 2 | tail -1)`, `$(git rev-parse HEAD~1)`: the commit before the
/// newest.
bool takes_commit_before(std::string_view value) {
  const bool second = has(value, "git log") &&
                      (has(value, "--skip=1") || (has_any(value, {"-n 2", "-n2", "-2 ", "-2)"}) &&
                                                  has_any(value, {"tail ", "sed -n 2p", "NR==2"})));
  return second || (has(value, "git rev-parse") &&
                    has_any(value, {"HEAD~1", "HEAD^", "HEAD@{1}", "origin/main~1"}));
}

}  // namespace

void look_at_counted_back(const Block& block, Findings& found) {
  const std::string message =
      "one less than the number of now is not what served before: a deploy that failed or changed "
      "something else has a number, too, "
      "and a second run goes one further back";
  const std::string fix = "the number that the last good deploy recorded";
  for (const importers::Assignment& each : block.script.assignments) {
    if (counts_back(each.value))
      add_once(found, finding(model::Severity::warning, each.span, message, fix));
    const bool used = std::ranges::any_of(block.script.commands, [&](const Command& command) {
      return effect_of(command) != Effect::say && !has(command.name(), "log") &&
             uses_variable(command.line(), each.name);
    });
    if (takes_commit_before(each.value) && (used || !block.script.whole))
      add_once(found, finding(model::Severity::error, each.span,
                              "the commit before the newest is not what served before: a release "
                              "may have several commits, and a second run goes no further, or back "
                              "to what is sick",
                              "the commit or tag that the last good deploy recorded"));
  }
  for (const Command& command : block.script.commands) {
    if (puts_versions(command) &&
        std::ranges::any_of(command.words,
                            [](const importers::Word& word) { return counts_back(word.text); }))
      add_once(found, finding(model::Severity::warning, command.span, message, fix));
  }
  look_at_shared_revisions(block, found);
  look_at_default_revisions(block, found);
}

void look_at_default_targets(const DocumentFacts& facts, const Block& block, Findings& found) {
  if (!facts.document.is_script || facts.document.is_workflow) return;
  if (std::ranges::none_of(block.script.commands, puts_versions)) return;
  const bool asks = std::ranges::any_of(block.script.commands,
                                        [](const Command& each) { return each.name() == "read"; });
  const bool tests_name = has_any(
      lower(block.content.text), {"invalid env", "unknown env", "unsupported env", "invalid target",
                                  "unknown target", "=~ ^(", "must be ", "not valid"});
  for (const importers::Assignment& each : block.script.assignments) {
    if (!is_given(each) || !names_environment(each)) continue;
    const std::string low = lower(each.value);
    const bool live = has_any(low, {":-prod", ":-live", ":=prod"});
    if (live && !asks) {
      add_once(found,
               finding(model::Severity::warning, each.span,
                       fmt::format("who gives no '{}' acts on production, without being asked",
                                   each.name),
                       "no default: stop with the usage when it is missing"));
    }
    if (tests_name || stops_at_unknown(block, each.name)) continue;
    const std::vector<importers::Arm>& arms = block.script.arms;
    for (const importers::Arm& rest : arms) {
      if (!rest.rest || !rest.condition.empty()) continue;
      const auto first = std::ranges::find_if(
          arms, [&](const importers::Arm& arm) { return arm.choice == rest.choice; });
      const std::string condition = lower(first->condition);
      const bool by_name = uses_variable(first->condition, each.name) && has(condition, "=") &&
                           !has_any(condition, {"prod", "live", "!=", "-z", "-n"});
      const auto names =
          std::ranges::count_if(block.script.assignments, [&](const importers::Assignment& set) {
            return rest.span.begin <= set.span.begin && set.span.begin < rest.span.end;
          });
      if (!by_name || names == 0) continue;
      model::Finding made = finding(
          model::Severity::warning, {rest.span.file, rest.span.begin, rest.span.begin + 4},
          fmt::format("whatever else '{}' is, a misspelt name too, takes this branch", each.name),
          "name each environment, and stop at one that is not known");
      made.related.push_back({each.span, "given here, and tested nowhere"});
      add_once(found, std::move(made));
      break;
    }
  }
}

}  // namespace backout::analyzer::documents
