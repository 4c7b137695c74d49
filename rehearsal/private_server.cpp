#include "rehearsal/private_server.hpp"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "rehearsal/connection.hpp"

namespace backout::rehearsal {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPrefix = "backout-postgres-";

/// The server refuses to run as root.
const passwd* server_user() { return geteuid() == 0 ? getpwnam("postgres") : getpwuid(geteuid()); }

/// Starts a program as the server's user with its output in `log`. Between fork and exec only what
/// is safe there.
pid_t spawn(const std::vector<std::string>& words, const fs::path& log) {
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const passwd* user = server_user();
  if (user == nullptr) return -1;
  const int output = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child != 0) {
    close(output);
    close(nothing);
    return child;
  }
  if (geteuid() == 0 &&
      (setgroups(0, nullptr) != 0 || setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0))
    _exit(126);
  prctl(PR_SET_PDEATHSIG, SIGQUIT);
  if (getppid() != parent) _exit(126);
  setpgid(0, 0);
  dup2(nothing, STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  if (chdir("/") != 0) _exit(126);
  execv(arguments[0], arguments.data());
  _exit(127);
}

std::string last_line_of(const fs::path& file) {
  std::ifstream in(file);
  std::string last;
  for (std::string line; std::getline(in, line);) {
    if (!line.empty()) last = line;
  }
  return last;
}

/// Where its files go: databases are copied by the dozen, ten times faster in memory, where there
/// is room for them.
fs::path place_for_files() {
  const fs::path memory = "/dev/shm";
  constexpr std::uintmax_t kEnough = std::uintmax_t{1} << 30;
  std::error_code error;
  const fs::space_info space = fs::space(memory, error);
  return !error && space.available >= kEnough && access(memory.c_str(), W_OK) == 0
             ? memory
             : fs::temp_directory_path();
}

/// Folders that a process left which was killed.
void remove_leftovers(const fs::path& below) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(below, error)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(kPrefix)) continue;
    const pid_t owner = static_cast<pid_t>(
        std::strtol(name.c_str() + std::string_view(kPrefix).size(), nullptr, 10));
    if (owner > 0 && kill(owner, 0) != 0 && errno == ESRCH) fs::remove_all(entry.path(), error);
  }
}

}  // namespace

std::optional<fs::path> PrivateServer::programs() {
  std::optional<fs::path> newest;
  double version = 0;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", error)) {
    const double found = std::strtod(entry.path().filename().c_str(), nullptr);
    if (found <= version || !fs::exists(entry.path() / "bin/postgres")) continue;
    version = found;
    newest = entry.path() / "bin";
  }
  return newest;
}

PrivateServer::PrivateServer(PrivateServer&& other) noexcept
    : folder_(std::exchange(other.folder_, {})), process_(std::exchange(other.process_, 0)) {}

PrivateServer::~PrivateServer() {
  if (process_ > 0) {
    kill(process_, SIGQUIT);
    waitpid(process_, nullptr, 0);
  }
  std::error_code ignored;
  if (!folder_.empty()) fs::remove_all(folder_, ignored);
}

std::string PrivateServer::address() const {
  return fmt::format("host={} user=postgres dbname=postgres", folder_.string());
}

tl::expected<PrivateServer, std::string> PrivateServer::start() {
  if (!programs())
    return tl::unexpected(std::string(
        "no PostgreSQL server is installed below /usr/lib/postgresql (Debian: postgresql)"));
  const fs::path place = place_for_files();
  remove_leftovers(place);
  std::string pattern = (place / fmt::format("{}{}-XXXXXX", kPrefix, getpid())).string();
  if (mkdtemp(pattern.data()) == nullptr)
    return tl::unexpected(fmt::format("no folder can be made in '{}'", place.string()));
  PrivateServer server(pattern);
  if (auto launched = server.launch(); !launched) return tl::unexpected(launched.error());
  return server;
}

tl::expected<void, std::string> PrivateServer::launch() {
  const passwd* user = server_user();
  if (user == nullptr)
    return tl::unexpected(
        std::string("PostgreSQL does not run as root, and there is no user 'postgres'"));
  if (geteuid() == 0 && chown(folder_.c_str(), user->pw_uid, user->pw_gid) != 0)
    return tl::unexpected(std::string("the server's folder cannot be given to 'postgres'"));
  const fs::path bin = *programs();
  const fs::path data = folder_ / "data";
  const fs::path log = folder_ / "log";
  const pid_t made = spawn({bin / "initdb", "-D", data, "-U", "postgres", "-A", "trust",
                            "--locale=C.UTF-8", "-E", "UTF8", "--no-sync"},
                           log);
  int status = 0;
  if (made <= 0 || waitpid(made, &status, 0) != made || status != 0)
    return tl::unexpected(fmt::format("initdb: {}", last_line_of(log)));
  std::vector<std::string> words = {bin / "postgres", "-D", data};
  for (const std::string& setting :
       {std::string("listen_addresses="), "unix_socket_directories=" + folder_.string(),
        std::string("fsync=off"), std::string("full_page_writes=off"),
        std::string("synchronous_commit=off"), std::string("autovacuum=off"),
        std::string("jit=off"), std::string("timezone=UTC"), std::string("wal_level=logical")}) {
    words.insert(words.end(), {"-c", setting});
  }
  process_ = spawn(words, log);
  const auto address = Address::parse(this->address());
  if (!address) return tl::unexpected(address.error());
  std::string why = "it does not answer";
  for (int trial = 0; trial < 600; ++trial) {
    if (process_ <= 0 || waitpid(process_, nullptr, WNOHANG) != 0) {
      process_ = 0;
      return tl::unexpected(fmt::format("postgres: {}", last_line_of(log)));
    }
    const auto connection = Connection::open(*address, "postgres");
    if (connection) return {};
    why = connection.error();
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return tl::unexpected(fmt::format("postgres: {}", why));
}

}  // namespace backout::rehearsal
