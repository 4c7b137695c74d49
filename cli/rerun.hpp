#pragma once
// --watch: the same run again whenever a file changes.

#include <functional>
#include <string>
#include <vector>

#include "cli/command.hpp"

namespace backout::cli {

/// Calls `once`, and again whenever a file below a folder of `arguments`, in the folder of one that
/// is a file, or the one that `config` names then, is there, gone or written anew, until Ctrl-C.
/// What `once` throws in a later run is printed: the next change may mend it. The result is that of
/// the last run.
int rerun_on_change(const Invocation& invocation, const std::vector<std::string>& arguments,
                    const std::function<std::string()>& config, const std::function<int()>& once);

}  // namespace backout::cli
