// PostgreSQL keeps rows as tuples in pages (heapam.c); one that was stored before its table got a
// column ends early, and what is behind its end reads as NULL or as the column's stored value
// (heap_getattr). Here a short row reads as NULL, and ADD COLUMN writes its default into each row.
// Left out: pages, versions of rows and what tells of them (ctid, xmin and the other system
// columns).
#include "postgres/catalog/rows.hpp"

#include <algorithm>
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
  const auto* found = tables_.find(table);
  return found == nullptr ? kNone : **found;
}

void RowStore::store(std::uint32_t table, TableRows rows) {
  Stored old = tables_.set(table, std::make_shared<const TableRows>(std::move(rows)));
  if (replaced_ != nullptr) replaced_->push_back(std::move(old));
}

void RowStore::erase(std::uint32_t table) {
  Stored old = tables_.erase(table);
  if (replaced_ != nullptr) replaced_->push_back(std::move(old));
}

std::vector<std::pair<std::uint32_t, RowStore::Stored>> RowStore::all() const {
  std::vector<std::pair<std::uint32_t, Stored>> tables;
  tables_.for_each(
      [&](std::uint64_t table, const Stored& rows) { tables.emplace_back(table, rows); });
  std::sort(tables.begin(), tables.end());
  return tables;
}

std::vector<std::uint32_t> RowStore::differing(const RowStore& before, const RowStore& after) {
  std::vector<std::uint32_t> tables;
  PersistentMap<Stored>::compare(before.tables_, after.tables_,
                                 [&](std::uint64_t table, const Stored* one, const Stored* two) {
                                   if (one == nullptr || two == nullptr || *one != *two)
                                     tables.push_back(static_cast<std::uint32_t>(table));
                                 });
  return tables;
}

bool RowStore::shares_all_with(const RowStore& other) const {
  return tables_.shares_all_with(other.tables_);
}

}  // namespace backout::postgres
