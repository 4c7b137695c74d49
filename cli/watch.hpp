#pragma once
// Long work: how far it is, on a terminal; and when it is to stop: Ctrl-C, a time or memory that is
// used up.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <mutex>
#include <optional>
#include <string>

namespace backout::cli {

/// Until it dies, Ctrl-C asks for an end instead of bringing it about; a second one does.
class Interruptible {
 public:
  Interruptible();
  ~Interruptible();
  Interruptible(const Interruptible&) = delete;
  Interruptible& operator=(const Interruptible&) = delete;

  static bool asked();

 private:
  void (*previous_)(int);
};

class Watch {
 public:
  struct Limits {
    std::optional<std::int64_t> time_ms;
    std::optional<std::uint64_t> memory_bytes;
  };

  Watch(const Limits& limits, std::ostream& err);
  ~Watch();

  /// What is worked on now: "plan.yaml", the `number`-th of `all`.
  void begin(std::string what, std::size_t number, std::size_t all);
  /// It is done after so many runs, not after states of which nobody knows how many there are.
  void expect_runs(std::uint64_t all) { runs_ = all; }
  /// Shows how many states were met or runs made, on a terminal; false: it is time to stop. From
  /// any thread.
  bool go_on(std::uint64_t done);
  bool stopped() const { return why_ != nullptr; }
  /// "interrupted", "the time budget is used up", ...; requires stopped().
  const char* why() const { return why_; }

 private:
  using Clock = std::chrono::steady_clock;
  void show(std::uint64_t done);
  void wipe();

  Limits limits_;
  std::ostream& err_;
  bool shows_;
  bool shown_ = false;
  Interruptible interruptible_;
  Clock::time_point begin_ = Clock::now();
  Clock::time_point part_ = begin_;
  Clock::time_point last_ = begin_;
  std::string what_;
  std::uint64_t runs_ = 0;  ///< 0: states are counted
  std::mutex mutex_;
  std::atomic<const char*> why_ = nullptr;
};

}  // namespace backout::cli
