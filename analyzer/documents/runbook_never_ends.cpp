// A command that does not end, with more behind it.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "analyzer/documents/scripts.hpp"

namespace backout::analyzer::documents {

namespace {

bool never_ends(const Command& command) {
  // Tasks that serve until somebody stops them, by the names that every project gives them.
  static constexpr std::string_view kServes[] = {":studio", " studio", " dev",  ":dev",
                                                 " watch",  ":watch",  " serve"};
  const std::string_view tool = command.known().tool;
  const bool task = tool == "npm" || tool == "pnpm" || tool == "yarn" || tool == "npx" ||
                    tool == "prisma" || tool == "drizzle-kit";
  const std::string& text = command.line();
  if (task && command.known().does == "run" &&
      std::ranges::any_of(kServes, [&](std::string_view word) { return text.ends_with(word); }))
    return true;
  return std::ranges::any_of(command.known().traps, [&](const catalogue::Trap& trap) {
    return trap.kind == catalogue::Trap::Kind::endless &&
           (trap.tool == command.known().tool || trap.tool == "watch");
  });
}

/// By procedure, its last block with a command.
std::map<std::uint32_t, const Block*> last_of_each(const Document& document) {
  std::map<std::uint32_t, const Block*> last;
  for (const Block& block : document.blocks) {
    if (!block.script.commands.empty()) last[document.procedure_of(block.section)] = &block;
  }
  return last;
}

}  // namespace

std::vector<model::Finding> check_runbook_never_ends(const DocumentFacts& facts) {
  std::vector<model::Finding> found;
  const std::map<std::uint32_t, const Block*> last = last_of_each(facts.document);
  for (const Block* block : shell_blocks(facts.document)) {
    if (block->script.whole) look_at_dead_steps(*block, found);
    // A list of commands to watch with is read one by one.
    const bool list = section_says(facts.document, block->section,
                                   {"monitor", "debug", "troubleshoot", "investigat", "cheat",
                                    "useful", "commands", "diagnos"});
    const bool step =
        block->section != importers::kNowhere && facts.document.is_step(block->section);
    if (list && !step && !runs_as_script(*block)) continue;
    const auto end = last.find(facts.document.procedure_of(block->section));
    const bool is_last = end == last.end() || end->second->section == block->section ||
                         end->second->span.begin <= block->span.end;
    const std::size_t reached = found.size();
    const auto& commands = block->script.commands;
    for (std::size_t i = 0; i < commands.size(); ++i) {
      const Command& command = commands[i];
      if (!never_ends(command) || command.context.background || command.has("--help")) continue;
      if (command.words.empty()) continue;
      if (command.is_bounded()) continue;
      // A part of a pipe that cannot be read is no command.
      const std::size_t last_of_pipe =
          i + command.context.pipe_length - 1 - command.context.pipe_position;
      const bool piped = last_of_pipe > i && last_of_pipe < commands.size() &&
                         commands[last_of_pipe].name() == "wc";
      std::size_t next = i + 1;
      while (next < commands.size() && commands[next].context.pipe_position > 0) ++next;
      const bool more = next < commands.size() &&
                        commands[next].context.function == command.context.function &&
                        block->script.segments[commands[next].segment].kind !=
                            importers::Segment::Kind::alternative &&
                        effect_of(commands[next]) != Effect::none;
      // What comes behind may stand in comments only: "# 3. Open the page".
      const auto& segments = block->script.segments;
      const bool told = !more && next >= commands.size() && command.segment + 1 < segments.size() &&
                        segments[command.segment + 1].kind == importers::Segment::Kind::step;
      const bool later = step && !more && !piped && next >= commands.size() && !is_last;
      if (later) {
        found.push_back(finding(
            model::Severity::warning, command.span,
            fmt::format(
                "'{}' does not end by itself: the steps behind it wait for whoever interrupts it",
                text_of(command)),
            "bound it (`timeout 60`, `--since`, no `-f`)"));
        continue;
      }
      if ((!more && !piped && !told) || found.size() > reached) continue;
      model::Finding made =
          finding(model::Severity::warning, command.span,
                  fmt::format("'{}' does not end by itself: {}", text_of(command),
                              piped ? "nothing behind the pipe ever prints"
                                    : "what stands behind it in this block is not reached"),
                  "bound it (`timeout 60`, `--since`, no `-f`), or put it last");
      if (more && !piped) made.related.push_back({commands[next].span, "is not reached"});
      found.push_back(std::move(made));
    }
  }
  return found;
}

}  // namespace backout::analyzer::documents
