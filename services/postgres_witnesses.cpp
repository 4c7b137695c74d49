#include "services/postgres_witnesses.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "postgres/witness/generate.hpp"
#include "postgres/witness/seeding.hpp"
#include "services/postgres_facts.hpp"
#include "services/postgres_state.hpp"

namespace backout::services {

namespace pg = backout::postgres;

namespace {

constexpr long kFirst = 9'201;

/// A way in which a row comes to harm: a table and the columns whose values are gone; none: the row
/// itself.
using Way = std::pair<std::string, std::set<std::string>>;

/// The ways that rows show, each with the number of its path.
using Seen = std::set<std::pair<std::size_t, Way>>;

/// What comes of one course: which rows are harmed, and which steps are refused.
struct Course {
  std::map<std::uint64_t, Way> harmed;  ///< by identity
  std::vector<bool> refused;            ///< by step, those of the deploy first
};

std::map<std::uint64_t, std::pair<const pg::Table*, std::shared_ptr<const pg::Row>>> rows_of(
    const pg::Database& database) {
  std::map<std::uint64_t, std::pair<const pg::Table*, std::shared_ptr<const pg::Row>>> found;
  for (const auto& [id, rows] : database.rows().all()) {
    const auto* table = database.get<pg::Table>(id);
    if (table == nullptr || !rows->doubt.empty()) continue;
    for (const auto& row : rows->rows) {
      if (row->identity != 0 && row->certain) found.emplace(row->identity, std::pair(table, row));
    }
  }
  return found;
}

/// What a row no longer holds; nothing when all is there.
std::optional<Way> harm_of(const pg::Database& database, const pg::Table& table, const pg::Row& row,
                           const pg::Table* now, const pg::Row* after) {
  Way way{fact_name(database, table), {}};
  if (after == nullptr) return way;
  for (std::size_t slot = 0; slot < table.columns.size(); ++slot) {
    const pg::Column& column = table.columns[slot];
    if (column.dropped || column.generated || row.at(slot).is_symbol()) continue;
    const pg::ColumnId other = now->find(column.name);
    if (other == 0) {
      if (!row.at(slot).is_null()) way.second.insert(column.name);
    } else if (const pg::Value& value = after->at(other - std::size_t{1});
               !value.is_symbol() && !(value == row.at(slot))) {
      way.second.insert(column.name);
    }
  }
  return way.second.empty() ? std::nullopt : std::optional(way);
}

class Search {
 public:
  Search(pg::Database& database, const SqlCourse& course) : database_(database), course_(course) {}

  void run() {
    std::vector<pg::RowGroup> groups = candidates();
    const std::vector<Course> without = courses_of(database_);
    refused_without_ = without.back().refused;
    const std::vector<pg::RowGroup> taken = those_taken(std::move(groups));
    Seen seen;
    for (std::size_t at = 0; at < without.size(); ++at) {
      for (const auto& [identity, way] : without[at].harmed) seen.emplace(at, way);
    }
    for (const pg::RowGroup& group : taken) {
      pg::Database trial = database_;
      if (pg::store(trial, group) == 0) continue;
      name_rows(trial, fmt::format("witness {}", ++stored_));
      if (tells(courses_of(trial), without, seen)) database_ = std::move(trial);
    }
  }

 private:
  /// Whether one more row shows something that was not seen yet, which it adds to what was.
  bool tells(const std::vector<Course>& with, const std::vector<Course>& without, Seen& seen) {
    bool tells = false;
    for (std::size_t at = 0; at < with.size(); ++at) {
      for (const auto& [identity, way] : with[at].harmed)
        tells = (!is_given_back(way) && seen.emplace(at, way).second) || tells;
      for (std::size_t step = 0; step < with[at].refused.size(); ++step) {
        const bool is_new = with[at].refused[step] && !without[at].refused[step] &&
                            refusals_.emplace(at, step).second;
        tells = tells || is_new;
      }
    }
    return tells;
  }

  bool is_given_back(const Way& way) const {
    return !way.second.empty() && std::ranges::all_of(way.second, [&](const std::string& column) {
      return course_.given_back.contains({way.first, column});
    });
  }

  /// Rows that a database in use may hold, in groups that stand or fall together.
  std::vector<pg::RowGroup> candidates() {
    pg::Database after = database_;
    for (const RunsSql& step : course_.deploy) step(after);
    std::vector<pg::ObjectId> tables = pg::touched_tables(
        database_, database_, after, {course_.words.begin(), course_.words.end()});
    std::erase_if(tables, [&](pg::ObjectId id) {
      return course_.empty_tables.contains(fact_name(database_, *database_.find(id)));
    });
    std::vector<pg::RowGroup> groups;
    pg::Database scratch = database_;
    scratch.session().replica = true;
    for (const pg::ObjectId table : pg::parents_first(scratch, tables)) {
      pg::RowMaker maker(scratch, table, nullptr);
      const auto keep = [&](const std::function<bool()>& put) {
        pg::RowLog log;
        maker.log_into(log);
        if (put()) groups.push_back(std::move(log));
      };
      if (scratch.rows().of(table).rows.empty()) keep([&] { return pg::put_plain(maker, kFirst); });
      if (scratch.rows().of(table).rows.empty() && !maker.doubt().empty())
        doubt(table, maker.doubt());
      keep([&] { return maker.put(maker.values(pg::RowShape::nulls, {kFirst + 1})); });
      add_single_nulls(maker, keep);
    }
    for (pg::RowGroup& group :
         pg::seed_telling_rows(scratch, after, {tables, course_.clues, course_.words}))
      groups.push_back(std::move(group));
    std::erase_if(groups, [&](const pg::RowGroup& group) {
      return std::ranges::any_of(group, [&](const pg::StoredRow& row) { return is_inserted(row); });
    });
    return groups;
  }

  /// Nobody knows what the statements do to the rows of a table of which none can be made.
  void doubt(pg::ObjectId table, const std::string& why) {
    database_.rows().store(table, {{},
                                   fmt::format("no row of '{}' can be made: {}",
                                               fact_name(database_, *database_.find(table)), why)});
  }

  /// Rows that hold everything but one of the columns that the scripts name.
  template <class Keep>
  void add_single_nulls(pg::RowMaker& maker, const Keep& keep) const {
    long number = kFirst + 10;
    for (const pg::ColumnId id : maker.columns()) {
      const pg::Column& column = maker.table().column(id);
      if (maker.is_required(column) || !course_.words.contains(column.name)) continue;
      keep([&] {
        return maker.put(maker.values_of({"", {{column.name, std::nullopt}}}, {number++}));
      });
    }
  }

  /// Whether the plan's own SQL says which rows the table has before the deploy.
  bool is_listed(const pg::Table& table) const {
    return !database_.rows().of(table.id).rows.empty() &&
           !course_.short_tables.contains(fact_name(database_, table));
  }

  /// Whether the row is one that the deploy inserts, by some value.
  bool is_inserted(const pg::StoredRow& row) const {
    const auto& table = *database_.get<pg::Table>(row.table);
    const auto holds = [&](const std::string& name, const std::string& literal) {
      const std::size_t slot =
          name.front() == '#' ? std::stoul(name.substr(1)) - 1 : table.find(name) - std::size_t{1};
      return slot < table.columns.size() && row.row->at(slot).is_known() &&
             row.row->at(slot).text() == literal;
    };
    const auto is_of = [&](const pg::Clue& clue) {
      return clue.table == table.name && std::ranges::any_of(clue.values, [&](const auto& value) {
               return value.second && holds(value.first, *value.second);
             });
    };
    return std::ranges::any_of(course_.inserted, is_of) ||
           (is_listed(table) && std::ranges::any_of(course_.upserted, is_of));
  }

  /// Whether the deploy is refused nothing with these rows that it is not refused without them.
  bool is_taken(pg::Database with) const {
    for (std::size_t at = 0; at < course_.deploy.size(); ++at) {
      if (course_.deploy[at](with) && !refused_without_[at]) return false;
    }
    return true;
  }

  /// Halves the groups until those that the deploy is refused for are found, and leaves these out.
  std::vector<pg::RowGroup> those_taken(std::vector<pg::RowGroup> groups) {
    std::vector<pg::RowGroup> taken;
    std::vector<std::vector<pg::RowGroup>> open = {std::move(groups)};
    while (!open.empty()) {
      std::vector<pg::RowGroup> part = std::move(open.back());
      open.pop_back();
      pg::Database trial = database_;
      std::erase_if(part, [&](const pg::RowGroup& group) { return pg::store(trial, group) == 0; });
      if (is_taken(trial)) {
        std::move(part.begin(), part.end(), std::back_inserter(taken));
      } else if (part.size() > 1) {
        const auto middle = part.begin() + static_cast<std::ptrdiff_t>(part.size() / 2);
        open.emplace_back(std::make_move_iterator(middle), std::make_move_iterator(part.end()));
        open.emplace_back(std::make_move_iterator(part.begin()), std::make_move_iterator(middle));
      }
    }
    return taken;
  }

  /// Each path after the whole deploy, and at last the deploy alone.
  std::vector<Course> courses_of(const pg::Database& start) const {
    pg::Database deployed = start;
    std::vector<bool> refused;
    for (const RunsSql& step : course_.deploy) refused.push_back(step(deployed));
    std::vector<Course> courses;
    const auto then = rows_of(start);
    for (std::size_t path = 0; path <= course_.paths.size(); ++path) {
      pg::Database back = deployed;
      Course course{{}, refused};
      if (path < course_.paths.size()) {
        for (const RunsSql& step : course_.paths[path]) course.refused.push_back(step(back));
      }
      const auto now = rows_of(back);
      for (const auto& [identity, old] : then) {
        const auto found = now.find(identity);
        const bool there = found != now.end();
        if (auto way =
                harm_of(start, *old.first, *old.second, there ? found->second.first : nullptr,
                        there ? found->second.second.get() : nullptr)) {
          course.harmed.emplace(identity, std::move(*way));
        }
      }
      courses.push_back(std::move(course));
    }
    return courses;
  }

  pg::Database& database_;
  const SqlCourse& course_;
  std::vector<bool> refused_without_;  ///< by step of the deploy: whether it is refused with the
                                       ///< rows of the plan alone
  std::set<std::pair<std::size_t, std::size_t>> refusals_;
  int stored_ = 0;
};

}  // namespace

void add_witnesses(pg::Database& database, const SqlCourse& course) {
  if (!course.clues.writes || course.deploy.empty() || course.paths.empty()) return;
  Search(database, course).run();
}

}  // namespace backout::services
