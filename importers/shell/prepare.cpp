#include "importers/shell/prepare.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "importers/characters.hpp"
#include "importers/shell/dense.hpp"

namespace backout::importers {

namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r'; }

/// Follows quotes and comments over one line.
class QuoteState {
 public:
  bool open() const { return quote_ != 0; }

  /// Reads a line; returns the word of a here document that it begins, else an empty text.
  std::string read(std::string_view line) {
    std::string word;
    for (std::size_t i = 0; i < line.size(); ++i) {
      const char c = line[i];
      if (quote_ != 0) {
        if (c == '\\' && quote_ == '"') ++i;
        if (c == quote_) quote_ = 0;
        continue;
      }
      if (c == '\\') {
        ++i;
      } else if (c == '\'' || c == '"') {
        quote_ = c;
      } else if (c == '#' && (i == 0 || is_space(line[i - 1]))) {
        break;
      } else if (line.substr(i, 2) == "<<" && line.substr(i, 3) != "<<<" &&
                 (i == 0 || line[i - 1] != '<')) {
        word = here_word(line.substr(i + 2));
      }
    }
    return word;
  }

 private:
  static std::string here_word(std::string_view rest) {
    if (rest.starts_with('-')) rest.remove_prefix(1);
    rest = trim(rest);
    std::string word;
    for (const char c : rest) {
      if (c == '\'' || c == '"' || c == '\\') continue;
      if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '_') break;
      word += c;
    }
    return word;
  }

  char quote_ = 0;
};

std::string upper(std::string_view word) {
  std::string result(word);
  for (char& c : result) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return result;
}

std::string_view first_command(std::string_view line) {
  std::size_t end = 0;
  while (end < line.size() && !is_space(line[end]) && line[end] != '(' && line[end] != ';') ++end;
  return line.substr(0, end);
}

void blank(std::string& text, std::size_t begin, std::size_t end) {
  for (std::size_t i = begin; i < end; ++i) {
    if (text[i] != '\n') text[i] = ' ';
  }
}

bool has_prompt(std::string_view line) { return trim(line).starts_with("$ ") || trim(line) == "$"; }

/// `<commit-hash>`, `<your token>`: becomes a word of the same length.
void fill_placeholders(std::string& text) {
  for (std::size_t i = 0; i + 2 < text.size(); ++i) {
    if (text[i] != '<' || (i > 0 && text[i - 1] == '<')) continue;
    if (std::isalpha(static_cast<unsigned char>(text[i + 1])) == 0) continue;
    std::size_t end = i + 1;
    while (end < text.size() && end < i + 70 && text[end] != '>' && text[end] != '\n' &&
           text[end] != '<' && text[end] != '|' && text[end] != ';' && text[end] != '&' &&
           text[end] != '$') {
      ++end;
    }
    if (end >= text.size() || text[end] != '>' || is_space(text[end - 1])) continue;
    for (std::size_t k = i; k <= end; ++k) {
      if (std::isalnum(static_cast<unsigned char>(text[k])) == 0) text[k] = '_';
    }
    i = end;
  }
}

/// `${{ inputs.version }}` of a workflow: becomes the value of a variable, of the same length.
void fill_expressions(std::string& text) {
  for (std::size_t at = text.find("${{"); at != std::string::npos; at = text.find("${{", at + 1)) {
    const std::size_t end = text.find("}}", at);
    if (end == std::string::npos || end > text.find('\n', at)) continue;
    for (std::size_t i = at + 2; i <= end; ++i)
      text[i] =
          std::isalnum(static_cast<unsigned char>(text[i])) != 0 && i > at + 2 ? text[i] : '_';
  }
}

void blank_sessions(Prepared& result, const std::vector<TextLine>& lines) {
  bool session = false;
  bool decided = false;
  for (const TextLine& line : lines) {
    const std::string_view words =
        trim(std::string_view(result.text).substr(line.begin, line.end - line.begin));
    if (words.empty() || words.starts_with('#')) continue;
    if (!decided) session = has_prompt(words);
    decided = true;
    result.prompts = result.prompts || has_prompt(words);
  }
  bool continued = false;
  for (const TextLine& line : lines) {
    const std::string_view all =
        std::string_view(result.text).substr(line.begin, line.end - line.begin);
    const std::string_view words = trim(all);
    const bool ends_open = words.ends_with('\\');
    if (has_prompt(words) && line.top) {
      const std::size_t at = line.begin + all.find('$');
      blank(result.text, at, at + 1);
      continued = ends_open;
    } else if (session && line.top && !continued && !words.empty() && !words.starts_with('#')) {
      result.foreign.push_back({Language::output, line.begin, line.end});
      blank(result.text, line.begin, line.end);
    } else {
      continued = continued && ends_open;
    }
  }
}

bool ends_statement(std::string_view line) {
  const std::size_t comment = line.find("--");
  return trim(line.substr(0, comment)).ends_with(';');
}

/// "2. Open the dashboard", "- Sign in": an item of a list for people, and no command.
bool is_item(std::string_view line) {
  const std::size_t digits = line.find_first_not_of("0123456789");
  std::size_t mark = 0;
  if (line.starts_with("- ") || line.starts_with("* "))
    mark = 2;
  else if (digits > 0 && digits < 3 && line.substr(digits).starts_with(". "))
    mark = digits + 2;
  return mark > 0 && mark + 3 < line.size() &&
         std::isupper(static_cast<unsigned char>(line[mark])) != 0 &&
         std::isupper(static_cast<unsigned char>(line[mark + 1])) == 0;
}

void blank_foreign(Prepared& result, const std::vector<TextLine>& lines) {
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto line_text = [&](std::size_t k) {
      return trim(
          std::string_view(result.text).substr(lines[k].begin, lines[k].end - lines[k].begin));
    };
    const std::string_view line = line_text(i);
    if (!lines[i].top || line.empty()) continue;
    if (is_item(line)) {
      result.foreign.push_back({Language::prose, lines[i].begin, lines[i].end});
      blank(result.text, lines[i].begin, lines[i].end);
    } else if (line.starts_with("http://") || line.starts_with("https://")) {
      result.foreign.push_back({Language::url, lines[i].begin, lines[i].end});
      blank(result.text, lines[i].begin, lines[i].end);
    } else if (line.starts_with("-- ") || begins_sql(line)) {
      std::size_t last = i;
      while (begins_sql(line) && last + 1 < lines.size() && !ends_statement(line_text(last)) &&
             !line_text(last + 1).empty() && !line_text(last + 1).starts_with('#')) {
        ++last;
      }
      result.foreign.push_back({Language::sql, lines[i].begin, lines[last].end});
      blank(result.text, lines[i].begin, lines[last].end);
      i = last;
    }
  }
}

}  // namespace

std::vector<TextLine> text_lines(std::string_view text) {
  std::vector<TextLine> lines;
  QuoteState quotes;
  std::string here;
  bool continued = false;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t found = std::min(text.find('\n', begin), text.size());
    const std::string_view line = text.substr(begin, found - begin);
    lines.push_back({begin, found, !quotes.open() && here.empty() && !continued});
    if (!here.empty()) {
      if (trim(line) == here) here.clear();
    } else {
      here = quotes.read(line);
      continued = trim(line).ends_with('\\');
    }
    begin = found + 1;
  }
  // A quote that never closes is an apostrophe in prose: then every line is looked at.
  if (quotes.open()) {
    for (TextLine& line : lines) line.top = true;
  }
  return lines;
}

bool begins_sql(std::string_view line) {
  static constexpr std::array<std::array<std::string_view, 8>, 11> kVerbs = {{
      {"SELECT", ""},
      {"UPDATE", ""},
      {"DELETE", "FROM"},
      {"INSERT", "INTO"},
      {"ALTER", "TABLE", "DATABASE", "INDEX", "SEQUENCE", "TYPE", "ROLE", "SYSTEM"},
      {"DROP", "TABLE", "DATABASE", "INDEX", "FUNCTION", "TYPE", "SCHEMA", "COLUMN"},
      {"CREATE", "TABLE", "DATABASE", "INDEX", "FUNCTION", "TYPE", "UNIQUE", "OR"},
      {"TRUNCATE", ""},
      {"WITH", ""},
      {"GRANT", ""},
      {"REVOKE", ""},
  }};
  const std::string_view verb = first_command(line);
  if (verb != upper(verb)) return false;
  if (line == "BEGIN;" || line == "COMMIT;" || line == "ROLLBACK;") return true;
  const std::string next =
      upper(first_command(trim(line.substr(std::min(verb.size(), line.size())))));
  for (const auto& words : kVerbs) {
    if (verb != words[0]) continue;
    if (words[1].empty()) return !next.empty() || verb == "SELECT";
    return std::find(words.begin() + 1, words.end(), next) != words.end() && !next.empty();
  }
  return false;
}

Prepared prepare_shell(std::string_view text) {
  Prepared result{std::string(text), false, {}};
  for (const DensePart& part : dense_parts(text)) {
    result.foreign.push_back({Language::other, part.begin, part.end});
    blank(result.text, part.begin, part.end);
  }
  const std::vector<TextLine> lines = text_lines(result.text);
  blank_sessions(result, lines);
  blank_foreign(result, lines);
  fill_expressions(result.text);
  fill_placeholders(result.text);
  for (char& c : result.text) {
    if (c == '\r') c = ' ';
  }
  return result;
}

}  // namespace backout::importers
