#include <algorithm>
#include <cctype>
#include <optional>

#include "importers/migrations/conventions.hpp"
#include "importers/migrations/sections.hpp"

namespace backout::importers {
namespace {

/// Lower-cased text of a `--` comment line without dashes and leading blanks; empty when the line
/// is none.
std::string directive(std::string_view line) {
  const std::size_t dashes = line.find_first_not_of(" \t");
  if (dashes == std::string_view::npos || line.compare(dashes, 2, "--") != 0) {
    return {};
  }
  const std::size_t first = line.find_first_not_of(" \t", dashes + 2);
  std::string text(first == std::string_view::npos ? "" : line.substr(first));
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return text;
}

std::string_view next_word(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) {
    return {};
  }
  const std::size_t end = text.find_first_of(" \t\r\n", first);
  return text.substr(first, end == std::string_view::npos ? end : end - first);
}

/// Reads one formatted SQL file line by line.
class ChangeLog {
 public:
  ChangeLog(const Tree& tree, const File& file, model::MigrationSet& set)
      : tree_(tree), file_(file), set_(set) {}

  void read() {
    const std::string_view text = tree_.text(file_);
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t line_break = text.find('\n', begin);
      const std::size_t end = line_break == std::string_view::npos ? text.size() : line_break + 1;
      read_line(text.substr(begin, end - begin), begin);
      begin = end;
    }
    close(text.size());
  }

 private:
  void read_line(std::string_view line, std::size_t begin) {
    const std::string words = directive(line);
    if (in_rollback_block_) {
      const std::size_t stop = line.find("*/");
      add_rollback(begin, begin + std::min(stop, line.size()));
      if (stop != std::string_view::npos) {
        in_rollback_block_ = false;
        body_ = begin + stop + 2;
      }
    } else if (words.starts_with("changeset ")) {
      open(line, words, begin);
    } else if (words.starts_with("rollback") && current_) {
      read_rollback(line, words, begin);
    } else if (current_ && line.find("/*") != std::string_view::npos &&
               next_word(line.substr(line.find("/*") + 2)) == "liquibase" &&
               line.find("rollback") != std::string_view::npos) {
      cut_body(begin);
      in_rollback_block_ = true;
      start_rollback();
    }
  }

  void open(std::string_view line, const std::string& words, std::size_t begin) {
    close(begin);
    const std::size_t keyword = line.find_first_not_of("- \t");
    const std::string_view name = next_word(line.substr(keyword + 9));
    const std::size_t colon = name.find(':');
    model::Migration migration;
    const std::string stem = file_.name.substr(0, file_.name.size() - 4);
    migration.id =
        stem + "::" + std::string(colon == std::string_view::npos ? name : name.substr(colon + 1)) +
        "::" + std::string(name.substr(0, colon));
    const bool own_delimiter = words.find("enddelimiter:") != std::string::npos;
    splits_up_ = !own_delimiter && words.find("splitstatements:false") == std::string::npos;
    splits_rollback_ =
        !own_delimiter && words.find("rollbacksplitstatements:false") == std::string::npos;
    if (const std::size_t both = words.find("splitstatements:false");
        both != std::string::npos && both >= 8 && words.compare(both - 8, 8, "rollback") == 0) {
      splits_up_ =
          !own_delimiter && words.find("splitstatements:false", both + 1) == std::string::npos;
    }
    const bool none = words.find("runintransaction:false") != std::string::npos;
    migration.up_mode = migration.down_mode =
        none ? model::Transaction::none : model::Transaction::wrapped;
    current_ = std::move(migration);
    body_ = begin + line.size();
  }

  void read_rollback(std::string_view line, const std::string& words, std::size_t begin) {
    cut_body(begin);
    body_ = begin + line.size();
    start_rollback();
    const std::size_t keyword = line.find_first_not_of("- \t");
    const std::string_view what = next_word(std::string_view(words).substr(8));
    if (what != "empty" && what != "not") {  // "not required"
      add_rollback(begin + keyword + 8, begin + line.size());
    }
  }

  void start_rollback() {
    if (!current_->down) {
      current_->down.emplace();
    }
  }

  void add_rollback(std::size_t begin, std::size_t end) {
    append(*current_->down, part_of_file(tree_, file_, begin, std::max(begin, end)));
  }

  /// Moves the SQL since the last directive to the changeset's up.
  void cut_body(std::size_t end) {
    if (end <= body_ && current_->up) {
      return;
    }
    model::SqlText part = part_of_file(tree_, file_, std::min(body_, end), end);
    if (current_->up) {
      append(*current_->up, part);
    } else {
      current_->up = std::move(part);
    }
    body_ = end;
  }

  void close(std::size_t end) {
    if (!current_) {
      return;
    }
    cut_body(end);
    if (current_->down && current_->down->pieces.empty()) {
      *current_->down = part_of_file(tree_, file_, end, end);
    }
    if (splits_up_ && current_->up) keep_to_first_bad_cut(*current_->up, Cut::anywhere);
    if (splits_rollback_ && current_->down) keep_to_first_bad_cut(*current_->down, Cut::anywhere);
    set_.migrations.push_back(std::move(*current_));
    current_.reset();
  }

  const Tree& tree_;
  const File& file_;
  model::MigrationSet& set_;
  std::optional<model::Migration> current_;
  std::size_t body_ = 0;
  bool in_rollback_block_ = false;
  bool splits_up_ = true;        ///< splitStatements
  bool splits_rollback_ = true;  ///< rollbackSplitStatements
};

}  // namespace

std::optional<model::MigrationSet> read_liquibase(const Tree& tree, const std::string& folder,
                                                  Notes&) {
  model::MigrationSet set{folder, "liquibase", {}};
  for (const File& file : tree.folders.at(folder)) {
    const std::string_view text = tree.text(file);
    const std::string head = directive(text.substr(0, text.find('\n')));
    if (file.name.ends_with(".sql") && head.starts_with("liquibase formatted sql")) {
      ChangeLog(tree, file, set).read();
    }
  }
  return set.migrations.empty() ? std::nullopt : std::make_optional(std::move(set));
}

}  // namespace backout::importers
