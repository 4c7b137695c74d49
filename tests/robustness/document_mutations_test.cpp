// Documents of the rules' fixtures, broken as files break: cut off, words lost or swapped, lines
// from elsewhere. The rules say something or nothing, and each finding lies in the text.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "analyzer/documents/rule.hpp"
#include "robustness/guarded.hpp"
#include "support/places.hpp"
#include "support/process.hpp"

namespace backout::tests {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> documents() {
  std::vector<fs::path> files;
  for (const auto& entry :
       fs::recursive_directory_iterator(fs::path(kSourceDir) / "fixtures/documents")) {
    const std::string extension = entry.path().extension().string();
    if (extension == ".md" || extension == ".sh") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

/// Breaks texts, the same way for the same seed.
class Breaker {
 public:
  Breaker(unsigned seed, const std::vector<std::string>& others) : random_(seed), others_(others) {}

  std::string broken(std::string text) {
    for (std::size_t i = 1 + below(3); i > 0 && !text.empty(); --i) text = broken_once(text);
    return text;
  }

 private:
  std::size_t below(std::size_t limit) { return limit == 0 ? 0 : random_() % limit; }

  struct Word {
    std::size_t begin, end;
  };
  Word word(const std::string& text) {
    constexpr const char* kGaps = " \n\t";
    const std::size_t at = below(text.size());
    const std::size_t begin = text.find_last_of(kGaps, at);
    return {begin == std::string::npos ? 0 : begin,
            std::min(text.find_first_of(kGaps, at), text.size())};
  }
  std::string line(const std::string& text) {
    const std::size_t begin = text.rfind('\n', below(text.size()));
    const std::size_t from = begin == std::string::npos ? 0 : begin + 1;
    return text.substr(from, std::min(text.find('\n', from), text.size()) - from) + '\n';
  }

  std::string broken_once(const std::string& text) {
    static const std::vector<std::string> kWords = {"",    "''", "-",  "0",  "99999999999999999999",
                                                    "```", "|",  "$(", "`",  "<<EOF",
                                                    "\"",  "\\", "é",  "--", "unknown",
                                                    "#",   ";",  "&&", "{",  "\x1b[31m",
                                                    "\r\n"};
    const Word at = word(text);
    switch (below(7)) {
      case 0:  // the file is cut off
        return text.substr(0, below(text.size()));
      case 1:  // a word is lost
        return text.substr(0, at.begin) + text.substr(at.end);
      case 2:  // or another
        return text.substr(0, at.begin) + ' ' + kWords[below(kWords.size())] + text.substr(at.end);
      case 3: {  // a line ends early
        const std::size_t end = std::min(text.find('\n', at.end), text.size());
        return text.substr(0, at.end) + text.substr(end);
      }
      case 4: {  // a word of the text in another's place
        const Word other = word(text);
        return text.substr(0, at.begin) + text.substr(other.begin, other.end - other.begin) +
               text.substr(at.end);
      }
      case 5: {  // a line of another document
        const std::size_t begin = std::min(text.find('\n', at.begin), text.size());
        return text.substr(0, begin) + '\n' + line(others_[below(others_.size())]) +
               text.substr(begin);
      }
      default:  // a part is lost
        return text.substr(0, at.begin) + text.substr(std::min(at.end + below(80), text.size()));
    }
  }

  std::minstd_rand random_;
  const std::vector<std::string>& others_;
};

std::string try_document(const std::string& text, bool is_script) {
  model::Sources sources;
  sources.add("document", text);
  const importers::Document document = is_script ? importers::read_script(text, 0, "undo.sh")
                                                 : importers::read_document(text, 0, "ROLLBACK.md");
  for (const model::Finding& finding : analyzer::document_findings({document, sources})) {
    if (finding.message.empty()) return "a finding without a message: " + finding.rule;
    if (finding.span.begin > finding.span.end || finding.span.end > text.size())
      return "a finding without a place: " + finding.rule;
  }
  return "";
}

/// How many broken forms of each document are tried; BACKOUT_MUTATIONS=N tries N (1,000: half an
/// hour).
unsigned forms() {
  const char* text = std::getenv("BACKOUT_MUTATIONS");
  return text == nullptr ? 8 : static_cast<unsigned>(std::strtoul(text, nullptr, 10));
}

TEST(DocumentMutations, ThatEndedTheProgramOnceAreRead) {
  for (const char* text :
       {"# Rollback\n\n```sql\nDROP TABLE\n```\n", "# Rollback\n\n```sql\ndrop \n```\n",
        "# Rollback\n\n```bash\nnpm i -g ''\ngit add x\n```\n",
        "# Rollback\n\n```bash\n# 1. Look\ntail -f | | grep -i x\n# 2. Open it\n```\n",
        "# Rollback\n\n## Rollback time targets\n\n- **Application rollback:** < 5 minutes\n\n"
        "## Application\n\n### Method 1: Redeploy\n\n**Time:** 6-9a target is below 5m -->"}) {
    EXPECT_EQ(run_guarded([&] { return try_document(text, false); }), "") << text;
  }
}

TEST(DocumentMutations, AreReadAndTheirFindingsLieInThem) {
  std::vector<std::string> texts;
  const std::vector<fs::path> files = documents();
  ASSERT_GT(files.size(), 500U);
  for (const fs::path& file : files) texts.push_back(read_file(file));
  for (std::size_t i = 0; i < files.size(); ++i) {
    const bool is_script = files[i].extension() == ".sh";
    const auto form = [&](unsigned number) {
      return Breaker(static_cast<unsigned>(i) * 100'003 + number, texts).broken(texts[i]);
    };
    const auto try_forms = [&](unsigned first, unsigned last) -> std::string {
      for (unsigned number = first; number < last; ++number) {
        try {
          if (std::string said = try_document(form(number), is_script); !said.empty()) return said;
        } catch (const std::exception& error) {
          return error.what();
        }
      }
      return "";
    };
    std::string wrong = run_guarded([&] { return try_forms(0, forms()); }, 60 + forms());
    // What ended it: each in a process of its own.
    for (unsigned number = 0; !wrong.empty() && number < forms(); ++number) {
      const std::string said = run_guarded([&] { return try_forms(number, number + 1); });
      if (said.empty()) continue;
      wrong = said + " in\n" + form(number);
      break;
    }
    EXPECT_EQ(wrong, "") << files[i].string();
  }
}

}  // namespace
}  // namespace backout::tests
