#include "cli/output_file.hpp"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <ostream>
#include <sstream>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reports/screen.hpp"

namespace backout::cli {

namespace fs = std::filesystem;

namespace {

bool write_all(int handle, const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t written = write(handle, text.data() + at, text.size() - at);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    at += static_cast<std::size_t>(written);
  }
  return true;
}

bool write_in_place(const std::string& file, const std::string& text) {
  const int handle = open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (handle < 0) return false;
  const bool written = write_all(handle, text);
  return close(handle) == 0 && written;
}

/// The permissions of the file that is replaced, or those of a new one.
mode_t mode_of(const fs::path& file) {
  struct stat status {};
  if (stat(file.c_str(), &status) == 0) return status.st_mode & 0777;
  const mode_t mask = umask(0);
  umask(mask);
  return 0666 & ~mask;
}

bool replace(const fs::path& file, const std::string& text) {
  std::string beside =
      (file.parent_path() / fmt::format(".{}.XXXXXX", file.filename().string())).string();
  const int handle = mkostemp(beside.data(), O_CLOEXEC);
  if (handle < 0) return false;
  const bool written =
      write_all(handle, text) && fchmod(handle, mode_of(file)) == 0 && fsync(handle) == 0;
  const bool closed = close(handle) == 0;
  if (written && closed && rename(beside.c_str(), file.c_str()) == 0) return true;
  unlink(beside.c_str());
  return false;
}

bool write_file(const std::string& file, const std::string& text) {
  std::error_code none;
  const fs::path real =
      fs::is_symlink(file, none) ? fs::weakly_canonical(file, none) : fs::path(file);
  const bool special = fs::exists(real, none) && !fs::is_regular_file(real, none);
  return special ? write_in_place(file, text) : replace(real, text);
}

std::string cannot_write(const std::string& file) {
  return file == "-" ? "backout: cannot write standard output\n"
                     : fmt::format("backout: cannot write '{}'\n", file);
}

}  // namespace

bool write_output(const Invocation& invocation, const std::string& file,
                  const std::function<void(std::ostream&)>& print) {
  bool written = false;
  if (file == "-") {
    print(invocation.out);
    written = static_cast<bool>(invocation.out.flush());
  } else {
    std::ostringstream text;
    reports::print_screened(text, print);
    written = write_file(file, text.str());
  }
  if (!written) invocation.err << cannot_write(file);
  return written;
}

bool write_text(const Invocation& invocation, const std::string& file, const std::string& text) {
  const bool written = write_file(file, text);
  if (!written) invocation.err << cannot_write(file);
  return written;
}

}  // namespace backout::cli
