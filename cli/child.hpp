#pragma once
// The programs that backout starts, git and Graphviz: without a shell, with an environment of ours,
// and never for longer or with more output than is said here.

#include <string>
#include <vector>

#include <tl/expected.hpp>

namespace backout::cli {

/// How a program ended, and what it said.
struct Ended {
  int status = 0;
  std::string out;
  std::string err;
};

/// Starts `words`, of which the first is the path of the program, with `environment` ("NAME=value")
/// and `input` on its standard input, and waits. An error goes behind the program's name: "cannot
/// be run", or why it was stopped. It is when it waits for seconds and does nothing (a pipe that
/// nobody writes into), after minutes of processor time, and behind 512 MB of output.
tl::expected<Ended, std::string> run_child(const std::vector<std::string>& words,
                                           const std::vector<std::string>& environment,
                                           const std::string& input);

}  // namespace backout::cli
