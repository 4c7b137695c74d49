#include "model/files.hpp"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

namespace backout::model {

namespace fs = std::filesystem;

namespace {

/// A file handle, closed when it goes.
class Handle {
 public:
  explicit Handle(const fs::path& path)
      : number_(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)) {}
  ~Handle() {
    if (number_ >= 0) ::close(number_);
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

std::string wrong_with(const struct stat& status, std::uintmax_t most) {
  if (S_ISDIR(status.st_mode)) return "is a folder";
  if (!S_ISREG(status.st_mode)) return "is a pipe, a socket or a device";
  if (static_cast<std::uintmax_t>(status.st_size) > most)
    return fmt::format("is larger than {} MB", most >> 20);
  return {};
}

bool is_of_the_kernel(int handle) {
  struct statfs system {};
  if (fstatfs(handle, &system) != 0) return true;
  return system.f_type == PROC_SUPER_MAGIC || system.f_type == SYSFS_MAGIC ||
         system.f_type == DEBUGFS_MAGIC || system.f_type == TRACEFS_MAGIC;
}

}  // namespace

bool is_below(const fs::path& path, const fs::path& folder) {
  return std::mismatch(folder.begin(), folder.end(), path.begin(), path.end()).first ==
         folder.end();
}

tl::expected<std::string, std::string> read_file(const fs::path& path, std::uintmax_t most) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0)
    return tl::unexpected(
        std::string(errno == ENOENT || errno == ENOTDIR ? "does not exist" : "cannot be read"));
  if (std::string wrong = wrong_with(status, most); !wrong.empty())
    return tl::unexpected(std::move(wrong));
  const Handle file(path);
  // What stands there may be another file by now.
  if (file.number() < 0 || ::fstat(file.number(), &status) != 0)
    return tl::unexpected(std::string("cannot be read"));
  if (std::string wrong = wrong_with(status, most); !wrong.empty())
    return tl::unexpected(std::move(wrong));
  if (is_of_the_kernel(file.number())) return tl::unexpected(std::string("is no file of a disk"));
  std::string text(static_cast<std::size_t>(status.st_size), '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = ::read(file.number(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return tl::unexpected(std::string("cannot be read"));
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  text.resize(size);
  return text;
}

bool leads_out_of(const fs::path& folder, const fs::path& path) {
  std::error_code error;
  const fs::path root = fs::canonical(folder, error);
  const fs::path real = error ? fs::path() : fs::canonical(path, error);
  return !error && !is_below(real, root);
}

}  // namespace backout::model
