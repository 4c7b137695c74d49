#pragma once
// JSON of a client is read through these: a value of the wrong type is one that is not there.

#include <cstdint>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

namespace backout::lsp {

using Json = nlohmann::json;

/// The value under `key`; null when `value` is no object or has no such key.
inline const Json& member(const Json& value, const char* key) {
  static const Json kNull;
  const auto found = value.is_object() ? value.find(key) : value.end();
  return value.is_object() && found != value.end() ? *found : kNull;
}

/// The value at the end of a path of keys.
template <typename... Keys>
const Json& member(const Json& value, const char* key, Keys... keys) {
  return member(member(value, key), keys...);
}

/// The text of a string; empty for anything else.
inline std::string text_of(const Json& value) {
  return value.is_string() ? value.get<std::string>() : std::string();
}

/// A whole number of 32 bits; nullopt for anything else.
inline std::optional<std::int32_t> integer_of(const Json& value) {
  if (!value.is_number_integer()) return std::nullopt;
  const bool fits = value.is_number_unsigned() ? value.get<std::uint64_t>() <= INT32_MAX
                                               : value.get<std::int64_t>() >= INT32_MIN &&
                                                     value.get<std::int64_t>() <= INT32_MAX;
  return fits ? std::optional(value.get<std::int32_t>()) : std::nullopt;
}

inline bool is_true(const Json& value) { return value.is_boolean() && value.get<bool>(); }

}  // namespace backout::lsp
