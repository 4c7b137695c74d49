#include "cli/changed_plans.hpp"

#include <algorithm>
#include <ostream>

namespace backout::cli {

namespace fs = std::filesystem;

GitResult<bool> ChangedPlans::contains(const std::string& file, const model::Sources& sources) {
  const fs::path folder = fs::absolute(file).parent_path();
  if (!changed_.contains(folder)) {
    auto files = changed_files(folder, ref_);
    if (!files) return tl::unexpected(files.error());
    changed_[folder] = std::move(*files);
  }
  const std::set<fs::path>& changed = changed_[folder];
  std::set<fs::path>
      folders;  // of the files that the plan names: one that is gone was perhaps among them
  for (std::uint32_t i = 0; i < sources.size(); ++i) {
    const fs::path path = fs::absolute(i == 0 ? file : sources[i].name());
    const fs::path link = fs::weakly_canonical(path.parent_path()) / path.filename();
    if (changed.contains(link) || changed.contains(fs::weakly_canonical(path))) return true;
    if (i > 0) folders.insert(link.parent_path());
  }
  return std::ranges::any_of(changed, [&](const fs::path& path) {
    return folders.contains(path.parent_path()) && !fs::exists(fs::symlink_status(path));
  });
}

int git_failed(const Invocation& invocation, const GitError& error) {
  invocation.err << "backout: " << error.message << '\n';
  return kInvalidInput;
}

}  // namespace backout::cli
