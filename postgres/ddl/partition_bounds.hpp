#pragma once
// The bounds of partitions, as catalogs print them: which rows they take, and which of them
// overlap.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "postgres/catalog/rows.hpp"
#include "postgres/execute/execution.hpp"
#include "postgres/query/table_surroundings.hpp"

namespace backout::postgres {

/// One end of a bound, or a value of a list: a literal as the column takes it, or one of the words
/// that stand for no value.
struct BoundValue {
  enum class Kind : std::uint8_t {
    lowest,
    literal,
    highest,
    null,
    unreadable
  };  ///< the first three in their order
  Kind kind = Kind::unreadable;
  std::string text;
  Value value = {};  ///< of a literal, once a column has taken it
};

/// The key of a partitioned table, to hold rows and bounds of its partitions against it. The table
/// lasts as long as it does.
class PartitionKey {
 public:
  PartitionKey(Execution& execution, const Table& whole);

  /// Whether the bound of `partition` takes `row`, a row of the partitioned table. Requires a bound
  /// that is not DEFAULT. Unknown: by hash, or a part of the key or of the bound is an expression.
  Truth takes(const Table& partition, const Row& row);

  /// 42P17 when the bound of `partition` is none of this table's kind, is empty, or overlaps that
  /// of one of `siblings`. What cannot be compared is taken to be apart.
  Checked<void> check_apart(const Table& partition, const std::vector<const Table*>& siblings);

 private:
  struct Range {
    std::vector<BoundValue> from;
    std::vector<BoundValue> to;
  };
  std::vector<BoundValue> read(std::size_t first, bool same_column,
                               const std::vector<std::string>& texts);
  std::optional<std::vector<BoundValue>> list_of(const Table& partition);
  std::optional<Range> range_of(const Table& partition);
  Truth is_in_list(const std::vector<BoundValue>& values, const Row& row);
  Truth is_between(const Range& range, const Row& row);
  /// Their order; nothing when it is not known.
  std::optional<int> compare(std::size_t at, const BoundValue& one, const BoundValue& two);
  std::optional<int> compare_all(const std::vector<BoundValue>& one,
                                 const std::vector<BoundValue>& two);
  bool overlap(const Table& one, const Table& two);

  TableSurroundings surroundings_;
  const Table& whole_;
  const std::optional<std::vector<ColumnId>> key_;
};

/// Whether an index has all columns of the partition key, as what is unique must.
bool holds_partition_key(const Table& whole, const Index& index);

/// Texts of a bound by columns of the key of `whole`: what a row of `part` may hold.
std::map<std::string, std::string> values_in_bound(const Table& whole, const Table& part);

}  // namespace backout::postgres
