// What a unit costs to compile are the headers that it reaches. Those of libraries stand in the
// .cpp files that use them; the few headers of ours that need one are named here, so that one more
// is a decision.
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/places.hpp"
#include "support/process.hpp"
#include "support/sources.hpp"

namespace backout::tests {
namespace {

/// What a source includes, as written: library headers and ours.
std::set<std::string> includes_of(const std::string& text) {
  static const std::regex kInclude(R"((?:^|\n)\s*#\s*include\s*[<"]([^>"]+)[>"])");
  std::set<std::string> all;
  for (std::sregex_iterator it(text.begin(), text.end(), kInclude), end; it != end; ++it)
    all.insert((*it)[1]);
  return all;
}

/// By source of the house: what it includes.
const std::map<std::string, std::set<std::string>>& graph() {
  static const auto all = [] {
    std::map<std::string, std::set<std::string>> made;
    for (const std::string& source : sources_of(house_folders()))
      made[source] = includes_of(read_file(source_path(source)));
    return made;
  }();
  return all;
}

/// Headers of ours that include something that begins with `library`.
std::vector<std::string> headers_with(const std::string& library) {
  std::vector<std::string> found;
  for (const auto& [source, included] : graph()) {
    if (!source.ends_with(".hpp")) continue;
    const auto at = included.lower_bound(library);
    if (at != included.end() && at->starts_with(library)) found.push_back(source);
  }
  return found;
}

/// All headers of ours that a source reaches.
void reach(const std::string& source, std::set<std::string>& seen) {
  const auto known = graph().find(source);
  if (known == graph().end()) return;
  for (const std::string& next : known->second) {
    if (graph().contains(next) && seen.insert(next).second) reach(next, seen);
  }
}

TEST(Weight, HeadersOfLibrariesStandWhereTheyAreUsed) {
  using testing::ElementsAre;
  using testing::IsEmpty;
  EXPECT_THAT(headers_with("boost/program_options"), ElementsAre("cli/lsp/project.hpp"));
  EXPECT_THAT(headers_with("boost/graph"), IsEmpty());
  EXPECT_THAT(headers_with("nlohmann/json.hpp"), ElementsAre("cli/lsp/json.hpp"));
  EXPECT_THAT(headers_with("toml++"), ElementsAre("importers/toml.hpp"));
  EXPECT_THAT(headers_with("tree_sitter"), ElementsAre("importers/shell/nodes.hpp"));
  EXPECT_THAT(headers_with("cmark"), IsEmpty());
  EXPECT_THAT(headers_with("libfyaml"), IsEmpty());
  EXPECT_THAT(headers_with("regex"), IsEmpty());
  EXPECT_THAT(headers_with("fmt/"),
              ElementsAre("cli/config_reader.hpp", "reports/paint.hpp", "services/validity.hpp"));
  EXPECT_THAT(headers_with("pg_query/"),
              ElementsAre("postgres/catalog/catalog.hpp", "postgres/execute/execution.hpp",
                          "postgres/query/expression.hpp", "postgres/query/print.hpp",
                          "postgres/read/sql_reader.hpp", "postgres/read/tree_reader.hpp",
                          "postgres/read/tree_walk.hpp"));
}

TEST(Weight, AUnitReachesFewHeadersOfOurs) {
  std::size_t units = 0;
  std::size_t reached = 0;
  for (const auto& [source, included] : graph()) {
    if (!source.ends_with(".cpp")) continue;
    std::set<std::string> seen;
    reach(source, seen);
    ++units;
    reached += seen.size();
  }
  ASSERT_GT(units, 500u);
  EXPECT_LE(reached / units, 15u) << reached << " headers in " << units << " units";
}

}  // namespace
}  // namespace backout::tests
