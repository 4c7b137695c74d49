#pragma once
// Runs a program and keeps what it said: for end-to-end tests of the command line.

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <stdlib.h>

#include "support/places.hpp"

namespace backout::tests {

/// A folder that goes away with the object.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "backout-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  /// Writes a file below the folder, making the folders on the way; the result is its path.
  std::string write(const std::string& name, const std::string& text) const {
    const std::filesystem::path file = path_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
    return file.string();
  }

 private:
  std::filesystem::path path_;
};

inline std::string read_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

struct ProcessResult {
  int status = -1;  ///< exit status; 128 + signal when it was killed
  std::string out;
  std::string err;
};

/// `word` as one word of a POSIX shell command.
inline std::string shell_quote(const std::string& word) {
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

/// Runs the words through the shell, `input` on standard input, in the folder `where` (empty: where
/// the test runs).
inline ProcessResult run_process(const std::vector<std::string>& words,
                                 const std::string& input = "", const std::string& where = "") {
  const TemporaryFolder folder;
  std::string command;
  if (!where.empty()) command += "cd " + shell_quote(where) + " && ";
  for (const std::string& word : words) command += shell_quote(word) + ' ';
  command += "<" + shell_quote(folder.write("in", input)) + " >" +
             shell_quote((folder.path() / "out").string()) + " 2>" +
             shell_quote((folder.path() / "err").string());
  const int status = std::system(command.c_str());
  ProcessResult result;
  result.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  result.out = read_file(folder.path() / "out");
  result.err = read_file(folder.path() / "err");
  return result;
}

/// Runs the backout that this build made.
inline ProcessResult run_backout(std::vector<std::string> words, const std::string& input = "",
                                 const std::string& where = "") {
  words.insert(words.begin(), kProgram);
  return run_process(words, input, where);
}

}  // namespace backout::tests
