#pragma once
// What a thread says to its processor while it spins.

namespace backout::simulator {

/// That it waits, so that what shares the core with it gets on; nothing where there is no such
/// instruction.
inline void pause_core() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace backout::simulator
