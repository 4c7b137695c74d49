#pragma once
// A YAML or JSON value with the bytes that it came from: what the loader reads a plan into first,
// and what the arguments of actions and the fields of services stay.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/source.hpp"

namespace backout::model {

/// A value of a plan. Scalars are resolved by the YAML 1.2 core schema (a quoted scalar is always a
/// string).
class Node {
 public:
  enum class Type { null, boolean, integer, real, string, list, map };
  struct Entry;

  Type type = Type::null;
  Span span;
  std::string text;            ///< scalars: as written, unquoted
  bool quoted = false;         ///< scalars: written in quotes or as a block
  std::vector<Node> items;     ///< lists
  std::vector<Entry> entries;  ///< maps, in order as written, keys unique

  bool is_scalar() const { return type != Type::list && type != Type::map; }
  /// The plain word `unknown`: legal wherever a value is; it never passes a check silently.
  bool is_unknown() const { return type == Type::string && !quoted && text == "unknown"; }
  /// The value under `key` of a map; nullptr when this is no map or has no such key.
  const Node* find(std::string_view key) const;
  std::optional<std::int64_t> as_integer() const;
  std::optional<double> as_number() const;
  std::optional<bool> as_boolean() const;
  /// A list's items as strings, or a scalar as a list of one.
  std::vector<std::string> as_strings() const;
};

struct Node::Entry {
  std::string key;
  Span key_span;
  Node value;
};

}  // namespace backout::model
