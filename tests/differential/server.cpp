#include "differential/server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>

#include <fmt/format.h>

namespace backout::tests {
namespace {

/// A port of 127.0.0.1 that nobody listens on.
int free_port() {
  const int handle = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  const bool bound = bind(handle, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                     getsockname(handle, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  close(handle);
  if (!bound) {
    throw std::runtime_error("no free port");
  }
  return ntohs(address.sin_port);
}

void run_or_throw(const std::string& command) {
  const ProcessResult result = run_process({"sh", "-c", command});
  if (result.status != 0) {
    throw std::runtime_error(command + ": " + result.err + result.out);
  }
}

}  // namespace

std::optional<std::string> PostgresServer::programs() {
  const std::string folder = "/usr/lib/postgresql/15/bin";
  return std::filesystem::exists(folder + "/postgres") ? std::optional(folder) : std::nullopt;
}

std::string PostgresServer::as_server_user(const std::string& command) const {
  // The server refuses to run as root.
  return geteuid() == 0 ? fmt::format("su postgres -c {}", shell_quote(command)) : command;
}

PostgresServer::PostgresServer() : programs_(programs().value_or("")), port_(free_port()) {
  const std::string folder = folder_.path().string();
  if (geteuid() == 0) {
    run_or_throw("chown postgres " + shell_quote(folder));
  }
  run_or_throw(as_server_user(fmt::format("{}/initdb -D {}/data -U postgres -A trust --locale=C.UTF-8 -E UTF8 --no-sync", programs_, folder)));
  const std::string options = fmt::format(
      "-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories={} -c fsync=off -c full_page_writes=off "
      "-c synchronous_commit=off -c autovacuum=off -c jit=off -c timezone=UTC", port_, folder);
  run_or_throw(as_server_user(fmt::format("{}/pg_ctl -D {}/data -l {}/log -o {} -w start >/dev/null", programs_, folder, folder,
                                          shell_quote(options))));
}

PostgresServer::~PostgresServer() {
  run_process({"sh", "-c", as_server_user(fmt::format("{}/pg_ctl -D {}/data -m immediate -w stop", programs_, folder_.path().string()))});
}

std::string PostgresServer::psql(const std::string& script) const {
  const ProcessResult result = run_process({programs_ + "/psql", "-X", "-q", "-A", "-t", "-h", "127.0.0.1", "-p",
                                            std::to_string(port_), "-U", "postgres", "-d", "postgres"}, script);
  return result.out;
}

}  // namespace backout::tests
