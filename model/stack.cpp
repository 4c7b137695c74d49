#include "model/stack.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <pthread.h>

namespace backout::model {
namespace {

/// The address below which the stack of this thread is low; 0 when it cannot be told.
std::uintptr_t low_mark() {
  constexpr std::size_t kLeast = 256 << 10;
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return 0;
  void* bottom = nullptr;
  std::size_t size = 0;
  const bool known = pthread_attr_getstack(&attributes, &bottom, &size) == 0;
  pthread_attr_destroy(&attributes);
  return known ? reinterpret_cast<std::uintptr_t>(bottom) + std::max(kLeast, size / 8) : 0;
}

}  // namespace

bool stack_is_low() {
  thread_local const std::uintptr_t mark = low_mark();
  return reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)) < mark;
}

}  // namespace backout::model
