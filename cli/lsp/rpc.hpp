#pragma once
// JSON-RPC 2.0 as LSP 3.17 uses it: requests, notifications, answers and the codes of errors.

#include <string>

#include <tl/expected.hpp>

#include "cli/lsp/json.hpp"

namespace backout::lsp {

/// Codes of LSP 3.17, "ErrorCodes".
enum class Code : int {
  parse_error = -32700,
  invalid_request = -32600,
  method_not_found = -32601,
  invalid_params = -32602,
  internal_error = -32603,
  not_initialized = -32002,
  request_failed = -32803,
  request_cancelled = -32800,
};

/// Why a request has no result.
struct Failure {
  Code code = Code::invalid_params;
  std::string message;
};
using Answer = tl::expected<Json, Failure>;

/// What a client sent.
struct Message {
  enum class Kind {
    request,
    notification,
    response,  ///< to a request of the server; nothing waits for one
    broken,    ///< to be answered with `failure`
  };
  Kind kind = Kind::broken;
  Json id;  ///< null where there is none
  std::string method;
  Json params;
  Failure failure;
  bool cancelled = false;
};

/// Reads one message. Never fails: what is no message is broken.
Message read_message(const std::string& text);

Json answer(const Json& id, Answer result);
Json request(int id, const std::string& method, Json params);
Json notification(const std::string& method, Json params);
/// As text; bytes that are no UTF-8 become U+FFFD, and what steers who shows it an escape where it
/// is for people to read.
std::string dump(Json message);

}  // namespace backout::lsp
