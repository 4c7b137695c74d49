// What the command catalogue knows, as traits that rules and the search read. The facts stand in
// catalogue/<tool>.yaml.
#include "services/commands.hpp"

#include "catalogue/catalogue.hpp"
#include "services/shell_status.hpp"

namespace backout::services {

namespace {

void add_if_empty(std::string& trait, const std::string& what) {
  if (trait.empty()) trait = what;
}

void add_trap(const catalogue::Trap& trap, Traits& traits) {
  using Kind = catalogue::Trap::Kind;
  if (trap.kind == Kind::misdirected) add_if_empty(traits.misdirected, trap.says);
  // What a look compares its answer with, its own arguments say.
  if (trap.kind == Kind::hides_failure && !traits.read_only)
    add_if_empty(traits.hides_failure, trap.says);
}

}  // namespace

void add_command_traits(std::string_view command, Traits& traits) {
  if (command.empty()) return;
  for (const catalogue::Known& known : catalogue::look_up_line(command)) {
    if (known.existence == catalogue::Existence::does_not_exist)
      add_if_empty(traits.misdirected, known.hint);
    for (const catalogue::Trap& trap : known.traps) add_trap(trap, traits);
    if (known.changes_nothing()) continue;
    add_if_empty(traits.destroys, known.destroys);
  }
  if (!traits.read_only) add_if_empty(traits.hides_failure, why_status_is_lost(command));
}

}  // namespace backout::services
