#pragma once
// One connection to a PostgreSQL server.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "rehearsal/libpq.hpp"

namespace backout::rehearsal {

/// What a server refuses a query with.
struct Refusal {
  std::string sqlstate;       ///< empty when the connection broke
  std::string message;        ///< the primary message, one line
  std::size_t statement = 0;  ///< statements of the query that ran before it
};

/// The text of a value; nothing for NULL.
using Cell = std::optional<std::string>;
using Rows = std::vector<std::vector<Cell>>;

/// Rows of the last statement of a query that gives any.
using Answer = tl::expected<Rows, Refusal>;

/// Where a server is: a URL or a `key=value` string, as psql takes it.
class Address {
 public:
  /// Why it is none otherwise.
  static tl::expected<Address, std::string> parse(const std::string& text);

  /// Host names and addresses that are given, in order; a folder of a socket begins with `/`.
  const std::vector<std::string>& hosts() const { return hosts_; }
  const std::vector<std::pair<std::string, std::string>>& options() const { return options_; }

 private:
  std::vector<std::pair<std::string, std::string>> options_;
  std::vector<std::string> hosts_;
};

/// Closed when it goes away.
class Connection {
 public:
  /// `database` takes the place of the one that the address names.
  static tl::expected<Connection, std::string> open(const Address& address,
                                                    const std::string& database);

  /// Runs a simple query: one transaction of all its statements, unless they say otherwise.
  Answer query(const std::string& sql);
  /// Whether the other end is this machine.
  bool is_local() const;
  /// 150020 for 15.20.
  int server_version() const { return api_->server_version(handle_.get()); }

 private:
  struct Close {
    const Libpq* api;
    void operator()(PGconn* handle) const { api->finish(handle); }
  };
  Connection(const Libpq* api, PGconn* handle) : api_(api), handle_(handle, Close{api}) {}

  const Libpq* api_;
  std::unique_ptr<PGconn, Close> handle_;
};

}  // namespace backout::rehearsal
