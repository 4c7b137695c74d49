#pragma once
// A folder of up/down migrations, whatever tool it was written for: what importers give and the
// judge reads.

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/source.hpp"

namespace backout::model {

/// A run of bytes of a script and where in a file it was copied from.
struct Piece {
  std::size_t offset = 0;  ///< first byte in the script
  Span span;               ///< the same bytes in the file
};

/// One script to run: text gathered from one or several places of files.
struct SqlText {
  std::string text;
  std::vector<Piece> pieces;  ///< ascending by offset; at least one

  /// The place in a file of the bytes [begin, end) of `text`. Joints between pieces count to the
  /// piece before them.
  Span span_of(std::size_t begin, std::size_t end) const;
};

/// How the migration tool sends a script to the server.
enum class Transaction {
  wrapped,   ///< BEGIN; script; COMMIT
  implicit,  ///< the whole script as one simple query: one transaction unless the script says
             ///< otherwise
  none,      ///< statement by statement, each committed by itself
};

/// One migration: an up and, when there is one, its down.
struct Migration {
  std::string id;  ///< the folder's name or the file's stem without its direction
  std::string
      version;  ///< the part of the name that orders it; empty when the tool's plan orders it
  std::optional<SqlText> up;
  std::optional<SqlText> down;
  Transaction up_mode = Transaction::wrapped;
  Transaction down_mode = Transaction::wrapped;
  bool repeatable = false;  ///< runs again whenever it changes (Flyway R__), never undone
};

/// One chain of migrations of one database, in the order in which they run.
struct MigrationSet {
  std::string folder;      ///< as given, or below what was given
  std::string convention;  ///< "golang-migrate", "goose", ...
  std::vector<Migration> migrations;
};

/// What a folder holds.
struct MigrationFolder {
  std::vector<MigrationSet> sets;  ///< one per chain, by folder name
  std::vector<Mistake> notes;  ///< what is odd and was left out: a down without an up, a second up
  std::vector<Mistake> mistakes;  ///< why it cannot be read; there are no sets then
};

/// Reads the chains of migrations in or below `folder`, their texts into `sources`: what importers
/// do and the loader asks for.
using ReadMigrations = std::function<MigrationFolder(const std::string& folder,
                                                     const std::shared_ptr<Sources>& sources)>;

}  // namespace backout::model
