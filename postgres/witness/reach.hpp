#pragma once
// Whether the statements that write met a row when they ran on representative rows. One that met
// none did nothing here, and says nothing of the rows that it would meet elsewhere.

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "postgres/catalog/database.hpp"

namespace backout::postgres {

/// Collects over several runs of the same scripts. Databases carry it (Database::watch()), copies
/// share it.
class Reach {
 public:
  /// `before` is what the scripts start from: rows of tables and values of columns that it does not
  /// have are no matter.
  explicit Reach(Database before) : before_(std::move(before)) {}

  /// While it lives, statements that run are parts of `text`: of a script, or of a body that a
  /// statement of a script runs. What triggers do while rows are made is no matter.
  class Reading {
   public:
    Reading(const Database& database, std::string_view text, bool of_script = false)
        : reach_(database.reach()) {
      if (reach_ != nullptr && reach_->texts_.empty() && !of_script) reach_ = nullptr;
      if (reach_ != nullptr) reach_->texts_.emplace_back(text);
    }
    ~Reading() {
      if (reach_ != nullptr) reach_->texts_.pop_back();
    }
    Reading(const Reading&) = delete;
    Reading& operator=(const Reading&) = delete;

   private:
    Reach* reach_;
  };

  /// An UPDATE (with the columns that it sets) or DELETE of `table` that stands at `place` in the
  /// text.
  void note(const Database& database, const Table& table, const std::vector<ColumnId>& set,
            std::int64_t place, bool met, std::string_view deed = "change");
  /// Of the columns that an UPDATE of `table` sets those that were there before.
  std::vector<ColumnId> heeded(const Database& database, const Table& table,
                               const std::vector<ColumnId>& set) const;
  /// INSERT ... SELECT that stands at `place`. One of a down brings back what is not there, and
  /// takes nothing away when that is nothing.
  void note_insert(const Database& database, const Table& table, std::int64_t place, bool met) {
    if (heeds_inserts_) note(database, table, {}, place, met, "insert");
  }
  void heed_inserts(bool heeded) { heeds_inserts_ = heeded; }
  /// A statement that writes, in a branch that the rows decide on, of the body with that hash.
  void note_branch(std::size_t body, const std::string& text, int line, bool taken);
  /// Whether the statement that runs comes to `body` for the first time. Triggers run it for row
  /// after row.
  bool first_time(const std::string& body);
  /// Whether a statement of SQL writes, in WITH too; remembered by its text.
  bool writes(const std::string& text);

  /// Of the values that the statements worked out some were not known, and may be refused.
  void note_doubt(std::string said) { doubts_.push_back(std::move(said)); }
  const std::vector<std::string>& doubts() const { return doubts_; }

  /// What to say of those that met no row in any run, and of the branches that were never taken, in
  /// the order of their first run.
  std::vector<std::string> unmet() const;

 private:
  void note(const std::string& key, std::string said, bool met);
  const Table* table_before(const Database& database, const Table& table) const;
  /// Whether the table was there before, and one of the columns (any, when none is named).
  bool was_there(const Database& database, const Table& table,
                 const std::vector<ColumnId>& set) const;

  struct Statement {
    std::string said;
    bool met = false;
  };

  Database before_;
  bool heeds_inserts_ = true;
  std::vector<std::string> texts_;
  std::map<std::string, std::size_t> places_;  ///< of `statements_`
  std::vector<Statement> statements_;
  std::vector<std::string> doubts_;
  std::set<std::pair<std::string, std::string>>
      bodies_;                           ///< that were read, with the statement that ran them
  std::map<std::string, bool> writing_;  ///< by text
};

}  // namespace backout::postgres
