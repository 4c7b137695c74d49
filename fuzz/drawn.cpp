// Plans drawn from the bytes, each a choice: every one loads, is searched a little, and says the
// same when it is read again.
#include <string>

#include "analyzer/facts.hpp"
#include "analyzer/rule.hpp"
#include "fuzz/check.hpp"
#include "model/load.hpp"
#include "services/service.hpp"
#include "simulator/matrix.hpp"
#include "simulator/testing/draw_plan.hpp"

namespace {

using namespace backout;

/// Answers with bytes; 0 when they are used up.
class ByteChooser final : public simulator::Chooser {
 public:
  explicit ByteChooser(std::string_view bytes) : bytes_(bytes) {}

 private:
  std::size_t decide(std::size_t count) override {
    if (bytes_.empty()) return 0;
    const std::size_t answer = static_cast<unsigned char>(bytes_.front()) % count;
    bytes_.remove_prefix(1);
    return answer;
  }

  std::string_view bytes_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  std::string_view bytes = fuzz::text_of(data, size);
  const bool works = fuzz::choose(bytes, 2) == 1;
  ByteChooser chooser(bytes);
  const std::string text =
      simulator::to_yaml(works ? draw_working_plan(chooser) : draw_plan(chooser));
  const auto plan = model::load_plan_text("plan.yaml", text, "", services::catalog());
  fuzz::demand(plan.has_value(), "a drawn plan loads");
  std::vector<model::Mistake> mistakes;
  const analyzer::Facts facts = analyzer::derive_facts(*plan, mistakes);
  fuzz::demand(mistakes.empty(), "a drawn plan has no mistakes");
  simulator::SearchOptions options;
  options.max_states = 300;
  const simulator::Matrix matrix = simulator::explore(facts.context, facts.start, options);
  const auto findings = simulator::findings_of(facts.context, matrix);
  for (const simulator::Cell& cell : matrix.cells) {
    const bool bad = simulator::is_worse(cell.verdict, simulator::Verdict::unknown);
    fuzz::demand(!works || !bad,
                 "a plan whose rollback works by how it is made is not said to fail");
  }
  analyzer::report(facts, findings, true, "2026-01-01");
  return 0;
}
