#include "importers/draft/draft.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "importers/document/limits.hpp"
#include "importers/document/words.hpp"
#include "importers/draft/decisions.hpp"
#include "importers/draft/notes.hpp"
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
  std::set<const Time*> stated = {};  ///< the times that `total` is
  bool full = false;
  std::uint32_t way = kNowhere;  ///< its section
};

class DraftWriter {
 public:
  DraftWriter(const DraftInput& input, const Loads& loads)
      : input_(input), loads_(loads), services_(input.repository, input.kinds, ids_) {
    name_paths();
    made_ = draft_steps(input, services_, ids_);
    if (!input.deploy.migrations.empty()) migrated_ = services_.database(input.deploy.migrations);
    make_paths();
    for (const DraftService& service : services_.all()) {
      release_ids_.emplace(service.id, ids_.take("release_" + service.id, "release"));
    }
  }

  Draft write() {
    take_answers();
    std::string text = render();
    // A typed action that does not load becomes the command again; every round takes at least one
    // back.
    for (std::size_t round = 0; round < 50; ++round) {
      const std::vector<model::Mistake> mistakes = loads_(text);
      if (mistakes.empty()) break;
      if (take_back(mistakes, text))
        text = render();
      else if (!leave_out(mistakes, text))
        break;
    }
    Draft draft;
    draft.shown = input_.shown;
    draft.text = std::move(text);
    draft.questions = questions();
    for (const Path& path : paths_) draft.titles.emplace(path.id, path.title);
    for (const DraftStep& step : steps_) {
      draft.titles.emplace(step.id, step.title);
      draft.steps += step.actions.size();
      draft.typed +=
          static_cast<std::size_t>(std::ranges::count_if(step.actions, &DraftAction::typed));
    }
    return draft;
  }

 private:
  /// Ids of the ways back come before those of steps: they are what people say.
  void name_paths() {
    for (const Method& method : input_.document.methods) {
      path_ids_.emplace(method.section, ids_.take(way_title(method.section), "path"));
    }
  }

  /// What a section is called: with the section above it where another has the same title.
  std::string way_title(std::uint32_t section) const {
    if (section == kNowhere) return "rollback";
    const Section& own = input_.document.sections[section];
    const auto same = std::ranges::count_if(
        input_.document.sections, [&](const Section& other) { return other.title == own.title; });
    if (same < 2 || own.parent == kNowhere || input_.document.sections[own.parent].level < 2)
      return own.title;
    return input_.document.sections[own.parent].title + ": " + own.title;
  }

  void make_paths() {
    for (const DraftStep& step : steps_) {
      if (step.deploys || step.place != DraftStep::Place::own) continue;
      auto path = std::ranges::find(paths_, step.way, &Path::way);
      if (path == paths_.end()) {
        paths_.push_back(begin_path(step));
        path = paths_.end() - 1;
      }
      path->steps.push_back(&step);
    }
    drop_lists();
    join_procedures();
    add_common_looks();
    if (paths_.empty())
      paths_.push_back({.id = ids_.take("full", "path"), .title = "rollback", .full = true});
    if (paths_.size() == 1) paths_.front().full = true;
  }

  /// Ways that are the choices of one step of a procedure go through its other steps, too: "2. Roll
  /// back" with options A and B.
  void join_procedures() {
    std::set<std::uint32_t> joined;
    for (Path& path : paths_) {
      if (!path_ids_.contains(path.way)) continue;
      std::uint32_t step = input_.document.sections[path.way].parent;
      while (step != kNowhere && !input_.document.is_step(step))
        step = input_.document.sections[step].parent;
      if (step == kNowhere) continue;
      const std::uint32_t procedure = way_of(input_.document, step);
      const auto whole = std::ranges::find(paths_, procedure, &Path::way);
      if (procedure == path.way || whole == paths_.end() || path_ids_.contains(procedure)) continue;
      joined.insert(procedure);
      const std::uint32_t begin = input_.document.sections[path.way].span.begin;
      std::vector<const DraftStep*> steps;
      const auto is_before = [&](const DraftStep* each) { return each->at < begin; };
      std::ranges::copy_if(whole->steps, std::back_inserter(steps), is_before);
      steps.insert(steps.end(), path.steps.begin(), path.steps.end());
      std::ranges::copy_if(whole->steps, std::back_inserter(steps), std::not_fn(is_before));
      path.steps = std::move(steps);
    }
    std::erase_if(paths_, [&](const Path& path) { return joined.contains(path.way); });
  }

  /// A list in a section that is no method, without any command, speaks of ways back and is none,
  /// where others have commands.
  void drop_lists() {
    const auto has_commands = [](const Path& path) {
      return std::ranges::any_of(path.steps, [](const DraftStep* step) {
        return step->looks || std::ranges::any_of(step->actions, [](const DraftAction& action) {
                 return !action.command.empty();
               });
      });
    };
    if (std::ranges::none_of(paths_, has_commands)) return;
    const auto is_said = [&](const Path& path) {
      return (path.steps.size() == 1 && !path.steps.front()->note.empty()) ||
             stands_beside(path, has_commands);
    };
    std::erase_if(paths_, [&](const Path& path) {
      return !path_ids_.contains(path.way) && !has_commands(path) && !is_said(path);
    });
    std::erase_if(steps_, [&](const DraftStep& step) {
      const bool dropped = !step.deploys && step.place == DraftStep::Place::own &&
                           std::ranges::find(paths_, step.way, &Path::way) == paths_.end();
      if (dropped) made_.notes.push_back({"list", step.title, {}, step.takes, step.source});
      return dropped;
    });
    for (Path& path : paths_) path.steps.clear();  // they have moved
    for (const DraftStep& step : steps_) {
      const auto path = std::ranges::find(paths_, step.way, &Path::way);
      if (!step.deploys && step.place == DraftStep::Place::own && path != paths_.end())
        path->steps.push_back(&step);
    }
  }

  /// Looks that a section holds for all ways beside it come before or behind the steps of each of
  /// them.
  void add_common_looks() {
    std::vector<const DraftStep*> homeless;
    std::map<const Path*, std::size_t> fronts;
    for (const DraftStep& step : steps_) {
      if (step.place == DraftStep::Place::own || step.deploys) continue;
      bool found = false;
      for (Path& path : paths_) {
        const bool below = step.common == kNowhere || input_.document.below(path.way, step.common);
        if (!below) continue;
        found = true;
        const bool front = step.place == DraftStep::Place::front;
        path.steps.insert(front ? path.steps.begin() + static_cast<std::ptrdiff_t>(fronts[&path]++)
                                : path.steps.end(),
                          &step);
      }
      if (!found) homeless.push_back(&step);
    }
    if (homeless.empty()) return;
    // Nothing stands beside them: they are a way of their own, or they belong to all.
    for (const DraftStep* step : homeless) {
      if (paths_.empty()) paths_.push_back(begin_path(*step));
      for (Path& path : paths_) {
        const bool front = step->place == DraftStep::Place::front;
        path.steps.insert(front ? path.steps.begin() + static_cast<std::ptrdiff_t>(fronts[&path]++)
                                : path.steps.end(),
                          step);
      }
    }
  }

  /// Whether a list that is called a rollback stands beside sections with commands: a way by hand
  /// among others.
  template <typename Test>
  bool stands_beside(const Path& path, Test has_commands) const {
    if (path.way == kNowhere) return false;
    const Section& own = input_.document.sections[path.way];
    if (!own.own_role || own.role != Role::rollback || own.parent == kNowhere) return false;
    return std::ranges::any_of(paths_, [&](const Path& other) {
      return other.way != path.way && other.way != kNowhere &&
             input_.document.sections[other.way].parent == own.parent && has_commands(other);
    });
  }

  Path begin_path(const DraftStep& step) {
    Path path;
    path.way = step.way;
    path.title = way_title(step.way);
    if (step.way != kNowhere)
      path.source = source_of(input_, input_.document.sections[step.way].span);
    for (const Method& method : input_.document.methods) {
      if (method.section == step.way && method.takes) path.total = duration(*method.takes);
    }
    for (const Time& time : input_.document.times) {
      const bool states =
          time.use == Time::Use::takes && time.section == step.way && !time.from_table;
      if (path.total.empty() && states) path.total = duration(time.range);
      if (states && path.total == duration(time.range)) path.stated.insert(&time);
    }
    const auto named = path_ids_.find(step.way);
    path.id = named != path_ids_.end() ? named->second : ids_.take(path.title, "path");
    return path;
  }

  std::string render() {
    std::string text = fmt::format(
        "# Drafted from {}. `source` says where each step comes from; `unknown` stands for what "
        "the text does not say.\n"
        "backout: 1\nname: {}\nsource: {}\n\nservices:{}\n",
        input_.shown,
        scalar_text(input_.document.title.empty() ? input_.shown : input_.document.title),
        scalar_text(input_.shown), services_.all().empty() ? " {}" : "");
    for (const DraftService& service : services_.all()) {
      if (!refused_.contains(service.id)) text += service_text(service);
    }
    std::vector<DraftWay> ways;
    for (const Path& path : paths_) ways.push_back({path.id, path.title, path.way});
    std::set<const Time*> used = made_.used;
    text += "\n" + draft_objectives(input_, ways, used, answer("objectives.rto")) + "\ndeploy:\n" +
            window_text() + "  steps:" + deploy_text() + "\nrollback:\n";
    if (!made_.total.empty())
      text += fmt::format("  total: {}  # {}\n", made_.total, made_.total_source);
    text += "  paths:\n";
    for (const Path& path : paths_) text += path_text(path);
    std::string steps;
    for (const DraftStep& step : steps_) {
      if (!step.deploys) steps += step_text(step);
    }
    if (!steps.empty()) text += "  steps:\n" + steps;
    const std::string decisions =
        draft_decisions(input_, paths_.size() == 1 ? paths_.front().id : std::string());
    if (!decisions.empty()) text += "\n" + decisions;
    for (const Path& path : paths_) used.insert(path.stated.begin(), path.stated.end());
    const std::string notes = draft_notes(input_, made_, used, text);
    return notes.empty()
               ? text
               : text + "\n# What the text says beside the ways back; nothing is judged by it.\n" +
                     notes;
  }

  std::string service_text(const DraftService& service) const {
    std::string text = fmt::format("  {}:\n    kind: {}\n    source: {}\n", service.id,
                                   service.kind, scalar_text(service.source));
    if (service.id == migrated_) {
      text += fmt::format("    migrations: {}\n", scalar_text(input_.deploy.migrations));
      if (!input_.deploy.migrated_to.empty())
        text += fmt::format("    migrated_to: {}\n", scalar_text(input_.deploy.migrated_to));
    }
    if (services_.is_app(service)) text += versions_text(service);
    return text;
  }

  /// What the versions do, when somebody said so: `none`, or the map of both.
  std::string versions_text(const DraftService& service) const {
    const std::string said = answer(fmt::format("services.{}.versions", service.id));
    const bool is_map =
        said.starts_with('{') && said.ends_with('}') && said.find('\n') == std::string::npos;
    const auto image = input_.deploy.images.find(service.name);
    if (said.empty() && image != input_.deploy.images.end()) {
      const std::string& before = image->second.first;
      return fmt::format(
          "    versions:\n      current: {{artefact: {}}}\n      next: {{artefact: {}}}\n    "
          "start: current\n",
          before.empty() ? "unknown" : scalar_text(before), scalar_text(image->second.second));
    }
    const std::string versions = said == "none"
                                     ? "{current: {operations: none}, next: {operations: none}}"
                                 : is_map ? said
                                          : "{current: {}, next: {}}";
    return fmt::format("    versions: {}\n    start: current\n", versions);
  }

  /// The deploy: the document's own steps, else a release of every app that the rollback goes back
  /// with.
  std::string deploy_text() const {
    std::string text;
    for (const DraftStep& step : steps_) {
      if (step.deploys) text += step_text(step);
    }
    if (!text.empty()) return "\n" + text;
    if (!migrated_.empty() && !refused_.contains(migrated_))
      text += fmt::format("    - {{id: migrate, migrations: {}}}\n", migrated_);
    for (const DraftService& service : services_.all()) {
      if (!services_.is_app(service) || refused_.contains(service.id)) continue;
      text += fmt::format("    - {{id: {}, do: deploy, target: {}, version: next}}\n",
                          release_ids_.at(service.id), service.id);
    }
    return text.empty() ? " []\n"
                        : "\n    # The text says nothing of the deploy: taken to release what the "
                          "rollback takes back.\n" +
                              text;
  }

  /// When the deploy may run, where the text says so: "2-4 AM".
  std::string window_text() const {
    for (const Line& line : input_.document.lines) {
      if (!is_about_window(line)) continue;
      if (const std::string window = clock_window(line.text); !window.empty()) {
        return fmt::format("  window: {}  # {}\n", window, source_of(input_, line.span));
      }
    }
    return {};
  }

  /// Whether a line says when the deploy runs: by its words, or as the time that a step of the
  /// deploy is to run at.
  bool is_about_window(const Line& line) const {
    const std::string text = lower(line.text);
    if (contains_any(text, {"business hours", "office hours", "working hours", "support", "on-call",
                            "oncall", "contact", "avoid", "never", "do not", "don't", "except",
                            "not between", "not during", "bürozeit"}))
      return false;
    if (input_.document.role(line.section) == Role::contacts ||
        input_.document.role(line.section) == Role::communication)
      return false;
    const bool named =
        contains_any(text, {"window", "deploy", "release", "maintenance", "low traffic",
                            "low-traffic", "off-peak", "quiet", "recommended time", "fenster",
                            "ventana", "janela", "fenêtre", "wartung"});
    const Role role = input_.document.role(line.section);
    const bool in_deploy =
        (role == Role::deploy || role == Role::schedule) &&
        contains_any(text, {"time", "when", "start", "uhr", "hora", "heure", "run"});
    return named || in_deploy;
  }

  static std::string path_text(const Path& path) {
    std::vector<std::string> ids;
    for (const DraftStep* step : path.steps) ids.push_back(step->id);
    std::string text =
        fmt::format("    {}:  # {}\n      steps: {}\n", path.id, one_line(path.title),
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
      text += action.changes_nothing ? ", do: run, effects: none" : ", do: run";
      if (!action.contains.empty()) text += ", contains: " + scalar_text(action.contains);
    }
    if (!action.command.empty() && !(action.typed && action.is_sql))
      text += ", command: " + scalar_text(action.command);
    return text + ", source: " + scalar_text(action.source) + "}";
  }

  /// A step of one action is that action; of several, a group.
  static std::string step_text(const DraftStep& step) {
    const bool is_group = step.actions.size() > 1 || step.actions.front().id != step.id;
    std::string text = is_group
                           ? fmt::format("    - id: {}  # {}\n      source: {}\n      steps:\n",
                                         step.id, one_line(step.title), scalar_text(step.source))
                           : "";
    for (const DraftAction& action : step.actions) {
      text += is_group ? "        - " + action_text(action) + "\n" : "    - " + action_text(action);
    }
    std::string more;
    if (!step.takes.empty())
      more += is_group ? "      takes: " + step.takes + "\n" : ", takes: " + step.takes;
    if (step.is_optional) more += is_group ? "      optional: true\n" : ", optional: true";
    if (!step.prechecks.empty()) {
      const std::string checks = fmt::format("precheck: [{}]", fmt::join(step.prechecks, ", "));
      more += is_group ? "      " + checks + "\n" : ", " + checks;
    }
    if (!step.note.empty())
      more += (is_group ? "      note: " : ", note: ") + scalar_text(step.note) +
              (is_group ? "\n" : "");
    if (!step.checks.empty()) {
      const std::string checks = fmt::format("verify: [{}]", fmt::join(step.checks, ", "));
      more += is_group ? "      " + checks + "\n" : ", " + checks;
    }
    if (is_group) return text + more;
    text.pop_back();  // the brace
    return text + more + "}\n";
  }

  /// Takes the typed actions and services back that mistakes point at; false when there are none.
  bool take_back(const std::vector<model::Mistake>& mistakes, const std::string& text) {
    bool taken = false;
    for (const model::Mistake& mistake : mistakes) {
      if (mistake.span.begin < text.find("\nobjectives:")) taken = refuse(mistake, text) || taken;
      const std::size_t begin =
          text.rfind("{id: ", std::min<std::size_t>(mistake.span.begin + 5, text.size()));
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

  /// Makes a comment of each rule or note that does not load: one line of the text that cannot be
  /// typed blanks nothing else.
  static bool leave_out(const std::vector<model::Mistake>& mistakes, std::string& text) {
    bool left = false;
    std::set<std::size_t, std::greater<>> lines;
    for (const model::Mistake& mistake : mistakes) {
      const std::size_t at =
          text.rfind('\n', std::min<std::size_t>(mistake.span.begin, text.size()));
      if (at != std::string::npos) lines.insert(at + 1);
    }
    for (const std::size_t begin : lines) {
      const std::size_t first = text.find_first_not_of(' ', begin);
      if (first == std::string::npos) continue;
      if (text.compare(first, 8, "- {when:") != 0 && text.compare(first, 9, "- {about:") != 0)
        continue;
      text.insert(begin, "#");
      left = true;
    }
    return left;
  }

  /// A service that does not load is left out with its actions, which stay commands.
  bool refuse(const model::Mistake& mistake, const std::string& text) {
    for (const DraftService& service : services_.all()) {
      const std::size_t begin = text.find(fmt::format("\n  {}:\n", service.id));
      const std::size_t end =
          std::min(text.find("\n  ", text.find("\n    source: ", begin)), text.size());
      if (begin == std::string::npos || mistake.span.begin < begin || mistake.span.begin > end)
        continue;
      if (!refused_.insert(service.id).second) continue;
      for (DraftStep& step : steps_) {
        for (DraftAction& action : step.actions) {
          if (std::ranges::find(action.keys, std::pair<std::string, std::string>(
                                                 "target", service.id)) != action.keys.end())
            action.typed = false;
        }
      }
      return true;
    }
    return false;
  }

  /// What somebody answered to the question with this path; empty when nobody did.
  std::string answer(const std::string& path) const {
    const auto found = input_.answers.find(path);
    return found == input_.answers.end() ? std::string() : found->second;
  }

  /// Puts answers where the text is silent.
  void take_answers() {
    for (Path& path : paths_) {
      if (path.total.empty()) path.total = answer(fmt::format("rollback.paths.{}.total", path.id));
    }
    for (DraftStep& step : steps_) {
      for (DraftAction& action : step.actions) {
        if (action.typed || action.command.empty()) continue;
        const std::string said = answer(fmt::format("rollback.steps.{}.effects", action.id));
        if (said == "none")
          action.changes_nothing = true;
        else
          action.contains = said;
      }
    }
  }

  /// A question, unless somebody answered it.
  void ask(std::vector<Question>& questions, Question question) const {
    if (answer(question.path).empty()) questions.push_back(std::move(question));
  }

  /// The stated times of the other paths, the likeliest guess for one without.
  std::string likely_time() const {
    const auto timed =
        std::ranges::find_if(paths_, [](const Path& path) { return !path.total.empty(); });
    return timed == paths_.end() ? std::string() : timed->total;
  }

  /// What the text leaves open, the most telling first: a time for each path without one, then
  /// commands without meaning.
  std::vector<Question> questions() const {
    std::vector<Question> questions;
    const bool has_target = std::ranges::any_of(
        input_.document.times, [](const Time& time) { return time.use == Time::Use::target; });
    for (const Path& path : paths_) {
      const bool is_timed =
          !path.total.empty() || std::ranges::all_of(path.steps, [](const DraftStep* step) {
            return !step->takes.empty();
          });
      if (is_timed || path.steps.empty()) continue;
      ask(questions, {.about = Question::About::time,
                      .text = fmt::format("How long does '{}' take?", path.title),
                      .decides = fmt::format("whether path '{}' is in time", path.id),
                      .likely = likely_time(),
                      .weight = has_target ? 90 : 70,
                      .path = fmt::format("rollback.paths.{}.total", path.id)});
    }
    if (!has_target) {
      ask(questions, {.about = Question::About::target,
                      .text = "How soon after the decision must everything work again?",
                      .decides = "whether any way back is fast enough",
                      .weight = 60,
                      .path = "objectives.rto"});
    }
    for (const DraftService& service : services_.all()) {
      if (!services_.is_app(service)) continue;
      ask(questions,
          {.about = Question::About::traffic,
           .text = fmt::format("What do the versions of '{}' read and write?", service.id),
           .decides = "whether both versions work on every state of the stores",
           .weight = 50,
           .path = fmt::format("services.{}.versions", service.id)});
    }
    ask_commands(questions);
    std::ranges::stable_sort(questions, std::greater<>{}, &Question::weight);
    return questions;
  }

  void ask_commands(std::vector<Question>& questions) const {
    for (const DraftStep& step : steps_) {
      const auto paths = std::ranges::count_if(paths_, [&](const Path& path) {
        return std::ranges::find(path.steps, &step) != path.steps.end();
      });
      for (const DraftAction& action : step.actions) {
        if (action.typed || action.command.empty() || action.changes_nothing) continue;
        ask(questions, {.about = Question::About::command,
                        .text = fmt::format("What does `{}` change?", one_line(action.command)),
                        .decides = fmt::format("every path that goes through '{}'", action.id),
                        .weight = 20 + static_cast<int>(std::min<std::ptrdiff_t>(paths, 9)),
                        .path = fmt::format("rollback.steps.{}.effects", action.id)});
      }
    }
  }

  const DraftInput& input_;
  const Loads& loads_;
  Ids ids_;
  DraftServices services_;
  DraftSteps made_;
  std::vector<DraftStep>& steps_ = made_.steps;
  std::vector<Path> paths_;
  std::string migrated_;  ///< the database that the repository's migrations are of; empty for none
  std::set<std::string> refused_;                   ///< services that do not load
  std::map<std::uint32_t, std::string> path_ids_;   ///< of methods, by section
  std::map<std::string, std::string> release_ids_;  ///< of the deploy's releases, by service
};

}  // namespace

Draft draft_plan(const DraftInput& input, const Loads& loads) {
  Draft draft = DraftWriter(input, loads).write();
  draft.unread = part_read(input.sources[input.document.file].text());
  if (!draft.unread.empty())
    draft.unread +=
        ": the plan says nothing of what follows; split the document, one way back in each";
  else if (std::ranges::any_of(input.document.blocks, [](const Block& block) {
             return block.cut || left_out(block.script);
           }))
    draft.unread =
        "a block is nested deeper than can be read: the plan says nothing of what stands from "
        "there on in it";
  return draft;
}

}  // namespace backout::importers
