#pragma once
// Runs what may crash in a process of its own.

#include <cerrno>
#include <csignal>
#include <functional>
#include <string>

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace backout::tests {

/// How `task` ends in a child that has `seconds` and 4 GB: empty when it returns "", what it
/// returns otherwise, or how it was killed.
inline std::string run_guarded(const std::function<std::string()>& task, unsigned seconds = 20) {
  int ends[2];
  if (pipe(ends) != 0) return "no pipe";
  const pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    const rlimit memory{4UL << 30, 4UL << 30};
    setrlimit(RLIMIT_AS, &memory);
    const rlimit core{0, 0};
    setrlimit(RLIMIT_CORE, &core);
    close(STDERR_FILENO);
    alarm(seconds);
    std::string said;
    try {
      said = task();
    } catch (const std::exception& error) {
      said = std::string("threw ") + error.what();
    }
    if (write(ends[1], said.data(), said.size()) < 0) _exit(1);
    _exit(0);
  }
  close(ends[1]);
  std::string said;
  char buffer[4096];
  for (ssize_t got = 0; (got = read(ends[0], buffer, sizeof buffer)) > 0;)
    said.append(buffer, static_cast<std::size_t>(got));
  close(ends[0]);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFSIGNALED(status))
    return WTERMSIG(status) == SIGALRM ? "takes too long"
                                       : fmt::format("killed by {}", strsignal(WTERMSIG(status)));
  return said;
}

}  // namespace backout::tests
