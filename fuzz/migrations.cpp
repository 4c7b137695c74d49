// Folders of migrations: files "name NUL text NUL ..." written to a folder, found, cut as their
// tool does, judged.
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

#include <stdlib.h>

#include "analyzer/migrations/chain_judge.hpp"
#include "analyzer/migrations/postgres_database.hpp"
#include "analyzer/migrations/rules.hpp"
#include "importers/migrations/import.hpp"

namespace {

namespace fs = std::filesystem;

/// A name that stays in its folder.
std::string plain(std::string name) {
  std::erase_if(name, [](char c) { return c == '/' || c == '\0'; });
  return name.empty() || name[0] == '.' || name.size() > 100 ? "1_a.up.sql" : name;
}

void write_files(const fs::path& folder, const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t name = std::min(text.find('\0', at), text.size());
    const std::size_t end = std::min(text.find('\0', name + 1), text.size());
    if (name + 1 > text.size()) return;
    std::ofstream(folder / plain(text.substr(at, name - at)), std::ios::binary)
        << text.substr(name + 1, end - std::min(end, name + 1));
    at = end + 1;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace backout;
  static const fs::path folder = [] {
    std::string pattern = (fs::temp_directory_path() / "backout-fuzz-XXXXXX").string();
    return fs::path(mkdtemp(pattern.data()));
  }();
  for (const auto& entry : fs::directory_iterator(folder)) fs::remove(entry);
  write_files(folder, std::string(reinterpret_cast<const char*>(data), size));
  const auto imported = importers::import_migrations({folder.string()});
  if (!imported) return 0;
  for (const model::MigrationSet& set : imported->sets) {
    const auto judgement =
        analyzer::judge_chain(set, *imported->sources, {}, analyzer::postgres_database());
    for (const model::Finding& finding : analyzer::migration_findings(judgement))
      imported->sources->place(finding.span);
  }
  return 0;
}
