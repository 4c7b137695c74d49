#include "importers/migrations/placeholders.hpp"

#include <algorithm>
#include <cctype>
#include <optional>

#include <fmt/format.h>

#include "importers/characters.hpp"
#include "importers/migrations/psql.hpp"
#include "postgres/read/quiet.hpp"

namespace backout::importers {
namespace {

/// A placeholder in a text.
struct Found {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string name;
  std::optional<std::string> otherwise;  ///< "${x:-otherwise}"
  char quote = '\0';                     ///< of `:'x'` and `:"x"`
};

/// What a tool does with them.
struct Reading {
  bool dollar = true;  ///< `${x}`
  bool braces = true;  ///< `{{ .x }}`
  bool colon = true;   ///< `:x`
  bool shell = false;  ///< `$x`
  bool everywhere =
      false;  ///< in strings and bodies of functions, too, whether they have a value or not
  bool fills() const { return dollar || braces || colon; }
};

/// By convention: those of Flyway, Liquibase, tern and goose are known; of other tools each may be
/// in use, by whoever starts them.
Reading reading_of(std::string_view convention, std::string_view text) {
  if (convention == "flyway") return {.braces = false, .colon = false, .everywhere = true};
  if (convention == "liquibase")
    return {.braces = false, .colon = false};  // what has no value stays
  if (convention == "tern") return {.dollar = false, .colon = false, .everywhere = true};
  if (convention != "goose") return {};
  if (text.find("+goose ENVSUB ON") == std::string_view::npos)
    return {.dollar = false, .braces = false, .colon = false};
  return {.braces = false, .colon = false, .shell = true, .everywhere = true};
}

std::string doubled(const std::string& value, char quote) {
  std::string text(1, quote);
  for (const char c : value) text.append(c == quote ? 2 : 1, c);
  return text + quote;
}

/// "x" of ".x", ".Env.x", "env "x"" and "x"; the whole of what is no name: a directive of a
/// template.
std::string name_in_template(std::string_view inner) {
  const std::size_t end = inner.find_last_not_of(" \t-\"'");
  std::size_t begin = end == std::string_view::npos ? 0 : end + 1;
  while (begin > 0 && is_word(inner[begin - 1])) --begin;
  std::string_view before = inner.substr(0, begin);
  const bool plain = before.find_first_not_of(" \t-.\"'") == std::string_view::npos ||
                     before.find("env") != std::string_view::npos ||
                     before.find("Env") != std::string_view::npos;
  if (!plain || end == std::string_view::npos) return std::string(inner);
  return std::string(inner.substr(begin, end + 1 - begin));
}

std::optional<Found> dollar_at(std::string_view text, std::size_t at, bool shell) {
  if (text[at] != '$' || at + 1 >= text.size()) return std::nullopt;
  if (text[at + 1] == '{') {
    const std::size_t close = text.find_first_of("}\n", at);
    if (close == std::string_view::npos || text[close] == '\n') return std::nullopt;
    const std::string inner(text.substr(at + 2, close - at - 2));
    const std::size_t colon = inner.find(":-");
    if (colon == std::string::npos) return Found{at, close + 1, inner, std::nullopt, '\0'};
    return Found{at, close + 1, inner.substr(0, colon), inner.substr(colon + 2), '\0'};
  }
  if (!shell ||
      (std::isalpha(static_cast<unsigned char>(text[at + 1])) == 0 && text[at + 1] != '_'))
    return std::nullopt;
  std::size_t end = at + 1;
  while (end < text.size() && is_word(text[end])) ++end;
  if (end < text.size() && text[end] == '$') return std::nullopt;  // a dollar quote
  return Found{at, end, std::string(text.substr(at + 1, end - at - 1)), std::nullopt, '\0'};
}

std::optional<Found> braces_at(std::string_view text, std::size_t at) {
  if (text.compare(at, 2, "{{") != 0) return std::nullopt;
  const std::size_t close = text.find("}}", at);
  if (close == std::string_view::npos) return std::nullopt;
  return Found{at, close + 2, name_in_template(text.substr(at + 2, close - at - 2)), std::nullopt,
               '\0'};
}

std::optional<Found> colon_at(std::string_view text, std::size_t at) {
  if (text[at] != ':' || at + 1 >= text.size()) return std::nullopt;
  const char before = at == 0 ? ' ' : text[at - 1];
  if (std::string_view(" \t\r\n(,=<>+-.").find(before) == std::string_view::npos)
    return std::nullopt;  // a[1:n], x::int
  const char next = text[at + 1];
  const bool quoted = next == '\'' || next == '"';
  const std::size_t begin = at + (quoted ? 2 : 1);
  std::size_t end = begin;
  while (end < text.size() && is_word(text[end])) ++end;
  if (end == begin || std::isdigit(static_cast<unsigned char>(text[begin])) != 0 ||
      (quoted && (end >= text.size() || text[end] != next)))
    return std::nullopt;
  return Found{at, end + (quoted ? 1 : 0), std::string(text.substr(begin, end - begin)),
               std::nullopt, quoted ? next : '\0'};
}

class Filling {
 public:
  Filling(std::string_view text, Reading reading, const Placeholders& values)
      : text_(text), reading_(reading), values_(values) {}

  /// All placeholders that the tool fills, in order.
  std::vector<Found> find() const {
    std::vector<Found> found;
    std::size_t quiet = 0;  // until here the text is in a string, body or comment
    bool comment = false;
    for (std::size_t at = 0; at < text_.size();) {
      if (at >= quiet) {
        comment = text_.compare(at, 2, "--") == 0 || text_.compare(at, 2, "/*") == 0;
        quiet = postgres::skip_quiet(text_, at);
        if (quiet == at + 1) quiet = at;
      }
      const auto one = comment && at < quiet ? std::nullopt : look(at, at < quiet);
      if (one) found.push_back(*one);
      at = one ? one->end : at + 1;
    }
    return found;
  }

  std::optional<std::string> value_of(const Found& one) const {
    const auto set = values_.find(one.name);
    if (set != values_.end())
      return one.quote == '\0' ? set->second : doubled(set->second, one.quote);
    if (one.name == "flyway:defaultSchema") return "public";
    return one.otherwise;
  }

 private:
  std::optional<Found> look(std::size_t at, bool quiet) const {
    std::optional<Found> one;
    if (reading_.dollar) one = dollar_at(text_, at, reading_.shell);
    if (!one && reading_.braces) one = braces_at(text_, at);
    if (!one && !quiet && reading_.colon) one = colon_at(text_, at);
    if (!one) return std::nullopt;
    return quiet && !reading_.everywhere && !value_of(*one) ? std::nullopt : one;
  }

  const std::string_view text_;
  const Reading reading_;
  const Placeholders& values_;
};

/// Where the statements of a text end: at its semicolons outside strings, bodies and comments.
class Statements {
 public:
  explicit Statements(std::string_view text) : text_(text) {
    for (std::size_t place = 0; place < text.size();) {
      if (text[place] == ';') ends_.push_back(place);
      place = std::max(postgres::skip_quiet(text, place), place + 1);
    }
  }

  /// The statement around the byte `at`, without its semicolon, and without blanks and comments in
  /// front.
  std::pair<std::size_t, std::size_t> around(std::size_t at) const {
    const auto end = std::lower_bound(ends_.begin(), ends_.end(), at);
    std::size_t begin = end == ends_.begin() ? 0 : *std::prev(end) + 1;
    while (begin < at) {
      const bool comment = text_.compare(begin, 2, "--") == 0 || text_.compare(begin, 2, "/*") == 0;
      if (!comment && std::isspace(static_cast<unsigned char>(text_[begin])) == 0) break;
      begin = comment ? postgres::skip_quiet(text_, begin) : begin + 1;
    }
    return {std::min(begin, at), end == ends_.end() ? text_.size() : *end};
  }

 private:
  const std::string_view text_;
  std::vector<std::size_t> ends_;
};

std::string statement_for(const std::string& placeholder, const std::string& name) {
  return "DO LANGUAGE placeholder " +
         doubled(
             fmt::format(
                 "the placeholder {} has no value (--set {}=..., or the configuration of its tool)",
                 placeholder, name),
             '\'');
}

}  // namespace

void fill_placeholders(model::SqlText& script, std::string_view convention, std::string_view file,
                       const Placeholders& values) {
  const Reading reading = reading_of(convention, file);
  if (!reading.fills() || script.text.find_first_of("$:{") == std::string::npos) return;
  const std::string& text = script.text;
  const Filling filling(text, reading, values);
  std::optional<Statements> statements;
  std::vector<Replacement> edits;
  for (const Found& one : filling.find()) {
    if (!edits.empty() && one.begin < edits.back().end)
      continue;  // of a statement that goes as a whole
    if (auto value = filling.value_of(one)) {
      edits.push_back({one.begin, one.end, std::move(*value)});
      continue;
    }
    if (!statements) statements.emplace(text);
    const auto [begin, end] = statements->around(one.begin);
    while (!edits.empty() && edits.back().begin >= begin) edits.pop_back();
    edits.push_back(
        {begin, end, statement_for(text.substr(one.begin, one.end - one.begin), one.name)});
  }
  replace_bytes(script, edits);
}

}  // namespace backout::importers
