#include "importers/migrations/psql.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include "postgres/read/quiet.hpp"

namespace backout::importers {
namespace {

constexpr std::array<std::string_view, 16> kHarmless = {
    "restrict", "unrestrict", "set",      "unset", "echo", "qecho",  "warn", "timing",
    "pset",     "x",          "encoding", "t",     "a",    "prompt", "q",    "conninfo"};

bool starts_line(std::string_view text, std::size_t at) {
  const std::size_t before = text.find_last_not_of(" \t", at == 0 ? 0 : at - 1);
  return at == 0 || before == std::string_view::npos || text[before] == '\n' || before >= at;
}

/// Calls `visit(begin, end)` for each meta-command, its line break not included.
template <typename Visit>
void for_each_command(std::string_view text, Visit visit) {
  for (std::size_t at = 0; at < text.size();) {
    if (const std::size_t behind = postgres::skip_quiet(text, at); behind != at) {
      at = behind;
    } else if (text[at] == '\\' && starts_line(text, at)) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      visit(at, end);
      at = end;
    } else {
      ++at;
    }
  }
}

/// A statement in the place of a command: whoever runs it knows that it does not know what happens.
std::string statement_for(std::string_view command) {
  std::string statement = ";DO LANGUAGE psql '";
  for (const char c : command) {
    statement.append(c == '\'' ? 2 : 1, c);
  }
  return statement + "';";
}

}  // namespace

void replace_bytes(model::SqlText& script, const std::vector<Replacement>& replacements) {
  std::vector<model::Piece> pieces;
  std::string text;
  std::size_t copied = 0;
  auto next = replacements.begin();
  for (std::size_t at = 0; at < script.pieces.size(); ++at) {
    model::Piece piece = script.pieces[at];
    const std::uint32_t last = piece.span.end;
    const std::size_t origin = piece.offset;
    const std::uint32_t place = piece.span.begin;
    // What was copied so far is as long as what it came from was, but for the replacements.
    piece.offset = origin < copied ? text.size() : text.size() + (origin - copied);
    pieces.push_back(piece);
    for (; next != replacements.end() &&
           (at + 1 == script.pieces.size() || next->begin < script.pieces[at + 1].offset);
         ++next) {
      const model::Span span = script.span_of(next->begin, next->end);
      text.append(script.text, copied, next->begin - copied);
      const std::size_t begin = text.size();
      text += next->text;
      copied = next->end;
      if (piece.span.file != span.file || place + (next->begin - origin) != span.begin ||
          last < span.end)
        continue;
      pieces.back().span.end = span.begin;
      pieces.push_back({begin + 1, span});
      pieces.push_back({text.size(), {span.file, span.end, last}});
    }
  }
  script.text = text.append(script.text, copied);
  script.pieces = std::move(pieces);
}

namespace {

/// A COPY ... FROM stdin with the lines of data that follow it.
struct CopyBlock {
  std::size_t begin = 0;
  std::size_t data = 0;      ///< first byte of the data
  std::size_t data_end = 0;  ///< where the line `\.` starts
  std::size_t end = 0;       ///< after `\.`
};

std::string lowered(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return result;
}

std::vector<CopyBlock> copy_blocks(std::string_view text) {
  std::vector<CopyBlock> blocks;
  std::size_t statement = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (const std::size_t behind = postgres::skip_quiet(text, at); behind != at) {
      // A comment in front of a statement is none of its words.
      const std::string_view before = text.substr(statement, behind - statement);
      if (text.compare(at, 2, "--") == 0 &&
          before.find_first_not_of(" \t\r\n") == before.find("--"))
        statement = behind;
      at = behind;
    } else if (text[at] == ';') {
      const std::size_t first = std::min(text.find_first_not_of(" \t\r\n", statement), at);
      const std::string words = lowered(text.substr(first, at - first));
      ++at;
      statement = at;
      if (!words.starts_with("copy ") || words.find(" from stdin") == std::string::npos) continue;
      CopyBlock block{first, std::min(text.find('\n', at), text.size() - 1) + 1, 0, 0};
      std::size_t stop = block.data;
      while (stop < text.size() && text.compare(stop, 2, "\\.") != 0)
        stop = std::min(text.find('\n', stop), text.size() - 1) + 1;
      if (stop >= text.size()) continue;
      block.data_end = stop;
      block.end = stop + 2;
      blocks.push_back(block);
      at = statement = block.end;
    } else {
      ++at;
    }
  }
  return blocks;
}

/// A field of COPY's text format as SQL.
std::string copied_value(std::string_view field) {
  if (field == "\\N") return "NULL";
  std::string value = "'";
  for (std::size_t at = 0; at < field.size(); ++at) {
    char c = field[at];
    if (c == '\\' && at + 1 < field.size()) {
      c = field[++at];
      c = c == 'n' ? '\n' : (c == 't' ? '\t' : (c == 'r' ? '\r' : c));
    }
    value.append(c == '\'' ? 2 : 1, c);
  }
  return value + "'";
}

/// INSERT of the same rows; the COPY alone, whose rows are then not known, when it asks for another
/// format.
std::string insert_for(std::string_view text, const CopyBlock& block) {
  const std::string_view head = text.substr(block.begin, block.data - block.begin);
  const std::string words = lowered(head);
  const std::size_t from = words.find(" from stdin");
  const std::string_view options = std::string_view(words).substr(from + 11);
  if (options.find_first_not_of(" ;\r\n") != std::string_view::npos)
    return std::string(head.substr(0, head.find(';') + 1));
  std::string rows;
  std::string_view data = text.substr(block.data, block.data_end - block.data);
  while (!data.empty()) {
    const std::size_t end = std::min(data.find('\n'), data.size());
    std::string_view line = data.substr(0, end);
    data.remove_prefix(std::min(end + 1, data.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    rows += rows.empty() ? "(" : ",(";
    for (bool first = true;; first = false) {
      const std::size_t tab = std::min(line.find('\t'), line.size());
      rows += (first ? "" : ",") + copied_value(line.substr(0, tab));
      if (tab == line.size()) break;
      line.remove_prefix(tab + 1);
    }
    rows += ")";
  }
  return rows.empty()
             ? ";"
             : "INSERT INTO " + std::string(head.substr(5, from - 5)) + " VALUES " + rows + ";";
}

}  // namespace

void replace_meta_commands(model::SqlText& script, std::vector<model::Mistake>& notes) {
  if (script.text.find('\\') == std::string::npos) {
    return;
  }
  const std::string given = script.text;
  std::vector<Replacement> inserts;
  for (const CopyBlock& block : copy_blocks(given))
    inserts.push_back({block.begin, block.end, insert_for(given, block)});
  replace_bytes(script, inserts);
  std::vector<Replacement> others;
  const std::string text = script.text;
  for_each_command(text, [&](std::size_t begin, std::size_t end) {
    const std::size_t word_end = std::min(text.find_first_of(" \t\r\n;", begin), end);
    const std::string word = text.substr(begin + 1, word_end - begin - 1);
    if (std::find(kHarmless.begin(), kHarmless.end(), word) != kHarmless.end()) {
      std::fill(script.text.begin() + static_cast<std::ptrdiff_t>(begin),
                script.text.begin() + static_cast<std::ptrdiff_t>(end), ' ');
      return;
    }
    others.push_back(
        {begin, end, statement_for(std::string_view(text).substr(begin, end - begin))});
    notes.push_back({script.span_of(begin, end), "the psql command \\" + word + " is not followed",
                     "only psql runs it; write what it does as SQL"});
  });
  replace_bytes(script, others);
}

}  // namespace backout::importers
