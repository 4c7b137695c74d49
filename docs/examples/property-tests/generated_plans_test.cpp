// A property of every plan over our services, not of one: whoever takes back each change that a
// release makes can always go back. Plans in which anything goes do not keep it: run with BREAK=1
// to see one, as small as it gets.
#include <cstdlib>

#include <backout/rapidcheck.hpp>

using backout::simulator::Cell;
using backout::simulator::PlanSketch;
using backout::simulator::PlanUnderTest;
using backout::simulator::Verdict;
using backout::simulator::Vocabulary;

const Vocabulary kOurs{
    .services = {{"settings", "{kind: config, items: {currency: eur, limit: \"10\"}}", {}},
                 {"jobs", "{kind: worker}", {}}},
    .actions = {{{"settings", "do: set, target: settings, key: currency, value: usd"},
                 "do: set, target: settings, key: currency, value: eur",
                 ""},
                {{"settings", "do: set, target: settings, key: limit, value: \"20\""},
                 "do: set, target: settings, key: limit, value: \"10\"",
                 ""},
                {{"jobs", "do: stop, target: jobs"}, "do: start, target: jobs", ""}},
    .invariants = {},
    .residue = {},
};

int main() {
  const bool breaks = std::getenv("BREAK") != nullptr;
  const auto plans =
      breaks ? backout::simulator::plans(kOurs) : backout::simulator::working_plans(kOurs);
  const bool holds = rc::check("from everywhere, with any fault, the rollback restores", [&] {
    const PlanUnderTest plan(*plans);
    for (const Cell& cell : plan.matrix().cells) {
      RC_ASSERT(!cell.applicable || cell.verdict == Verdict::restored);
    }
  });
  return holds ? 0 : 1;
}
