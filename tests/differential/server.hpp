#pragma once
// A private PostgreSQL: made for a test run, gone after it.

#include <optional>
#include <string>

#include "rehearsal/private_server.hpp"

namespace backout::tests {

class PostgresServer {
 public:
  /// Throws std::runtime_error when no server can be started.
  PostgresServer();

  /// The folder of the newest server programs of this machine; nothing when there is none.
  static std::optional<std::string> programs();

  /// Runs a psql script and gives its standard output, in psql's unaligned format with `|`.
  std::string psql(const std::string& script) const;
  /// For connections of one's own.
  std::string address() const { return server_.address(); }

 private:
  rehearsal::PrivateServer server_;
};

}  // namespace backout::tests
