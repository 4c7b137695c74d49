// Part of hidden-failure: a copy that is cut short goes into a restore, and the pipe ends well.
#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "analyzer/documents/scripts.hpp"

namespace backout::analyzer::documents {

namespace {

bool unpacks(const Command& command) {
  static const std::set<std::string_view> kUnpacks = {
      "gunzip", "zcat",   "bzcat", "xzcat", "zstdcat", "bunzip2", "unxz", "gpg",  "openssl", "age",
      "aws",    "gsutil", "curl",  "wget",  "unzip",   "pigz",    "gzip", "zstd", "rclone"};
  return kUnpacks.contains(command.name()) && effect_of(command) != Effect::save;
}

/// What takes the first half of a copy for all of it: an archive has an end that `tar` and
/// `pg_restore` miss.
bool loads(const Command& command) {
  constexpr std::array<std::string_view, 4> kClients = {"psql", "mysql", "mariadb", "sqlite3"};
  return std::ranges::any_of(kClients,
                             [&](std::string_view client) { return runs(command, client); });
}

/// Whether the archive is tested before: then it is whole when it is read.
bool is_tested(const Block& block) {
  return has_any(block.content.text,
                 {"gzip -t", "gunzip -t", "zcat -t", "gzip --test", "gunzip --test", "sha256sum -c",
                  "sha256sum --check", "md5sum -c", "zstd -t", "PIPESTATUS", "pipefail"});
}

}  // namespace

void look_at_fed_restores(const Block& block, Findings& found) {
  if (!runs_as_script(block) || is_tested(block)) return;
  const auto& commands = block.script.commands;
  for (std::size_t i = 0; i < commands.size(); ++i) {
    const importers::Context& context = commands[i].context;
    const bool begins = context.pipe_position == 0 && context.pipe_length > 1 &&
                        !context.pipefail && !context.substitution &&
                        i + context.pipe_length <= commands.size();
    if (!begins || !unpacks(commands[i])) continue;
    const Command& last = commands[i + context.pipe_length - 1];
    if (last.context.pipe_position + 1 != context.pipe_length || !loads(last)) continue;
    add_once(found,
             finding(model::Severity::error, commands[i].span,
                     fmt::format("the pipe hides the failure of '{}': a copy that is cut short is "
                                 "loaded as far as it goes, and the line ends with 0",
                                 text_of(commands[i])),
                     "set -o pipefail, and test the file first (`gzip -t`)"));
  }
}

}  // namespace backout::analyzer::documents
