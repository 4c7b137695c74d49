#include "cli/base_version.hpp"

#include <stdlib.h>

#include <filesystem>
#include <stdexcept>

#include "cli/changed_plans.hpp"
#include "cli/load_plan.hpp"
#include "importers/migrations/import.hpp"

namespace backout::cli {

namespace fs = std::filesystem;

namespace {

/// A folder of one's own that goes away with the object.
class PrivateFolder {
 public:
  PrivateFolder() {
    std::string pattern = (fs::temp_directory_path() / "backout-base-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = pattern;
  }
  ~PrivateFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  PrivateFolder(const PrivateFolder&) = delete;
  PrivateFolder& operator=(const PrivateFolder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

}  // namespace

GitResult<reports::PlanDifference> compare_with_base(const std::string& file,
                                                     const reports::PlanReport& after,
                                                     const std::string& base,
                                                     const PipelineSettings& settings) {
  using Base = reports::PlanDifference::Base;
  const fs::path folder = fs::absolute(file).parent_path();
  const auto text = file_at(folder, base, fs::path(file).filename().string());
  if (!text) return tl::unexpected(text.error());
  if (!*text) return reports::compare(nullptr, after, Base::absent);
  const PrivateFolder copy;
  const auto named = [&](const fs::path& path) {
    return (*text)->find(path.begin()->string()) != std::string::npos;
  };
  const auto written = write_files_at(folder, base, copy.path(), named);
  if (!written) return tl::unexpected(written.error());
  const auto read_migrations = [&](const std::string& migrations,
                                   const std::shared_ptr<model::Sources>& sources) {
    const fs::path shown =
        fs::path(file).parent_path() / fs::path(migrations).lexically_relative(copy.path());
    return importers::read_copied_migrations(migrations, sources, shown.string());
  };
  const auto plan = load_plan_text(file, **text, copy.path().string(), read_migrations);
  if (!plan) return reports::compare(nullptr, after, Base::invalid);
  std::vector<model::Mistake> mistakes;
  PipelineSettings untimed = settings;
  untimed.runs = 0;  // times are not compared
  const reports::PlanReport before = examine(*plan, untimed, mistakes);
  return mistakes.empty() ? reports::compare(&before, after, Base::compared)
                          : reports::compare(nullptr, after, Base::invalid);
}

std::string commit_told(const std::string& file, const model::Sources& sources) {
  const auto head = run_git(fs::absolute(file).parent_path(),
                            {"log", "-1", "--abbrev=12", "--format=%h of %cs", "HEAD"});
  if (!head || head->empty()) return "";
  const auto differs = ChangedPlans("HEAD").contains(file, sources);
  return head->substr(0, head->find('\n')) +
         (differs && !*differs ? "" : ", with changes that are not committed");
}

}  // namespace backout::cli
