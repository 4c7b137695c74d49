#include "cli/git_view.hpp"

#include <array>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <sstream>

#include <fmt/format.h>
#include <unistd.h>

namespace backout::cli {

namespace fs = std::filesystem;

namespace {

/// A regular file's text; nullopt for anything else, and for what is larger than a configuration
/// is.
std::optional<std::string> small_file(const fs::path& file) {
  constexpr std::uintmax_t kMost = 1 << 20;
  std::error_code none;
  if (!fs::is_regular_file(file, none) || fs::file_size(file, none) > kMost) return std::nullopt;
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

std::string trimmed(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  return begin == std::string::npos
             ? ""
             : text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

bool is_repository(const fs::path& folder) {
  std::error_code none;
  return fs::is_directory(folder / "objects", none) &&
         fs::exists(fs::symlink_status(folder / "HEAD", none));
}

/// Where `.git` leads: a folder, or a file "gitdir: PATH" as work trees and submodules have it.
std::optional<fs::path> repository_at(const fs::path& dot_git) {
  std::error_code none;
  if (fs::is_directory(dot_git, none)) return dot_git;
  const auto text = small_file(dot_git);
  if (!text || !text->starts_with("gitdir:")) return std::nullopt;
  return (dot_git.parent_path() / trimmed(text->substr(7))).lexically_normal();
}

/// The folder that the work trees of a repository share.
fs::path common_of(const fs::path& repository) {
  const auto text = small_file(repository / "commondir");
  return text ? (repository / trimmed(*text)).lexically_normal() : repository;
}

/// The values of a configuration that say how to read the repository's data, each a plain word.
/// Everything else, what it includes too, is left behind.
std::map<std::string, std::string> plain_values(const std::string& configuration) {
  static const std::set<std::string> kKept = {
      "core.repositoryformatversion", "core.filemode", "core.symlinks", "core.ignorecase",
      "core.precomposeunicode",       "core.autocrlf", "core.eol",      "extensions.objectformat",
      "extensions.refstorage"};
  std::map<std::string, std::string> values;
  std::istringstream in(configuration);
  std::string section;
  for (std::string line; std::getline(in, line);) {
    line = trimmed(line);
    for (char& c : line) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (line.starts_with('[')) section = line.substr(1, line.find(']') - 1);
    const std::size_t equals = line.find('=');
    if (line.starts_with('[') || equals == std::string::npos) continue;
    const std::string name = section + '.' + trimmed(line.substr(0, equals));
    const std::string value = trimmed(line.substr(equals + 1));
    const bool plain =
        value.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789") == std::string::npos;
    if (kKept.contains(name) && plain && !value.empty()) values[name] = value;
  }
  return values;
}

void write_configuration(const fs::path& file, const std::map<std::string, std::string>& values) {
  std::ofstream out(file, std::ios::binary);
  for (const auto& [name, value] : values) {
    const std::size_t dot = name.find('.');
    out << fmt::format("[{}]\n\t{} = {}\n", name.substr(0, dot), name.substr(dot + 1), value);
  }
}

/// Links `own` to what the repository holds, but for what git could run or would write.
void link_data(const fs::path& repository, const fs::path& own) {
  static const std::set<std::string> kLeft = {
      "config",    "config.worktree", "hooks", "info", "worktrees",  "modules",
      "commondir", "gitdir",          "HEAD",  "logs", "description"};
  std::error_code none;
  for (const fs::directory_entry& entry : fs::directory_iterator(repository, none)) {
    const std::string name = entry.path().filename().string();
    const bool data = entry.is_directory(none) || entry.is_regular_file(none);
    if (!data || kLeft.contains(name) || name.ends_with(".lock")) continue;
    if (fs::exists(fs::symlink_status(own / name, none))) continue;
    fs::create_symlink(fs::canonical(entry.path(), none), own / name, none);
  }
}

fs::path make_private_folder() {
  std::string pattern = (fs::temp_directory_path() / "backout-git-XXXXXX").string();
  return mkdtemp(pattern.data()) == nullptr ? fs::path() : fs::path(pattern);
}

}  // namespace

fs::path program_named(const std::string& name) {
  const char* path = std::getenv("PATH");
  std::istringstream in(path == nullptr ? "/usr/local/bin:/usr/bin:/bin" : path);
  for (std::string folder; std::getline(in, folder, ':');) {
    const fs::path program = fs::path(folder) / name;
    std::error_code none;
    if (program.is_absolute() && fs::is_regular_file(program, none) &&
        access(program.c_str(), X_OK) == 0)
      return program;
  }
  return {};
}

fs::path git_program() { return program_named("git"); }

tl::expected<GitView, std::string> GitView::of(const fs::path& folder) {
  std::error_code failed;
  const fs::path start = fs::canonical(folder.empty() ? fs::path(".") : folder, failed);
  if (failed) return tl::unexpected(fmt::format("cannot read '{}'", folder.string()));
  for (fs::path root = start;; root = root.parent_path()) {
    const auto repository = repository_at(root / ".git");
    if (repository && is_repository(common_of(*repository))) {
      GitView view(make_private_folder(), root);
      if (view.private_.empty()) return tl::unexpected(std::string("no temporary folder for git"));
      const auto head = small_file(*repository / "HEAD");
      if (!head)
        return tl::unexpected(fmt::format("'{}' is no file", (*repository / "HEAD").string()));
      std::ofstream(view.private_ / "HEAD", std::ios::binary) << *head;
      const fs::path common = common_of(*repository);
      if (common != *repository) {
        for (const char* shared : {"refs", "objects", "packed-refs"}) {
          std::error_code none;
          if (fs::exists(common / shared, none))
            fs::create_symlink(fs::canonical(common / shared, none), view.private_ / shared, none);
        }
        link_data(*repository, view.private_);
      }
      link_data(common, view.private_);
      write_configuration(view.private_ / "config",
                          plain_values(small_file(common / "config").value_or("")));
      return view;
    }
    if (root == root.root_path()) break;
  }
  return tl::unexpected(
      std::string("not a git repository (or any of the parent directories): .git"));
}

GitView::~GitView() {
  std::error_code none;
  if (!private_.empty())
    fs::remove_all(private_, none);  // links are removed, what they lead to is not
}

std::vector<std::string> GitView::environment() const {
  std::vector<std::string> names = {
      "GIT_DIR=" + private_.string(), "GIT_WORK_TREE=" + root_.string(),
      "GIT_CONFIG_NOSYSTEM=1",        "GIT_CONFIG_SYSTEM=/dev/null",
      "GIT_CONFIG_GLOBAL=/dev/null",  "GIT_ATTR_NOSYSTEM=1",
      "GIT_OPTIONAL_LOCKS=0",         "GIT_TERMINAL_PROMPT=0",
      "GIT_NO_REPLACE_OBJECTS=1",     "GIT_NO_LAZY_FETCH=1",
      "GIT_ALLOW_PROTOCOL=none",      "HOME=/dev/null",
      "XDG_CONFIG_HOME=/dev/null",    "LC_ALL=C",
      "PATH=/usr/bin:/bin",
  };
  if (const char* folder = std::getenv("TMPDIR"); folder != nullptr)
    names.push_back(std::string("TMPDIR=") + folder);
  return names;
}

}  // namespace backout::cli
