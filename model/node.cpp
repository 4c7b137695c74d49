#include "model/node.hpp"

#include <charconv>
#include <cstdlib>

namespace backout::model {

const Node* Node::find(std::string_view key) const {
  for (const Entry& entry : entries) {
    if (entry.key == key) {
      return &entry.value;
    }
  }
  return nullptr;
}

std::optional<std::int64_t> Node::as_integer() const {
  if (type != Type::integer) {
    return std::nullopt;
  }
  std::string_view digits = text;
  const bool negative = digits.starts_with('-');
  if (negative || digits.starts_with('+')) {
    digits.remove_prefix(1);
  }
  int base = 10;
  if (digits.starts_with("0x") || digits.starts_with("0o")) {
    base = digits[1] == 'x' ? 16 : 8;
    digits.remove_prefix(2);
  }
  std::int64_t value = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (error != std::errc() || end != digits.data() + digits.size()) {
    return std::nullopt;
  }
  return negative ? -value : value;
}

std::optional<double> Node::as_number() const {
  if (type == Type::integer) {
    if (const auto value = as_integer()) {
      return static_cast<double>(*value);
    }
  }
  if (type != Type::integer && type != Type::real) {
    return std::nullopt;
  }
  const char* begin = text.c_str();
  double value = 0;
  const auto [end, error] =
      std::from_chars(begin + (*begin == '+' ? 1 : 0), begin + text.size(), value);
  if (error != std::errc() || end != begin + text.size()) {
    return std::nullopt;
  }
  return value;
}

std::optional<bool> Node::as_boolean() const {
  if (type != Type::boolean) {
    return std::nullopt;
  }
  return text.front() == 't' || text.front() == 'T';
}

std::vector<std::string> Node::as_strings() const {
  std::vector<std::string> strings;
  if (type == Type::list) {
    for (const Node& item : items) {
      if (item.is_scalar()) {
        strings.push_back(item.text);
      }
    }
  } else if (is_scalar() && type != Type::null) {
    strings.push_back(text);
  }
  return strings;
}

}  // namespace backout::model
