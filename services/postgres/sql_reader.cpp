#include "services/postgres/sql_reader.hpp"

#include <algorithm>
#include <memory_resource>
#include <utility>

#include <pg_query.h>

namespace backout::postgres {
namespace {

/// Trees are read into one block of memory that goes as a whole: nothing in them is freed by itself.
class Arena {
 public:
  ProtobufCAllocator allocator() { return {&allocate, &release, &memory_}; }

 private:
  static void* allocate(void* memory, std::size_t size) {
    return static_cast<std::pmr::monotonic_buffer_resource*>(memory)->allocate(size);
  }
  static void release(void* /*memory*/, void* /*pointer*/) {}

  std::pmr::monotonic_buffer_resource memory_;
};

/// The byte at which the 1-based character `position` starts.
std::size_t byte_of_character(std::string_view text, int position) {
  std::size_t at = 0;
  for (int left = position - 1; left > 0 && at < text.size(); --left) {
    ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U) ++at;
  }
  return at;
}

/// The first byte at or after `at` that is no blank and in no comment.
std::size_t skip_blanks_and_comments(std::string_view text, std::size_t at) {
  while (at < text.size()) {
    const char c = text[at];
    if (c == ' ' || (c >= '\t' && c <= '\r')) {
      ++at;
    } else if (text.substr(at, 2) == "--") {
      at = std::min(text.find('\n', at), text.size());
    } else if (text.substr(at, 2) == "/*") {
      int depth = 0;
      do {
        const std::string_view pair = text.substr(at, 2);
        depth += pair == "/*" ? 1 : (pair == "*/" ? -1 : 0);
        at += pair == "/*" || pair == "*/" ? 2 : 1;
      } while (depth > 0 && at < text.size());
    } else {
      break;
    }
  }
  return std::min(at, text.size());
}

/// The first byte of `text` that begins no valid UTF-8 character, text.size() when all is well.
std::size_t first_invalid_byte(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto byte = static_cast<unsigned char>(text[at]);
    const std::size_t length = byte < 0x80 ? 1 : (byte >= 0xC2 && byte < 0xE0 ? 2 : (byte >= 0xE0 && byte < 0xF0 ? 3 : (byte >= 0xF0 && byte < 0xF5 ? 4 : 0)));
    if (byte == 0 || length == 0 || at + length > text.size()) return at;
    for (std::size_t next = 1; next < length; ++next) {
      if ((static_cast<unsigned char>(text[at + next]) & 0xC0U) != 0x80U) return at;
    }
    at += length;
  }
  return text.size();
}

std::string sqlstate_of(std::string_view message) {
  if (message.find("stack depth") != std::string_view::npos) return "54001";
  return "42601";
}

}  // namespace

struct Script::Content {
  std::string text;
  Arena arena;
  std::vector<Statement> statements;
  std::optional<SqlMistake> mistake;

  void read(const PgQueryProtobuf& packed);
};

void Script::Content::read(const PgQueryProtobuf& packed) {
  ProtobufCAllocator allocator = arena.allocator();
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(packed.data);
  const PgQuery__ParseResult* tree = pg_query__parse_result__unpack(&allocator, packed.len, bytes);
  for (std::size_t at = 0; tree != nullptr && at < tree->n_stmts; ++at) {
    const PgQuery__RawStmt& raw = *tree->stmts[at];
    const auto start = static_cast<std::size_t>(raw.stmt_location);
    const std::size_t end = raw.stmt_len == 0 ? text.size() : start + static_cast<std::size_t>(raw.stmt_len);
    statements.push_back({skip_blanks_and_comments(text, start), end, raw.stmt});
  }
}

Script Script::parse(std::string text) {
  auto content = std::make_shared<Content>();
  content->text = std::move(text);
  Script script;
  script.content_ = content;
  if (const std::size_t bad = first_invalid_byte(content->text); bad < content->text.size()) {
    content->mistake = SqlMistake{"22021", "invalid byte sequence for encoding \"UTF8\"", bad};
    return script;
  }
  const PgQueryProtobufParseResult result = pg_query_parse_protobuf(content->text.c_str());
  if (result.error != nullptr) {
    content->mistake = SqlMistake{sqlstate_of(result.error->message), result.error->message,
                                  byte_of_character(content->text, result.error->cursorpos)};
  } else {
    content->read(result.parse_tree);
  }
  pg_query_free_protobuf_parse_result(result);
  return script;
}

const std::string& Script::text() const { return content_->text; }
const std::vector<Script::Statement>& Script::statements() const { return content_->statements; }
const std::optional<SqlMistake>& Script::mistake() const { return content_->mistake; }

std::optional<std::vector<std::pair<std::size_t, std::size_t>>> split_statements(std::string_view text) {
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

}  // namespace backout::postgres
