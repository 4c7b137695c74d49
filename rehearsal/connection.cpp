#include "rehearsal/connection.hpp"

#include <string_view>

#include <fmt/format.h>

namespace backout::rehearsal {
namespace {

std::string first_line(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
  return std::string(text.substr(0, text.find('\n')));
}

class Result {
 public:
  Result(const Libpq& api, PGresult* handle) : api_(api), handle_(handle) {}
  ~Result() { api_.clear(handle_); }
  Result(const Result&) = delete;
  Result& operator=(const Result&) = delete;

  ExecStatusType status() const { return api_.result_status(handle_); }
  bool failed() const { return status() == PGRES_FATAL_ERROR || status() == PGRES_BAD_RESPONSE; }
  bool wants_rows() const { return status() == PGRES_COPY_IN; }

  std::string field(int code) const {
    const char* text = api_.error_field(handle_, code);
    return text == nullptr ? "" : text;
  }

  Rows rows() const {
    Rows rows;
    for (int row = 0; row < api_.rows(handle_); ++row) {
      auto& cells = rows.emplace_back();
      for (int column = 0; column < api_.columns(handle_); ++column) {
        if (api_.is_null(handle_, row, column))
          cells.emplace_back();
        else
          cells.emplace_back(api_.value(handle_, row, column));
      }
    }
    return rows;
  }

 private:
  const Libpq& api_;
  PGresult* handle_;
};

}  // namespace

tl::expected<Address, std::string> Address::parse(const std::string& text) {
  const auto api = libpq();
  if (!api) return tl::unexpected(api.error());
  char* complaint = nullptr;
  PQconninfoOption* options = (*api)->conninfo_parse(text.c_str(), &complaint);
  if (options == nullptr) {
    std::string why = complaint == nullptr ? "out of memory" : first_line(complaint);
    (*api)->freemem(complaint);
    return tl::unexpected(why);
  }
  Address address;
  for (const PQconninfoOption* option = options; option->keyword != nullptr; ++option) {
    if (option->val == nullptr) continue;
    const std::string keyword = option->keyword;
    address.options_.emplace_back(keyword, option->val);
    if (keyword != "host" && keyword != "hostaddr") continue;
    std::string_view rest = option->val;
    for (;;) {
      const std::size_t comma = rest.find(',');
      address.hosts_.emplace_back(rest.substr(0, comma));
      if (comma == std::string_view::npos) break;
      rest.remove_prefix(comma + 1);
    }
  }
  (*api)->conninfo_free(options);
  return address;
}

tl::expected<Connection, std::string> Connection::open(const Address& address,
                                                       const std::string& database) {
  const auto api = libpq();
  if (!api) return tl::unexpected(api.error());
  std::vector<const char*> keywords;
  std::vector<const char*> values;
  for (const auto& [keyword, value] : address.options()) {
    if (keyword == "dbname" || keyword == "application_name") continue;
    keywords.push_back(keyword.c_str());
    values.push_back(value.c_str());
  }
  for (const auto& [keyword, value] :
       {std::pair{"dbname", database.c_str()}, std::pair{"application_name", "backout rehearse"}}) {
    keywords.push_back(keyword);
    values.push_back(value);
  }
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  Connection connection(*api, (*api)->connect(keywords.data(), values.data(), 0));
  if ((*api)->status(connection.handle_.get()) != CONNECTION_OK) {
    return tl::unexpected(first_line((*api)->error_message(connection.handle_.get())));
  }
  (*api)->set_notice_processor(
      connection.handle_.get(), [](void*, const char*) {}, nullptr);
  return connection;
}

Answer Connection::query(const std::string& sql) {
  PGconn* handle = handle_.get();
  // No query holds a zero byte: what PostgreSQL says of one.
  if (sql.find('\0') != std::string::npos)
    return tl::unexpected(Refusal{"22021", "invalid byte sequence for encoding \"UTF8\": 0x00", 0});
  if (api_->send_query(handle, sql.c_str()) != 1)
    return tl::unexpected(Refusal{"", first_line(api_->error_message(handle)), 0});
  Rows rows;
  std::optional<Refusal> refusal;
  std::size_t done = 0;
  while (PGresult* next = api_->get_result(handle)) {
    const Result result(*api_, next);
    if (result.wants_rows()) {
      api_->put_copy_end(handle, "COPY reads from the script here, which has no rows");
    } else if (result.failed() && !refusal) {
      const std::string message = result.field(PG_DIAG_MESSAGE_PRIMARY);
      refusal = Refusal{result.field(PG_DIAG_SQLSTATE),
                        message.empty() ? first_line(api_->error_message(handle)) : message, done};
    } else if (!result.failed()) {
      ++done;
      if (result.status() == PGRES_TUPLES_OK) rows = result.rows();
    }
    if (api_->status(handle) == CONNECTION_BAD) break;
  }
  if (refusal) return tl::unexpected(std::move(*refusal));
  if (api_->status(handle) == CONNECTION_BAD)
    return tl::unexpected(Refusal{"", "the server closed the connection", done});
  return rows;
}

bool Connection::is_local() const {
  const std::string host = api_->host(handle_.get());
  const std::string address = api_->host_address(handle_.get());
  return host.starts_with('/') || address.starts_with("127.") || address == "::1";
}

}  // namespace backout::rehearsal
