#include "differential/server.hpp"

#include <stdexcept>

#include "support/process.hpp"

namespace backout::tests {
namespace {

rehearsal::PrivateServer start() {
  auto server = rehearsal::PrivateServer::start();
  if (!server) throw std::runtime_error(server.error());
  return std::move(*server);
}

}  // namespace

std::optional<std::string> PostgresServer::programs() {
  const auto folder = rehearsal::PrivateServer::programs();
  return folder ? std::optional(folder->string()) : std::nullopt;
}

PostgresServer::PostgresServer() : server_(start()) {}

std::string PostgresServer::psql(const std::string& script) const {
  const ProcessResult result =
      run_process({*programs() + "/psql", "-X", "-q", "-A", "-t", "-h", server_.folder().string(),
                   "-U", "postgres", "-d", "postgres"},
                  script);
  return result.out;
}

}  // namespace backout::tests
