// Commands that do something else than their name says, or whose failure nobody sees.
//
// Sources: the manuals and sources of the tools as of November 2026; EXPERIMENTS X10 (psql -f exits
// 0 after errors); TAXONOMY CMD-1 (commands that do not exist, that work here instead of there) and
// SCR-1 (failure unseen).
#include "services/commands.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace backout::services {

namespace {

/// A fact about commands that hold all of `with` and none of `without`.
struct CommandFact {
  std::vector<std::string_view> with;
  std::vector<std::string_view> without;
  std::string Traits::*trait;
  std::string_view what;
};

const std::vector<CommandFact>& command_facts() {
  static const std::vector<CommandFact> kFacts = {
      {{"supabase db reset"},
       {"--linked", "--db-url"},
       &Traits::misdirected,
       "`supabase db reset` resets the database on this machine unless it is told otherwise"},
      {{"supabase db reset", "--linked"},
       {},
       &Traits::destroys,
       "everything in the linked database"},
      {{"supabase db version"}, {}, &Traits::misdirected, "`supabase db` has no `version` command"},
      {{"railway rollback"}, {}, &Traits::misdirected, "`railway` has no `rollback` command"},
      {{"railway run "},
       {},
       &Traits::misdirected,
       "`railway run` runs on this machine, not in the service"},
      {{"fly releases rollback"},
       {},
       &Traits::misdirected,
       "`fly releases` has no `rollback`: deploy the older image"},
      {{"psql ", " -f"},
       {"ON_ERROR_STOP"},
       &Traits::hides_failure,
       "psql goes on after errors and exits 0 unless ON_ERROR_STOP is set"},
      {{"curl "},
       {" -f", " -sf", " -fs", "--fail"},
       &Traits::hides_failure,
       "curl exits 0 after an error page unless it is told to fail (-f)"},
      {{"|| true"}, {}, &Traits::hides_failure, "`|| true` turns every failure into success"},
  };
  return kFacts;
}

}  // namespace

void add_command_traits(std::string_view command, Traits& traits) {
  for (const CommandFact& fact : command_facts()) {
    const auto holds = [&](std::string_view part) { return command.find(part) != command.npos; };
    if (!std::ranges::all_of(fact.with, holds) || std::ranges::any_of(fact.without, holds))
      continue;
    // What a look compares its answer with, its own arguments say.
    if (fact.trait == &Traits::hides_failure && traits.read_only) continue;
    std::string& trait = traits.*fact.trait;
    if (trait.empty()) trait = fact.what;
  }
}

}  // namespace backout::services
