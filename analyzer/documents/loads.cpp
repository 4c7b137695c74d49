#include "analyzer/documents/loads.hpp"

#include <algorithm>
#include <set>

namespace backout::analyzer::documents {

namespace {

bool names_copy(std::string_view text) { return has_any(lower(text), {"backup", "dump", ".sql.gz", "snapshot"}); }

}  // namespace

bool loads_copy(const Block& block, const Command& command) {
  if (!runs(command, "psql") && !runs(command, "mysql")) return false;
  // A script that restores is given the copy as an argument.
  const bool restores = block.script.whole && has_any(lower(block.content.text.substr(0, 2000)), {"restor", "restaur", "wiederher"});
  const auto feeds = [&](const importers::Redirect& each) {
    const std::string from = lower(each.target);
    return each.op == "<" && (names_copy(from) || (restores && has(from, "$") && !has_any(from, {"migration", "rollback", "down", "schema"})));
  };
  if (std::ranges::any_of(command.redirects, feeds)) return true;
  if (command.context.pipe_position == 0) return false;
  static const std::set<std::string_view> kUnpacks = {"gunzip", "zcat", "gzip", "cat", "bzcat", "xzcat", "zstd", "zstdcat", "pigz", "aws", "gsutil", "pv", "openssl", "gpg"};
  const auto index = static_cast<std::size_t>(&command - block.script.commands.data());
  for (std::size_t i = index; i-- > 0 && index - i <= command.context.pipe_position;) {
    const Command& before = block.script.commands[i];
    if (kUnpacks.contains(before.name()) && names_copy(full_of(before))) return true;
  }
  return false;
}

bool restores_in_place(const Command& command) {
  const catalogue::Known& known = command.known();
  if (known.tool == "gcloud" && known.path == "sql backups restore") return !names_another_database(command);
  return known.tool == "heroku" && has(known.path, "backups:restore");
}

}  // namespace backout::analyzer::documents
