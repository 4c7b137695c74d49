#include "importers/migrations/sections.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace backout::importers {
namespace {

using model::Transaction;

// The exact styles come last: a lone "up" is weaker evidence than a tool's own marker.
constexpr std::array<SectionStyle, 13> kStyles = {{
    {"goose", "+goose up", "+goose down", false, Transaction::wrapped},
    {"sql-migrate", "+migrate up", "+migrate down", false, Transaction::wrapped},
    {"micrate", "+micrate up", "+micrate down", false, Transaction::none},
    {"dbmate", "migrate:up", "migrate:down", false, Transaction::wrapped},
    {"rambler", "rambler up", "rambler down", false, Transaction::wrapped},
    {"node-pg-migrate", "up migration", "down migration", true, Transaction::wrapped},
    {"tern", "", "create above / drop below", false, Transaction::wrapped},
    {"mybatis", "", "//@undo", false, Transaction::none},
    {"play", "!ups", "!downs", true, Transaction::none},
    {"shmig", "==== up ====", "==== down ====", true, Transaction::wrapped},
    {"sections", "@up", "@down", true, Transaction::implicit},
    {"sections", "+up", "+down", true, Transaction::implicit},
    {"sections", "up", "down", true, Transaction::implicit},
}};

constexpr std::array<std::string_view, 9> kNoTransaction = {
    "+goose no transaction", "no-transaction",      "no_transaction",
    "notransaction",         "transaction:false",   "tern: disable-tx",
    "atlas:txmode none",     "disable-transaction", "runintransaction:false"};

bool same_letter(char a, char b) {
  return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
}

bool starts_with_nocase(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() &&
         std::equal(prefix.begin(), prefix.end(), text.begin(), same_letter);
}

bool contains_nocase(std::string_view text, std::string_view part) {
  return std::search(text.begin(), text.end(), part.begin(), part.end(), same_letter) != text.end();
}

std::string_view trimmed_view(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first == std::string_view::npos
             ? ""
             : text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

/// The comment on the line, without its leading dashes or hashes; empty when the line is none.
std::string_view comment_of(std::string_view line) {
  line = trimmed_view(line);
  if (!line.starts_with("--") && !line.starts_with('#')) {
    return {};
  }
  const std::size_t first = line.find_first_not_of("-# \t");
  return first == std::string_view::npos ? "" : line.substr(first);
}

/// Calls `visit(begin, end)` for each line, `end` one past its line break.
template <typename Visit>
void for_each_line(std::string_view text, Visit visit) {
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t line_break = text.find('\n', begin);
    const std::size_t end = line_break == std::string_view::npos ? text.size() : line_break + 1;
    visit(begin, end);
    begin = end;
  }
}

/// What follows the marker on the comment line, or nothing when the marker is not there.
std::optional<std::string_view> match(std::string_view comment, std::string_view marker,
                                      bool exact) {
  if (marker.empty() || !starts_with_nocase(comment, marker)) {
    return std::nullopt;
  }
  const std::string_view rest = comment.substr(marker.size());
  if (exact ? !trimmed_view(rest).empty()
            : !rest.empty() && std::isalnum(static_cast<unsigned char>(rest.front()))) {
    return std::nullopt;
  }
  return rest;
}

bool no_transaction_option(std::string_view options) {
  std::string squeezed;
  std::copy_if(options.begin(), options.end(), std::back_inserter(squeezed),
               [](char c) { return c != ' '; });
  return contains_nocase(squeezed, "notransaction") ||
         contains_nocase(squeezed, "transaction:false");
}

void add_section(const Tree& tree, const File& file, std::optional<model::SqlText>& script,
                 std::size_t begin, std::size_t end) {
  model::SqlText part = part_of_file(tree, file, begin, end);
  if (script) {
    append(*script, part);
  } else {
    script = std::move(part);
  }
}

}  // namespace

const SectionStyle* section_style(std::string_view text) {
  const SectionStyle* best = nullptr;
  for_each_line(text, [&](std::size_t begin, std::size_t end) {
    const std::string_view comment = comment_of(text.substr(begin, end - begin));
    if (comment.empty()) {
      return;
    }
    for (const SectionStyle& style : kStyles) {
      if (best != nullptr && best <= &style) {
        break;
      }
      if (match(comment, style.up, style.exact) || match(comment, style.down, style.exact)) {
        best = &style;
      }
    }
  });
  return best;
}

namespace {

/// Whether a dollar quote is open at the end of `text`, which starts a statement.
bool leaves_dollar_quote_open(std::string_view text) {
  std::string_view tag;
  for (std::size_t at = 0; at < text.size();) {
    if (tag.empty() && text.compare(at, 2, "--") == 0) {
      at = std::min(text.find('\n', at), text.size());
    } else if (tag.empty() && text[at] == '\'') {
      at = std::min(text.find('\'', at + 1), text.size() - 1) + 1;
    } else if (text[at] == '$') {
      std::size_t end = at + 1;
      while (end < text.size() &&
             (std::isalnum(static_cast<unsigned char>(text[end])) != 0 || text[end] == '_'))
        ++end;
      const bool quote = end < text.size() && text[end] == '$' &&
                         std::isdigit(static_cast<unsigned char>(text[at + 1])) == 0;
      const std::string_view found = quote ? text.substr(at, end + 1 - at) : std::string_view();
      if (quote && tag.empty())
        tag = found;
      else if (quote && tag == found)
        tag = {};
      at = quote && (tag.empty() || tag == found) ? end + 1 : at + 1;
    } else {
      ++at;
    }
  }
  return !tag.empty();
}

/// endsWithSemicolon() of goose and sql-migrate.
bool ends_with_semicolon(std::string_view line) {
  std::string_view last;
  while (true) {
    line = trimmed_view(line);
    if (line.empty() || line.starts_with("--")) return last.ends_with(';');
    const std::size_t end = std::min(line.find_first_of(" \t\r\n"), line.size());
    last = line.substr(0, end);
    line.remove_prefix(end);
  }
}

}  // namespace

void keep_to_first_bad_cut(model::SqlText& script, Cut cut) {
  const std::string_view text = script.text;
  std::size_t statement = 0;
  bool block = false;
  std::size_t bad = std::string_view::npos;
  const auto cut_at = [&](std::size_t end) {
    if (bad == std::string_view::npos &&
        leaves_dollar_quote_open(text.substr(statement, end - statement)))
      bad = end;
    statement = end;
  };
  if (cut == Cut::line_end) {
    for_each_line(text, [&](std::size_t begin, std::size_t end) {
      const std::string_view line = text.substr(begin, end - begin);
      const std::string_view comment = comment_of(line);
      if (contains_nocase(comment, "statementbegin")) block = true;
      if (contains_nocase(comment, "statementend")) {
        block = false;
        statement = end;
      }
      if (!block && ends_with_semicolon(line)) cut_at(end);
    });
  } else {
    for (std::size_t at = 0; at < text.size(); ++at) {
      if (text[at] == '\'')
        at = std::min(text.find('\'', at + 1), text.size() - 1);
      else if (text.compare(at, 2, "--") == 0)
        at = std::min(text.find('\n', at), text.size() - 1);
      else if (text[at] == ';')
        cut_at(at + 1);
    }
  }
  if (bad == std::string_view::npos) return;
  script.text.resize(bad);
  std::erase_if(script.pieces,
                [&](const model::Piece& piece) { return piece.offset >= bad && piece.offset > 0; });
}

Sections cut_sections(const Tree& tree, const File& file, const SectionStyle& style) {
  const std::string_view text = tree.text(file);
  Sections sections;
  enum class Side { before, up, down } side = *style.up == '\0' ? Side::up : Side::before;
  std::size_t section_begin = text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  const auto close = [&](std::size_t end) {
    if (side != Side::before) {
      add_section(tree, file, side == Side::up ? sections.up : sections.down, section_begin, end);
    }
  };
  for_each_line(text, [&](std::size_t begin, std::size_t end) {
    const std::string_view comment = comment_of(text.substr(begin, end - begin));
    const auto up = match(comment, style.up, style.exact);
    const auto down = up ? std::nullopt : match(comment, style.down, style.exact);
    if (!up && !down) {
      return;
    }
    close(begin);
    side = up ? Side::up : Side::down;
    section_begin = end;
    bool& without = up ? sections.up_without_transaction : sections.down_without_transaction;
    without = without || no_transaction_option(up ? *up : *down);
  });
  close(text.size());
  if (asks_for_no_transaction(text)) {
    sections.up_without_transaction = sections.down_without_transaction = true;
  }
  return sections;
}

bool asks_for_no_transaction(std::string_view text) {
  bool found = false;
  bool in_head = true;
  for_each_line(text, [&](std::size_t begin, std::size_t end) {
    const std::string_view line =
        trimmed_view(text.substr(begin, end - begin - (text[end - 1] == '\n' ? 1 : 0)));
    if (!in_head || line.empty()) {
      return;
    }
    in_head = line.starts_with("--");
    const std::string_view comment = comment_of(line);
    found = found || (in_head && std::any_of(kNoTransaction.begin(), kNoTransaction.end(),
                                             [&](std::string_view word) {
                                               return starts_with_nocase(comment, word);
                                             }));
  });
  return found;
}

}  // namespace backout::importers
