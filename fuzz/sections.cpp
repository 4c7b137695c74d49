// One file of migrations: sections, meta-commands, placeholders and cuts of the tools; every place
// stays in the file.
#include <string>

#include "fuzz/check.hpp"
#include "importers/migrations/placeholders.hpp"
#include "importers/migrations/psql.hpp"
#include "importers/migrations/sections.hpp"

namespace {

using namespace backout;
using namespace backout::importers;

void keep_places(const model::SqlText& script, std::size_t size) {
  fuzz::demand(!script.pieces.empty(), "a script has a piece");
  for (std::size_t at = 0; at <= script.text.size(); at += 1 + script.text.size() / 16) {
    const model::Span span = script.span_of(at, script.text.size());
    fuzz::demand(span.begin <= span.end && span.end <= size, "a place lies in the file");
  }
}

void read_script(model::SqlText script, std::string_view file, unsigned how) {
  static constexpr std::string_view kConventions[] = {"flyway",    "goose",  "sqitch",
                                                      "liquibase", "dbmate", "tern"};
  std::vector<model::Mistake> notes;
  if (how & 1U) replace_meta_commands(script, notes);
  keep_places(script, file.size());
  fill_placeholders(script, kConventions[(how >> 1U) % std::size(kConventions)], file,
                    {{"name", "users"}, {"a", ""}});
  keep_places(script, file.size());
  keep_to_first_bad_cut(script, how & 16U ? Cut::line_end : Cut::anywhere);
  keep_places(script, file.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  std::string_view text = fuzz::text_of(data, size);
  const unsigned how = fuzz::choose(text, 32);
  Tree tree{".", std::make_shared<model::Sources>(), {}};
  const File file{".", "1_a.sql", tree.sources->add("1_a.sql", std::string(text))};
  asks_for_no_transaction(text);
  if (const SectionStyle* style = section_style(text)) {
    const Sections sections = cut_sections(tree, file, *style);
    if (sections.up) read_script(*sections.up, text, how);
    if (sections.down) read_script(*sections.down, text, how);
  }
  read_script(whole_file(tree, file), text, how);
  return 0;
}
