// docs/plan-language.md agrees with the tables: its lists of keys and kinds are made from them, its
// examples load. BACKOUT_UPDATE=1 writes the lists anew.
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "model/language.hpp"
#include "model/load.hpp"
#include "model/render.hpp"
#include "services/fact_list.hpp"
#include "services/service.hpp"
#include "support/places.hpp"

namespace backout::model {
namespace {

const std::string kPage = source_path("docs/plan-language.md");

std::string page() {
  std::ifstream in(kPage, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string cell(std::string_view text) {
  std::string escaped;
  for (const char c : text) escaped += c == '|' ? std::string("\\|") : std::string(1, c);
  return escaped;
}

std::string keys_text() {
  static const std::vector<std::pair<const char*, SectionId>> kSections = {
      {"the plan", SectionId::plan},
      {"a service", SectionId::service},
      {"a version", SectionId::version},
      {"`requires`", SectionId::requires_},
      {"`deploy`", SectionId::deploy},
      {"`window`", SectionId::window},
      {"`rollback`", SectionId::rollback},
      {"`response`", SectionId::response},
      {"a step", SectionId::step},
      {"a group", SectionId::group},
      {"a path", SectionId::path},
      {"an invariant (a check has the same, without `when`)", SectionId::invariant},
      {"`objectives`", SectionId::objectives},
      {"the objectives of a path", SectionId::path_objectives},
      {"a residue", SectionId::residue},
      {"a backup", SectionId::backup},
      {"`decisions`", SectionId::decisions},
      {"a metric", SectionId::metric},
      {"a rule", SectionId::rule},
      {"a condition", SectionId::condition},
      {"`limits`", SectionId::limits},
      {"a suppression", SectionId::suppression},
      {"`reconciles`", SectionId::reconciles},
      {"an entry of `notes`", SectionId::remark}};
  std::string text;
  for (const auto& [name, section] : kSections) {
    text += fmt::format("\n**Keys of {}**\n\n| key | |\n|---|---|\n", name);
    for (const KeySpec& key : keys_of(section)) {
      const std::string choices =
          key.choices.empty() ? "" : fmt::format(" One of {}.", fmt::join(key.choices, ", "));
      const char* mark = key.required ? "**" : "";
      text += fmt::format("| {0}{1}{0} | {2}{3} |\n", mark, key.name, cell(key.help), choices);
    }
  }
  return text;
}

std::string field_text(const FieldSpec& field) {
  const char* mark = field.required ? "**" : "";
  const std::string choices =
      field.choices.empty() ? "" : fmt::format(" ({})", fmt::join(field.choices, ", "));
  return fmt::format("{0}{1}{0}{2}: {3}", mark, field.name, choices, cell(field.help));
}

std::string fields_text(const std::vector<FieldSpec>& fields) {
  std::vector<std::string> texts;
  for (const FieldSpec& field : fields) texts.push_back(field_text(field));
  return fmt::format("{}", fmt::join(texts, "<br>"));
}

bool same(const FieldSpec& a, const FieldSpec& b) { return field_text(a) == field_text(b); }
bool same(const VerbSpec& a, const VerbSpec& b) {
  return a.name == b.name && a.help == b.help && fields_text(a.args) == fields_text(b.args);
}

/// What `mine` has and `base` has not.
template <typename Item>
std::vector<Item> without(const std::vector<Item>& mine, const std::vector<Item>& base) {
  std::vector<Item> rest;
  for (const Item& item : mine) {
    if (std::none_of(base.begin(), base.end(),
                     [&](const Item& other) { return same(item, other); }))
      rest.push_back(item);
  }
  return rest;
}

/// "has everything that `app` has" or "... but stop and start": the names that are missing.
std::string inherited(const KindSpec& kind, const KindSpec& app) {
  std::vector<std::string> missing;
  for (const FieldSpec& field : without(app.fields, kind.fields)) missing.push_back(field.name);
  for (const VerbSpec& verb : without(app.verbs, kind.verbs)) missing.push_back(verb.name);
  return missing.empty() ? "It has all that `app` has."
                         : fmt::format("It has what `app` has, without {} as described there.",
                                       fmt::join(missing, ", "));
}

/// The facts of a kind that those of `base` do not have.
std::vector<services::FactSpec> facts_of(const KindSpec& kind, const KindSpec& base) {
  std::vector<services::FactSpec> mine = services::fact_list(kind);
  if (base.name.empty()) return mine;
  const std::vector<services::FactSpec> theirs = services::fact_list(base);
  std::erase_if(mine, [&](const services::FactSpec& fact) {
    return std::ranges::find(theirs, fact.path, &services::FactSpec::path) != theirs.end();
  });
  return mine;
}

std::string facts_text(const std::vector<services::FactSpec>& facts) {
  std::vector<std::string> all;
  for (const services::FactSpec& fact : facts)
    all.push_back(fmt::format("`{}`: {}", fact.path, cell(fact.help)));
  return fmt::format("{}", fmt::join(all, "; "));
}

std::string kinds_text() {
  const Catalog catalog = services::catalog();
  const KindSpec& app = *catalog.find("app");
  const KindSpec nothing;
  std::string text;
  for (const KindSpec& kind : catalog.kinds) {
    const bool platform =
        find_verb(kind, "probe") != nullptr && kind.has_versions && kind.name != "app";
    const KindSpec& base = platform ? app : nothing;
    const std::string aliases =
        kind.aliases.empty() ? "" : fmt::format(" (also {})", fmt::join(kind.aliases, ", "));
    text += fmt::format("\n### {}{}\n{}{}\n", kind.name, aliases, kind.help,
                        platform ? " " + inherited(kind, app) : "");
    std::string rows;
    const std::vector<FieldSpec> fields = without(kind.fields, base.fields);
    if (!fields.empty()) rows += fmt::format("| *fields* | {} |\n", fields_text(fields));
    const std::vector<FieldSpec> of_version = without(kind.version_fields, base.version_fields);
    if (!of_version.empty())
      rows += fmt::format("| *of a version* | {} |\n", fields_text(of_version));
    const std::vector<services::FactSpec> facts = facts_of(kind, base);
    if (!facts.empty()) rows += fmt::format("| *facts* | {} |\n", facts_text(facts));
    for (const VerbSpec& verb : without(kind.verbs, base.verbs)) {
      rows += fmt::format("| `{}` | {}{}{} |\n", verb.name, cell(verb.help),
                          verb.args.empty() ? "" : "<br>", fields_text(verb.args));
    }
    if (!rows.empty()) text += "\n| | |\n|---|---|\n" + rows;
  }
  return text;
}

/// The page with the text between the markers of `name` replaced.
std::string with_list(const std::string& text, const std::string& name, const std::string& list) {
  const std::string begin = fmt::format("<!-- {}: begin -->\n", name);
  const std::size_t from = text.find(begin) + begin.size();
  const std::size_t to = text.find(fmt::format("<!-- {}: end -->", name));
  return text.substr(0, from) + list + text.substr(to);
}

TEST(LanguagePage, ListsEveryKeyKindFieldVerbAndArgument) {
  const std::string written = page();
  const std::string made =
      with_list(with_list(written, "keys", keys_text()), "kinds", kinds_text());
  if (std::getenv("BACKOUT_UPDATE") != nullptr) std::ofstream(kPage, std::ios::binary) << made;
  EXPECT_TRUE(written == made)
      << "the lists are out of date: BACKOUT_UPDATE=1 test_load --gtest_filter='LanguagePage*'";
}

TEST(LanguagePage, ItsExamplesLoad) {
  const std::string text = page();
  const std::string fence = "```yaml\n";
  int examples = 0;
  for (std::size_t at = text.find(fence); at != std::string::npos; at = text.find(fence, at + 1)) {
    const std::size_t begin = at + fence.size();
    const auto plan = load_plan_text("example", text.substr(begin, text.find("```", begin) - begin),
                                     "", services::catalog());
    ++examples;
    if (plan) continue;
    for (const Mistake& mistake : plan.error().mistakes)
      ADD_FAILURE() << render(mistake, *plan.error().sources);
  }
  EXPECT_EQ(examples, 4);
}

}  // namespace
}  // namespace backout::model
