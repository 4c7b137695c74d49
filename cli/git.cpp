#include "cli/git.hpp"

#include <charconv>
#include <cstdio>
#include <fstream>
#include <memory>
#include <sstream>

#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/git_view.hpp"

namespace backout::cli {

namespace fs = std::filesystem;

namespace {

using OpenFile = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

/// A file without a name, gone when it is closed.
OpenFile nameless_file() { return {std::tmpfile(), &std::fclose}; }

std::string all_of(std::FILE* file) {
  std::string text;
  std::rewind(file);
  char buffer[65536];
  for (std::size_t got = 0; (got = std::fread(buffer, 1, sizeof buffer, file)) > 0;)
    text.append(buffer, got);
  return text;
}

std::vector<char*> pointers_to(const std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (const std::string& word : words) pointers.push_back(const_cast<char*>(word.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

/// The three streams of a command.
struct Streams {
  OpenFile in = nameless_file();
  OpenFile out = nameless_file();
  OpenFile err = nameless_file();
};

/// Starts `words` and waits; its exit status, -1 when it could not be started.
int run(const std::vector<std::string>& words, const std::vector<std::string>& environment,
        const Streams& streams) {
  const std::vector<char*> arguments = pointers_to(words);
  const std::vector<char*> variables = pointers_to(environment);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, fileno(streams.in.get()), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, fileno(streams.out.get()), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, fileno(streams.err.get()), STDERR_FILENO);
  pid_t child = 0;
  const int failed =
      posix_spawn(&child, arguments[0], &actions, nullptr, arguments.data(), variables.data());
  posix_spawn_file_actions_destroy(&actions);
  int status = 0;
  if (failed != 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status)) return -1;
  return WEXITSTATUS(status);
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, separator);) parts.push_back(part);
  return parts;
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

GitResult<fs::path> root_of(const fs::path& folder) {
  const auto view = GitView::of(folder);
  if (!view) return tl::unexpected(GitError{"git: " + view.error()});
  return view->root();
}

/// A file in a tree of git.
struct Entry {
  std::string object;
  fs::path path;
};

/// What `git ls-tree -z` lists: "<mode> <type> <object>\t<path>". Only regular files whose path
/// stays where it is.
std::vector<Entry> regular_files(const std::string& listing) {
  std::vector<Entry> files;
  for (const std::string& line : split(listing, '\0')) {
    const std::size_t tab = line.find('\t');
    if (!line.starts_with("100") || tab == std::string::npos) continue;
    const fs::path path = line.substr(tab + 1);
    if (path.is_absolute() || *path.lexically_normal().begin() == "..") continue;
    files.push_back({line.substr(0, tab).substr(line.rfind(' ', tab) + 1), path});
  }
  return files;
}

/// The size that "<object> blob <size>" gives; nullopt for "<object> missing".
std::optional<std::size_t> size_of(const std::string& line) {
  const std::size_t blob = line.find(" blob ");
  std::size_t size = 0;
  if (blob == std::string::npos) return std::nullopt;
  const char* const end = line.data() + line.size();
  const auto [last, failed] = std::from_chars(line.data() + blob + 6, end, size);
  return failed == std::errc() && last == end ? std::optional(size) : std::nullopt;
}

/// Writes what `git cat-file --batch` said of each of `files`, "<object> blob <size>\n<bytes>\n",
/// below `target`.
GitResult<void> write_batch(const std::string& batch, const std::vector<Entry>& files,
                            const fs::path& target) {
  std::size_t at = 0;
  for (const Entry& file : files) {
    const std::size_t end = batch.find('\n', at);
    const auto size = end == std::string::npos ? std::nullopt : size_of(batch.substr(at, end - at));
    if (!size || *size > batch.size() - end)
      return tl::unexpected(
          GitError{fmt::format("git lacks the object of '{}'", file.path.string())});
    fs::create_directories((target / file.path).parent_path());
    std::ofstream out(target / file.path, std::ios::binary);
    out.write(batch.data() + end + 1, static_cast<std::streamsize>(*size));
    if (!out.flush())
      return tl::unexpected(
          GitError{fmt::format("cannot write '{}'", (target / file.path).string())});
    at = end + 1 + *size + 1;
  }
  return {};
}

}  // namespace

GitResult<std::string> run_git(const fs::path& folder, std::vector<std::string> arguments,
                               const std::string& input) {
  const auto view = GitView::of(folder);
  if (!view) return tl::unexpected(GitError{"git: " + view.error()});
  const std::string program = git_program().string();
  if (program.empty()) return tl::unexpected(GitError{"cannot run git: is it installed?"});
  const std::string verb = arguments.front();
  arguments.insert(arguments.begin(), {program, "-C", folder.empty() ? "." : folder.string(),
                                       "--no-optional-locks", "--no-pager", "--literal-pathspecs"});
  const Streams streams;
  if (!streams.in || !streams.out || !streams.err)
    return tl::unexpected(GitError{"no temporary file for git"});
  std::fwrite(input.data(), 1, input.size(), streams.in.get());
  std::fflush(streams.in.get());
  std::rewind(streams.in.get());
  const int status = run(arguments, view->environment(), streams);
  if (status < 0) return tl::unexpected(GitError{"cannot run git: is it installed?"});
  if (status == 0) return all_of(streams.out.get());
  const std::string said = first_line(all_of(streams.err.get()));
  return tl::unexpected(
      GitError{said.empty() ? fmt::format("git {} failed", verb) : "git: " + said});
}

GitResult<std::string> commit_of(const fs::path& folder, const std::string& ref) {
  if (auto root = root_of(folder); !root) return tl::unexpected(root.error());
  auto commit =
      run_git(folder, {"rev-parse", "--verify", "--quiet", "--end-of-options", ref + "^{commit}"});
  if (!commit) {
    return tl::unexpected(GitError{fmt::format(
        "git knows no commit '{}'; a shallow clone may lack it (fetch more history)", ref)});
  }
  return first_line(*commit);
}

GitResult<std::set<fs::path>> changed_files(const fs::path& folder, const std::string& ref) {
  const auto commit = commit_of(folder, ref);
  if (!commit) return tl::unexpected(commit.error());
  const auto root = root_of(folder);
  if (!root) return tl::unexpected(root.error());
  const auto differing =
      run_git(*root, {"diff", "--name-only", "-z", "--no-renames", "--no-ext-diff", "--no-textconv",
                      "--ignore-submodules=all", *commit, "--"});
  if (!differing) return tl::unexpected(differing.error());
  const auto untracked = run_git(*root, {"ls-files", "-z", "--others"});
  if (!untracked) return tl::unexpected(untracked.error());
  std::set<fs::path> files;
  for (const std::string& file : split(*differing + *untracked, '\0')) files.insert(*root / file);
  return files;
}

GitResult<std::optional<std::string>> file_at(const fs::path& folder, const std::string& ref,
                                              const std::string& path) {
  const auto commit = commit_of(folder, ref);
  if (!commit) return tl::unexpected(commit.error());
  const auto listing = run_git(folder, {"ls-tree", "-z", *commit, "--", path});
  if (!listing) return tl::unexpected(listing.error());
  const std::vector<Entry> found = regular_files(*listing);
  if (found.empty()) return std::nullopt;
  auto text = run_git(folder, {"cat-file", "blob", found.front().object});
  if (!text) return tl::unexpected(text.error());
  return std::optional<std::string>(std::move(*text));
}

GitResult<void> write_files_at(const fs::path& folder, const std::string& ref,
                               const fs::path& target,
                               const std::function<bool(const fs::path&)>& wanted) {
  const auto commit = commit_of(folder, ref);
  if (!commit) return tl::unexpected(commit.error());
  const auto listing = run_git(folder, {"ls-tree", "-r", "-z", *commit});
  if (!listing) return tl::unexpected(listing.error());
  std::vector<Entry> files = regular_files(*listing);
  std::erase_if(files, [&](const Entry& file) { return !wanted(file.path); });
  std::string objects;
  for (const Entry& file : files) objects += file.object + '\n';
  const auto batch = run_git(folder, {"cat-file", "--batch"}, objects);
  if (!batch) return tl::unexpected(batch.error());
  return write_batch(*batch, files, target);
}

}  // namespace backout::cli
