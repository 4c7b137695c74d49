// jsonb has operators that compare documents: an object contains another one that has some of its
// members, an array one that has some of its elements, in whatever order (jsonb_op.c, jsonfuncs.c;
// manual, "jsonb Containment and Existence").
// Left out: @? and @@ (SQL/JSON paths), which are answered elsewhere by a value that is not
// known.
#include "postgres/values/json_operators.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "postgres/read/text.hpp"
#include "postgres/values/decimal.hpp"
#include "postgres/values/json_text.hpp"
#include "postgres/values/operators.hpp"

namespace backout::postgres {
namespace {

bool is_container(std::string_view json) {
  return json_kind(json) == "object" || json_kind(json) == "array";
}

bool same_scalar(const std::string& one, const std::string& two) {
  if (json_kind(one) != json_kind(two)) return false;
  if (json_kind(one) == "number") {
    const auto left = Decimal::parse(one);
    const auto right = Decimal::parse(two);
    if (left && right) return compare(*left, *right) == 0;
  }
  return one == two;
}

/// Whether `whole` contains `part`, below the top: a scalar is no array that holds it there.
bool contains(const std::string& whole, const std::string& part) {
  if (json_kind(whole) != json_kind(part)) return false;
  if (!is_container(part)) return same_scalar(whole, part);
  if (json_kind(part) == "object") {
    const auto members = json_members(part);
    return members && std::all_of(members->begin(), members->end(), [&](const auto& member) {
             const auto found = json_member(whole, member.first);
             return found && contains(*found, member.second);
           });
  }
  const auto wanted = json_elements(part);
  const auto held = json_elements(whole);
  if (!wanted || !held) return false;
  return std::all_of(wanted->begin(), wanted->end(), [&](const std::string& one) {
    return std::any_of(held->begin(), held->end(),
                       [&](const std::string& other) { return contains(other, one); });
  });
}

bool contains_at_top(const std::string& whole, const std::string& part) {
  if (json_kind(whole) == "array" && !is_container(part)) return contains(whole, "[" + part + "]");
  return contains(whole, part);
}

/// Whether a text is a key of the object, an element of the array, or the string itself.
bool exists(const std::string& json, const std::string& key) {
  if (json_kind(json) == "object") return json_member(json, key).has_value();
  if (json_kind(json) == "string") return json_unquoted(json) == key;
  const auto elements = json_elements(json);
  if (!elements) return false;
  return std::any_of(elements->begin(), elements->end(), [&](const std::string& one) {
    return json_kind(one) == "string" && json_unquoted(one) == key;
  });
}

std::string array_of(const std::vector<std::string>& elements) {
  std::string text;
  for (const std::string& element : elements) text += (text.empty() ? "" : ", ") + element;
  return "[" + text + "]";
}

Checked<std::string> without_text(const std::string& json, const std::string& key) {
  if (!is_container(json)) return tl::unexpected(refuse("22023", "cannot delete from scalar"));
  if (json_kind(json) == "object") return json_without(json, key).value_or(json);
  std::vector<std::string> elements = json_elements(json).value_or(std::vector<std::string>());
  std::erase_if(elements, [&](const std::string& one) {
    return json_kind(one) == "string" && json_unquoted(one) == key;
  });
  return array_of(elements);
}

Checked<std::string> without_place(const std::string& json, long place) {
  if (!is_container(json)) return tl::unexpected(refuse("22023", "cannot delete from scalar"));
  if (json_kind(json) == "object")
    return tl::unexpected(refuse("22023", "cannot delete from object using integer index"));
  std::vector<std::string> elements = json_elements(json).value_or(std::vector<std::string>());
  const auto count = static_cast<long>(elements.size());
  if (place < 0) place += count;
  if (place >= 0 && place < count) elements.erase(elements.begin() + place);
  return array_of(elements);
}

long index_in(const std::string& step, std::size_t count) {
  const long place = std::atol(step.c_str());
  return place < 0 ? place + static_cast<long>(count) : place;
}

/// Without what stands at the end of a path that fits, from step `at` on; as it is when nothing
/// does.
std::string without_path(const std::string& json, const std::vector<std::string>& path,
                         std::size_t at = 0) {
  const bool last = at + 1 == path.size();
  if (json_kind(json) == "object") {
    if (last) return json_without(json, path[at]).value_or(json);
    const auto member = json_member(json, path[at]);
    if (!member) return json;
    return json_with(json, {path[at]}, without_path(*member, path, at + 1), false).value_or(json);
  }
  std::vector<std::string> elements = json_elements(json).value_or(std::vector<std::string>());
  const long index = index_in(path[at], elements.size());
  if (index < 0 || index >= static_cast<long>(elements.size())) return json;
  if (last)
    elements.erase(elements.begin() + index);
  else
    elements[static_cast<std::size_t>(index)] =
        without_path(elements[static_cast<std::size_t>(index)], path, at + 1);
  return array_of(elements);
}

Checked<Typed> remove_path(const Typed& left, const Typed& right) {
  const auto steps = split_array(right.value.text());
  if (!steps) return tl::unexpected(refuse("22P02", "malformed array literal"));
  std::vector<std::string> path;
  for (const auto& step : *steps) {
    if (!step) return tl::unexpected(not_known("a path with NULL"));
    path.push_back(*step);
  }
  if (auto fits = json_path_fits(left.value.text(), path, "delete"); !fits)
    return tl::unexpected(fits.error());
  const std::string json = path.empty() ? left.value.text() : without_path(left.value.text(), path);
  return Typed{Value::known(canonical_json(json).value_or(json)), plain(TypeClass::jsonb)};
}

Checked<Typed> remove(const Typed& left, const Typed& right) {
  Checked<std::string> json = left.value.text();
  if (is_integer(right.type.family) && !right.type.is_array()) {
    json = without_place(*json, std::atol(right.value.text().c_str()));
  } else if (right.type.is_array()) {
    const auto keys = split_array(right.value.text());
    if (!keys) return tl::unexpected(not_known("jsonb - a value that is no array"));
    for (const auto& key : *keys) {
      if (key && json) json = without_text(*json, *key);
    }
  } else {
    json = without_text(*json, right.value.text());
  }
  if (!json) return tl::unexpected(json.error());
  return Typed{Value::known(canonical_json(*json).value_or(*json)), plain(TypeClass::jsonb)};
}

/// The other side of @> and <@: jsonb, or a literal that becomes jsonb.
Checked<std::string> document(const Typed& typed) {
  if (typed.type.family == TypeClass::jsonb) return typed.value.text();
  auto canonical = canonical_json(typed.value.text());
  if (!canonical) return tl::unexpected(refuse("22P02", "invalid input syntax for type json"));
  return std::move(*canonical);
}

bool is_document(const ValueType& type) {
  return type.family == TypeClass::jsonb && !type.is_array();
}

}  // namespace

Checked<void> json_path_fits(const std::string& json, const std::vector<std::string>& path,
                             std::string_view verb) {
  if (!is_container(json))
    return tl::unexpected(refuse("22023", fmt::format("cannot {} path in scalar", verb)));
  std::string at = json;
  for (std::size_t step = 0; step < path.size() && is_container(at); ++step) {
    if (json_kind(at) == "object") {
      at = json_member(at, path[step]).value_or("");
      continue;
    }
    char* end = nullptr;
    std::strtol(path[step].c_str(), &end, 10);
    if (path[step].empty() || *end != '\0') {
      return tl::unexpected(
          refuse("22P02", fmt::format("path element at position {} is not an integer: \"{}\"",
                                      step + 1, path[step])));
    }
    const auto elements = json_elements(at).value_or(std::vector<std::string>());
    const long index = index_in(path[step], elements.size());
    const bool there = index >= 0 && index < static_cast<long>(elements.size());
    at = there ? elements[static_cast<std::size_t>(index)] : std::string();
  }
  return {};
}

std::optional<Checked<Typed>> json_operator(std::string_view name, const Typed& left,
                                            const Typed& right) {
  const bool removes = name == "-" && is_document(left.type) &&
                       (is_integer(right.type.family) || is_string(right.type.family) ||
                        right.type.family == TypeClass::unknown_literal);
  const bool along = name == "#-" && is_document(left.type);
  if ((removes || along) && (left.value.is_null() || right.value.is_null()))
    return Typed{Value(), plain(TypeClass::jsonb)};
  if ((removes || along) && (left.value.is_symbol() || right.value.is_symbol()))
    return strictly_derived(name, std::array{left, right}, plain(TypeClass::jsonb));
  if (!left.value.is_known() || !right.value.is_known()) return std::nullopt;
  const auto either = [](const ValueType& type) {
    return is_document(type) || (type.family == TypeClass::unknown_literal && !type.is_array());
  };
  if ((name == "@>" || name == "<@") && (is_document(left.type) || is_document(right.type)) &&
      either(left.type) && either(right.type)) {
    const auto one = document(left);
    const auto two = document(right);
    if (!one || !two) return tl::unexpected(!one ? one.error() : two.error());
    return Typed{
        Value::boolean(name == "@>" ? contains_at_top(*one, *two) : contains_at_top(*two, *one)),
        plain(TypeClass::boolean)};
  }
  if (!is_document(left.type)) return std::nullopt;
  if (name == "?")
    return Typed{Value::boolean(exists(left.value.text(), right.value.text())),
                 plain(TypeClass::boolean)};
  if (name == "?|" || name == "?&") {
    const auto keys = split_array(right.value.text());
    if (!keys) return std::nullopt;
    const auto held = [&](const std::optional<std::string>& key) {
      return key && exists(left.value.text(), *key);
    };
    const bool answer = name == "?|" ? std::any_of(keys->begin(), keys->end(), held)
                                     : std::all_of(keys->begin(), keys->end(), held);
    return Typed{Value::boolean(answer), plain(TypeClass::boolean)};
  }
  if (along) return remove_path(left, right);
  if (!removes) return std::nullopt;
  return remove(left, right);
}

}  // namespace backout::postgres
