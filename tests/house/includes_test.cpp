// The direction of the house: who may include whom, and what may not be used where choice and time
// are forbidden.
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/places.hpp"
#include "support/sources.hpp"

namespace {

struct Include {
  std::string file;    ///< relative to the root
  std::string folder;  ///< first component of `file`
  std::string target;  ///< as written between quotes or angle brackets
  bool quoted = false;
};

std::vector<Include> all_includes() {
  static const std::regex kInclude(R"(^\s*#\s*include\s*([<"])([^>"]+)[>"])");
  std::vector<Include> all;
  for (const std::string& source : backout::tests::sources_of(backout::tests::house_folders())) {
    std::ifstream in(backout::source_path(source));
    for (std::string line; std::getline(in, line);) {
      std::smatch match;
      if (!std::regex_search(line, match, kInclude)) continue;
      all.push_back({source, source.substr(0, source.find('/')), match[2], match[1] == "\""});
    }
  }
  return all;
}

bool may_include(const Include& include) {
  static const std::map<std::string, std::set<std::string>> kArrows = {
      {"model", {"model"}},
      {"postgres", {"model", "postgres"}},
      {"catalogue", {"model", "catalogue"}},
      {"services", {"model", "postgres", "catalogue", "services"}},
      {"importers", {"model", "catalogue", "importers"}},
      {"analyzer", {"model", "postgres", "catalogue", "services", "importers", "analyzer"}},
      {"simulator", {"model", "services", "simulator"}},
      {"reports", {"model", "services", "analyzer", "simulator", "reports"}},
      {"rehearsal", {"model", "postgres", "services", "analyzer", "rehearsal"}},
      {"cli",
       {"model", "postgres", "catalogue", "services", "importers", "analyzer", "simulator",
        "reports", "rehearsal", "cli"}},
  };
  const std::string target = include.target.substr(0, include.target.find('/'));
  if (include.folder == "importers" && (include.target == "postgres/read/sql_reader.hpp" ||
                                        include.target == "postgres/read/quiet.hpp"))
    return true;
  return kArrows.at(include.folder).contains(target);
}

TEST(Includes, FollowTheArrows) {
  const std::vector<Include> all = all_includes();
  ASSERT_GT(all.size(), 100u);
  for (const Include& include : all) {
    if (!include.quoted) continue;
    EXPECT_TRUE(may_include(include))
        << include.file << " may not include \"" << include.target << '"';
  }
}

TEST(Includes, ChoiceAndClocksStayOutOfTheMeaning) {
  const std::set<std::string> forbidden = {"random", "chrono", "ctime",
                                           "thread", "future", "time.h"};
  for (const Include& include : all_includes()) {
    const bool pure = include.folder == "model" || include.folder == "postgres" ||
                      include.folder == "catalogue" || include.folder == "services" ||
                      include.folder == "analyzer" || include.folder == "importers";
    if (!pure || include.quoted) continue;
    EXPECT_FALSE(forbidden.contains(include.target))
        << include.file << " includes <" << include.target << '>';
  }
}

TEST(Includes, AWrongArrowIsSeen) {
  EXPECT_FALSE(may_include({"analyzer/a.cpp", "analyzer", "simulator/matrix.hpp", true}));
  EXPECT_FALSE(may_include({"model/a.cpp", "model", "services/service.hpp", true}));
  EXPECT_TRUE(may_include({"reports/a.cpp", "reports", "simulator/matrix.hpp", true}));
}

}  // namespace
