#include "cli/watch.hpp"

#include <csignal>
#include <fstream>
#include <ostream>

#include <fmt/format.h>
#include <unistd.h>

#include "model/duration.hpp"
#include "model/printable.hpp"
#include "reports/screen.hpp"

namespace backout::cli {

namespace {

volatile std::sig_atomic_t interrupted = 0;

void interrupt(int) {
  if (interrupted != 0) std::signal(SIGINT, SIG_DFL);
  interrupted = 1;
}

/// What the process holds in memory; 0 where nobody says.
std::uint64_t memory_bytes() {
  std::ifstream in("/proc/self/statm");
  std::uint64_t all = 0;
  std::uint64_t resident = 0;
  in >> all >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

std::int64_t seconds_of(std::uint64_t count) { return static_cast<std::int64_t>(count) * 1000; }

}  // namespace

Interruptible::Interruptible() { previous_ = std::signal(SIGINT, interrupt); }
Interruptible::~Interruptible() { std::signal(SIGINT, previous_); }
bool Interruptible::asked() { return interrupted != 0; }

Watch::Watch(const Limits& limits, std::ostream& err)
    : limits_(limits), err_(err), shows_(isatty(STDERR_FILENO) != 0) {}

Watch::~Watch() { wipe(); }

void Watch::begin(std::string what, std::size_t number, std::size_t all) {
  wipe();
  part_ = Clock::now();
  what_ = all > 1 ? fmt::format("[{}/{}] {}", number, all, model::printable(what))
                  : model::printable(what);
}

bool Watch::go_on(std::uint64_t done) {
  const std::lock_guard lock(mutex_);
  const auto used =
      std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin_).count();
  if (Interruptible::asked())
    why_ = "interrupted";
  else if (limits_.time_ms && used >= *limits_.time_ms)
    why_ = "the time budget is used up";
  else if (limits_.memory_bytes && memory_bytes() > *limits_.memory_bytes)
    why_ = "the memory is used up";
  if (shows_ && !stopped()) show(done);
  return !stopped();
}

void Watch::show(std::uint64_t done) {
  const auto now = Clock::now();
  if (now - last_ < std::chrono::milliseconds(200)) return;
  last_ = now;
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now - part_).count();
  const std::uint64_t rate = ms == 0 ? 0 : done * 1000 / static_cast<std::uint64_t>(ms);
  std::string line = "\r\033[K" + what_ + ": ";
  if (runs_ == 0) {
    line += fmt::format("{} states, {} a second", done, rate);
  } else {
    line += fmt::format("{} % of {} runs, {} a second", done * 100 / runs_, runs_, rate);
    if (rate > 0)
      line += fmt::format(", {} to go", model::format_ms(seconds_of((runs_ - done) / rate)));
  }
  if (limits_.time_ms && *limits_.time_ms > 0) {
    const auto used = std::chrono::duration_cast<std::chrono::milliseconds>(now - begin_).count();
    line += fmt::format(", {} % of the time budget", used * 100 / *limits_.time_ms);
  }
  reports::write_own(err_, line);  // past the screen, which would show what moves the cursor
  err_ << std::flush;
  shown_ = true;
}

void Watch::wipe() {
  if (!shown_) return;
  reports::write_own(err_, "\r\033[K");
  err_ << std::flush;
  shown_ = false;
}

}  // namespace backout::cli
