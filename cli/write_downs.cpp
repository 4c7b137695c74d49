#include "cli/write_downs.hpp"

#include <filesystem>
#include <ostream>
#include <set>

#include <fmt/format.h>

#include "analyzer/migrations/written_downs.hpp"
#include "cli/migration_output.hpp"
#include "cli/output_file.hpp"
#include "cli/parallel.hpp"
#include "cli/server.hpp"
#include "importers/draft/text.hpp"
#include "model/printable.hpp"

namespace backout::cli {
namespace {

using analyzer::WrittenDown;

/// A file to write.
struct DownFile {
  std::string path;
  std::string text;
};

std::string first_reason(const WrittenDown& written) {
  for (const analyzer::Reason& reason : written.judgement.reasons) {
    if (!reason.message.empty()) return reason.message;
  }
  if (!written.judgement.differences.empty()) {
    const analyzer::SchemaDifference& first = written.judgement.differences.front();
    return fmt::format("{} {} {}", first.op, first.kind, first.name);
  }
  return written.cannot.empty() ? std::string("no down can be written") : written.cannot.front();
}

std::string head_of(const WrittenDown& written) {
  std::string head = "-- Written by backout from what the up changes.\n";
  if (!written.up.empty())
    head +=
        "-- It fills from what the up beside it keeps in the schema backout_kept. Rows that the "
        "old schema refuses are moved there.\n";
  for (const std::string& what : written.cannot)
    head += fmt::format("-- Not written: {}\n", importers::one_line(what));
  if (!written.is_honest())
    head +=
        fmt::format("-- backout: irreversible {}\n", importers::one_line(first_reason(written)));
  return head;
}

/// Where the scripts of a migration go: as its tool lays them out where that is a file or a folder
/// of its own.
std::vector<DownFile> files_of(const model::MigrationSet& set, const WrittenDown& written,
                               const std::string& folder) {
  const std::string& id = set.migrations[written.at].id;
  const bool folders = set.convention == "folders";
  const auto path = [&](const char* direction) {
    return folder + "/" + id + (folders ? "/" : ".") + direction + ".sql";
  };
  std::vector<DownFile> files = {{path("down"), head_of(written) + written.down}};
  if (!written.up.empty())
    files.push_back(
        {path("up"),
         "-- The up, after what it would destroy is kept in the schema backout_kept.\n" +
             written.up});
  return files;
}

}  // namespace

int write_downs(const Invocation& invocation, MigrationInput& input, const Watch::Limits& limits,
                const std::string& folder, bool replace) {
  Watch watch(limits, invocation.err);
  std::size_t honest = 0;
  std::size_t marked = 0;
  std::size_t left = 0;
  for (const ChainInput& chain : input.chains) {
    for (const WrittenDown& written : analyzer::write_downs(
             chain.set, *input.sources, judge_options(chain, &watch), empty_database())) {
      const std::string id = model::printable(chain.set.migrations[written.at].id);
      if (!written.is_honest() && !written.loses_only_rows()) {
        invocation.out << fmt::format("{}: not written: {}\n", id,
                                      model::printable(importers::one_line(first_reason(written))));
        ++left;
        continue;
      }
      const std::vector<DownFile> files = files_of(chain.set, written, folder);
      for (const DownFile& file : files) {
        if (!replace && std::filesystem::exists(file.path)) {
          invocation.err << fmt::format("backout: '{}' is there already; --replace overwrites it\n",
                                        file.path);
          return kInvalidInput;
        }
      }
      for (const DownFile& file : files) {
        std::error_code ignored;
        std::filesystem::create_directories(std::filesystem::path(file.path).parent_path(),
                                            ignored);
        if (!write_output(invocation, file.path, [&](std::ostream& out) { out << file.text; }))
          return kOutput;
      }
      ++(written.is_honest() ? honest : marked);
      invocation.out << fmt::format(
          "{}: {}{}\n", id,
          written.is_honest()
              ? "honest"
              : "written, but " + model::printable(importers::one_line(first_reason(written))),
          written.up.empty() ? "" : "; the up keeps rows aside");
    }
  }
  invocation.out << fmt::format("{} honest, {} that lose rows, {} not written\n", honest, marked,
                                left);
  return say_stopped(watch, left + marked > 0 ? kFindings : kOk, invocation.err);
}

}  // namespace backout::cli
