#pragma once
// A real git repository in a temporary folder.

#include <stdexcept>
#include <string>
#include <vector>

#include "support/places.hpp"
#include "support/process.hpp"

namespace backout::tests {

class Repository {
 public:
  Repository() { git({"init", "--quiet", "--initial-branch=main"}); }

  const std::filesystem::path& path() const { return folder_.path(); }
  std::string write(const std::string& name, const std::string& text) const {
    return folder_.write(name, text);
  }
  void remove(const std::string& name) const { std::filesystem::remove(path() / name); }

  std::string git(std::vector<std::string> words) const {
    words.insert(words.begin(), {"git", "-C", path().string(), "-c", "user.name=Test", "-c",
                                 "user.email=test@example.org", "-c", "commit.gpgsign=false"});
    const ProcessResult result = run_process(words);
    if (result.status != 0) throw std::runtime_error("git: " + result.err);
    return result.out;
  }
  void commit() const {
    git({"add", "--all"});
    git({"commit", "--quiet", "--allow-empty", "--message", "A commit"});
  }

  /// backout with the repository as its current folder and `variables` ("NAME=value") set.
  ProcessResult backout(const std::vector<std::string>& arguments,
                        const std::vector<std::string>& variables = {}) const {
    std::vector<std::string> words = {"env", "--chdir=" + path().string(),
                                      "--unset=GITHUB_BASE_REF",
                                      "--unset=CI_MERGE_REQUEST_DIFF_BASE_SHA"};
    words.insert(words.end(), variables.begin(), variables.end());
    words.push_back(kProgram);
    words.insert(words.end(), arguments.begin(), arguments.end());
    return run_process(words);
  }

 private:
  TemporaryFolder folder_;
};

}  // namespace backout::tests
