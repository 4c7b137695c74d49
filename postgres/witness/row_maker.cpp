// A row that PostgreSQL stores has passed defaults, BEFORE triggers, generated columns, CHECK
// constraints, keys and foreign keys, in this order. A row that would not pass is changed until it
// does, by values that its constraints name.
// Left out: CHECK constraints that need more than two columns to change at once, exclusion
// constraints and keys, which are not mended; parents more than five foreign keys away. What was in
// the way stands in doubt().
#include "postgres/witness/row_maker.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "postgres/catalog/domains.hpp"
#include "postgres/catalog/names.hpp"
#include "postgres/ddl/partition_rows.hpp"
#include "postgres/dml/defaults.hpp"
#include "postgres/dml/dml.hpp"
#include "postgres/dml/dml_write.hpp"
#include "postgres/dml/row_checks.hpp"
#include "postgres/query/print.hpp"
#include "postgres/query/table_surroundings.hpp"
#include "postgres/read/text.hpp"
#include "postgres/read/tree_walk.hpp"
#include "postgres/witness/pattern_sample.hpp"

namespace backout::postgres {
namespace {

/// Texts that conditions on texts, numbers and documents often want, after what the condition
/// itself says.
std::vector<std::string> common_texts(const ValueType& type, long number) {
  switch (type.family) {
    case TypeClass::boolean:
      return {"true", "false"};
    case TypeClass::json:
    case TypeClass::jsonb:
      return {"[]", "{}", fmt::format("[{{\"k\": {}}}]", number), R"("w")", "1", "true"};
    case TypeClass::date:
    case TypeClass::timestamp:
    case TypeClass::timestamptz:
      return {"2020-01-01", "2035-06-01", "1999-12-31"};
    default:
      break;
  }
  if (is_number(type.family))
    return {"1", "0", "2", "5", "10", "50", "99", "100", "-1", "0.5", "1000"};
  if (!is_string(type.family)) return {};
  return {fmt::format("a{}", number),
          fmt::format("A{}", number),
          fmt::format("{}", number),
          fmt::format("a{}@x.org", number),
          fmt::format("https://x.org/{}", number),
          fmt::format("#00{}", number % 10'000),
          "abc",
          "ABC",
          "aa",
          "a",
          "0",
          fmt::format("{:064x}", number),
          fmt::format("{:040x}", number),
          "/a",
          "a.b",
          "a-b",
          "2020-01-01"};
}

/// What the condition compares with, and samples of its patterns.
std::vector<std::string> texts_of(const Expression& condition, long number) {
  std::vector<std::string> texts;
  walk(condition.node->base, [&](const ProtobufCMessage& message) {
    if (message.descriptor != &pg_query__a__const__descriptor) return true;
    const auto& constant = reinterpret_cast<const PgQuery__AConst&>(message);
    if (constant.isnull != 0) return true;
    if (constant.val_case == PG_QUERY__A__CONST__VAL_SVAL) {
      const std::string text = constant.sval->sval;
      if (auto sample = sample_of_regex(text, number); sample && *sample != text)
        texts.push_back(std::move(*sample));
      if (text.find_first_of("%_") != std::string::npos)
        texts.push_back(sample_of_like(text, number));
      texts.push_back(text);
      texts.push_back(text + fmt::format("{}", number));
    } else if (constant.val_case == PG_QUERY__A__CONST__VAL_IVAL) {
      const long bound = constant.ival->ival;
      for (const long near : {bound, bound + 1, bound - 1})
        texts.push_back(fmt::format("{}", near));
      if (bound > 0 && bound < 300) texts.push_back(fmt::format("{:0{}}", number % 10, bound));
    }
    return true;
  });
  return texts;
}

/// Whether the values of the columns that the condition names decide on it: no function is called,
/// no row taken as a whole.
bool is_of_row(const Expression& condition) {
  bool plain_values = std::none_of(condition.columns.begin(), condition.columns.end(),
                                   [](const BoundColumn& bound) { return bound.column == 0; });
  walk(condition.node->base, [&](const ProtobufCMessage& message) {
    if (message.descriptor == &pg_query__func_call__descriptor ||
        message.descriptor == &pg_query__sub_link__descriptor)
      plain_values = false;
    return plain_values;
  });
  return plain_values;
}

}  // namespace

std::string insert_statement(const Database& database, const StoredRow& stored) {
  const Table& table = *database.get<Table>(stored.table);
  std::string columns;
  std::string values;
  bool overriding = false;
  for (std::size_t at = 0; at < table.columns.size(); ++at) {
    const Column& column = table.columns[at];
    const Value& value = stored.row->at(at);
    if (column.dropped || column.generated || value.is_symbol() ||
        (value.is_null() && !column.default_value))
      continue;
    overriding = overriding || column.identity == 'a';
    columns += (columns.empty() ? "" : ", ") + quote_identifier(column.name);
    values += (values.empty() ? "" : ", ") +
              (value.is_null() ? std::string("NULL") : quote_literal(value.text()));
  }
  const Object* schema = database.find(table.schema);
  const std::string place =
      schema == nullptr || schema->name == "public" ? "" : quote_identifier(schema->name) + ".";
  if (columns.empty())
    return fmt::format("INSERT INTO {}{} DEFAULT VALUES;", place, quote_identifier(table.name));
  return fmt::format("INSERT INTO {}{} ({}){} VALUES ({});", place, quote_identifier(table.name),
                     columns, overriding ? " OVERRIDING SYSTEM VALUE" : "", values);
}

Checked<std::shared_ptr<const Row>> write_row(Execution& execution, const Table& table, Row row,
                                              bool keeps_checks) {
  static const TriggerEvent kInsert = {'i', {}};
  const auto is_refusal = [](const Stop& stop) { return stop.kind == Stop::Kind::refused; };
  Row changed = row;
  const auto stays = fire_before(execution, table, kInsert, nullptr, &changed);
  if (!stays && is_refusal(stays.error())) return tl::unexpected(stays.error());
  if (stays && !*stays)
    return tl::unexpected(refuse("", fmt::format("a trigger of \"{}\" drops the row", table.name)));
  keeps_checks = keeps_checks && (!stays || changed.values == row.values);
  auto stored =
      insert_row(execution, table.id, stays ? std::move(changed) : std::move(row), keeps_checks);
  if (!stored) return stored;
  if (auto done = fire_after(execution, table, kInsert, nullptr, stored->get());
      !done && is_refusal(done.error()))
    return tl::unexpected(done.error());
  return stored;
}

RowMaker::RowMaker(Database& database, ObjectId table, RowLog* log, int depth)
    : database_(database),
      table_(*database.get<Table>(table)),
      hints_(hints_of(database, table_)),
      log_(log),
      depth_(depth) {
  for (const Constraint* each : database.parts_of<Constraint>(table)) {
    if (each->type == 'f') foreign_.insert(each->columns.begin(), each->columns.end());
    if (each->type == 'c') checks_.push_back({*each, is_of_row(each->check)});
  }
  for (const Index* index : database.parts_of<Index>(table)) {
    if (!index->unique) continue;
    std::vector<ColumnId> columns;
    for (const IndexColumn& column : index->columns) {
      if (column.column != 0) columns.push_back(column.column);
    }
    unique_.insert(columns.begin(), columns.end());
    keys_.push_back(std::move(columns));
  }
  for (std::size_t at = 0; at < table_.columns.size(); ++at) {
    const auto id = static_cast<ColumnId>(at + 1);
    if (!table_.columns[at].dropped && !table_.columns[at].generated) columns_.push_back(id);
  }
}

bool RowMaker::is_required(const Column& column) const {
  const auto domains = domains_of(database_, column.type);
  return column.not_null || std::any_of(domains.begin(), domains.end(), [&](ObjectId id) {
           return database_.get<Type>(id)->not_null;
         });
}

std::optional<Value> RowMaker::sample(ColumnId column, const Sample& wanted,
                                      const CheckHints& hints) {
  auto value = sample_value(database_, table_, column, wanted, hints);
  if (value) return std::move(*value);
  doubt_ = value.error().message;
  const ValueType& type = table_.column(column).type;
  const auto domains = domains_of(database_, type);
  if (domains.empty()) return std::nullopt;
  std::vector<std::string> texts;
  for (const ObjectId domain : domains) {
    for (const Constraint* check : database_.parts_of<Constraint>(domain)) {
      if (check->type != 'c') continue;
      for (std::string& text : texts_of(check->check, wanted.number))
        texts.push_back(std::move(text));
    }
  }
  for (std::string& text : common_texts(type, wanted.number)) texts.push_back(std::move(text));
  for (const std::string& text : texts) {
    if (auto fitting = read(column, text)) return fitting;
  }
  return std::nullopt;
}

std::optional<Value> RowMaker::read(ColumnId column, const std::string& literal) {
  Execution execution{database_, nullptr, 0};
  TableSurroundings surroundings(execution);
  const ValueType& type = table_.column(column).type;
  auto value =
      coerce({Value::known(literal), plain(TypeClass::unknown_literal)}, type, true, surroundings);
  // What a script says of an array may be one of its elements.
  if (!value && type.is_array())
    value = coerce({Value::known(join_array({literal})), plain(TypeClass::unknown_literal)}, type,
                   true, surroundings);
  if (!value || !value->is_known()) return std::nullopt;
  return std::move(*value);
}

std::optional<Values> RowMaker::values(RowShape shape, const Sample& wanted, bool heed_checks) {
  static const CheckHints kNone;
  Values values;
  for (const ColumnId id : columns()) {
    const Column& column = table_.column(id);
    const bool has_default = column.default_value || column.identity != '\0';
    const bool required = is_required(column);
    bool takes_sample = shape == RowShape::full || (required && !has_default);
    if (shape == RowShape::nulls && required && unique_.contains(id)) takes_sample = true;
    if (takes_sample) {
      auto value = sample(id, wanted, heed_checks ? hints(id) : kNone);
      if (!value) return std::nullopt;
      values[id] = std::move(*value);
    } else if (shape == RowShape::nulls && !required) {
      values[id] = Value();
    }
  }
  return values;
}

std::optional<Values> RowMaker::values_of(const Clue& clue, const Sample& wanted) {
  if (!clue.table.empty() && clue.table != table_.name) return std::nullopt;
  Values said;
  std::size_t position = 0;
  for (const ColumnId id : columns_) {
    ++position;
    const Column& column = table_.column(id);
    auto found = clue.values.find(column.name);
    if (found == clue.values.end() && !clue.table.empty())
      found = clue.values.find(fmt::format("#{}", position));
    if (found == clue.values.end()) continue;
    if (!found->second) {
      if (!is_required(column)) said[id] = Value();
    } else if (auto value = read(id, *found->second)) {
      said[id] = std::move(*value);
    }
  }
  if (said.empty()) return std::nullopt;
  auto all = values(RowShape::full, wanted);
  if (!all) all = values(RowShape::least, wanted);
  if (!all) return std::nullopt;
  for (auto& [id, value] : said) (*all)[id] = std::move(value);
  return all;
}

bool RowMaker::put(const std::optional<Values>& values) {
  if (!values) return false;
  const Database before = database_;
  const std::size_t logged = log_ == nullptr ? 0 : log_->size();
  const auto give_up = [&](std::string why) {
    database_ = before;
    if (log_ != nullptr) log_->resize(logged);
    doubt_ = std::move(why);
    return false;
  };
  auto row = complete(*values);
  if (!row) return give_up(row.error().message);
  complete_partners(*row);
  if (!mend(*row)) return give_up(doubt_);
  lie_in_a_partition(*row);
  Execution execution{database_, nullptr, 0};
  if (auto done = regenerate(execution, table_, *row); !done) return give_up(done.error().message);
  const auto written = std::make_shared<const Row>(*row);
  const bool keeps_checks = are_checks_kept(*row);
  const auto stored = write_row(execution, table_, std::move(*row), keeps_checks);
  if (!stored) return give_up(stored.error().message);
  if (log_ != nullptr)
    log_->push_back({table_.id, (*stored)->values == written->values ? *stored : written});
  return true;
}

void RowMaker::lie_in_a_partition(Row& row) {
  if (table_.relkind != 'p') return;
  Execution execution{database_, nullptr, 0};
  if (const auto place = partition_for(execution, table_, row); place) return;
  const auto bounds = values_in_bounds(database_, table_);
  if (bounds.empty()) return;
  for (const auto& [name, text] : bounds[count_rows(database_, table_) % bounds.size()]) {
    const ColumnId column = table_.find(name);
    if (auto value = read(column, text)) row.set(slot_of(column), std::move(*value));
  }
}

long RowMaker::number_of(ObjectId table, long first) const {
  return number_ ? *number_ : first + static_cast<long>(database_.rows().of(table).rows.size());
}

Checked<Row> RowMaker::complete(const Values& values) {
  Execution execution{database_, nullptr, 0};
  Row row;
  row.values.resize(table_.columns.size());
  for (const ColumnId id : columns()) {
    Value& place = row.values[slot_of(id)];
    if (const auto given = values.find(id); given != values.end()) {
      place = given->second;
      continue;
    }
    auto value = default_of(execution, table_, id, row);
    if (value) {
      place = std::move(*value);
    } else if (auto sampled = sample(id, {number_of(table_.id, 8'000)})) {
      // A default that is not understood: what it gives is one of the column's values.
      place = std::move(*sampled);
    } else {
      return tl::unexpected(value.error());
    }
  }
  if (auto done = regenerate(execution, table_, row); !done) return tl::unexpected(done.error());
  return row;
}

void RowMaker::complete_partners(Row& row) {
  Execution execution{database_, nullptr, 0};
  for (const Constraint* key : database_.parts_of<Constraint>(table_.id)) {
    if (key->type != 'f' || key->unchecked) continue;
    const Constraint kept = *key;
    const auto found = has_partner(execution, kept, row);
    if (!found || *found != Truth::no) continue;
    bool own = kept.referenced == table_.id;
    for (std::size_t at = 0; own && at < kept.columns.size(); ++at) {
      own = row.at(slot_of(kept.columns[at])) == row.at(slot_of(kept.referenced_columns[at]));
    }
    if (own || (kept.referenced != table_.id && make_partner(kept, row))) continue;
    const bool optional = std::any_of(kept.columns.begin(), kept.columns.end(),
                                      [&](ColumnId id) { return !is_required(table_.column(id)); });
    const auto partners =
        rows_with_partitions(database_, *database_.get<Table>(kept.referenced)).rows;
    for (std::size_t at = 0; at < kept.columns.size(); ++at) {
      Value& place = row.values[slot_of(kept.columns[at])];
      if (!partners.empty() && (!optional || kept.referenced != table_.id))
        place = partners.front()->at(slot_of(kept.referenced_columns[at]));
      else if (!is_required(table_.column(kept.columns[at])))
        place = Value();
      else if (kept.referenced == table_.id)
        place = row.at(slot_of(kept.referenced_columns[at]));
    }
  }
}

bool RowMaker::make_partner(const Constraint& key, const Row& row) {
  if (depth_ >= kDeepest || database_.get<Table>(key.referenced) == nullptr) return false;
  RowMaker partner(database_, key.referenced, log_, depth_ + 1);
  const long number = number_of(key.referenced, 20'000);
  partner.number_ = number_;
  for (const RowShape shape : {RowShape::full, RowShape::least}) {
    auto values = partner.values(shape, {number});
    if (!values) continue;
    for (std::size_t at = 0; at < key.columns.size(); ++at) {
      // The other column may be a narrower one.
      const Value& wanted = row.at(slot_of(key.columns[at]));
      if (wanted.is_known()) {
        const auto held = partner.read(key.referenced_columns[at], wanted.text());
        if (!held || held->text() != wanted.text()) return false;
      }
      (*values)[key.referenced_columns[at]] = wanted;
    }
    if (partner.put(values)) return true;
  }
  return false;
}

bool RowMaker::is_as_kept(const RowCheck& check, const Row& row) const {
  if (!kept_ || !check.is_of_row) return false;
  return std::all_of(check.constraint.check.columns.begin(), check.constraint.check.columns.end(),
                     [&](const BoundColumn& bound) {
                       return row.at(slot_of(bound.column)) == kept_->at(slot_of(bound.column));
                     });
}

bool RowMaker::are_checks_kept(const Row& row) const {
  return kept_ && kept_->values == row.values;
}

std::optional<Constraint> RowMaker::broken_check(const Row& row) {
  Execution execution{database_, nullptr, 0};
  for (const RowCheck& each : checks_) {
    if (is_as_kept(each, row)) continue;
    const Constraint* check = &each.constraint;
    const RowScope scope(database_, check->check, row);
    TableSurroundings surroundings(execution);
    const auto kept = not_violated(*check->check.node, scope.scope(), surroundings);
    if (!kept || *kept != Truth::yes) {
      doubt_ = kept
                   ? fmt::format("no row was found that keeps to check constraint \"{}\" of \"{}\"",
                                 check->name, table_.name)
                   : kept.error().message;
      return *check;
    }
  }
  kept_ = row;
  return std::nullopt;
}

bool RowMaker::mend(Row& row) {
  constexpr int kMostRounds = 6;
  for (int round = 0; round < kMostRounds; ++round) {
    const auto broken = broken_check(row);
    if (!broken) return true;
    std::vector<ColumnId> columns = broken->columns;
    for (const BoundColumn& bound : broken->check.columns) {
      if (bound.column != 0 &&
          std::find(columns.begin(), columns.end(), bound.column) == columns.end())
        columns.push_back(bound.column);
    }
    std::erase_if(columns, [&](ColumnId id) {
      return std::find(columns_.begin(), columns_.end(), id) == columns_.end();
    });
    const auto keeps = [&](const Row& trial) {
      Execution execution{database_, nullptr, 0};
      const RowScope scope(database_, broken->check, trial);
      TableSurroundings surroundings(execution);
      const auto kept = not_violated(*broken->check.node, scope.scope(), surroundings);
      return kept && *kept == Truth::yes;
    };
    const auto try_columns = [&]() {
      for (const ColumnId one : columns) {
        for (const Value& first : candidates(one, *broken, row)) {
          Row trial = row;
          trial.set(slot_of(one), first);
          if (keeps(trial)) return row = std::move(trial), true;
        }
      }
      constexpr std::size_t kMostPairs = 600;
      std::size_t pairs = 0;
      for (std::size_t at = 0; at + 1 < columns.size(); ++at) {
        for (const Value& first : candidates(columns[at], *broken, row)) {
          Row half = row;
          half.set(slot_of(columns[at]), first);
          for (std::size_t other = at + 1; other < columns.size(); ++other) {
            for (const Value& second : candidates(columns[other], *broken, half)) {
              if (++pairs > kMostPairs) return false;
              Row trial = half;
              trial.set(slot_of(columns[other]), second);
              if (keeps(trial)) return row = std::move(trial), true;
            }
          }
        }
      }
      return false;
    };
    if (!try_columns()) return false;
  }
  return !broken_check(row);
}

std::vector<Value> RowMaker::candidates(ColumnId column, const Constraint& check, const Row& row) {
  const ValueType& type = table_.column(column).type;
  const long number = number_of(table_.id, 8'000);
  std::vector<Value> values;
  const auto* user = type.user == 0 ? nullptr : database_.get<Type>(type.user);
  if (type.family == TypeClass::enumeration && user != nullptr && !type.is_array()) {
    for (const std::string& label : user->labels) values.push_back(Value::known(label));
  } else {
    std::vector<std::string> texts = texts_of(check.check, number);
    for (std::string& text : common_texts(type, number)) texts.push_back(std::move(text));
    for (const std::string& text : texts) {
      if (auto value = read(column, text)) values.push_back(std::move(*value));
    }
  }
  for (const BoundColumn& bound : check.check.columns) {
    if (bound.column != 0 && bound.column != column &&
        table_.column(bound.column).type.family == type.family)
      values.push_back(row.at(slot_of(bound.column)));
  }
  if (!is_required(table_.column(column))) values.emplace_back();
  return values;
}

}  // namespace backout::postgres
