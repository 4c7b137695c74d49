// Names that task runners know: npm and composer scripts, make and just targets.
#include <filesystem>

#include "importers/repository/readers.hpp"

namespace backout::importers {

using model::Node;

namespace {

void read_scripts(const ReadFile& file, const char* runner, Repository& repository) {
  for (const Node& document : documents_of(file, repository, runner)) {
    const Node* scripts = member(&document, "scripts");
    if (scripts == nullptr) continue;
    for (const Node::Entry& entry : scripts->entries) {
      repository.tasks.push_back({runner, entry.key,
                                  entry.value.is_scalar() ? entry.value.text : "", file.path,
                                  entry.key_span});
    }
  }
}

bool is_target_name(std::string_view word) {
  return !word.empty() && word[0] != '.' && word.find_first_of("$%=()") == std::string_view::npos;
}

/// `name [name ...]: ...` at the start of a line. An include, a pattern or a variable in a target's
/// place means that there are names which cannot be told.
void read_targets(const ReadFile& file, const char* runner, Repository& repository) {
  for (std::size_t at = 0; at < file.text.size();) {
    const std::size_t end = std::min(file.text.find('\n', at), file.text.size());
    const std::string_view line = std::string_view(file.text).substr(at, end - at);
    const std::size_t colon = line.find(':');
    if (line.starts_with("include") || line.starts_with("-include") ||
        line.starts_with("import ")) {
      repository.open_runners.insert(runner);
    } else if (!line.empty() && line[0] != '\t' && line[0] != ' ' && line[0] != '#' &&
               colon != std::string_view::npos && !line.substr(colon).starts_with(":=") &&
               line.substr(0, colon).find('=') == std::string_view::npos) {
      const std::string_view names = line.substr(0, colon);
      for (std::size_t word = 0; word < names.size();) {
        const std::size_t stop = std::min(names.find_first_of(" \t", word), names.size());
        const std::string_view name = names.substr(word, stop - word);
        if (is_target_name(name)) {
          const auto begin = static_cast<std::uint32_t>(at + word);
          repository.tasks.push_back(
              {runner,
               std::string(name),
               "",
               file.path,
               {file.source, begin, begin + static_cast<std::uint32_t>(name.size())}});
        } else if (name.find_first_of("$%") != std::string_view::npos) {
          repository.open_runners.insert(runner);
        }
        word = stop + 1;
      }
    }
    at = end + 1;
  }
}

}  // namespace

bool read_tasks(const ReadFile& file, Repository& repository) {
  const std::string name = std::filesystem::path(file.path).filename().string();
  if (name == "package.json")
    read_scripts(file, "npm", repository);
  else if (name == "composer.json")
    read_scripts(file, "composer", repository);
  else if (name == "Makefile" || name == "makefile" || name == "GNUmakefile")
    read_targets(file, "make", repository);
  else if (name == "justfile" || name == "Justfile")
    read_targets(file, "just", repository);
  else
    return false;
  return true;
}

}  // namespace backout::importers
