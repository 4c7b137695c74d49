// The page about service kinds names every kind and every verb.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "services/service.hpp"
#include "support/places.hpp"

namespace backout::tests {
namespace {

TEST(Docs, name_every_kind_and_verb) {
  std::ifstream file(source_path("docs/services.md"));
  std::ostringstream text;
  text << file.rdbuf();
  const std::string page = text.str();
  ASSERT_FALSE(page.empty());
  for (const model::KindSpec& kind : services::catalog().kinds) {
    const bool has_section = page.find("### " + kind.name + "\n") != std::string::npos;
    EXPECT_TRUE(has_section || page.find("| `" + kind.name + "` |") != std::string::npos)
        << kind.name;
    for (const model::VerbSpec& verb : kind.verbs) {
      EXPECT_NE(page.find('`' + verb.name + '`'), std::string::npos)
          << kind.name << ' ' << verb.name;
    }
  }
}

}  // namespace
}  // namespace backout::tests
