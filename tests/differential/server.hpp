#pragma once
// A private PostgreSQL on loopback: made for a test run, gone after it.

#include <optional>
#include <string>
#include <vector>

#include "support/process.hpp"

namespace backout::tests {

/// Starts a server in a temporary folder on a free port of 127.0.0.1; stops it when it goes away.
class PostgresServer {
 public:
  /// Throws std::runtime_error when no server can be started.
  PostgresServer();
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  /// The folder of the newest server programs of this machine; nothing when there is none.
  static std::optional<std::string> programs();

  /// Runs a psql script and gives its standard output, in psql's unaligned format with `|`.
  std::string psql(const std::string& script) const;

 private:
  std::string as_server_user(const std::string& command) const;

  TemporaryFolder folder_;
  std::string programs_;
  int port_ = 0;
};

}  // namespace backout::tests
