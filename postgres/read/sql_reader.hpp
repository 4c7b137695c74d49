#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <pg_query/pg_query.pb-c.h>

namespace backout::postgres {

/// Why a text is no SQL, and where.
struct SqlMistake {
  std::string sqlstate;  ///< 42601, or 22021 for bytes that no text may hold; empty: PostgreSQL may
                         ///< well read it, this program does not
  std::string message;
  std::size_t offset = 0;  ///< byte in the text
};

/// A text of SQL and its parse by PostgreSQL's own grammar (libpg_query 15). Immutable; copies
/// share everything.
class Script {
 public:
  struct Statement {
    std::size_t begin = 0;  ///< first byte, blanks and comments before it left out
    std::size_t end = 0;    ///< byte after its last one, the semicolon left out
    const PgQuery__Node* tree = nullptr;
  };

  /// Parses the whole text. As in PostgreSQL's simple-query protocol one mistake spoils all of it:
  /// there are no statements then.
  static Script parse(std::string text);

  const std::string& text() const;
  const std::vector<Statement>& statements() const;
  const std::optional<SqlMistake>& mistake() const;
  /// Keeps text and trees alive for whoever stores pointers to them.
  std::shared_ptr<const void> owner() const { return content_; }

 private:
  struct Content;
  std::shared_ptr<const Content> content_;
};

/// A statement as SQL in one spelling; empty when it cannot be written.
std::string sql_of(const PgQuery__Node& statement);

/// Byte ranges of the statements of `text`, found by the scanner alone: works where the grammar
/// refuses a statement. Nothing when not even the scanner gets through (an unterminated string).
std::optional<std::vector<std::pair<std::size_t, std::size_t>>> split_statements(
    std::string_view text);

}  // namespace backout::postgres
