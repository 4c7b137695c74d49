#include "cli/child.hpp"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <memory>

#include <poll.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace backout::cli {

namespace {

constexpr rlim_t kMostOutput = 512 << 20;
constexpr rlim_t kMostProcessorSeconds = 600;
constexpr int kMostIdleSeconds = 5;

using OpenFile = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

/// A file without a name, gone when it is closed.
OpenFile nameless_file() { return {std::tmpfile(), &std::fclose}; }

std::string all_of(std::FILE* file) {
  std::string text;
  std::rewind(file);
  char buffer[65536];
  for (std::size_t got = 0; (got = std::fread(buffer, 1, sizeof buffer, file)) > 0;)
    text.append(buffer, got);
  return text;
}

std::vector<char*> pointers_to(const std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (const std::string& word : words) pointers.push_back(const_cast<char*>(word.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

/// The three streams of a program.
struct Streams {
  OpenFile in = nameless_file();
  OpenFile out = nameless_file();
  OpenFile err = nameless_file();

  /// False: there is no room for them.
  bool begin(const std::string& input) const {
    if (!in || !out || !err) return false;
    const bool whole = std::fwrite(input.data(), 1, input.size(), in.get()) == input.size() &&
                       std::fflush(in.get()) == 0;
    std::rewind(in.get());
    return whole;
  }
};

/// The process that was started; -1 when it could not be.
pid_t start(const std::vector<std::string>& words, const std::vector<std::string>& environment,
            const Streams& streams) {
  const std::vector<char*> arguments = pointers_to(words);
  const std::vector<char*> variables = pointers_to(environment);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, fileno(streams.in.get()), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, fileno(streams.out.get()), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, fileno(streams.err.get()), STDERR_FILENO);
  pid_t child = 0;
  const int failed =
      posix_spawn(&child, arguments[0], &actions, nullptr, arguments.data(), variables.data());
  posix_spawn_file_actions_destroy(&actions);
  return failed == 0 ? child : -1;
}

void limit(pid_t child, __rlimit_resource resource, rlim_t most) {
  const rlimit limits = {most, most};
  prlimit(child, resource, &limits, nullptr);
}

/// Nanoseconds of processor time.
long long time_used(pid_t child) {
  clockid_t clock = 0;
  timespec used{};
  if (clock_getcpuclockid(child, &clock) != 0 || clock_gettime(clock, &used) != 0) return 0;
  return used.tv_sec * 1'000'000'000LL + used.tv_nsec;
}

/// Waits until the process has ended. False: it did nothing for so long that it was killed.
bool wait_for_end(pid_t child) {
  const int handle = static_cast<int>(syscall(SYS_pidfd_open, child, 0));
  if (handle < 0) return true;  // an older kernel: waitpid waits
  int idle = 0;
  pollfd end = {handle, POLLIN, 0};
  for (long long used = 0; idle < kMostIdleSeconds;) {
    const int events = poll(&end, 1, 1000);
    if (events < 0 && errno == EINTR) continue;
    if (events != 0) break;
    const long long now = time_used(child);
    idle = now == used ? idle + 1 : 0;
    used = now;
  }
  close(handle);
  if (idle < kMostIdleSeconds) return true;
  kill(child, SIGKILL);
  return false;
}

}  // namespace

tl::expected<Ended, std::string> run_child(const std::vector<std::string>& words,
                                           const std::vector<std::string>& environment,
                                           const std::string& input) {
  const auto failed = [](const char* why) { return tl::unexpected(std::string(why)); };
  const Streams streams;
  if (!streams.begin(input)) return failed("cannot be run: no temporary file for it");
  const pid_t child = start(words, environment, streams);
  if (child < 0) return failed("cannot be run");
  limit(child, RLIMIT_FSIZE, kMostOutput);
  limit(child, RLIMIT_CPU, kMostProcessorSeconds);
  const bool active = wait_for_end(child);
  int status = 0;
  if (waitpid(child, &status, 0) != child) return failed("cannot be waited for");
  if (!active) return failed("waited for what does not come and was stopped");
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXFSZ)
    return failed("said more than 512 MB and was stopped");
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)
    return failed("took more than 10 minutes and was stopped");
  if (!WIFEXITED(status)) return failed("crashed");
  return Ended{WEXITSTATUS(status), all_of(streams.out.get()), all_of(streams.err.get())};
}

}  // namespace backout::cli
