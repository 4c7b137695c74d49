// PostgreSQL scans and parses a whole text before it runs anything of it (scan.l, gram.y);
// libpg_query is that code. Text that is no UTF-8 is refused (22021), a mistake by 42601.
// Left out: what psql does before: backslash commands, variables, the data behind COPY; encodings
// other than UTF-8; statements that nest too deeply (nesting.cpp).
#include "postgres/read/sql_reader.hpp"

#include <algorithm>
#include <memory_resource>
#include <utility>

#include <pg_query.h>

#include "postgres/read/nesting.hpp"
#include "postgres/read/quiet.hpp"
#include "postgres/read/tree_reader.hpp"

namespace backout::postgres {
namespace {

void* allocate(void* memory, std::size_t size) {
  return static_cast<std::pmr::memory_resource*>(memory)->allocate(size);
}
void release(void* /*memory*/, void* /*pointer*/) {}

/// The byte at which the 1-based character `position` starts.
std::size_t byte_of_character(std::string_view text, int position) {
  std::size_t at = 0;
  for (int left = position - 1; left > 0 && at < text.size(); --left) {
    ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U) ++at;
  }
  return at;
}

/// The first byte of `text` that begins no valid UTF-8 character, text.size() when all is well.
std::size_t first_invalid_byte(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto byte = static_cast<unsigned char>(text[at]);
    const std::size_t length =
        byte < 0x80
            ? 1
            : (byte >= 0xC2 && byte < 0xE0
                   ? 2
                   : (byte >= 0xE0 && byte < 0xF0 ? 3 : (byte >= 0xF0 && byte < 0xF5 ? 4 : 0)));
    if (byte == 0 || length == 0 || at + length > text.size()) return at;
    for (std::size_t next = 1; next < length; ++next) {
      if ((static_cast<unsigned char>(text[at + next]) & 0xC0U) != 0x80U) return at;
    }
    at += length;
  }
  return text.size();
}

std::string sqlstate_of_message(std::string_view message) {
  if (message.find("stack depth") != std::string_view::npos) return "54001";
  return "42601";
}

constexpr const char* kTooDeep = "a statement that nests too deeply to be followed";

}  // namespace

struct Script::Content {
  std::string text;
  std::pmr::monotonic_buffer_resource memory;  ///< of the parse tree, which goes as a whole
  std::vector<Statement> statements;
  std::optional<SqlMistake> mistake;

  void read();
  /// Of a text that is known to parse.
  void read_by_protobuf();
  void take(const PgQuery__ParseResult& tree);
  void take(const PgQueryError& error);
};

void Script::Content::take(const PgQuery__ParseResult& tree) {
  for (std::size_t at = 0; at < tree.n_stmts; ++at) {
    const PgQuery__RawStmt& raw = *tree.stmts[at];
    const auto start = static_cast<std::size_t>(raw.stmt_location);
    const std::size_t end =
        raw.stmt_len == 0 ? text.size() : start + static_cast<std::size_t>(raw.stmt_len);
    statements.push_back({skip_blanks_and_comments(text, start), end, raw.stmt});
  }
}

void Script::Content::take(const PgQueryError& error) {
  mistake = SqlMistake{sqlstate_of_message(error.message), error.message,
                       byte_of_character(text, error.cursorpos)};
}

void Script::Content::read() {
  const PgQueryParseResult result = pg_query_parse(text.c_str());
  const auto deep = result.error == nullptr ? too_deep(result.parse_tree) : std::nullopt;
  if (result.error != nullptr)
    take(*result.error);
  else if (deep)
    mistake = SqlMistake{"", kTooDeep, split_statements(text)->at(*deep).first};
  else if (json_tells_all(result.parse_tree, text))
    take(read_tree(result.parse_tree, memory));
  else
    read_by_protobuf();
  pg_query_free_parse_result(result);
}

void Script::Content::read_by_protobuf() {
  const PgQueryProtobufParseResult result = pg_query_parse_protobuf(text.c_str());
  ProtobufCAllocator allocator{&allocate, &release, &memory};
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(result.parse_tree.data);
  if (const auto* tree = pg_query__parse_result__unpack(&allocator, result.parse_tree.len, bytes))
    take(*tree);
  pg_query_free_protobuf_parse_result(result);
}

Script Script::parse(std::string text) {
  auto content = std::make_shared<Content>();
  content->text = std::move(text);
  if (const std::size_t bad = first_invalid_byte(content->text); bad < content->text.size()) {
    content->mistake = SqlMistake{"22021", "invalid byte sequence for encoding \"UTF8\"", bad};
  } else if (const auto chain = endless_chain(content->text)) {
    content->mistake = SqlMistake{"", kTooDeep, *chain};
  } else {
    content->read();
  }
  Script script;
  script.content_ = std::move(content);
  return script;
}

const std::string& Script::text() const { return content_->text; }
const std::vector<Script::Statement>& Script::statements() const { return content_->statements; }
const std::optional<SqlMistake>& Script::mistake() const { return content_->mistake; }

std::optional<std::vector<std::pair<std::size_t, std::size_t>>> split_statements(
    std::string_view text) {
  const PgQuerySplitResult result = pg_query_split_with_scanner(std::string(text).c_str());
  std::optional<std::vector<std::pair<std::size_t, std::size_t>>> ranges;
  if (result.error == nullptr) {
    ranges.emplace();
    for (int at = 0; at < result.n_stmts; ++at) {
      const auto start = static_cast<std::size_t>(result.stmts[at]->stmt_location);
      const std::size_t end = start + static_cast<std::size_t>(result.stmts[at]->stmt_len);
      ranges->emplace_back(skip_blanks_and_comments(text, start), end);
    }
  }
  pg_query_free_split_result(result);
  return ranges;
}

std::string sql_of(const PgQuery__Node& statement) {
  PgQuery__RawStmt raw = PG_QUERY__RAW_STMT__INIT;
  raw.stmt = const_cast<PgQuery__Node*>(&statement);
  PgQuery__RawStmt* statements[] = {&raw};
  PgQuery__ParseResult result = PG_QUERY__PARSE_RESULT__INIT;
  result.n_stmts = 1;
  result.stmts = statements;
  std::string packed(pg_query__parse_result__get_packed_size(&result), '\0');
  pg_query__parse_result__pack(&result, reinterpret_cast<std::uint8_t*>(packed.data()));
  const PgQueryDeparseResult written = pg_query_deparse_protobuf({packed.size(), packed.data()});
  std::string text = written.error == nullptr && written.query != nullptr ? written.query : "";
  pg_query_free_deparse_result(written);
  return text;
}

}  // namespace backout::postgres
