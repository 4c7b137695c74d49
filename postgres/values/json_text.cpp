// json keeps a document as it was written; jsonb keeps one member of each key, sorts keys by
// length, then bytes, and prints one spelling (json.c, jsonb.c).
// Left out: numbers of jsonb keep their spelling (1e2), where PostgreSQL prints numerics (100);
// \u0000 is not refused (22P05); documents that nest 200 levels deep count as no JSON.
#include "postgres/values/json_text.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <memory>
#include <utility>

#include <nlohmann/json.hpp>

namespace backout::postgres {
namespace {

/// Keys in jsonb's order: shorter first, then by bytes.
struct KeyOrder {
  bool operator()(const std::string& left, const std::string& right) const {
    return left.size() != right.size() ? left.size() < right.size() : left < right;
  }
};

/// A JSON value that keeps numbers as they were written.
struct Json {
  enum class Kind { scalar, string, array, object } kind = Kind::scalar;
  std::string scalar;  ///< number, true, false, null as text; the content of a string
  std::vector<Json> elements;
  std::map<std::string, Json, KeyOrder> members;
};

class Builder : public nlohmann::json_sax<nlohmann::json> {
 public:
  bool null() override { return add(scalar("null")); }
  bool boolean(bool value) override { return add(scalar(value ? "true" : "false")); }
  bool number_integer(number_integer_t value) override {
    return add(scalar(std::to_string(value)));
  }
  bool number_unsigned(number_unsigned_t value) override {
    return add(scalar(std::to_string(value)));
  }
  bool number_float(number_float_t /*value*/, const string_t& text) override {
    return add(scalar(text));
  }
  bool string(string_t& value) override {
    Json json;
    json.kind = Json::Kind::string;
    json.scalar = value;
    return add(std::move(json));
  }
  bool binary(binary_t& /*value*/) override { return false; }
  bool start_object(std::size_t /*size*/) override { return open(Json::Kind::object); }
  bool key(string_t& value) override {
    keys_.back() = value;
    return true;
  }
  bool end_object() override { return close(); }
  bool start_array(std::size_t /*size*/) override { return open(Json::Kind::array); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t /*at*/, const std::string& /*token*/,
                   const nlohmann::json::exception& /*error*/) override {
    return false;
  }

  Json take() { return std::move(root_); }

 private:
  static Json scalar(std::string text) {
    Json json;
    json.scalar = std::move(text);
    return json;
  }
  bool open(Json::Kind kind) {
    Json json;
    json.kind = kind;
    open_.push_back(std::move(json));
    keys_.emplace_back();
    return open_.size() < 200;
  }
  bool close() {
    Json json = std::move(open_.back());
    open_.pop_back();
    keys_.pop_back();
    return add(std::move(json));
  }
  bool add(Json json) {
    if (open_.empty()) {
      root_ = std::move(json);
    } else if (open_.back().kind == Json::Kind::array) {
      open_.back().elements.push_back(std::move(json));
    } else {
      open_.back().members.insert_or_assign(keys_.back(), std::move(json));
    }
    return true;
  }

  Json root_;
  std::vector<Json> open_;
  std::vector<std::string> keys_;
};

std::optional<Json> parse(std::string_view text) {
  Builder builder;
  if (!nlohmann::json::sax_parse(text.begin(), text.end(), &builder)) return std::nullopt;
  return builder.take();
}

std::string print(const Json& json) {
  std::string printed;
  switch (json.kind) {
    case Json::Kind::scalar:
      return json.scalar;
    case Json::Kind::string:
      return json_quoted(json.scalar);
    case Json::Kind::array:
      for (const Json& element : json.elements)
        printed += (printed.empty() ? "" : ", ") + print(element);
      return "[" + printed + "]";
    case Json::Kind::object:
      for (const auto& [key, member] : json.members) {
        printed += (printed.empty() ? "" : ", ") + json_quoted(key) + ": " + print(member);
      }
      return "{" + printed + "}";
  }
  return printed;
}

}  // namespace

std::optional<std::string> canonical_json(std::string_view text) {
  const auto json = parse(text);
  return json ? std::optional(print(*json)) : std::nullopt;
}

bool is_json(std::string_view text) { return parse(text).has_value(); }

namespace {

/// The parts of a JSON document that is known to be well-formed, as they are written: json keeps
/// blanks, order and doubled keys.
class AsWritten {
 public:
  explicit AsWritten(std::string_view text) : text_(text) {}

  struct Part {
    std::string_view key;  ///< quoted; empty in an array
    std::string_view value;
  };

  /// Of an object or an array, by `open`; nothing when the document is something else.
  std::optional<std::vector<Part>> parts(char open) {
    skip_blanks();
    if (at_ >= text_.size() || text_[at_] != open) return std::nullopt;
    ++at_;
    std::vector<Part> parts;
    for (skip_blanks(); text_[at_] != '}' && text_[at_] != ']'; skip_blanks()) {
      Part part;
      if (open == '{') {
        part.key = value();
        skip_blanks();
        ++at_;  // the colon
        skip_blanks();
      }
      part.value = value();
      parts.push_back(part);
      skip_blanks();
      if (text_[at_] == ',') ++at_;
    }
    return parts;
  }

 private:
  void skip_blanks() {
    while (at_ < text_.size() &&
           std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos)
      ++at_;
  }

  std::string_view value() {
    const std::size_t begin = at_;
    std::size_t depth = 0;
    bool quoted = false;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (quoted) {
        if (c == '\\') ++at_;
        quoted = c != '"';
        continue;
      }
      if (c == '"')
        quoted = true;
      else if (c == '{' || c == '[')
        ++depth;
      else if (depth == 0 && std::string_view(",:}] \t\r\n").find(c) != std::string_view::npos)
        break;
      else if (c == '}' || c == ']')
        --depth;
    }
    return text_.substr(begin, at_ - begin);
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

std::optional<std::vector<std::pair<std::string, std::string>>> json_members(
    std::string_view json) {
  if (!is_json(json)) return std::nullopt;
  const auto parts = AsWritten(json).parts('{');
  if (!parts) return std::nullopt;
  std::vector<std::pair<std::string, std::string>> members;
  for (const auto& part : *parts)
    members.emplace_back(json_unquoted(part.key).value_or(std::string()), part.value);
  return members;
}

std::optional<std::string> json_member(std::string_view json, std::string_view key) {
  if (!is_json(json)) return std::nullopt;
  const auto parts = AsWritten(json).parts('{');
  std::optional<std::string> found;
  for (const auto& part : parts.value_or(std::vector<AsWritten::Part>{})) {
    // The last of equal keys.
    if (json_unquoted(part.key) == key) found = std::string(part.value);
  }
  return found;
}

std::optional<std::string> json_element(std::string_view json, long index) {
  const auto elements = json_elements(json);
  if (!elements) return std::nullopt;
  const auto size = static_cast<long>(elements->size());
  const long at = index < 0 ? size + index : index;
  if (at < 0 || at >= size) return std::nullopt;
  return (*elements)[static_cast<std::size_t>(at)];
}

std::optional<std::vector<std::string>> json_elements(std::string_view json) {
  if (!is_json(json)) return std::nullopt;
  const auto parts = AsWritten(json).parts('[');
  if (!parts) return std::nullopt;
  std::vector<std::string> elements;
  for (const auto& part : *parts) elements.emplace_back(part.value);
  return elements;
}

std::string_view json_kind(std::string_view json) {
  const auto parsed = parse(json);
  if (!parsed) return "null";
  switch (parsed->kind) {
    case Json::Kind::string:
      return "string";
    case Json::Kind::array:
      return "array";
    case Json::Kind::object:
      return "object";
    case Json::Kind::scalar:
      break;
  }
  if (parsed->scalar == "true" || parsed->scalar == "false") return "boolean";
  return parsed->scalar == "null" ? "null" : "number";
}

std::optional<std::string> json_unquoted(std::string_view json) {
  const auto parsed = parse(json);
  if (!parsed) return std::nullopt;
  if (parsed->kind == Json::Kind::scalar && parsed->scalar == "null") return std::nullopt;
  return parsed->kind == Json::Kind::string ? parsed->scalar : std::string(json);
}

std::string json_quoted(std::string_view text) {
  return nlohmann::json(std::string(text))
      .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::optional<std::string> json_concatenated(std::string_view left, std::string_view right) {
  auto first = parse(left);
  auto second = parse(right);
  if (!first || !second) return std::nullopt;
  if (first->kind == Json::Kind::object && second->kind == Json::Kind::object) {
    for (auto& [key, member] : second->members)
      first->members.insert_or_assign(key, std::move(member));
    return print(*first);
  }
  Json joined;
  joined.kind = Json::Kind::array;
  for (Json* part : {&*first, &*second}) {
    if (part->kind == Json::Kind::array) {
      for (Json& element : part->elements) joined.elements.push_back(std::move(element));
    } else {
      joined.elements.push_back(std::move(*part));
    }
  }
  return print(joined);
}

std::optional<std::string> json_without(std::string_view json, std::string_view key) {
  auto parsed = parse(json);
  if (!parsed) return std::nullopt;
  if (parsed->kind == Json::Kind::object) {
    parsed->members.erase(std::string(key));
  } else if (parsed->kind == Json::Kind::array) {
    std::erase_if(parsed->elements,
                  [&](const Json& e) { return e.kind == Json::Kind::string && e.scalar == key; });
  } else {
    return std::nullopt;
  }
  return print(*parsed);
}

namespace {

/// Puts `value` at path[at...] of `json`; false where a step is no index of an array.
bool put_at(Json& json, const std::vector<std::string>& path, std::size_t at, const Json& value,
            bool create) {
  const bool last = at + 1 == path.size();
  if (json.kind == Json::Kind::object) {
    const auto found = json.members.find(path[at]);
    if (found == json.members.end()) {
      if (last && create) json.members.emplace(path[at], value);
      return true;
    }
    if (!last) return put_at(found->second, path, at + 1, value, create);
    found->second = value;
    return true;
  }
  if (json.kind != Json::Kind::array) return true;
  const auto size = static_cast<long>(json.elements.size());
  long index = 0;
  const char* end = path[at].data() + path[at].size();
  const auto [stop, error] = std::from_chars(path[at].data(), end, index);
  if (error != std::errc() || stop != end) return false;
  if (index < 0) index += size;
  if (index < 0 || index >= size) {
    if (last && create)
      json.elements.insert(index < 0 ? json.elements.begin() : json.elements.end(), value);
    return true;
  }
  Json& element = json.elements[static_cast<std::size_t>(index)];
  if (!last) return put_at(element, path, at + 1, value, create);
  element = value;
  return true;
}

}  // namespace

std::optional<std::string> json_with(std::string_view json, const std::vector<std::string>& path,
                                     std::string_view value, bool create) {
  auto parsed = parse(json);
  const auto put = parse(value);
  const bool holds =
      parsed && (parsed->kind == Json::Kind::object || parsed->kind == Json::Kind::array);
  if (!holds || !put) return std::nullopt;
  if (!path.empty() && !put_at(*parsed, path, 0, *put, create)) return std::nullopt;
  return print(*parsed);
}

}  // namespace backout::postgres
