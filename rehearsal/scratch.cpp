#include "rehearsal/scratch.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "postgres/query/print.hpp"
#include "rehearsal/snapshot_query.hpp"

namespace backout::rehearsal {
namespace {

/// Names and comment by which a rehearsal knows its own databases. The number in the name is that
/// of an advisory lock which the rehearsal holds: a lock that is free belongs to one that is over.
constexpr const char* kNames = "backout_rehearsal_";
constexpr const char* kComment = "scratch database of backout rehearse";

constexpr const char* kMine =
    "SELECT d.datname, substring(d.datname FROM '^backout_rehearsal_([0-9]+)_') FROM pg_database d "
    "JOIN pg_shdescription s ON s.objoid = d.oid AND s.classoid = 'pg_database'::regclass "
    "WHERE d.datname ~ '^backout_rehearsal_[0-9]+_[0-9]+$' AND s.description = ";

/// Columns of all tables that hold rows themselves.
constexpr const char* kColumns =
    "SELECT n.nspname, c.relname, a.attname FROM pg_class c JOIN pg_namespace n ON n.oid = "
    "c.relnamespace "
    "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
    "WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname "
    "!~ '^pg_(toast|temp)' "
    "ORDER BY 1, 2, a.attnum";

Contents contents_of(Connection& connection, const Rows& columns) {
  Contents contents;
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> tables;
  for (const auto& row : columns) tables[{*row[0], *row[1]}].push_back(*row[2]);
  for (const auto& [table, names] : tables) {
    std::string list;
    for (const std::string& name : names)
      list += (list.empty() ? "" : ", ") + postgres::quote_identifier(name) + "::text";
    const Answer rows = connection.query(fmt::format("SELECT {} FROM ONLY {}.{}", list,
                                                     postgres::quote_identifier(table.first),
                                                     postgres::quote_identifier(table.second)));
    TableRows& kept = contents[table];
    for (const auto& row : rows ? *rows : Rows()) {
      auto& cells = kept.emplace_back();
      for (std::size_t at = 0; at < names.size(); ++at) cells.emplace(names[at], row[at]);
    }
  }
  return contents;
}

}  // namespace

Scratch::~Scratch() {
  static_cast<void>(server_->admin_.query(
      fmt::format("DROP DATABASE IF EXISTS {} WITH (FORCE)", postgres::quote_identifier(name_))));
}

tl::expected<std::shared_ptr<Scratch>, std::string> Scratch::copy() const {
  return server_->make(name_);
}

tl::expected<Connection, std::string> Scratch::connect() const {
  auto connection = Connection::open(server_->address_, name_);
  if (connection) static_cast<void>(connection->query("SET client_min_messages = error"));
  return connection;
}

void Scratch::touch() {
  snapshot_.reset();
  contents_.reset();
}

const tl::expected<Snapshot, std::string>& Scratch::snapshot() const {
  if (snapshot_) return *snapshot_;
  auto connection = connect();
  if (!connection) return snapshot_.emplace(tl::unexpected(connection.error()));
  const Answer rows = connection->query(fmt::format(
      "SET search_path = ''; SELECT k, name, coalesce(def, '') FROM ({}) catalog", kSnapshotQuery));
  if (!rows) return snapshot_.emplace(tl::unexpected(rows.error().message));
  Snapshot snapshot;
  for (const auto& row : *rows) {
    if (*row[0] != "role") snapshot.emplace(std::pair(*row[0], row[1].value_or("")), *row[2]);
  }
  return snapshot_.emplace(std::move(snapshot));
}

const tl::expected<Contents, std::string>& Scratch::contents() const {
  if (contents_) return *contents_;
  auto connection = connect();
  if (!connection) return contents_.emplace(tl::unexpected(connection.error()));
  const Answer columns = connection->query(kColumns);
  if (!columns) return contents_.emplace(tl::unexpected(columns.error().message));
  return contents_.emplace(contents_of(*connection, *columns));
}

tl::expected<std::shared_ptr<ScratchServer>, std::string> ScratchServer::open(
    const Address& address, const std::set<std::string>& allowed_hosts) {
  // Before anything is sent: a name that is not allowed is not even looked up.
  for (const std::string& host : address.hosts()) {
    const bool here = host.empty() || host.starts_with('/') || host == "localhost" ||
                      host.starts_with("127.") || host == "::1";
    if (here || allowed_hosts.contains(host)) continue;
    return tl::unexpected(fmt::format(
        "'{}' is not this machine; a rehearsal makes databases and runs migrations on it: "
        "say --allow-host {} if that is meant",
        host, host));
  }
  auto admin = Connection::open(address, "postgres");
  if (!admin) return tl::unexpected(admin.error());
  const bool named =
      std::any_of(address.hosts().begin(), address.hosts().end(),
                  [&](const std::string& host) { return allowed_hosts.contains(host); });
  if (!admin->is_local() && !named)
    return tl::unexpected(
        std::string("the server is not on this machine; name it with --allow-host"));
  if (admin->server_version() < 130000)
    return tl::unexpected(std::string("the server is older than PostgreSQL 13"));
  std::shared_ptr<ScratchServer> server(new ScratchServer(address, std::move(*admin)));
  if (auto why = server->take_name()) return tl::unexpected(*why);
  server->drop_leftovers();
  server->old_roles_ = server->roles();
  return server;
}

ScratchServer::~ScratchServer() { set_new_roles({}); }

std::optional<std::string> ScratchServer::take_name() {
  for (int trial = 0; trial < 100; ++trial) {
    const Answer drawn = admin_.query(
        "SELECT n, pg_try_advisory_lock(n) FROM (SELECT pg_backend_pid()::bigint * 1000 + "
        "floor(random() * 1000)::bigint AS n) x");
    if (!drawn) return drawn.error().message;
    if (drawn->at(0).at(1) != "t") continue;
    prefix_ = fmt::format("{}{}_", kNames, *drawn->at(0).at(0));
    return std::nullopt;
  }
  return "no name is free for the scratch databases";
}

void ScratchServer::drop_leftovers() {
  const Answer mine = admin_.query(kMine + postgres::quote_literal(kComment));
  for (const auto& row : mine ? *mine : Rows()) {
    const Answer lock = admin_.query(fmt::format("SELECT pg_try_advisory_lock({})", *row[1]));
    if (!lock || lock->at(0).at(0) != "t") continue;
    static_cast<void>(admin_.query(fmt::format("DROP DATABASE IF EXISTS {} WITH (FORCE)",
                                               postgres::quote_identifier(*row[0]))));
    static_cast<void>(admin_.query(fmt::format("SELECT pg_advisory_unlock({})", *row[1])));
  }
}

tl::expected<std::shared_ptr<Scratch>, std::string> ScratchServer::make_empty() {
  return make("template0");
}

tl::expected<std::shared_ptr<Scratch>, std::string> ScratchServer::make(const std::string& from) {
  const std::string name = fmt::format("{}{}", prefix_, ++made_);
  // Copying files is several times faster than copying by the log for small databases.
  const char* strategy = version() >= 150000 ? " STRATEGY file_copy" : "";
  const Answer made =
      admin_.query(fmt::format("CREATE DATABASE {} TEMPLATE {}{}", postgres::quote_identifier(name),
                               postgres::quote_identifier(from), strategy));
  if (!made)
    return tl::unexpected(fmt::format("no scratch database can be made: {}", made.error().message));
  static_cast<void>(
      admin_.query(fmt::format("COMMENT ON DATABASE {} IS {}", postgres::quote_identifier(name),
                               postgres::quote_literal(kComment))));
  return std::make_shared<Scratch>(shared_from_this(), name);
}

std::set<std::string> ScratchServer::roles() {
  std::set<std::string> names;
  const Answer rows = admin_.query("SELECT rolname FROM pg_roles WHERE rolname !~ '^pg_'");
  for (const auto& row : rows ? *rows : Rows()) names.insert(*row[0]);
  return names;
}

std::set<std::string> ScratchServer::new_roles() {
  std::set<std::string> names = roles();
  for (const std::string& old : old_roles_) names.erase(old);
  return names;
}

void ScratchServer::set_new_roles(const std::set<std::string>& wanted) {
  const std::set<std::string> now = new_roles();
  if (now == wanted) return;
  for (const std::string& role : now) {
    if (!wanted.contains(role))
      static_cast<void>(admin_.query("DROP ROLE " + postgres::quote_identifier(role)));
  }
  for (const std::string& role : wanted) {
    if (!now.contains(role))
      static_cast<void>(admin_.query("CREATE ROLE " + postgres::quote_identifier(role)));
  }
}

}  // namespace backout::rehearsal
