#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace backout::postgres {

/// How jsonb prints the JSON `text` (keys by length then bytes, the last of equal keys, numbers as
/// written); nothing when it is no JSON.
std::optional<std::string> canonical_json(std::string_view text);

/// Whether `text` is JSON.
bool is_json(std::string_view text);

/// The JSON text of the member `key` of an object or of the element `index` of an array (negative
/// from the end); nothing when there is none.
std::optional<std::string> json_member(std::string_view json, std::string_view key);
std::optional<std::string> json_element(std::string_view json, long index);

/// Elements of a JSON array as JSON texts; nothing when it is none.
std::optional<std::vector<std::string>> json_elements(std::string_view json);

/// Keys and members of a JSON object as they stand; nothing when it is none.
std::optional<std::vector<std::pair<std::string, std::string>>> json_members(std::string_view json);

/// "object", "array", "string", "number", "boolean" or "null".
std::string_view json_kind(std::string_view json);

/// A JSON string's content, any other JSON as it stands, nothing for JSON null: what ->> gives.
std::optional<std::string> json_unquoted(std::string_view json);

/// `text` as a JSON string.
std::string json_quoted(std::string_view text);

/// jsonb || jsonb: objects merged, arrays appended; nothing for a mix that is not modelled.
std::optional<std::string> json_concatenated(std::string_view left, std::string_view right);

/// jsonb_set(): with `value` at a path of keys and indexes; what is not there is made along when
/// `create` says so. Nothing where a step of the path is no index of an array, and for scalars.
std::optional<std::string> json_with(std::string_view json, const std::vector<std::string>& path,
                                     std::string_view value, bool create);

/// jsonb - text: without the member `key`.
std::optional<std::string> json_without(std::string_view json, std::string_view key);

}  // namespace backout::postgres
