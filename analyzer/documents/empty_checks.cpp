// Part of check-cannot-fail: what is called a check and only prints.
#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "analyzer/documents/flow.hpp"
#include "analyzer/documents/loads.hpp"
#include "analyzer/documents/parts.hpp"

namespace backout::analyzer::documents {

namespace {

bool is_called_check(std::string_view name) {
  const std::string low = lower(name);
  return has_any(low, {"verif", "validat", "health", "smoke"}) &&
         !has_any(low, {"report", "notify", "summary", "display", "announce", "print", "show",
                        "usage", "help", "input", "confirmation", "request"});
}

bool says_or_waits(const Command& command) {
  static const std::set<std::string_view> kSays = {"echo",  "printf", "cat",    "sleep", "true",
                                                   ":",     "return", "info",   "warn",  "success",
                                                   "error", "step",   "header", "date"};
  const std::string_view name = command.name();
  const bool reads =
      name == "cat" && std::ranges::none_of(command.redirects, [](const importers::Redirect& each) {
        return each.op.starts_with('>');
      });
  return !reads && (kSays.contains(name) || name.starts_with("log") || name.starts_with("print_") ||
                    name.starts_with("msg"));
}

/// Whether all that is run is said, and something is.
bool only_prints(const std::vector<const Command*>& commands) {
  const bool says = std::ranges::any_of(commands, [](const Command* each) {
    return each->name() == "echo" || each->name() == "printf" || each->name().starts_with("log") ||
           each->name().starts_with("print_");
  });
  return says && std::ranges::all_of(commands, [](const Command* each) {
           return says_or_waits(*each) && each->context.branches == 0;
         });
}

void report(const Command& first, std::string_view name, Findings& found) {
  add_once(
      found,
      finding(model::Severity::error, first.span,
              fmt::format("'{}' looks at nothing: it only prints, and passes whatever the state is",
                          name),
              "ask the application for its health and version, and end with a failure when the "
              "answer is wrong"));
}

/// A workflow that goes back, and asks only whether something answers.
void look_at_versions(const Document& document, Findings& found) {
  if (!document.is_workflow) return;
  // What is written into a log asks nobody, and what is deployed does not answer.
  const auto asks_version = [](const Command& command) {
    if (command.name() == "echo" || command.name() == "printf") return false;
    const std::string& text = command.low_line();
    if (has_any(text, {"--wait", "rollout status"})) return true;
    return effect_of(command) != Effect::deploy &&
           has_any(text, {"/version", ".version", "gitsha", "git_sha", "commit_sha", ".sha",
                          ".commit", "build_id", "revision", "image", "digest"}) &&
           !has_any(text, {"show-tags", "manifest inspect", "docker pull"});
  };
  const std::vector<const Block*> blocks = shell_blocks(document);
  const bool asks = std::ranges::any_of(blocks, [&](const Block* block) {
    return std::ranges::any_of(block->script.commands, asks_version);
  });
  const bool back = std::ranges::any_of(document.sections, [](const importers::Section& each) {
    return each.role == Role::rollback;
  });
  if (asks || !back) return;
  const Command* brings = nullptr;
  for (const Block* block : blocks) {
    for (const Command& command : block->script.commands) {
      if (brings == nullptr &&
          (effect_of(command) == Effect::deploy || command.known().path == "up"))
        brings = &command;
      const bool health = command.name() == "curl" && effect_of(command) == Effect::look &&
                          (has_word(command.low_line(), {"ping"}) ||
                           has_any(command.low_line(), {"health", "ready", "status"}));
      if (!health || (brings == nullptr && document.pipeline.uses.empty())) continue;
      found.push_back(finding(model::Severity::warning, command.span,
                              "this passes on the release that was to go, too: nothing in this "
                              "workflow asks which version answers",
                              "compare the version that the application tells of itself with the "
                              "one that was asked for"));
      return;
    }
  }
}

/// A workflow that goes back, and nothing in it looks whether what it brought back works.
void look_at_unseen_jobs(const Document& document, Findings& found) {
  if (!document.is_workflow) return;
  const auto looks = [](std::string_view text) {
    return says_test(text) || has_any(text, {"health", "smoke", "verif", "curl", "wget", "status",
                                             "--wait", " wait", "nc -z", "validate", "atomic"});
  };
  const bool action =
      std::ranges::any_of(document.pipeline.uses, [&](const importers::Pipeline::Use& use) {
        return looks(lower(use.name + " " + use.action));
      });
  if (action || std::ranges::any_of(document.low().blocks, looks)) return;
  for (const Block* block : shell_blocks(document)) {
    if (document.role(block->section) != Role::rollback) continue;
    for (const Command& command : block->script.commands) {
      const Effect effect = effect_of(command);
      const bool brings = effect == Effect::deploy || effect == Effect::restore ||
                          command.known().path == "up" || command.known().does == "restart";
      if (!brings || command.context.substitution) continue;
      found.push_back(
          finding(model::Severity::warning, command.span,
                  fmt::format("nothing behind '{}' looks whether what it brought back works: the "
                              "run is green as soon as the command was accepted",
                              text_of(command)),
                  "ask the application for its health and its version, with a bound, and fail when "
                  "the answer is wrong"));
      return;
    }
  }
}

/// Whether a command of a script finds out how things are: lists and descriptions that nobody
/// compares do not.
bool finds_out(const Command& command) {
  static const std::set<std::string_view> kAsks = {"curl",   "wget", "nc",         "pg_isready",
                                                   "httpie", "http", "mysqladmin", "ping"};
  if (kAsks.contains(command.name())) return true;
  const std::string& text = command.low_line();
  if (command.name() == "sleep" || only_tells(command)) return false;
  if (effect_of(command) == Effect::wait || has_any(text, {"verif", "health", "smoke", "is-active",
                                                           "--wait", "select ", "rollout status"}))
    return true;
  const bool own =
      is_own_script(command) || command.known().existence == catalogue::Existence::unknown_tool;
  if (own && (says_test(text) || has_any(text, {"valid", "wait", "ready"}))) return true;
  // What is listed goes into a filter or a variable.
  return effect_of(command) == Effect::look &&
         (command.context.pipe_length > 1 ||
          (command.context.substitution && !command.context.assigns.empty() &&
           command.context.branches > 0));
}

/// Where the branches of a run end the script with a failure for the last time, by branch.
std::map<std::uint32_t, std::uint32_t> failures_of(const Block& block, const Run& run) {
  std::map<std::uint32_t, std::uint32_t> last;
  for (const Ran& each : run.commands) {
    const bool well = each.command->words.size() > 1 && each.command->words[1].text == "0";
    if (each.arms.empty() || well || !leaves(block, *each.command)) continue;
    std::uint32_t& place = last[each.arms.back()];
    place = std::max(place, each.command->span.begin);
  }
  return last;
}

/// A script that goes back, and nothing in it looks whether what it brought back works.
void look_at_unseen_scripts(const DocumentFacts& facts, Findings& found) {
  const Document& document = facts.document;
  const std::string name = file_name_of(facts);
  if (!document.is_script || document.is_workflow ||
      !has_any(name, {"rollback", "roll-back", "roll_back", "restore", "revert", "undo"}))
    return;
  const Command* brings = nullptr;  // the last one behind which nothing has looked yet
  bool looked = false;
  for (const Block* block : shell_blocks(document)) {
    const Run run(*block);
    const std::map<std::uint32_t, std::uint32_t> failures = failures_of(*block, run);
    for (const Ran& ran : run.commands) {
      const Command& command = *ran.command;
      // What a failed look leads to.
      const bool way_out = std::ranges::any_of(ran.arms, [&](std::uint32_t arm) {
        const auto failure = failures.find(arm);
        return failure != failures.end() && failure->second > command.span.begin;
      });
      const Effect effect = effect_of(command);
      const bool back = effect == Effect::deploy || effect == Effect::restore ||
                        command.known().does == "switch" || command.known().path == "up" ||
                        loads_copy(*block, command) ||
                        ((command.name() == "rsync" || command.name() == "scp") &&
                         has(command.words.back().text, ":"));
      // Behind the look a link only records which release was the one before.
      const bool records = looked && command.name() == "ln";
      if (back && !records && !command.context.substitution && !way_out) {
        brings = &command;
      } else if (finds_out(command)) {
        brings = nullptr;
        looked = true;
      }
    }
  }
  // A script that only loads a copy may be looked at by whoever calls it, unless it says that all
  // is well.
  const bool says = std::ranges::any_of(document.low().blocks, [](const std::string& text) {
    return has_any(text, {"success", "complete", "restored!"});
  });
  if (brings == nullptr ||
      (!says && !has_any(name, {"rollback", "roll-back", "roll_back", "revert", "undo"})))
    return;
  found.push_back(
      finding(model::Severity::warning, brings->span,
              fmt::format("nothing behind '{}' looks whether what it brought back works: the "
                          "script ends well as soon as the command was accepted",
                          text_of(*brings)),
              "ask the application for its health and its version, with a bound, and fail when the "
              "answer is wrong"));
}

}  // namespace

void look_at_empty_checks(const DocumentFacts& facts, Findings& found) {
  for (const Block* block : shell_blocks(facts.document)) {
    if (!is_followed(facts, *block) || !runs_as_script(*block)) continue;
    for (const std::string& function : block->script.functions) {
      std::vector<const Command*> inside;
      for (const Command& command : block->script.commands) {
        if (command.context.function == function) inside.push_back(&command);
      }
      if (is_called_check(function) && only_prints(inside))
        report(*inside.front(), function, found);
    }
    const std::string_view title = facts.document.title_of(block->section);
    if (!facts.document.is_workflow || !is_called_check(title)) continue;
    std::vector<const Command*> all;
    for (const Command& command : block->script.commands) all.push_back(&command);
    if (only_prints(all)) report(*all.front(), title, found);
  }
  look_at_versions(facts.document, found);
  look_at_unseen_jobs(facts.document, found);
  look_at_unseen_scripts(facts, found);
}

}  // namespace backout::analyzer::documents
