#include "analyzer/documents/placements.hpp"

#include <algorithm>

namespace backout::analyzer::documents {

namespace {

std::string without_host(const std::string& path) {
  const std::size_t colon = path.find(':');
  const bool host = colon != std::string::npos && colon > 1 && path.substr(colon, 3) != "://" &&
                    path.find('/') > colon;
  return host ? path.substr(colon + 1) : path;
}

/// `/srv/uploads` of `host:/srv/uploads/*`.
std::string plain(const std::string& path) {
  std::string text = without_host(path);
  while (text.size() > 1 && (text.back() == '/' || text.back() == '*' || text.ends_with("/.")))
    text.pop_back();
  return text;
}

bool names_contents(const std::string& from) {
  return from.ends_with('/') || from.ends_with("/*") || from.ends_with("/.");
}

std::optional<Placement> unpacked(const Command& command) {
  const catalogue::Known& known = command.known();
  if (known.does == "look" || known.does == "backup") return std::nullopt;
  const bool tar = known.tool == "tar" && known.does == "restore";
  if (!tar && known.tool != "unzip") return std::nullopt;
  Placement made;
  made.archive = made.contents = made.folder = true;
  const std::vector<std::string> into = arguments_of(command, "folder");
  const std::vector<std::string> files = arguments_of(command, "file");
  if (!into.empty()) made.to = into.front();
  if (!files.empty()) made.from = files.front();
  // `tar xzf FILE`
  for (std::size_t i = command.name_index() + 1; made.from.empty() && i < command.words.size();
       ++i) {
    const std::string& word = command.words[i].text;
    if (has_any(lower(word), {".tar", ".tgz", ".zip"}) ||
        (word.starts_with('$') && i > command.name_index() + 1))
      made.from = word;
  }
  return made;
}

}  // namespace

std::optional<Placement> placement_of(const Command& command) {
  if (command.told() || command.words.empty()) return std::nullopt;
  if (std::optional<Placement> archive = unpacked(command)) return archive;
  const catalogue::Known& known = command.known();
  const bool store = (known.tool == "aws" && known.path == "s3 sync") ||
                     (known.tool == "gsutil" && known.path == "rsync") ||
                     (known.tool == "mc" && known.path == "mirror") ||
                     (known.tool == "rclone" && (known.path == "sync" || known.path == "copy")) ||
                     (known.tool == "gcloud" && known.path == "storage rsync");
  const bool copies = known.tool == "rsync" || known.tool == "cp" || known.tool == "scp" ||
                      known.tool == "mv" || (known.tool == "docker" && known.path == "cp");
  if ((!store && !copies) || known.does != "write") return std::nullopt;
  const std::vector<std::string> from = arguments_of(command, "from");
  const std::vector<std::string> to = arguments_of(command, "to");
  if (from.empty() || to.empty() || (known.tool == "cp" && to.size() > 1)) return std::nullopt;
  Placement made{from.front(), to.back()};
  made.deletes = known.find(catalogue::Trap::Kind::destroys) != nullptr ||
                 (known.tool == "mc" && command.has("--remove")) ||
                 (known.tool == "rclone" && known.path == "sync" && !command.has("--backup-dir"));
  made.contents = store || names_contents(made.from);
  made.folder = store || known.tool == "docker" || known.tool == "mv" || command.has("-r") ||
                command.has("-R") || command.has("-a") || command.has("--recursive") ||
                command.has("--archive");
  return made;
}

std::string last_part_of(std::string path) {
  path = plain(path);
  return path.substr(path.rfind('/') == std::string::npos ? 0 : path.rfind('/') + 1);
}

bool names_kept(std::string_view path) {
  return has_any(lower(path), {"backup", "bak", "snapshot", "archive", "copies", "dump"});
}

bool is_aside(std::string_view path) {
  return has_any(lower(path), {"tmp",      "temp",    "backup",  "bak",      "snapshot", "archive",
                               "copies",   "scratch", "staging", "restored", "restore_", "restore-",
                               "/restore", "verify",  "drill",   "$(",       "before",   "old",
                               "new",      "inspect", "extract", "local",    "download", "work"}) ||
         begins_word(lower(path), {"test", "dev"});
}

bool holds_data(std::string_view path) {
  return has_any(lower(path),
                 {"upload", "media", "attachment", "storage", "/data", "_data", "-data", "/var/lib",
                  "documents", "images", "assets/user", "volume", "files"}) &&
         !has_any(lower(path), {"dist", "build", "public/", "static"});
}

bool is_cleared(const Block& block, const Command& command, const std::string& to) {
  const std::string place = plain(to);
  return std::ranges::any_of(block.script.commands,
                             [&](const Command& each) {
                               if (each.span.begin >= command.span.begin || each.words.size() < 2)
                                 return false;
                               const bool removes = each.name() == "rm" || each.name() == "mv" ||
                                                    each.name() == "find";
                               return removes &&
                                      std::any_of(each.words.begin() + 1, each.words.end(),
                                                  [&](const importers::Word& word) {
                                                    const std::string text = plain(word.text);
                                                    return text == place ||
                                                           (each.name() == "rm" && !text.empty() &&
                                                            place.starts_with(text + "/"));
                                                  }) &&
                                      plain(each.words.back().text) != place;
                             }) ||
         std::ranges::any_of(block.script.commands, [&](const Command& each) {
           return each.span.begin < command.span.begin && each.name() == "rm" && each.has("-r") &&
                  plain(each.words.back().text) == place;
         });
}

}  // namespace backout::analyzer::documents
