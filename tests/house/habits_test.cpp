// What nobody has to look at: how sources are formatted, what may be asked of the machine, and
// which order may be relied on.
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/places.hpp"
#include "support/process.hpp"
#include "support/sources.hpp"

namespace backout::tests {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestLine = 140;

std::vector<std::string> all_sources() {
  std::vector<std::string> folders = house_folders();
  folders.insert(folders.end(), {"tests", "fuzz", "bench", "include", "docs/examples"});
  return sources_of(folders);
}

/// The folders in which the same input must give the same bytes.
std::vector<std::string> pure_sources() {
  return sources_of(
      {"model", "postgres", "catalogue", "services", "importers", "analyzer", "simulator"});
}

std::string text_of(const std::string& source) { return read_file(source_path(source)); }

/// How many characters the line has: bytes that do not continue one.
std::size_t width_of(const std::string& line) {
  return std::ranges::count_if(line, [](char byte) { return (byte & 0xc0) != 0x80; });
}

/// Goes to the end of a line from where `closes` says that a raw string is open (empty: none is).
void follow_raw_strings(const std::string& line, std::string& closes) {
  static const std::regex kOpens(R"re(R"([A-Za-z_]*)\()re");
  for (std::size_t at = 0;;) {
    if (closes.empty()) {
      std::smatch opens;
      if (!std::regex_search(line.begin() + static_cast<std::ptrdiff_t>(at), line.end(), opens,
                             kOpens))
        return;
      at += static_cast<std::size_t>(opens.position() + opens.length());
      closes = ")" + opens[1].str() + "\"";
    }
    const std::size_t end = line.find(closes, at);
    if (end == std::string::npos) return;
    at = end + closes.size();
    closes.clear();
  }
}

/// Lines that are too long, but for those with a raw string, which cannot be broken.
std::vector<std::size_t> long_lines(const std::string& text) {
  std::vector<std::size_t> found;
  std::istringstream in(text);
  std::string closes;
  std::size_t number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    const bool plain = closes.empty() && line.find("R\"") == std::string::npos;
    follow_raw_strings(line, closes);
    if (plain && width_of(line) > kLongestLine) found.push_back(number);
  }
  return found;
}

/// Names of containers without an order that the text declares.
std::set<std::string> unordered_names(const std::string& text) {
  static const std::regex kDeclares(R"(unordered_(?:map|set)<[^;(){}=]*>\s+(\w+)\s*[;={(])");
  std::set<std::string> names;
  for (std::sregex_iterator it(text.begin(), text.end(), kDeclares), end; it != end; ++it) {
    names.insert((*it)[1]);
  }
  return names;
}

/// Whether the text goes through the container of that name from one end to the other.
bool walks(const std::string& text, const std::string& name) {
  const std::regex walk(R"(for \([^;()]*: (?:\w+(?:\.|->))*)" + name + R"(\)|\b)" + name +
                        R"((?:\.|->)c?begin\(\))");
  return std::regex_search(text, walk);
}

TEST(Habits, SourcesAreFormatted) {
  std::vector<std::string> words = {"clang-format", "--dry-run", "--Werror"};
  const std::vector<std::string> sources = all_sources();
  ASSERT_GT(sources.size(), 1000u);
  words.insert(words.end(), sources.begin(), sources.end());
  const ProcessResult result = run_process(words, "", kSourceDir);
  EXPECT_EQ(result.status, 0) << result.err.substr(0, 2000) << "\nmend: clang-format -i FILE";
}

TEST(Habits, LinesFit) {
  for (const std::string& source : all_sources()) {
    EXPECT_THAT(long_lines(text_of(source)), testing::IsEmpty()) << source;
  }
}

TEST(Habits, LongLinesAreSeenOutsideOfRawStrings) {
  const std::string x(kLongestLine + 1, 'x');
  EXPECT_THAT(long_lines("a\n" + x + "\n"), testing::ElementsAre(2));
  EXPECT_THAT(long_lines("f(R\"(\n" + x + "\n)\");\n" + x), testing::ElementsAre(4));
  EXPECT_THAT(long_lines("R\"re(" + x + ")re\";\n"), testing::IsEmpty());
  EXPECT_THAT(long_lines("f(R\"(\n)\" + g + R\"(\n" + x + "\n)\");"), testing::IsEmpty());
}

TEST(Habits, TheMachineIsNotAsked) {
  static const std::regex kAsks(
      R"(\bgetenv\b|\bsystem_clock\b|\bsteady_clock\b|\brandom_device\b|\bstd::rand\b|\btime\(nullptr)");
  EXPECT_TRUE(std::regex_search("std::getenv(name)", kAsks));
  for (const std::string& source : pure_sources()) {
    std::smatch found;
    const std::string text = text_of(source);
    EXPECT_FALSE(std::regex_search(text, found, kAsks)) << source << " asks " << found.str();
  }
}

TEST(Habits, NothingDependsOnTheOrderOfAHashTable) {
  for (const std::string& source : pure_sources()) {
    const fs::path path(source);
    const std::string text = text_of(source);
    std::set<std::string> names = unordered_names(text);
    const std::string header = fs::path(path).replace_extension(".hpp").string();
    if (path.extension() == ".cpp" && fs::exists(source_path(header))) {
      names.merge(unordered_names(text_of(header)));
    }
    for (const std::string& name : names) EXPECT_FALSE(walks(text, name)) << source << ": " << name;
  }
}

TEST(Habits, AWalkThroughAHashTableIsSeen) {
  const std::string text =
      "std::unordered_map<A, std::vector<B>> one_;\nstd::unordered_set<C, H> two;\n";
  EXPECT_THAT(unordered_names(text), testing::ElementsAre("one_", "two"));
  EXPECT_TRUE(walks("for (const auto& [a, b] : one_) {", "one_"));
  EXPECT_TRUE(walks("for (const auto& c : it.two) {", "two"));
  EXPECT_TRUE(walks("std::sort(two.begin(), two.end());", "two"));
  EXPECT_FALSE(walks("for (const auto& c : two[3]) {", "two"));
}

/// What of the texts of services the pattern finds, with its file.
std::vector<std::pair<std::string, std::smatch>> found_in_services(const std::regex& pattern) {
  static const auto texts = [] {
    std::map<std::string, std::string> made;
    for (const std::string& source : sources_of({"services"})) made[source] = text_of(source);
    return made;
  }();
  std::vector<std::pair<std::string, std::smatch>> found;
  for (const auto& [source, text] : texts) {
    for (std::sregex_iterator at(text.begin(), text.end(), pattern), end; at != end; ++at)
      found.emplace_back(source, *at);
  }
  return found;
}

/// What a verb does stands in its row; who asks for one elsewhere asks for its name, as declared.
TEST(Habits, NoServiceBranchesOnTheNameOfAVerb) {
  static const std::regex kBranch(R"(\bverb\s*[!=]=\s*"|\(\s*[\w.>-]*\bverb,\s*\{\s*")");
  EXPECT_TRUE(std::regex_search("if (action.verb == \"sql\")", kBranch));
  EXPECT_TRUE(std::regex_search("is_one_of(step.verb, {\"sql\"})", kBranch));
  for (const auto& [source, match] : found_in_services(kBranch))
    ADD_FAILURE() << source << ": " << match.str();
}

TEST(Habits, NoServiceReadsAnArgumentByItsName) {
  // The handle that declares it reads it (services/arg.hpp). A check has arguments and is no verb.
  static const std::regex kRead(
      R"((\w+\.)?\bargs\.(text|text_or|flag|has|strings|find|is_unknown)\()");
  std::size_t of_checks = 0;
  for (const auto& [source, match] : found_in_services(kRead)) {
    const bool of_check = match.str(1) == "check.";
    of_checks += of_check ? 1 : 0;
    if (!of_check && source != "services/arg.hpp") ADD_FAILURE() << source << ": " << match.str();
  }
  EXPECT_GT(of_checks, 0u);  // it sees what it looks for
}

}  // namespace
}  // namespace backout::tests
