#include "importers/draft/draft.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "importers/draft/decisions.hpp"
#include "importers/draft/steps.hpp"

namespace backout::importers {

namespace {

/// One way back: a method with the steps that belong to it, and those that belong to none.
struct Path {
  std::string id = {};
  std::string title = {};
  std::string total = {};
  std::string source = {};
  std::vector<const DraftStep*> steps = {};
  bool full = false;
  std::uint32_t way = kNowhere;  ///< its section
};

class Writer {
 public:
  Writer(const DraftInput& input, const Loads& loads)
      : input_(input), loads_(loads), services_(input.repository, input.kinds, ids_) {
    name_paths();
    steps_ = draft_steps(input, services_, ids_);
    make_paths();
    for (const DraftService& service : services_.all()) {
      release_ids_.emplace(service.id, ids_.take("release_" + service.id, "release"));
    }
  }

  Draft write() {
    std::string text = render();
    // A typed action that does not load becomes the command again; every round takes at least one back.
    for (std::size_t round = 0; round < 50; ++round) {
      const std::vector<model::Mistake> mistakes = loads_(text);
      if (mistakes.empty() || !take_back(mistakes, text)) break;
      text = render();
    }
    Draft draft;
    draft.text = std::move(text);
    draft.questions = questions();
    for (const Path& path : paths_) draft.titles.emplace(path.id, path.title);
    for (const DraftStep& step : steps_) {
      draft.titles.emplace(step.id, step.title);
      draft.steps += step.actions.size();
      draft.typed += static_cast<std::size_t>(std::ranges::count_if(step.actions, &DraftAction::typed));
    }
    return draft;
  }

 private:
  /// Ids of the ways back come before those of steps: they are what people say.
  void name_paths() {
    for (const Method& method : input_.document.methods) path_ids_.emplace(method.section, ids_.take(method.title, "path"));
  }

  void make_paths() {
    for (const DraftStep& step : steps_) {
      if (step.deploys) continue;
      auto path = std::ranges::find(paths_, step.way, &Path::way);
      if (path == paths_.end()) {
        paths_.push_back(begin_path(step));
        path = paths_.end() - 1;
      }
      path->steps.push_back(&step);
    }
    drop_lists();
    if (paths_.empty()) paths_.push_back({.id = ids_.take("full", "path"), .title = "rollback", .full = true});
    if (paths_.size() == 1) paths_.front().full = true;
  }

  /// A list in a section that is no method, without any command, speaks of ways back and is none, where others have commands.
  void drop_lists() {
    const auto has_commands = [](const Path& path) {
      return std::ranges::any_of(path.steps, [](const DraftStep* step) {
        return std::ranges::any_of(step->actions, [](const DraftAction& action) { return !action.command.empty(); });
      });
    };
    if (std::ranges::none_of(paths_, has_commands)) return;
    std::erase_if(paths_, [&](const Path& path) { return !path_ids_.contains(path.way) && !has_commands(path); });
    std::erase_if(steps_, [&](const DraftStep& step) {
      return !step.deploys && std::ranges::find(paths_, step.way, &Path::way) == paths_.end();
    });
    for (Path& path : paths_) path.steps.clear();  // they have moved
    for (const DraftStep& step : steps_) {
      const auto path = std::ranges::find(paths_, step.way, &Path::way);
      if (!step.deploys && path != paths_.end()) path->steps.push_back(&step);
    }
  }

  Path begin_path(const DraftStep& step) {
    Path path;
    path.way = step.way;
    path.title = step.way == kNowhere ? "rollback" : input_.document.sections[step.way].title;
    if (step.way != kNowhere) path.source = source_of(input_, input_.document.sections[step.way].span);
    for (const Method& method : input_.document.methods) {
      if (method.section == step.way && method.takes) path.total = duration(*method.takes);
    }
    for (const Time& time : input_.document.times) {
      if (path.total.empty() && time.use == Time::Use::takes && time.section == step.way && !time.from_table) path.total = duration(time.range);
    }
    const auto named = path_ids_.find(step.way);
    path.id = named != path_ids_.end() ? named->second : ids_.take(path.title, "path");
    return path;
  }

  std::string render() {
    std::string text = fmt::format(
        "# Drafted from {}. `source` says where each step comes from; `unknown` stands for what the text does not say.\n"
        "backout: 1\nname: {}\nsource: {}\n\nservices:{}\n", input_.shown,
        scalar_text(input_.document.title.empty() ? input_.shown : input_.document.title), scalar_text(input_.shown),
        services_.all().empty() ? " {}" : "");
    for (const DraftService& service : services_.all()) text += service_text(service);
    std::vector<std::pair<std::string, std::string>> titles;
    for (const Path& path : paths_) titles.emplace_back(path.title, path.id);
    text += "\n" + draft_objectives(input_, titles) + "\ndeploy:\n  steps:" + deploy_text() + "\nrollback:\n  paths:\n";
    for (const Path& path : paths_) text += path_text(path);
    std::string steps;
    for (const DraftStep& step : steps_) {
      if (!step.deploys) steps += step_text(step);
    }
    if (!steps.empty()) text += "  steps:\n" + steps;
    const std::string decisions = draft_decisions(input_, paths_.size() == 1 ? paths_.front().id : std::string());
    return decisions.empty() ? text : text + "\n" + decisions;
  }

  std::string service_text(const DraftService& service) const {
    std::string text = fmt::format("  {}:  # {}\n    kind: {}\n", service.id, service.source, service.kind);
    if (services_.is_app(service)) text += "    versions: {current: {}, next: {}}\n    start: current\n";
    return text;
  }

  /// The deploy: the document's own steps, else a release of every app that the rollback goes back with.
  std::string deploy_text() const {
    std::string text;
    for (const DraftStep& step : steps_) {
      if (step.deploys) text += step_text(step);
    }
    if (!text.empty()) return "\n" + text;
    for (const DraftService& service : services_.all()) {
      if (!services_.is_app(service)) continue;
      text += fmt::format("    - {{id: {}, do: deploy, target: {}, version: next}}\n", release_ids_.at(service.id), service.id);
    }
    return text.empty() ? " []\n" : "\n    # The text says nothing of the deploy: taken to release what the rollback takes back.\n" + text;
  }

  static std::string path_text(const Path& path) {
    std::vector<std::string> ids;
    for (const DraftStep* step : path.steps) ids.push_back(step->id);
    std::string text = fmt::format("    {}:  # {}\n      steps: {}\n", path.id, path.title,
                                   ids.empty() ? "unknown" : fmt::format("[{}]", fmt::join(ids, ", ")));
    if (!path.total.empty()) text += fmt::format("      total: {}\n", path.total);
    if (!path.source.empty()) text += fmt::format("      source: {}\n", scalar_text(path.source));
    return path.full ? text + "      full: true\n" : text;
  }

  static std::string action_text(const DraftAction& action) {
    std::string text = fmt::format("{{id: {}", action.id);
    if (action.typed || action.command.empty()) {
      for (const auto& [key, value] : action.keys) text += fmt::format(", {}: {}", key, value);
    } else {
      text += ", do: run";
    }
    if (!action.command.empty() && !(action.typed && action.is_sql)) text += ", command: " + scalar_text(action.command);
    return text + ", source: " + scalar_text(action.source) + "}";
  }

  /// A step of one action is that action; of several, a group.
  static std::string step_text(const DraftStep& step) {
    const bool is_group = step.actions.size() > 1 || step.actions.front().id != step.id;
    std::string text = is_group ? fmt::format("    - id: {}  # {}\n      steps:\n", step.id, step.title) : "";
    for (const DraftAction& action : step.actions) {
      text += is_group ? "        - " + action_text(action) + "\n" : "    - " + action_text(action);
    }
    std::string more;
    if (!step.takes.empty()) more += is_group ? "      takes: " + step.takes + "\n" : ", takes: " + step.takes;
    if (step.is_optional) more += is_group ? "      optional: true\n" : ", optional: true";
    if (!step.checks.empty()) {
      const std::string checks = fmt::format("verify: [{}]", fmt::join(step.checks, ", "));
      more += is_group ? "      " + checks + "\n" : ", " + checks;
    }
    if (is_group) return text + more;
    text.pop_back();  // the brace
    return text + more + "}\n";
  }

  /// Takes the typed actions back that mistakes point at; false when there are none.
  bool take_back(const std::vector<model::Mistake>& mistakes, const std::string& text) {
    bool taken = false;
    for (const model::Mistake& mistake : mistakes) {
      const std::size_t begin = text.rfind("{id: ", std::min<std::size_t>(mistake.span.begin + 5, text.size()));
      if (begin == std::string::npos) continue;
      const std::string id = text.substr(begin + 5, text.find_first_of(",}", begin) - begin - 5);
      for (DraftStep& step : steps_) {
        for (DraftAction& action : step.actions) {
          if (action.id != id || !action.typed) continue;
          action.typed = false;
          taken = true;
        }
      }
    }
    return taken;
  }

  /// What the text leaves open, the most telling first: a time for each path without one, then commands without meaning.
  std::vector<Question> questions() const {
    std::vector<Question> questions;
    for (const Path& path : paths_) {
      const bool is_timed = !path.total.empty() || std::ranges::all_of(path.steps, [](const DraftStep* step) { return !step->takes.empty(); });
      if (is_timed || path.steps.empty()) continue;
      questions.push_back({Question::About::time, fmt::format("How long does '{}' take?", path.title),
                           fmt::format("whether path '{}' is in time", path.id), fmt::format("rollback.paths.{}.total", path.id), {}});
    }
    for (const DraftService& service : services_.all()) {
      if (!services_.is_app(service)) continue;
      questions.push_back({Question::About::traffic, fmt::format("What do the versions of '{}' read and write?", service.id),
                           "whether both versions work on every state of the stores",
                           fmt::format("services.{}.versions", service.id), {}});
    }
    for (const DraftStep& step : steps_) {
      for (const DraftAction& action : step.actions) {
        if (action.typed || action.command.empty()) continue;
        questions.push_back({Question::About::command, fmt::format("What does `{}` change?", action.command),
                             fmt::format("every path that goes through '{}'", action.id),
                             fmt::format("rollback.steps.{}.effects", action.id), {}});
      }
    }
    return questions;
  }

  const DraftInput& input_;
  const Loads& loads_;
  Ids ids_;
  DraftServices services_;
  std::vector<DraftStep> steps_;
  std::vector<Path> paths_;
  std::map<std::uint32_t, std::string> path_ids_;   ///< of methods, by section
  std::map<std::string, std::string> release_ids_;  ///< of the deploy's releases, by service
};

}  // namespace

Draft draft_plan(const DraftInput& input, const Loads& loads) { return Writer(input, loads).write(); }

}  // namespace backout::importers
