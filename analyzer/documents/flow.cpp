#include "analyzer/documents/flow.hpp"

#include <algorithm>
#include <set>

#include "analyzer/documents/loads.hpp"

namespace backout::analyzer::documents {

namespace {

constexpr std::size_t kMost = 4000;
constexpr std::size_t kDeep = 6;

class Runner {
 public:
  explicit Runner(const Block& block) : script_(block.script) {}

  std::vector<Ran> run() {
    body("", {}, false);
    return std::move(all_);
  }

 private:
  void body(std::string_view function, const std::vector<std::uint32_t>& around, bool tested) {
    if (++bodies_ > kMost) return;  // what is called twice by what is called twice ...
    for (const Command& command : script_.commands) {
      if (command.context.function != function || all_.size() > kMost) continue;
      std::vector<std::uint32_t> way = around;
      for (std::uint32_t i = 0; i < script_.arms.size(); ++i) {
        if (script_.arms[i].span.begin <= command.span.begin &&
            command.span.begin < script_.arms[i].span.end)
          way.push_back(i);
      }
      const bool own =
          std::ranges::find(script_.functions, command.name()) != script_.functions.end();
      if (!own || only_tells(command) || calls_.size() >= kDeep ||
          calls_.contains(command.name())) {
        all_.push_back({&command, std::move(way), tested});
        continue;
      }
      const importers::Context& context = command.context;
      calls_.insert(command.name());
      body(command.name(), way, tested || context.condition || context.and_then || context.or_else);
      calls_.erase(command.name());
    }
  }

  const importers::Script& script_;
  std::vector<Ran> all_;
  std::set<std::string_view> calls_;
  std::size_t bodies_ = 0;
};

}  // namespace

Run::Run(const Block& block) : arms(block.script.arms), commands(Runner(block).run()) {}

bool Run::may_meet(const Ran& one, const Ran& other) const {
  return std::ranges::none_of(one.arms, [&](std::uint32_t first) {
    return std::ranges::any_of(other.arms, [&](std::uint32_t second) {
      return first != second && arms[first].choice == arms[second].choice;
    });
  });
}

bool ends_script(const Ran& ran) {
  const importers::Context& context = ran.command->context;
  if (context.or_else_stops) return true;
  const bool last = context.pipe_position + 1 == context.pipe_length || context.pipefail;
  return context.errexit && last && !ran.tested && !context.condition && !context.and_then &&
         !context.or_else && !context.substitution && !context.background;
}

bool leaves(const Block& block, const Command& command) {
  static const std::set<std::string_view> kLeaves = {"exit",  "return", "die",        "fail",
                                                     "abort", "fatal",  "error_exit", "bail",
                                                     "usage", "false",  "continue",   "break"};
  if (kLeaves.contains(command.name())) return true;
  if (std::ranges::find(block.script.functions, command.name()) == block.script.functions.end())
    return false;
  return std::ranges::any_of(block.script.commands, [&](const Command& each) {
    return each.context.function == command.name() && each.name() == "exit" &&
           each.context.branches == 0;
  });
}

bool brings_back(const Block& block, const Command& command) {
  if (command.context.substitution || only_tells(command)) return false;
  const Effect effect = effect_of(command);
  const std::string& does = command.known().does;
  if (effect == Effect::deploy || effect == Effect::restore || does == "switch" ||
      does == "migrate_down" || does == "migrate" || does == "restart" || does == "start")
    return true;
  if (command.known().path == "up" || loads_copy(block, command) ||
      is(command, {"git", "checkout"}) || is(command, {"git", "reset"}) ||
      is(command, {"git", "revert"}))
    return true;
  static const std::set<std::string_view> kFiles = {"cp", "mv", "rsync", "tar", "ln"};
  return kFiles.contains(command.name()) || is_own_script(command);
}

bool only_tells(const Command& command) {
  const auto writes = [](const importers::Redirect& each) {
    return each.op == ">" && !each.target.starts_with("/dev/");
  };
  if (std::ranges::any_of(command.redirects, writes)) return false;
  const std::string name = lower(command.name());
  return name == "echo" || name == "printf" || name == "cat" || name == "info" || name == "warn" ||
         name == "success" || name == "error" || name == "ok" || name == "log" ||
         name.starts_with("log_") || name.starts_with("print_") || name.starts_with("say") ||
         name.starts_with("echo_") || name.starts_with("msg");
}

bool says_done(const Command& command) {
  const std::string& text = command.low_line();
  const bool whole = has_any(text, {"rollback", "rolled back", "restore", "recovery", "deploy"});
  const bool done =
      has_any(text, {"complete", "success", "✅", "finished", "rolled back", "restored to"});
  return only_tells(command) && whole && done &&
         !has_any(text, {"step",           "backup complete",
                         "backup created", "starting",
                         "waiting",        "before",
                         "verify that",    "if ",
                         "not ",           "fail",
                         "pre-",           "database",
                         "image",          "config",
                         "will be",        "?",
                         "usage",          "initiated",
                         "health",         "check"});
}

}  // namespace backout::analyzer::documents
