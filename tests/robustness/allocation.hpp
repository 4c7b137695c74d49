#pragma once
// Counts what is asked of the heap.

#include <cstddef>

namespace backout::tests {

/// How many bytes this thread has asked of `new` since it began.
std::size_t bytes_asked();

}  // namespace backout::tests
