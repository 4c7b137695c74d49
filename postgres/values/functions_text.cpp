// PostgreSQL's functions on texts count characters, not bytes, and most are strict; concat,
// concat_ws and quote_nullable are not (varlena.c, oracle_compat.c).
// Left out: letters beyond ASCII: lower, upper and initcap leave them, translate, reverse and
// padding count bytes. Patterns in substring, places and widths in format, md5 of bytes and texts
// of more than 1,000,000 bytes give values that are not known.
#include "postgres/values/functions_text.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include <fmt/format.h>

#include "postgres/query/print.hpp"
#include "postgres/read/text.hpp"
#include "postgres/values/elements.hpp"
#include "postgres/values/md5.hpp"
#include "postgres/values/operators.hpp"
#include "postgres/values/pattern.hpp"

namespace backout::postgres {
namespace {

using Arguments = std::span<const Typed>;
using Result = Checked<Value>;

/// A text that is made longer is no longer known: what is built up step by step doubles with each.
constexpr long kLongestText = 1'000'000;

const std::string& text_at(Arguments arguments, std::size_t at) {
  return arguments[at].value.text();
}
long number_at(Arguments arguments, std::size_t at) {
  return std::atol(text_at(arguments, at).c_str());
}

Value known(std::string_view text) { return Value::known(std::string(text)); }
Value known(std::size_t number) { return Value::known(static_cast<std::int64_t>(number)); }

Result lower(Arguments a) { return known(to_lower(text_at(a, 0))); }
Result upper(Arguments a) { return known(to_upper(text_at(a, 0))); }
Result length(Arguments a) {
  if (a[0].type.family == TypeClass::bytea) return known((text_at(a, 0).size() - 2) / 2);
  return known(count_characters(text_at(a, 0)));
}
Result octet_length(Arguments a) {
  if (a[0].type.family == TypeClass::bytea) return known((text_at(a, 0).size() - 2) / 2);
  return known(text_at(a, 0).size());
}

Result md5_of(Arguments a) {
  if (!is_string(a[0].type.family) && a[0].type.family != TypeClass::unknown_literal)
    return tl::unexpected(not_known("md5 of bytes"));
  return known(md5(text_at(a, 0)));
}

std::string_view stripped(Arguments a, bool left, bool right) {
  std::string_view text = text_at(a, 0);
  const std::string_view set = a.size() > 1 ? std::string_view(text_at(a, 1)) : " ";
  if (left) text.remove_prefix(std::min(text.find_first_not_of(set), text.size()));
  if (right) text = text.substr(0, text.find_last_not_of(set) + 1);
  return text;
}

Result btrim(Arguments a) { return known(stripped(a, true, true)); }
Result ltrim(Arguments a) { return known(stripped(a, true, false)); }
Result rtrim(Arguments a) { return known(stripped(a, false, true)); }

/// Characters [start, start + count) counted from 1, as substring() counts.
std::string_view characters(std::string_view text, long start, long count) {
  const long end = start + count;
  const auto skip = static_cast<std::size_t>(std::max(start - 1, 0L));
  text.remove_prefix(first_characters(text, skip).size());
  const long left = end - std::max(start, 1L);
  return left <= 0 ? std::string_view() : first_characters(text, static_cast<std::size_t>(left));
}

Result substring(Arguments a) {
  constexpr long kAll = 1'000'000'000;
  if (a.size() < 2 || !(is_integer(a[1].type.family)))
    return tl::unexpected(not_known("substring with a pattern"));
  const long count = a.size() > 2 ? number_at(a, 2) : kAll;
  if (count < 0) return tl::unexpected(refuse("22011", "negative substring length not allowed"));
  return known(characters(text_at(a, 0), number_at(a, 1), count));
}

Result left(Arguments a) {
  const auto size = static_cast<long>(count_characters(text_at(a, 0)));
  const long count = number_at(a, 1) < 0 ? std::max(size + number_at(a, 1), 0L) : number_at(a, 1);
  return known(first_characters(text_at(a, 0), static_cast<std::size_t>(count)));
}

Result right(Arguments a) {
  const auto size = static_cast<long>(count_characters(text_at(a, 0)));
  const long count =
      number_at(a, 1) < 0 ? std::max(size + number_at(a, 1), 0L) : std::min(number_at(a, 1), size);
  return known(characters(text_at(a, 0), size - count + 1, count));
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  if (from.empty()) return text;
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

Result replace(Arguments a) {
  const auto from = static_cast<long>(std::max<std::size_t>(text_at(a, 1).size(), 1));
  const long times = static_cast<long>(text_at(a, 0).size()) / from;
  if (times * static_cast<long>(text_at(a, 2).size()) > kLongestText)
    return tl::unexpected(not_known("a very long text"));
  return known(replaced(text_at(a, 0), text_at(a, 1), text_at(a, 2)));
}

/// What stands between the separators, each character for a separator that is NULL. An empty text
/// has no parts.
std::vector<std::string> parts_of(std::string_view text, const Value& separator) {
  std::vector<std::string> parts;
  if (text.empty()) return parts;
  if (separator.is_null()) {  // each character
    for (std::string_view rest = text; !rest.empty(); rest.remove_prefix(parts.back().size()))
      parts.emplace_back(first_characters(rest, 1));
    return parts;
  }
  const std::string& between = separator.text();
  std::size_t begin = 0;
  for (std::size_t end = 0;
       !between.empty() && (end = text.find(between, begin)) != std::string_view::npos;
       begin = end + between.size()) {
    parts.emplace_back(text.substr(begin, end - begin));
  }
  parts.emplace_back(text.substr(begin));
  return parts;
}

Result split_part(Arguments a) {
  const std::vector<std::string> parts = parts_of(text_at(a, 0), a[1].value);
  const long wanted = number_at(a, 2);
  if (wanted == 0) return tl::unexpected(refuse("22023", "field position must not be zero"));
  const long at = wanted > 0 ? wanted - 1 : static_cast<long>(parts.size()) + wanted;
  return known(at >= 0 && at < static_cast<long>(parts.size())
                   ? std::string_view(parts[static_cast<std::size_t>(at)])
                   : std::string_view());
}

Result position(Arguments a) {
  const std::size_t at = text_at(a, 0).find(text_at(a, 1));
  if (at == std::string::npos) return known(std::size_t{0});
  return known(count_characters(std::string_view(text_at(a, 0)).substr(0, at)) + 1);
}

Result repeat(Arguments a) {
  constexpr long kMost = 100'000;
  const auto length = static_cast<long>(text_at(a, 0).size());
  if (number_at(a, 1) > kMost || number_at(a, 1) * length > kLongestText)
    return tl::unexpected(not_known("a very long text"));
  std::string text;
  for (long count = number_at(a, 1); count > 0; --count) text += text_at(a, 0);
  return known(text);
}

Result pad(Arguments a, bool front) {
  const auto size = static_cast<std::size_t>(std::max(number_at(a, 1), 0L));
  const std::string filler = a.size() > 2 ? text_at(a, 2) : " ";
  const std::string& text = text_at(a, 0);
  constexpr std::size_t kMost = 100'000;
  if (size > kMost) return tl::unexpected(not_known("a very long text"));
  if (text.size() >= size || filler.empty()) return known(first_characters(text, size));
  std::string padding;
  while (padding.size() < size - text.size()) padding += filler;
  padding.resize(size - text.size());
  return known(front ? padding + text : text + padding);
}

Result lpad(Arguments a) { return pad(a, true); }
Result rpad(Arguments a) { return pad(a, false); }

Result reverse(Arguments a) {
  return known(std::string(text_at(a, 0).rbegin(), text_at(a, 0).rend()));
}

Result initcap(Arguments a) {
  std::string text = to_lower(text_at(a, 0));
  bool begins = true;
  for (char& c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (begins && c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    begins = !letter;
  }
  return known(text);
}

Result translate(Arguments a) {
  std::string text;
  for (const char c : text_at(a, 0)) {
    const std::size_t at = text_at(a, 1).find(c);
    if (at == std::string::npos)
      text += c;
    else if (at < text_at(a, 2).size())
      text += text_at(a, 2)[at];
  }
  return known(text);
}

/// regexp_replace() without what a match keeps (`\\1`).
Result regexp_replace(Arguments a) {
  const std::string flags = a.size() > 3 ? text_at(a, 3) : "";
  const bool counts = a.size() > 4 || (a.size() == 4 && is_number(a[3].type.family));
  if (counts || flags.find_first_not_of("gic") != std::string::npos)
    return tl::unexpected(not_known("regexp_replace with other flags"));
  const bool fold = flags.rfind('i') != std::string::npos &&
                    (flags.rfind('c') == std::string::npos || flags.rfind('i') > flags.rfind('c'));
  auto text = replace_matches(text_at(a, 0), text_at(a, 1), text_at(a, 2),
                              {fold, flags.find('g') != std::string::npos});
  if (!text) return tl::unexpected(not_known("what a pattern matches"));
  return Value::known(std::move(*text));
}

Result quote_ident(Arguments a) { return known(quote_identifier(text_at(a, 0))); }

/// As quote_literal() and format's %L write it, whatever the setting of
/// standard_conforming_strings.
std::string literal_of(const std::string& text) {
  const bool escapes = text.find('\\') != std::string::npos;
  return escapes ? "E" + quote_literal(replaced(text, "\\", "\\\\")) : quote_literal(text);
}

/// A strict function: how many arguments it takes and the type of its result.
struct TextFunction {
  std::string_view name;
  std::size_t least;
  std::size_t most;
  Result (*call)(Arguments);
  TypeClass type;
};

constexpr auto kText = TypeClass::text;
constexpr auto kInteger = TypeClass::int4;

constexpr auto kTextFunctions = std::to_array<TextFunction>({
    {"lower", 1, 1, lower, kText},
    {"upper", 1, 1, upper, kText},
    {"length", 1, 1, length, kInteger},
    {"char_length", 1, 1, length, kInteger},
    {"character_length", 1, 1, length, kInteger},
    {"octet_length", 1, 1, octet_length, kInteger},
    {"btrim", 1, 2, btrim, kText},
    {"ltrim", 1, 2, ltrim, kText},
    {"rtrim", 1, 2, rtrim, kText},
    {"substring", 2, 3, substring, kText},
    {"substr", 2, 3, substring, kText},
    {"left", 2, 2, left, kText},
    {"right", 2, 2, right, kText},
    {"replace", 3, 3, replace, kText},
    {"regexp_replace", 3, 6, regexp_replace, kText},
    {"split_part", 3, 3, split_part, kText},
    {"strpos", 2, 2, position, kInteger},
    {"position", 2, 2, position, kInteger},
    {"repeat", 2, 2, repeat, kText},
    {"lpad", 2, 3, lpad, kText},
    {"rpad", 2, 3, rpad, kText},
    {"reverse", 1, 1, reverse, kText},
    {"initcap", 1, 1, initcap, kText},
    {"quote_ident", 1, 1, quote_ident, kText},
    {"translate", 3, 3, translate, kText},
    {"md5", 1, 1, md5_of, kText},
});

/// What a function gives that is strict in its first `strict` arguments.
Typed symbol_unless_null(std::string_view name, Arguments arguments, const ValueType& type,
                         std::size_t strict) {
  const Arguments decisive = arguments.first(strict);
  const auto null = [](const Typed& a) { return a.value.is_null(); };
  if (std::any_of(decisive.begin(), decisive.end(), null)) return {Value(), type};
  Typed result = derived(name, arguments, type);
  const auto maybe = [](const Typed& a) { return a.value.may_be_null(); };
  if (std::none_of(decisive.begin(), decisive.end(), maybe)) {
    result.value = Value::symbol(Symbol::present, result.value.identity());
  }
  return result;
}

/// concat and concat_ws, which skip NULLs.
Checked<Typed> concatenated(std::string_view name, Arguments arguments) {
  const bool symbolic = any_symbol(arguments);
  const bool separated = name == "concat_ws";
  if (separated && (arguments.empty() || arguments[0].value.is_null()))
    return Typed{Value(), plain(kText)};
  if (symbolic) {
    Typed result = derived(name, arguments, plain(kText));
    result.value = Value::symbol(Symbol::present, result.value.identity());
    return result;
  }
  std::string text;
  bool first = true;
  for (const Typed& argument : arguments.subspan(separated ? 1 : 0)) {
    if (argument.value.is_null()) continue;
    if (separated && !first) text += text_at(arguments, 0);
    text += written(argument);
    first = false;
  }
  return Typed{Value::known(std::move(text)), plain(kText)};
}

/// format() with %s, %I, %L and %%.
Checked<Typed> formatted(Arguments arguments) {
  const bool open = any_symbol(arguments);
  if (arguments.empty() || arguments[0].value.is_null()) return Typed{Value(), plain(kText)};
  if (open) return derived("format", arguments, plain(kText));
  std::string text;
  std::size_t next = 1;
  const std::string& pattern = text_at(arguments, 0);
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    if (pattern[at] != '%' || at + 1 == pattern.size()) {
      text += pattern[at];
      continue;
    }
    const char kind = pattern[++at];
    if (kind == '%') {
      text += '%';
      continue;
    }
    if ((kind != 's' && kind != 'I' && kind != 'L') || next >= arguments.size())
      return derived("format", arguments, plain(kText));
    const auto value = as_element(arguments[next++]);
    if (kind == 'I' && !value)
      return tl::unexpected(
          refuse("22004", "null values cannot be formatted as an SQL identifier"));
    if (kind == 'L')
      text += value ? literal_of(*value) : "NULL";
    else if (value)
      text += kind == 'I' ? quote_identifier(*value) : *value;
  }
  return Typed{Value::known(std::move(text)), plain(kText)};
}

Stop no_function(std::string_view name, Arguments arguments) {
  std::string types;
  for (const Typed& argument : arguments)
    types += (types.empty() ? "" : ", ") + describe(argument.type);
  return refuse("42883", fmt::format("function {}({}) does not exist", name, types));
}

/// quote_literal() and quote_nullable(), which take values of any type as texts.
Typed quoted(std::string_view name, const Typed& argument) {
  const Value& value = argument.value;
  if (value.is_known()) return {Value::known(literal_of(value.text())), plain(kText)};
  if (name == "quote_literal") return strictly_derived(name, {&argument, 1}, plain(kText));
  if (value.is_null()) return {Value::known("NULL"), plain(kText)};
  return {
      Value::symbol(Symbol::present, derived(name, {&argument, 1}, plain(kText)).value.identity()),
      plain(kText)};
}

/// string_to_array(): a third argument is what stands for NULL.
Checked<Typed> string_to_array(Arguments a) {
  const TypeClass family = a[0].type.family;
  const bool open = family == TypeClass::unknown || family == TypeClass::other;
  const bool texts =
      !a[0].type.is_array() && (is_string(family) || family == TypeClass::unknown_literal);
  if (!open && !texts) return tl::unexpected(no_function("string_to_array", a));
  ValueType type = plain(kText);
  type.dimensions = 1;
  if (open || a[0].value.is_null() || any_symbol(a))
    return symbol_unless_null("string_to_array", a, type, 1);
  std::vector<std::optional<std::string>> elements;
  for (std::string& part : parts_of(text_at(a, 0), a[1].value)) {
    const bool null = a.size() > 2 && a[2].value.is_known() && part == text_at(a, 2);
    elements.push_back(null ? std::nullopt : std::optional(std::move(part)));
  }
  return Typed{Value::known(join_array(elements)), type};
}

/// array_to_string(): a third argument is written for NULL.
Checked<Typed> array_to_string(Arguments a) {
  const bool null = a[0].value.is_null() || a[1].value.is_null();
  if (null || any_symbol(a)) return symbol_unless_null("array_to_string", a, plain(kText), 2);
  const auto elements = flat_elements(text_at(a, 0));
  if (!elements) return tl::unexpected(refuse("22P02", "malformed array literal"));
  std::string text;
  bool first = true;
  for (const auto& element : *elements) {
    if (!element && (a.size() < 3 || a[2].value.is_null())) continue;
    text += (first ? "" : text_at(a, 1)) + (element ? *element : text_at(a, 2));
    first = false;
  }
  return Typed{Value::known(std::move(text)), plain(kText)};
}

/// Functions of the same names that take bytes or ranges.
std::optional<Typed> on_other_types(std::string_view name, Arguments arguments) {
  if (arguments.empty() || arguments[0].type.is_array()) return std::nullopt;
  const TypeClass family = arguments[0].type.family;
  const bool bound = name == "lower" || name == "upper";
  if (family == TypeClass::other && bound)
    return derived(name, arguments, plain(TypeClass::unknown));
  if (family != TypeClass::bytea || bound) return std::nullopt;
  const bool counts = name.ends_with("length") || name == "position" || name == "strpos";
  const Value& bytes = arguments[0].value;
  if (name.ends_with("length") && bytes.is_known() && bytes.text().starts_with("\\x")) {
    return Typed{Value::known(static_cast<std::int64_t>(bytes.text().size() / 2 - 1)),
                 plain(kInteger)};
  }
  return strictly_derived(name, arguments, plain(counts ? kInteger : TypeClass::bytea));
}

bool is_textual(const ValueType& type) {
  return is_string(type.family) || type.family == TypeClass::unknown_literal ||
         type.family == TypeClass::unknown || type.family == TypeClass::bytea ||
         type.family == TypeClass::other || type.is_array();
}

}  // namespace

std::optional<Checked<Typed>> text_function(std::string_view name, Arguments arguments) {
  std::size_t all = 0;
  for (const Typed& argument : arguments)
    all += argument.value.is_known() ? argument.value.text().size() : 0;
  if ((name == "concat" || name == "concat_ws" || name == "format") &&
      all > static_cast<std::size_t>(kLongestText))
    return derived(name, arguments, plain(kText));
  if (name == "concat" || name == "concat_ws") return concatenated(name, arguments);
  if (name == "format") return formatted(arguments);
  if ((name == "quote_literal" || name == "quote_nullable") && arguments.size() == 1)
    return quoted(name, arguments[0]);
  const bool parted = arguments.size() == 2 || arguments.size() == 3;
  if (name == "string_to_array" && parted) return string_to_array(arguments);
  if (name == "array_to_string" && parted && arguments[0].type.is_array())
    return array_to_string(arguments);
  const auto* found = std::find_if(kTextFunctions.begin(), kTextFunctions.end(),
                                   [&](const TextFunction& f) { return f.name == name; });
  if (found == kTextFunctions.end()) return std::nullopt;
  if (auto other = on_other_types(name, arguments)) return std::move(*other);
  if (arguments.size() < found->least || arguments.size() > found->most ||
      !is_textual(arguments[0].type)) {
    return tl::unexpected(no_function(name, arguments));
  }
  const ValueType type = plain(found->type);
  const bool known = std::all_of(arguments.begin(), arguments.end(),
                                 [](const Typed& a) { return a.value.is_known(); });
  if (!known || arguments[0].type.family == TypeClass::other)
    return strictly_derived(name, arguments, type);
  auto value = found->call(arguments);
  if (value) return Typed{std::move(*value), type};
  if (value.error().kind == Stop::Kind::unknown) return strictly_derived(name, arguments, type);
  return tl::unexpected(value.error());
}

}  // namespace backout::postgres
