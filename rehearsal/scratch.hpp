#pragma once
// Databases that a rehearsal makes, copies and drops. It touches no other.

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "rehearsal/connection.hpp"

namespace backout::rehearsal {

/// Definitions of the objects of a catalog by kind and name, as PostgreSQL prints them.
using Snapshot = std::map<std::pair<std::string, std::string>, std::string>;
/// Rows of a table: the text of each column by its name.
using TableRows = std::vector<std::map<std::string, Cell>>;
/// By schema and table.
using Contents = std::map<std::pair<std::string, std::string>, TableRows>;

class ScratchServer;

/// One database. Dropped when the last owner goes.
class Scratch {
 public:
  Scratch(std::shared_ptr<ScratchServer> server, std::string name)
      : server_(std::move(server)), name_(std::move(name)) {}
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  /// A database with the same content. The server copies files, so nobody may be connected to this
  /// one.
  tl::expected<std::shared_ptr<Scratch>, std::string> copy() const;
  tl::expected<Connection, std::string> connect() const;
  /// To be called after whatever may have changed the content.
  void touch();
  const tl::expected<Snapshot, std::string>& snapshot() const;
  const tl::expected<Contents, std::string>& contents() const;

 private:
  std::shared_ptr<ScratchServer> server_;
  std::string name_;
  mutable std::optional<tl::expected<Snapshot, std::string>> snapshot_;
  mutable std::optional<tl::expected<Contents, std::string>> contents_;
};

/// A server on which databases may be made.
class ScratchServer : public std::enable_shared_from_this<ScratchServer> {
 public:
  /// Connects, and drops what a rehearsal left that was killed. `allowed_hosts` may be reached
  /// besides this machine.
  static tl::expected<std::shared_ptr<ScratchServer>, std::string> open(
      const Address& address, const std::set<std::string>& allowed_hosts);
  /// Drops the roles that came up.
  ~ScratchServer();
  ScratchServer(const ScratchServer&) = delete;
  ScratchServer& operator=(const ScratchServer&) = delete;

  tl::expected<std::shared_ptr<Scratch>, std::string> make_empty();
  /// Roles that the server has now and had not when this was opened. Roles belong to the server,
  /// not to a database.
  std::set<std::string> new_roles();
  /// Makes these the new roles of the server, as far as it lets them go.
  void set_new_roles(const std::set<std::string>& wanted);
  int version() const { return admin_.server_version(); }

 private:
  friend class Scratch;
  ScratchServer(Address address, Connection admin)
      : address_(std::move(address)), admin_(std::move(admin)) {}
  std::optional<std::string> take_name();
  void drop_leftovers();
  tl::expected<std::shared_ptr<Scratch>, std::string> make(const std::string& from);
  std::set<std::string> roles();

  Address address_;
  Connection admin_;
  std::string prefix_;  ///< of the names of this rehearsal's databases
  std::size_t made_ = 0;
  std::set<std::string> old_roles_;
};

}  // namespace backout::rehearsal
