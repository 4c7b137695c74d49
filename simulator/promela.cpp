#include "simulator/promela.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <fmt/ostream.h>
#include <fmt/ranges.h>

#include "simulator/cells.hpp"
#include "simulator/promela_text.hpp"

namespace backout::simulator {
namespace {

int word(const StepBits& bits, std::size_t at) {
  return static_cast<int>(static_cast<std::uint32_t>(bits.words[at / 2] >> (at % 2 * 32)));
}

class Promela {
 public:
  Promela(Setting& setting, Search& search, std::ostream& out)
      : setting_(setting), relation_(search.relation()), out_(out) {
    std::size_t tasks = 1;
    for (const Playbook& path : setting.books().paths) tasks = std::max(tasks, path.tasks.size());
    words_ = (tasks + 31) / 32;
  }

  void write(const std::vector<std::pair<SituationId, Progress>>& begins,
             const std::vector<Relation::Answer>& answers) {
    for (const auto& begin : begins) index(begin.second.deployed);
    head(begins.size());
    std::vector<std::string> texts;
    for (const auto& [id, progress] : begins)
      texts.push_back(fmt::format("{{{}, {}}}", id, text(progress)));
    list("Begin", "begin_at", texts);
    texts.clear();
    for (const Relation::Answer& each : answers) {
      texts.push_back(fmt::format("{{{}, {}, {}, {}}}", each.asks, text(each.before), each.to,
                                  text(each.after)));
    }
    texts.push_back("{-1}");
    list("Answer", "answers", texts);
    texts.clear();
    for (SituationId id = 0; id < relation_.situations(); ++id) texts.push_back(situation(id));
    list("Situation", "situations", texts);
    paths();
    fmt::print(out_, "{}", kPromelaBody);
    commands();
  }

 private:
  int index(SetId deployed) {
    return deployed_.try_emplace(deployed, static_cast<int>(deployed_.size())).first->second;
  }
  std::string text(const StepBits& bits) const {
    std::vector<int> all;
    for (std::size_t i = 0; i < words_; ++i) all.push_back(word(bits, i));
    return fmt::format("{}", fmt::join(all, ", "));
  }
  std::string text(const Progress& p) {
    return fmt::format(
        "{{{{{}}}, {{{}}}, {}, {}, {}}}", text(p.ended), text(p.landed), index(p.deployed),
        static_cast<int>(p.phase) | p.task << 4 | p.faults_left << 16 | p.traffic_left << 24,
        int{p.round} | int{p.began} << 1 | int{p.faulted} << 2 | int{p.opaque} << 3);
  }

  /// SPIN reads blocks of C of a limited length: a list is many short ones, of 512 items each.
  void list(const char* type, const char* name, const std::vector<std::string>& items) {
    std::vector<std::string> chunks;
    for (std::size_t from = 0; from < items.size(); from += 512) {
      chunks.push_back(fmt::format("{}_{}", name, from / 512));
      const auto begin = items.begin() + static_cast<std::ptrdiff_t>(from);
      const auto end =
          items.begin() + static_cast<std::ptrdiff_t>(std::min(items.size(), from + 512));
      fmt::print(out_, "c_decl {{\n  static const {} {}[] = {{{}}};\n}}\n", type, chunks.back(),
                 fmt::join(begin, end, ",\n    "));
    }
    fmt::print(out_, "c_decl {{\n  static const {} *const {}[] = {{{}}};\n}}\n", type, name,
               fmt::join(chunks, ", "));
  }

  void head(std::size_t begins) {
    const auto& paths = relation_.paths();
    std::size_t budgets = 0;
    for (const Relation::Path& path : paths) budgets = std::max(budgets, path.budgets);
    fmt::print(
        out_,
        "/* Rollbacks of the plan '{}', as backout's search sees them. See docs/search.md.\n"
        " * spin -a FILE && gcc -O2 -DSAFETY -DNOREDUCE -o pan pan.c && ./pan -c0 -m100000\n */\n",
        setting_.plan().name);
    for (const auto& [name, value] : std::vector<std::pair<const char*, std::size_t>>{
             {"RUNNING", 0},
             {"STOPPED", 1},
             {"ENDED", 2},
             {"STUCK", 3},
             {"CHOOSING", 4},
             {"WORDS", words_},
             {"BEGINS_OF_RUNS", begins},
             {"MAY_BE_KILLED", relation_.may_kill()},
             {"MAY_RUN_TWICE", relation_.may_run_twice()},
             {"VERDICTS", kVerdictCount},
             {"GOOD", static_cast<std::size_t>(Verdict::restored_with_residue)}}) {
      fmt::print(out_, "#define {} {}\n", name, value);
    }
    fmt::print(out_, "{}", kPromelaHead);
  }

  struct Rows {
    std::vector<std::string> turns;
    std::vector<std::string> tasks;
    std::vector<std::string> others = std::vector<std::string>(4, "{0, -1}");
    std::vector<std::string> persons;
  };

  /// The row as a place among the turns of its situation; counts how many ways there are at most.
  std::string row(Rows& rows, const Turn* turn, std::size_t& most) {
    std::size_t ways = 0;
    const std::size_t at = rows.turns.size();
    for (bool none = (turn->flags & Turn::kNone) != 0; !none; ++turn) {
      constexpr int kKept = 0xffff & ~(Turn::kLast | Turn::kNone);
      rows.turns.push_back(fmt::format("{{{}, {}, {}, {}, {}}}", turn->to, turn->asks,
                                       turn->flags & kKept, turn->faults,
                                       static_cast<int>(turn->phase)));
      ++ways;
      none = (turn->flags & Turn::kLast) != 0;
    }
    most = std::max(most, ways);
    return fmt::format("{{{}, {}}}", at, ways);
  }

  std::string situation(SituationId id) {
    const Situation& what = relation_.situation(id);
    const Relation::Path& path = relation_.paths()[what.path];
    Rows rows;
    rows.tasks.assign(std::max<std::size_t>(path.count() * path.budgets, 1), "{0, -1}");
    relation_.each_row(id, [&](Relation::Mover mover, std::size_t place, const Turn* turn) {
      using Mover = Relation::Mover;
      switch (mover) {
        case Mover::task:
          rows.tasks[place] = row(rows, turn, ways_of(place / path.budgets));
          break;
        case Mover::person:
          rows.persons.push_back(fmt::format("{{{}, {}}}", place, row(rows, turn, person_ways_)));
          break;
        case Mover::traffic:
          rows.others[place] = row(rows, turn, traffic_ways_);
          break;
        case Mover::late:
          rows.others[2] = row(rows, turn, late_ways_);
          break;
        case Mover::deadlock:
          rows.others[3] = row(rows, turn, late_ways_);
          break;
      }
    });
    rows.turns.push_back("{0}");
    rows.persons.push_back("{-1}");
    std::vector<int> verdicts(18, -1);
    relation_.each_judgement(id, [&](std::size_t place, Verdict verdict) {
      verdicts[place] = static_cast<int>(verdict);
    });
    fmt::print(out_,
               "c_decl {{\n  static const Turn turns_{0}[] = {{{1}}};\n  static const Row "
               "tasks_{0}[] = {{{2}}}, "
               "others_{0}[] = {{{3}}};\n  static const Person persons_{0}[] = {{{4}}};\n"
               "  static const signed char verdicts_{0}[] = {{{5}}};\n}}\n",
               id, fmt::join(rows.turns, ", "), fmt::join(rows.tasks, ", "),
               fmt::join(rows.others, ", "), fmt::join(rows.persons, ", "),
               fmt::join(verdicts, ", "));
    return fmt::format("{{turns_{0}, tasks_{0}, others_{0}, persons_{0}, verdicts_{0}, {1}, {2}}}",
                       id, what.path, what.late != 0 ? 1 : 0);
  }

  std::size_t& ways_of(std::size_t task) {
    task_ways_.resize(std::max(task_ways_.size(), task + 1));
    return task_ways_[task];
  }

  static std::string braces(const std::vector<std::string>& items, const char* between = ", ") {
    return fmt::format("{{{}}}", fmt::join(items, between));
  }

  void paths() {
    std::vector<std::string> sizes, needs, attempts, optional, left_out, names;
    std::size_t tasks = 1;
    for (const Relation::Path& path : relation_.paths()) {
      tasks = std::max(tasks, path.count());
      sizes.push_back(fmt::format("{{{}, {}}}", path.count(), path.budgets));
      std::vector<std::string> before;
      for (const StepBits& each : path.before) before.push_back(text(each));
      needs.push_back(braces(before));
      attempts.push_back(fmt::format("{{{}}}", fmt::join(path.attempts, ", ")));
      optional.push_back(fmt::format("{{{}}}", text(path.optional)));
      std::vector<std::string> out(deployed_.size());
      for (const auto& [set, at] : deployed_)
        out[static_cast<std::size_t>(at)] = text(path.left_out[set]);
      left_out.push_back(braces(out));
    }
    for (std::size_t i = 0; i < kVerdictCount; ++i) {
      names.push_back(fmt::format("\"{}\"", to_string(static_cast<Verdict>(i))));
    }
    fmt::print(
        out_,
        "c_decl {{\n  static const struct {{ int tasks, budgets; }} paths[] = {};\n"
        "  static const int needs[][{} * WORDS] = {};\n  static const int attempts[][{}] = {};\n"
        "  static const int optional[][WORDS] = {};\n  static const int left_out[][{} * WORDS] = "
        "{};\n"
        "  static const char *const verdict_names[] = {};\n}}\n",
        braces(sizes), tasks, braces(needs, ",\n    "), tasks, braces(attempts), braces(optional),
        deployed_.size(), braces(left_out, ",\n    "), braces(names));
  }

  /// The parentheses around the names of functions in `guard`: SPIN takes what looks like a call
  /// for a side effect.
  void command(const std::string& guard, const std::string& effect) {
    fmt::print(
        out_,
        "/**/ :: d_step {{ c_expr {{ {} }} -> c_code {{ {}; }}; assert(c_expr {{ (good)() }}) }}\n",
        guard, effect);
  }

  void commands() {
    fmt::print(out_,
               "\nactive proctype rollback() {{\nend: do\n"
               "/**/ :: d_step {{ phase == CHOOSING && begin + 1 < BEGINS_OF_RUNS -> begin = begin "
               "+ 1 }}\n");
    command("now.phase == CHOOSING", "choose()");
    for (std::size_t task = 0; task < task_ways_.size(); ++task) {
      for (std::size_t way = 0; way < task_ways_[task]; ++way) {
        command(fmt::format("(may_run)({}, {})", task, way),
                fmt::format("turn(task_row({0}), {1}, {0})", task, way));
      }
      const auto optional = [&](const Relation::Path& path) { return path.optional.test(task); };
      if (std::ranges::any_of(relation_.paths(), optional)) {
        command(fmt::format("(may_skip)({})", task), fmt::format("add(now.ended, {})", task));
      }
    }
    for (std::size_t way = 0; way < traffic_ways_; ++way) {
      command(fmt::format("(may_serve)({})", way), fmt::format("serve({})", way));
    }
    for (std::size_t way = 0; way < person_ways_; ++way) {
      command(fmt::format("(may_take_over)({})", way),
              fmt::format("turn(person_row(), {}, now.task)", way));
    }
    command("(may_land)()", "turn(other_row(2), 0, 0)");
    command("(may_finish)()", "now.phase = ENDED");
    command("(may_run_twice)()", "restart()");
    command("(may_be_killed)()", "restart()");
    command("(may_wait)()", "turn(other_row(3), 0, 0)");
    fmt::print(out_, "  od\n}}\n");
  }

  Setting& setting_;
  Relation& relation_;
  std::ostream& out_;
  std::size_t words_ = 1;
  std::map<SetId, int> deployed_;  ///< sets of deploy steps, numbered
  std::vector<std::size_t> task_ways_;
  std::size_t person_ways_ = 0;
  std::size_t traffic_ways_ = 0;
  std::size_t late_ways_ = 0;
};

}  // namespace

std::vector<RunState> begins(const Setting& setting, const Deploys& deploys, Runner& runner,
                             std::int64_t faults) {
  std::vector<RunState> all;
  for (std::size_t stop = 0; stop < deploys.states(); ++stop) {
    const Interruption row = deploys.interruption(deploys.state(stop));
    for (model::PathIndex path = 0; path < setting.books().paths.size(); ++path) {
      if (!is_offered(setting, row, setting.books().paths[path])) continue;
      for (std::int64_t each = 0; each <= faults; each += std::max<std::int64_t>(faults, 1)) {
        if (const auto run = begin_at(deploys, runner, stop, path, each)) all.push_back(*run);
      }
    }
  }
  return all;
}

PromelaFacts write_promela(const services::Context& context, const services::World& start,
                           const SearchOptions& options, std::ostream& out) {
  Worlds worlds(context, start);
  std::vector<std::string> unknown;
  const auto& wanted =
      options.fault_kinds.empty() ? context.plan().limits.fault_kinds : options.fault_kinds;
  Setting setting(worlds, fault_set(wanted, unknown));
  PromelaFacts facts;
  facts.impossible = setting.books().too_large;
  if (!facts.impossible.empty()) return facts;
  const std::int64_t faults = fault_budget(context.plan(), options);
  Search search(setting, options.max_states, {.reduction = false, .go_on = options.go_on});
  Deploys deploys(setting, search.runner(), faults > 0);
  deploys.explore();
  std::vector<Relation::Answer> answers;
  search.relation().keep_answers(answers);
  std::vector<std::pair<SituationId, Progress>> from;
  const std::vector<RunState> all = begins(setting, deploys, search.runner(), faults);
  search.prepare(all);
  for (const RunState& begin : all) {
    facts.worst = std::min(facts.worst, search.worst(begin).judgement.verdict);
    from.push_back(search.relation().split(begin));
  }
  for (SituationId id = 0; id < search.relation().situations(); ++id) {
    search.relation().each_judgement(
        id, [&](std::size_t, Verdict verdict) { facts.verdicts.insert(verdict); });
  }
  facts.begins = from.size();
  facts.states = search.states();
  facts.transitions = search.transitions();
  if (deploys.states() == 0 || from.empty()) facts.impossible = "nothing can be rolled back";
  if (search.limit_reached()) facts.impossible = "the limit of states was reached";
  if (facts.impossible.empty()) Promela(setting, search, out).write(from, answers);
  return facts;
}

}  // namespace backout::simulator
