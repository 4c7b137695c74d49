#include "cli/server.hpp"

#include <fmt/format.h>
#include <boost/program_options.hpp>

#include "cli/command.hpp"
#include "postgres/catalog/server_version.hpp"

namespace backout::cli {
namespace {

/// What one run of the program is told; written before anything is read.
int& server() {
  static int asked = 0;
  return asked;
}

}  // namespace

void read_server(const boost::program_options::variables_map& values) {
  if (!values.count("postgres-version")) return;
  const int major = values["postgres-version"].as<int>();
  if (major < postgres::kOldestServer || major > postgres::kNewestServer) {
    throw UsageError{fmt::format("--postgres-version takes {} to {}, not {}",
                                 postgres::kOldestServer, postgres::kNewestServer, major)};
  }
  ask_server(major);
}

void ask_server(int major) { server() = major; }

int asked_server() { return server(); }

postgres::Database empty_database() {
  postgres::Database database;
  if (server() != 0) postgres::set_server(database, server());
  return database;
}

void say_server(model::Plan& plan) {
  if (server() == 0) return;
  for (model::Service& service : plan.services) {
    if (service.kind != "postgres" || service.fields.has("version")) continue;
    model::Node version;
    version.type = model::Node::Type::integer;
    version.text = std::to_string(server());
    version.span = service.span;
    service.fields.entries.push_back({"version", service.span, std::move(version)});
  }
}

}  // namespace backout::cli
