#include "cli/lsp/rpc.hpp"

#include <set>

#include "model/printable.hpp"

namespace backout::lsp {

namespace {

Message broken(Json id, Code code, std::string message) {
  Message made;
  made.id = std::move(id);
  made.failure = {code, std::move(message)};
  return made;
}

}  // namespace

Message read_message(const std::string& text) {
  Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) return broken(nullptr, Code::parse_error, "the message is no JSON");
  const Json& id = member(json, "id");
  const bool good_id = id.is_string() || id.is_number_integer();
  if (!json.is_object() || member(json, "jsonrpc") != "2.0") {
    return broken(good_id ? id : Json(), Code::invalid_request,
                  "a message is an object with \"jsonrpc\": \"2.0\"");
  }
  Message message;
  if (good_id) message.id = id;
  if (!json.contains("method")) {
    message.kind = json.contains("result") || json.contains("error") ? Message::Kind::response
                                                                     : Message::Kind::broken;
    message.failure = {Code::invalid_request, "a request has a method"};
    return message;
  }
  if (!json["method"].is_string())
    return broken(message.id, Code::invalid_request, "a method is a string");
  if (json.contains("id") && !good_id)
    return broken(nullptr, Code::invalid_request, "an id is a number or a string");
  message.method = text_of(json["method"]);
  if (json.contains("params")) message.params = std::move(json["params"]);
  message.kind = good_id ? Message::Kind::request : Message::Kind::notification;
  const bool structured =
      message.params.is_null() || message.params.is_object() || message.params.is_array();
  if (!structured && good_id)
    return broken(message.id, Code::invalid_request, "params are an object or an array");
  return message;
}

Json answer(const Json& id, Answer result) {
  Json message = {{"jsonrpc", "2.0"}, {"id", id}};
  if (result) {
    message["result"] = std::move(*result);
  } else {
    message["error"] = {{"code", static_cast<int>(result.error().code)},
                        {"message", result.error().message}};
  }
  return message;
}

Json request(int id, const std::string& method, Json params) {
  Json message = {{"jsonrpc", "2.0"}, {"id", id}, {"method", method}};
  if (!params.is_null()) message["params"] = std::move(params);
  return message;
}

Json notification(const std::string& method, Json params) {
  return {{"jsonrpc", "2.0"}, {"method", method}, {"params", std::move(params)}};
}

namespace {

/// What editors show of a message, as text: everything else they write, look up or give back.
bool is_shown(const std::string& key) {
  static const std::set<std::string> kShown = {"message", "title",         "name", "label",
                                               "detail",  "documentation", "value"};
  return kShown.contains(key);
}

void screen(Json& part) {
  for (auto each = part.begin(); each != part.end(); ++each) {
    if (each->is_structured())
      screen(*each);
    else if (each->is_string() && part.is_object() && is_shown(each.key()))
      *each = model::screened(each->get_ref<const std::string&>());
  }
}

}  // namespace

std::string dump(Json message) {
  screen(message);
  return message.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace backout::lsp
