#pragma once

#include <cstddef>
#include <functional>

namespace backout::cli {

/// Calls task(0) ... task(count - 1) on as many threads as the machine has processors, each task
/// once, and returns when all are done. Which thread runs which task is left open: tasks must not
/// depend on it. Rethrows the exception of the first task that threw one.
void for_each_in_parallel(std::size_t count, const std::function<void(std::size_t)>& task);

}  // namespace backout::cli
