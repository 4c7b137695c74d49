// PostgreSQL compares no states. What is compared is what SELECT of all columns would give of each
// table that was there before, by the names of schema, table and columns, as a set of rows without
// order.
// Left out: values of sequences, rows of materialised views, tables that came later. Rows of a
// table that was renamed and not renamed back are gone with its name; of several lost rows one is
// told.
#include "postgres/compare/data_diff.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "postgres/catalog/names.hpp"
#include "postgres/ddl/partition_rows.hpp"
#include "postgres/query/print.hpp"
#include "postgres/undo/undo_print.hpp"

namespace backout::postgres {
namespace {

using Cells = std::vector<Value>;

struct Content {
  std::vector<Cells> rows;
  std::vector<bool> certain;
};

Content content_of(const TableRows& rows, const std::vector<ColumnId>& columns) {
  Content content;
  for (const auto& row : rows.rows) {
    Cells cells;
    for (const ColumnId column : columns) cells.push_back(row->at(column - std::size_t{1}));
    content.rows.push_back(std::move(cells));
    content.certain.push_back(row->certain);
  }
  return content;
}

/// Whether two rows may hold the same values.
bool may_match(const Cells& one, const Cells& two) {
  for (std::size_t at = 0; at < one.size(); ++at) {
    if (same(one[at], two[at]) == Truth::no) return false;
  }
  return true;
}

std::string print_row(const std::vector<std::string>& names, const Cells& cells) {
  std::string printed;
  for (std::size_t at = 0; at < cells.size(); ++at) {
    const Value& value = cells[at];
    printed += fmt::format("{}{}={}", printed.empty() ? "" : ", ", names[at],
                           value.is_null() ? "NULL" : (value.is_known() ? value.text() : "?"));
  }
  return printed;
}

/// The statement that stores a row of `table`.
std::string insert_of(const std::string& name, const Table& table, const std::vector<ColumnId>& ids,
                      const Cells& cells) {
  std::string columns;
  std::string values;
  bool overriding = false;
  for (std::size_t at = 0; at < cells.size(); ++at) {
    const Column& column = table.column(ids[at]);
    if (cells[at].is_symbol() || column.generated) continue;
    overriding = overriding || column.identity == 'a';
    columns += (columns.empty() ? "" : ", ") + quote_identifier(column.name);
    values += (values.empty() ? "" : ", ") +
              (cells[at].is_null() ? std::string("NULL") : quote_literal(cells[at].text()));
  }
  return fmt::format("INSERT INTO {} ({}){} VALUES ({});", name, columns,
                     overriding ? " OVERRIDING SYSTEM VALUE" : "", values);
}

/// Compares one table that both databases have.
class TableComparison {
 public:
  TableComparison(const Database& before, const Database& after, const Table& old_table,
                  const Table& new_table)
      : before_(before),
        after_(after),
        old_(old_table),
        new_(new_table),
        name_(printed_name(before, old_table)),
        old_rows_(rows_with_partitions(before, old_table)) {}

  void run(std::vector<DataDifference>& found) {
    const TableRows& old_rows = old_rows_;
    const TableRows new_rows = rows_with_partitions(after_, new_);
    if (!new_rows.doubt.empty() && new_rows.doubt != old_rows.doubt) {
      found.push_back({DataDifference::Kind::unknown, name_, {}, {}, new_rows.doubt});
      return;
    }
    match_columns(old_rows, found);
    const Content old_content = content_of(old_rows, old_columns_);
    const Content new_content = content_of(new_rows, new_columns_);
    compare(old_content, new_content, found);
  }

 private:
  const std::shared_ptr<const Row>& old_row(std::size_t at) const { return old_rows_.rows[at]; }

  void match_columns(const TableRows& rows, std::vector<DataDifference>& found) {
    std::vector<std::string> gone;
    std::shared_ptr<const Row> witness;
    for (std::size_t at = 0; at < old_.columns.size(); ++at) {
      const Column& column = old_.columns[at];
      if (column.dropped) continue;
      if (const ColumnId other = new_.find(column.name); other != 0) {
        old_columns_.push_back(static_cast<ColumnId>(at + 1));
        new_columns_.push_back(other);
        names_.push_back(column.name);
        continue;
      }
      const auto filled = std::find_if(rows.rows.begin(), rows.rows.end(),
                                       [&](const auto& row) { return !row->at(at).is_null(); });
      if (filled == rows.rows.end()) continue;
      gone.push_back(column.name);
      if (witness == nullptr) witness = *filled;
    }
    if (!gone.empty())
      found.push_back({DataDifference::Kind::column_gone,
                       name_,
                       std::move(gone),
                       {},
                       {},
                       old_.id,
                       std::move(witness)});
  }

  void compare(const Content& old_content, const Content& new_content,
               std::vector<DataDifference>& found) {
    std::vector<bool> used(new_content.rows.size(), false);
    std::vector<std::size_t> missing;
    bool open = false;
    for (std::size_t row = 0; row < old_content.rows.size(); ++row) {
      std::size_t place = 0;
      while (place < used.size() &&
             (used[place] || new_content.rows[place] != old_content.rows[row]))
        ++place;
      if (place == used.size()) {
        missing.push_back(row);
        continue;
      }
      used[place] = true;
      open = open || (old_content.certain[row] && !new_content.certain[place]);
    }
    bool lost = false;
    for (const std::size_t row : missing) {
      std::size_t place = 0;
      while (place < used.size() &&
             (used[place] || !may_match(new_content.rows[place], old_content.rows[row])))
        ++place;
      if (place < used.size()) {
        used[place] = true;
        open = true;
      } else if (old_content.certain[row]) {
        if (!lost)
          found.push_back(
              {DataDifference::Kind::changed,
               name_,
               changed_columns(old_content, new_content),
               insert_of(sql_name(before_, old_), old_, old_columns_, old_content.rows[row]),
               {},
               old_.id,
               old_row(row)});
        lost = true;
      }
    }
    if (lost) return;
    if (open)
      found.push_back({DataDifference::Kind::unknown,
                       name_,
                       {},
                       {},
                       "statements whose effect on rows is not known"});
    else if (new_content.rows.size() > old_content.rows.size())
      found.push_back({DataDifference::Kind::extra, name_, {}, {}, {}});
  }

  std::vector<std::string> changed_columns(const Content& old_content,
                                           const Content& new_content) const {
    std::vector<std::string> changed;
    for (std::size_t at = 0; at < names_.size(); ++at) {
      const auto column = [&](const Content& content) {
        std::vector<std::string> texts;
        for (const Cells& cells : content.rows) texts.push_back(print_row({"v"}, {cells[at]}));
        std::sort(texts.begin(), texts.end());
        return texts;
      };
      if (column(old_content) != column(new_content)) changed.push_back(names_[at]);
    }
    return changed;
  }

  const Database& before_;
  const Database& after_;
  const Table& old_;
  const Table& new_;
  std::string name_;
  const TableRows old_rows_;  ///< those of partitions, too
  std::vector<ColumnId> old_columns_;
  std::vector<ColumnId> new_columns_;
  std::vector<std::string> names_;
};

}  // namespace

std::vector<DataDifference> data_differences(const Database& before, const Database& after) {
  const std::vector<std::uint32_t> rewritten = RowStore::differing(before.rows(), after.rows());
  std::set<ObjectId> tables;
  for (const std::uint32_t id : rewritten) tables.insert(outermost(before, id));
  Database::compare(before, after, [&](const Object* one, const Object* /*two*/) {
    if (one != nullptr && one->kind == ObjectKind::table) tables.insert(outermost(before, one->id));
  });
  std::vector<DataDifference> found;
  for (const ObjectId id : tables) {
    const auto* table = before.get<Table>(id);
    if (table == nullptr) continue;
    const TableRows rows = rows_with_partitions(before, *table);
    if (rows.rows.empty()) continue;
    const ObjectId schema = after.schema_named(before.find(table->schema)->name);
    const auto* now = after.get<Table>(after.lookup(NameSpace::relation, schema, table->name));
    if (now == nullptr) {
      if (!after.doubt().empty())
        found.push_back(
            {DataDifference::Kind::unknown, printed_name(before, *table), {}, {}, after.doubt()});
      else
        found.push_back({DataDifference::Kind::table_gone,
                         printed_name(before, *table),
                         {},
                         {},
                         {},
                         id,
                         rows.rows.front()});
      continue;
    }
    TableComparison(before, after, *table, *now).run(found);
  }
  return found;
}

std::vector<Overwritten> overwritten_columns(const Database& before, const Database& after_up,
                                             const Database& after_down) {
  std::set<ObjectId> tables;
  for (const std::uint32_t id : RowStore::differing(before.rows(), after_down.rows()))
    tables.insert(outermost(before, id));
  std::vector<Overwritten> found;
  for (const ObjectId id : tables) {
    const auto* table = before.get<Table>(id);
    const auto* updated = after_up.get<Table>(id);
    const auto* now = after_down.get<Table>(id);
    if (table == nullptr || updated == nullptr || now == nullptr) continue;
    const auto old_rows = rows_with_partitions(before, *table).rows;
    const auto up_rows = rows_with_partitions(after_up, *updated).rows;
    const auto rows = rows_with_partitions(after_down, *now).rows;
    // An UPDATE leaves the rows where they are.
    if (old_rows.size() != up_rows.size() || rows.size() != up_rows.size()) continue;
    for (std::size_t slot = 0; slot < table->columns.size() && slot < updated->columns.size() &&
                               slot < now->columns.size();
         ++slot) {
      const Column& column = table->columns[slot];
      const bool same_type =
          column.type == updated->columns[slot].type && column.type == now->columns[slot].type;
      if (column.dropped || updated->columns[slot].dropped || now->columns[slot].dropped ||
          !same_type)
        continue;
      for (std::size_t row = 0; row < rows.size(); ++row) {
        const Value& value = rows[row]->at(slot);
        const bool kept = value.is_symbol() && value == up_rows[row]->at(slot) &&
                          rows[row]->certain && up_rows[row]->certain;
        if (!kept || !old_rows[row]->at(slot).is_known() || !old_rows[row]->certain) continue;
        std::vector<ColumnId> ids;
        Cells cells;
        for (std::size_t at = 0; at < table->columns.size(); ++at) {
          if (table->columns[at].dropped) continue;
          ids.push_back(static_cast<ColumnId>(at + 1));
          cells.push_back(old_rows[row]->at(at));
        }
        const std::string name = printed_name(before, *table);
        found.push_back(
            {name, column.name, insert_of(sql_name(before, *table), *table, ids, cells)});
        break;
      }
    }
  }
  return found;
}

}  // namespace backout::postgres
