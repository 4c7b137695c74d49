#include "services/postgres/rows.hpp"

#include <utility>

namespace backout::postgres {

const Value& Row::at(std::size_t slot) const {
  static const Value kNull;
  return slot < values.size() ? values[slot] : kNull;
}

void Row::set(std::size_t slot, Value value) {
  if (slot >= values.size()) values.resize(slot + 1);
  values[slot] = std::move(value);
}

const TableRows& RowStore::of(std::uint32_t table) const {
  static const TableRows kNone;
  if (tables_ == nullptr) return kNone;
  const auto found = tables_->find(table);
  return found == tables_->end() ? kNone : *found->second;
}

void RowStore::store(std::uint32_t table, TableRows rows) {
  auto copy = tables_ == nullptr ? std::make_shared<Tables>() : std::make_shared<Tables>(*tables_);
  copy->insert_or_assign(table, std::make_shared<const TableRows>(std::move(rows)));
  tables_ = std::move(copy);
}

void RowStore::erase(std::uint32_t table) {
  if (tables_ == nullptr || tables_->find(table) == tables_->end()) return;
  auto copy = std::make_shared<Tables>(*tables_);
  copy->erase(table);
  tables_ = std::move(copy);
}

const std::map<std::uint32_t, std::shared_ptr<const TableRows>>& RowStore::all() const {
  static const Tables kNone;
  return tables_ == nullptr ? kNone : *tables_;
}

bool RowStore::shares_all_with(const RowStore& other) const { return tables_ == other.tables_; }

}  // namespace backout::postgres
