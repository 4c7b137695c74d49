#include "cli/rerun.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <map>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/config.hpp"
#include "cli/documents.hpp"
#include "cli/inputs.hpp"
#include "cli/watch.hpp"
#include "reports/text/layout.hpp"

namespace backout::cli {

namespace fs = std::filesystem;

namespace {

/// When a file was written, and its size.
using Stamp = std::pair<fs::file_time_type, std::uintmax_t>;
using Stamps = std::map<std::string, Stamp>;

/// Whether it is where this process writes: `check --watch . > log` would go on for ever.
bool is_own_output(const std::string& file) {
  struct stat of_file {};
  if (stat(file.c_str(), &of_file) != 0) return false;
  return std::ranges::any_of(std::array{STDOUT_FILENO, STDERR_FILENO}, [&](int handle) {
    struct stat own {};
    return fstat(handle, &own) == 0 && own.st_dev == of_file.st_dev && own.st_ino == of_file.st_ino;
  });
}

void add(Stamps& stamps, const std::string& file) {
  if (is_own_output(file)) return;
  std::error_code error;
  const fs::file_time_type time = fs::last_write_time(file, error);
  if (error) return;
  const std::uintmax_t size = fs::file_size(file, error);
  stamps[file] = {time, error ? 0 : size};
}

/// A backout.toml and what it extends, or tries to.
std::vector<std::string> files_of_config(const std::string& file) {
  if (file.empty()) return {};
  auto config = read_config(file);
  return config ? std::move(config->files) : std::move(config.error().files);
}

/// The files that a run may read: a plan names others beside it.
Stamps look(const std::vector<std::string>& arguments, const std::string& config) {
  Stamps stamps;
  for (const std::string& file : files_of_config(config)) add(stamps, file);
  for (const std::string& argument : arguments) {
    std::error_code error;
    const fs::path path(argument);
    const fs::path folder = fs::is_directory(path, error) ? path
                            : path.has_parent_path()      ? path.parent_path()
                                                          : fs::path(".");
    for (const std::string& file : files_of(folder.string(), {})) add(stamps, file);
    add(stamps, argument);
  }
  return stamps;
}

/// `once`, with what it throws printed.
int again(const Invocation& invocation, const std::function<int()>& once) {
  try {
    return once();
  } catch (const UsageError& error) {
    invocation.err << fmt::format("backout: {}\n", error.message);
    return kUsage;
  } catch (const InvalidInput& error) {
    invocation.err << error.message;
    return kInvalidInput;
  }
}

}  // namespace

int rerun_on_change(const Invocation& invocation, const std::vector<std::string>& arguments,
                    const std::function<std::string()>& config, const std::function<int()>& once) {
  constexpr std::chrono::milliseconds kPause{400};
  const Interruptible interruptible;
  Stamps seen = look(arguments, config());  // before the run: what changes meanwhile is not missed
  int status = once();
  for (;;) {
    invocation.out.flush();
    invocation.err << fmt::format("backout: watching {}; Ctrl-C ends\n",
                                  reports::counted(seen.size(), "file"));
    invocation.err.flush();
    Stamps now = seen;
    while (now == seen && !Interruptible::asked()) {
      std::this_thread::sleep_for(kPause);
      now = look(arguments, config());
    }
    if (Interruptible::asked()) return status;
    seen = std::move(now);
    forget_projects();
    status = again(invocation, once);
  }
}

}  // namespace backout::cli
