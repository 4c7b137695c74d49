// Folders of migrations of every tool, mutated: each is judged or refused with a reason, never a
// crash.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include <gtest/gtest.h>

#include "analyzer/migrations/chain_judge.hpp"
#include "analyzer/migrations/postgres_database.hpp"
#include "analyzer/migrations/rules.hpp"
#include "importers/migrations/import.hpp"
#include "robustness/guarded.hpp"
#include "support/places.hpp"
#include "support/process.hpp"

namespace backout::tests {
namespace {

namespace fs = std::filesystem;

/// SplitMix64: the same numbers everywhere.
class Draw {
 public:
  explicit Draw(std::uint64_t seed) : state_(seed) {}
  std::size_t below(std::size_t bound) {
    state_ += 0x9E3779B97F4A7C15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return bound == 0 ? 0 : (z ^ (z >> 31)) % bound;
  }

 private:
  std::uint64_t state_;
};

std::vector<fs::path> files_of(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// Folders that hold migrations: those with SQL in them, and their parents.
std::vector<fs::path> seeds() {
  std::vector<fs::path> folders;
  for (const auto& entry :
       fs::recursive_directory_iterator(fs::path(kSourceDir) / "fixtures/migrations")) {
    if (entry.is_directory() && !files_of(entry.path()).empty() &&
        files_of(entry.path()).size() < 40)
      folders.push_back(entry.path());
  }
  std::sort(folders.begin(), folders.end());
  return folders;
}

std::string mutated_text(std::string text, Draw& draw) {
  static const std::vector<std::string> kPieces = {"'",
                                                   "\"",
                                                   "$$",
                                                   "(",
                                                   ")",
                                                   ";",
                                                   "\n",
                                                   "--",
                                                   "/*",
                                                   "\\",
                                                   "E'\\001'",
                                                   "'\x01zz\x02'",
                                                   "NULL",
                                                   "\xff",
                                                   "-- +goose Down\n",
                                                   "%",
                                                   "-- migrate:down\n",
                                                   "BEGIN;",
                                                   "COMMIT;",
                                                   "99999999999999999999",
                                                   "-1",
                                                   "",
                                                   "[",
                                                   "DROP TABLE IF EXISTS t CASCADE;",
                                                   "\r\n",
                                                   "\xef\xbb\xbf"};
  const std::size_t at = draw.below(text.size() + 1);
  const std::size_t length = std::min(text.size() - at, draw.below(12));
  switch (draw.below(6)) {
    case 0:
      return text.substr(0, at);
    case 1:
      return text.substr(at);
    case 2:
      return text.erase(at, length);
    case 3:
      return text.insert(at, kPieces[draw.below(kPieces.size())]);
    case 4:
      return text.insert(draw.below(text.size() + 1), text.substr(at, draw.below(80)));
    default:
      return text.replace(at, length, kPieces[draw.below(kPieces.size())]);
  }
}

void mutate(const fs::path& folder, Draw& draw) {
  const std::vector<fs::path> files = files_of(folder);
  if (files.empty()) return;
  const fs::path& file = files[draw.below(files.size())];
  const fs::path& other = files[draw.below(files.size())];
  switch (draw.below(12)) {
    case 0:
      fs::remove(file);
      break;
    case 1:
      std::ofstream(file, std::ios::binary | std::ios::trunc).flush();
      break;
    case 2:
      if (file != other) fs::copy_file(file, other, fs::copy_options::overwrite_existing);
      break;
    case 3:
      fs::copy_file(file, fs::path(file.string() + ".sql"), fs::copy_options::overwrite_existing);
      break;
    case 4:
      fs::rename(file, file.parent_path() / ("0" + file.filename().string()));
      break;
    default: {
      std::string text = read_file(file);
      for (std::size_t i = 0; i <= draw.below(3); ++i) text = mutated_text(text, draw);
      std::ofstream(file, std::ios::binary) << text;
    }
  }
}

std::string judge(const fs::path& folder) {
  const auto imported = importers::import_migrations({folder.string()});
  if (!imported) return imported.error().mistakes.empty() ? "refused without a reason" : "";
  for (const model::MigrationSet& set : imported->sets) {
    const auto judgement =
        analyzer::judge_chain(set, *imported->sources, {}, analyzer::postgres_database());
    for (const model::Finding& finding : analyzer::migration_findings(judgement)) {
      if (finding.span.file >= imported->sources->size())
        return "a finding without a place: " + finding.message;
      imported->sources->place(finding.span);
    }
  }
  return "";
}

std::size_t wanted() {
  const char* text = std::getenv("BACKOUT_FOLDERS");
  return text == nullptr ? 600 : std::strtoul(text, nullptr, 10);
}

TEST(MigrationMutations, AreJudgedOrRefused) {
  const char* first = std::getenv("BACKOUT_FIRST");
  const std::size_t begin = first == nullptr ? 0 : std::strtoul(first, nullptr, 10);
  const std::vector<fs::path> folders = seeds();
  ASSERT_GT(folders.size(), 20U);
  for (std::size_t seed = begin; seed < begin + wanted(); ++seed) {
    Draw draw(seed);
    const fs::path& origin = folders[draw.below(folders.size())];
    const TemporaryFolder scratch;
    const fs::path folder = scratch.path() / "m";
    fs::copy(origin, folder, fs::copy_options::recursive);
    for (std::size_t i = 0; i <= draw.below(3); ++i) mutate(folder, draw);
    const std::string wrong = run_guarded([&] { return judge(folder); }, 10);
    if (!wrong.empty())
      ADD_FAILURE() << "seed " << seed << " from " << origin.string() << ": " << wrong;
    if (const char* kept = std::getenv("BACKOUT_KEEP"); kept != nullptr && !wrong.empty()) {
      fs::copy(folder, fs::path(kept) / std::to_string(seed),
               fs::copy_options::recursive | fs::copy_options::overwrite_existing);
    }
  }
}

}  // namespace
}  // namespace backout::tests
