#include "cli/inputs.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string_view>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/documents.hpp"
#include "cli/git.hpp"
#include "model/files.hpp"

namespace backout::cli {

namespace fs = std::filesystem;

namespace {

/// What a line says of `backout` (or `"backout"`) at the top of a file; empty when it is about
/// something else.
std::string_view version_in(std::string_view line) {
  const std::size_t begin = std::min(line.find_first_not_of(" \t{"), line.size());
  const std::string_view rest = line.substr(begin);
  const bool top = begin == 0 || line.substr(0, begin).find('{') != std::string_view::npos;
  std::size_t end = std::string_view::npos;
  if (rest.starts_with("\"backout\"")) end = rest.find(':');
  if (top && rest.starts_with("backout:")) end = rest.find(':');
  return end == std::string_view::npos ? "" : rest.substr(end + 1);
}

/// Whether a value of `backout` is the version of the program, as its own JSON has it: a text in
/// quotes that is no whole number.
bool is_program_version(std::string_view value) {
  if (!value.starts_with('"')) return false;
  const std::string_view text = value.substr(1, value.find('"', 1) - 1);
  return text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos;
}

bool is_hidden(const fs::path& relative) {
  return std::ranges::any_of(relative, [](const fs::path& part) {
    const std::string name = part.string();
    return name.size() > 1 && name[0] == '.' && name != "..";
  });
}

/// The files that git knows or would add below `folder`, relative to it; none when there is no git.
std::vector<fs::path> files_of_git(const std::string& folder) {
  const auto listed =
      run_git(folder, {"ls-files", "-z", "--cached", "--others", "--exclude-standard"});
  std::vector<fs::path> files;
  if (!listed) return files;
  std::istringstream in(*listed);
  for (std::string name; std::getline(in, name, '\0');) files.emplace_back(name);
  return files;
}

std::vector<fs::path> files_of_folder(const std::string& folder) {
  static const std::set<std::string> kSkipped = {".git",  "node_modules", "vendor",
                                                 ".venv", "venv",         "__pycache__"};
  std::vector<fs::path> files;
  std::error_code error;
  constexpr auto kOptions = fs::directory_options::skip_permission_denied;
  auto it = fs::recursive_directory_iterator(folder, kOptions, error);
  for (; !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
    std::error_code none;  // a link to itself is neither
    if (it->is_directory(none) && kSkipped.contains(it->path().filename().string()))
      it.disable_recursion_pending();
    if (it->is_regular_file(none)) files.push_back(it->path().lexically_relative(folder));
  }
  return files;
}

bool excluded(const fs::path& relative, const fs::path& file, const InputFilter& filter) {
  return path_matches(relative.generic_string(), filter.exclude) ||
         std::ranges::any_of(filter.configured, [&](const PathPatterns& patterns) {
           return patterns.match(file.string());
         });
}

}  // namespace

std::vector<std::string> files_of(const std::string& folder, const InputFilter& filter) {
  std::vector<fs::path> known = files_of_git(folder);
  if (known.empty()) known = files_of_folder(folder);
  std::vector<std::string> files;
  std::error_code error;
  for (const fs::path& relative : known) {
    const fs::path file = fs::path(folder) / relative;
    if (excluded(relative, file, filter) || !fs::is_regular_file(file, error)) continue;
    if (fs::is_symlink(file, error) && model::leads_out_of(folder, file)) continue;
    files.push_back(file.lexically_normal().string());
  }
  std::ranges::sort(files);
  return files;
}

bool is_plan_name(const std::string& file) {
  const std::string extension = fs::path(file).extension().string();
  return extension == ".yaml" || extension == ".yml" || extension == ".json";
}

/// A job of a CI system that is called backout is a map: it has no version.
bool is_plan_text(const std::string& text) {
  std::istringstream in(text);
  std::string line;
  while (std::getline(in, line)) {
    std::string_view version = version_in(line);
    version.remove_prefix(std::min(version.find_first_not_of(" \t\r"), version.size()));
    if (version.empty() || version[0] == '#' || version[0] == '{') continue;
    return !is_program_version(version);
  }
  return false;
}

bool is_plan_file(const std::string& file) {
  return is_plan_name(file) && is_plan_text(model::read_file(file).value_or(std::string()));
}

std::vector<std::string> find_inputs(const std::string& argument, const InputFilter& filter) {
  std::error_code error;
  if (argument == "-" || !fs::is_directory(argument, error)) return {argument};
  std::vector<std::string> files = files_of(argument, filter);
  std::erase_if(files, [&](const std::string& file) {
    const fs::path relative =
        fs::path(file).lexically_relative(fs::path(argument).lexically_normal());
    const bool document = filter.documents && is_document(file) && is_about_rollback(file);
    return !document && (is_hidden(relative) || !is_plan_file(file));
  });
  return files;
}

std::vector<std::string> input_files(const std::string& argument, const InputFilter& filter) {
  std::vector<std::string> files = find_inputs(argument, filter);
  if (files.empty()) throw nothing_in(argument, filter);
  return files;
}

UsageError nothing_in(const std::string& folder, const InputFilter& filter) {
  if (!filter.documents) {
    return {fmt::format(
        "no plan in '{}': a plan is a .yaml, .yml or .json file with a top-level `backout:` key",
        folder)};
  }
  return {
      fmt::format("nothing to check in '{}': no plan (a .yaml, .yml or .json file with a top-level "
                  "`backout:` key), no runbook, "
                  "no script about rolling back and no migrations",
                  folder)};
}

}  // namespace backout::cli
