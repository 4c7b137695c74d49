// Chains of migrations, "up NUL down NUL up ...", judged; every finding has its place.
#include <string>

#include "analyzer/migrations/chain_judge.hpp"
#include "analyzer/migrations/postgres_database.hpp"
#include "analyzer/migrations/rules.hpp"
#include "fuzz/check.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace backout;
  std::string_view text = fuzz::text_of(data, size);
  const unsigned how = fuzz::choose(text, 9);
  model::Sources sources;
  const std::uint32_t file = sources.add("chain.sql", std::string(text));
  model::MigrationSet set{".", "golang-migrate", {}};
  bool is_down = false;
  for (const std::string_view part : fuzz::parts(text, '\0', 12)) {
    const auto begin = static_cast<std::uint32_t>(part.data() - text.data());
    const model::SqlText script{
        std::string(part), {{0, {file, begin, static_cast<std::uint32_t>(begin + part.size())}}}};
    if (is_down) {
      set.migrations.back().down = script;
    } else {
      model::Migration& made = set.migrations.emplace_back();
      made.id = made.version = std::to_string(set.migrations.size());
      made.up = script;
      made.up_mode = static_cast<model::Transaction>(how % 3);
      made.down_mode = static_cast<model::Transaction>(how / 3);
    }
    is_down = !is_down;
  }
  const auto judgement = analyzer::judge_chain(set, sources, {}, analyzer::postgres_database());
  for (const model::Finding& finding : analyzer::migration_findings(judgement)) {
    fuzz::demand(finding.span.begin <= finding.span.end && finding.span.end <= text.size(),
                 "a finding lies in the text");
    sources.place(finding.span);
  }
  return 0;
}
