// PostgreSQL's planner moves the parts of WHERE and ON to the scans and joins that they speak of,
// and joins by hash where it can; in which order they are tried is not defined (manual, "Expression
// Evaluation Rules"). Here only what certainly fails drops a row early.
// Left out: parts with calls, subqueries, parameters or subscripts; other orders of the items of
// FROM than the written one.
#include "postgres/query/early_tests.hpp"

#include <algorithm>
#include <iterator>
#include <numeric>

#include "postgres/catalog/names.hpp"
#include "postgres/read/tree_walk.hpp"

namespace backout::postgres {
namespace {

/// Whether the node calls nothing, asks no subquery and is made of what a comparison is made of.
bool is_plain(const PgQuery__Node& node) {
  bool plain = true;
  walk(node.base, [&](const ProtobufCMessage& message) {
    for (const ProtobufCMessageDescriptor* calls :
         {&pg_query__func_call__descriptor, &pg_query__sub_link__descriptor,
          &pg_query__sqlvalue_function__descriptor, &pg_query__param_ref__descriptor,
          &pg_query__a__indirection__descriptor}) {
      if (message.descriptor == calls) plain = false;
    }
    return plain;
  });
  return plain;
}

void add_tests(const PgQuery__Node& node, std::vector<EarlyTest>& tests) {
  if (node.node_case == PG_QUERY__NODE__NODE_BOOL_EXPR &&
      node.bool_expr->boolop == PG_QUERY__BOOL_EXPR_TYPE__AND_EXPR) {
    for (std::size_t at = 0; at < node.bool_expr->n_args; ++at)
      add_tests(*node.bool_expr->args[at], tests);
    return;
  }
  const bool comparison = node.node_case == PG_QUERY__NODE__NODE_A_EXPR ||
                          node.node_case == PG_QUERY__NODE__NODE_BOOL_EXPR ||
                          node.node_case == PG_QUERY__NODE__NODE_NULL_TEST ||
                          node.node_case == PG_QUERY__NODE__NODE_BOOLEAN_TEST;
  if (!comparison || !is_plain(node)) return;
  EarlyTest test{&node, {}};
  for_each_column(node,
                  [&](const PgQuery__ColumnRef& reference) { test.columns.push_back(&reference); });
  if (!test.columns.empty()) tests.push_back(std::move(test));
}

bool is_text(TypeClass family) {
  return family == TypeClass::text || family == TypeClass::varchar || family == TypeClass::name;
}

std::size_t slot_in(const Joined::Source& source, std::string_view name) {
  const auto found = std::find_if(
      source.columns.begin(), source.columns.end(),
      [&](const ScopeColumn& column) { return !column.merged && column.name == name; });
  return static_cast<std::size_t>(found - source.columns.begin());
}

bool has(const Joined::Source& source, std::string_view name) {
  return slot_in(source, name) < source.columns.size();
}

const PgQuery__ColumnRef* column_ref_of(const PgQuery__Node* node) {
  return node != nullptr && node->node_case == PG_QUERY__NODE__NODE_COLUMN_REF ? node->column_ref
                                                                               : nullptr;
}

}  // namespace

std::vector<EarlyTest> early_tests(const PgQuery__Node* condition) {
  std::vector<EarlyTest> tests;
  if (condition != nullptr) add_tests(*condition, tests);
  return tests;
}

bool equal_by_text(const ValueType& one, const ValueType& two) {
  if (one.is_array() || two.is_array()) return false;
  if (is_text(one.family) && is_text(two.family)) return true;
  if (is_integer(one.family) && is_integer(two.family)) return true;
  const bool literal = two.family == TypeClass::unknown_literal;
  if (one.family == TypeClass::enumeration)
    return literal || (two.family == one.family && one.user == two.user);
  if (is_text(one.family)) return literal;
  return one.family == two.family &&
         (one.family == TypeClass::uuid || one.family == TypeClass::boolean);
}

EarlyFilter::EarlyFilter(const std::vector<EarlyTest>& tests,
                         const std::vector<Joined::Source>& left, const Joined::Source& right,
                         const std::set<std::string>& locals, const Scope& outer,
                         Surroundings& surroundings)
    : left_(left), right_(right), locals_(locals), outer_(outer), surroundings_(surroundings) {
  for (const EarlyTest& test : tests) sort_out(test);
}

EarlyFilter::Side EarlyFilter::side_of(const PgQuery__ColumnRef& reference) const {
  const std::string_view name = last_name(reference);
  if (name.empty() || reference.n_fields > 2) return Side::unclear;
  if (reference.n_fields == 2) {
    const std::string_view alias = string_of(reference.fields[0]);
    if (alias == right_.alias) return has(right_, name) ? Side::right : Side::unclear;
    for (const Joined::Source& source : left_) {
      if (source.alias == alias) return has(source, name) ? Side::left : Side::unclear;
    }
    return locals_.contains(std::string(alias)) ? Side::unclear : Side::outside;
  }
  const auto held = std::count_if(left_.begin(), left_.end(),
                                  [&](const Joined::Source& source) { return has(source, name); });
  if (has(right_, name)) return held == 0 ? Side::right : Side::unclear;
  return held == 1 ? Side::left : Side::unclear;
}

void EarlyFilter::sort_out(const EarlyTest& test) {
  bool left = false;
  bool right = false;
  for (const PgQuery__ColumnRef* reference : test.columns) {
    const Side side = side_of(*reference);
    if (side == Side::unclear) return;
    left = left || side == Side::left;
    right = right || side == Side::right;
  }
  if (!right) return;
  (left ? both_ : own_).push_back(test.node);
  if (test.node->node_case == PG_QUERY__NODE__NODE_A_EXPR) read_equality(*test.node->a_expr);
}

void EarlyFilter::read_equality(const PgQuery__AExpr& expression) {
  if (expression.kind != PG_QUERY__A__EXPR__KIND__AEXPR_OP || expression.n_name != 1 ||
      string_of(expression.name[0]) != "=")
    return;
  for (const bool turned : {false, true}) {
    const PgQuery__Node* other = turned ? expression.lexpr : expression.rexpr;
    const PgQuery__ColumnRef* own = column_ref_of(turned ? expression.rexpr : expression.lexpr);
    if (own == nullptr || other == nullptr || side_of(*own) != Side::right) continue;
    const std::size_t slot = slot_in(right_, last_name(*own));
    const ValueType& type = right_.columns[slot].type;
    if (const PgQuery__ColumnRef* partner = column_ref_of(other);
        partner != nullptr && side_of(*partner) == Side::left) {
      for (const Joined::Source& source : left_) {
        const std::size_t place = slot_in(source, last_name(*partner));
        if (place == source.columns.size() ||
            (partner->n_fields == 2 && source.alias != string_of(partner->fields[0])))
          continue;
        if (equal_by_text(type, source.columns[place].type))
          equalities_.push_back({source.offset + place, slot});
        return;
      }
      return;
    }
    bool outside = true;
    for_each_column(*other, [&](const PgQuery__ColumnRef& reference) {
      outside = outside && side_of(reference) == Side::outside;
    });
    if (!outside) continue;
    const auto value = evaluate(*other, outer_, surroundings_);
    if (value && value->value.is_known() && equal_by_text(type, value->type))
      constants_.push_back({slot, value->value.text()});
    return;
  }
}

bool EarlyFilter::holds_perhaps(const PgQuery__Node& test, const Scope& scope) const {
  const auto answer = holds(test, scope, surroundings_);
  return !answer || *answer != Truth::no;
}

void EarlyFilter::keep_own(Relation& rows) const {
  if (own_.empty()) return;
  Relation kept{rows.columns, {}, {}};
  for (std::size_t row = 0; row < rows.rows.size(); ++row) {
    const std::vector<Value>& values = rows.rows[row];
    const bool differs = std::any_of(constants_.begin(), constants_.end(), [&](const EqualTo& one) {
      return one.excludes(values[one.column]);
    });
    if (differs) continue;
    Scope scope;
    scope.outer = &outer_;
    scope.relations.push_back({right_.alias, right_.columns, values});
    if (!std::all_of(own_.begin(), own_.end(),
                     [&](const PgQuery__Node* test) { return holds_perhaps(*test, scope); }))
      continue;
    kept.rows.push_back(std::move(rows.rows[row]));
    kept.certain.push_back(rows.certain[row]);
  }
  rows = std::move(kept);
}

bool EarlyFilter::may_hold(const std::vector<Value>& joined) const {
  if (both_.empty()) return true;
  Scope scope;
  scope.outer = &outer_;
  const std::span<const Value> values(joined);
  for (const Joined::Source& source : left_)
    scope.relations.push_back(
        {source.alias, source.columns, values.subspan(source.offset, source.columns.size())});
  scope.relations.push_back(
      {right_.alias, right_.columns, values.subspan(right_.offset, right_.columns.size())});
  return std::all_of(both_.begin(), both_.end(),
                     [&](const PgQuery__Node* test) { return holds_perhaps(*test, scope); });
}

std::vector<std::size_t> EarlyFilter::partners(const std::vector<Value>& left,
                                               const Relation& rows) {
  std::vector<std::size_t> all(rows.rows.size());
  std::iota(all.begin(), all.end(), 0);
  if (equalities_.empty() || left[equalities_[0].left].is_symbol()) return all;
  if (!indexed_) {
    for (const std::size_t row : all) {
      const Value& value = rows.rows[row][equalities_[0].right];
      if (value.is_known()) by_text_[value.text()].push_back(row);
      if (value.is_symbol()) open_.push_back(row);
    }
    indexed_ = true;
  }
  const Value& wanted = left[equalities_[0].left];
  if (wanted.is_null()) return {};
  std::vector<std::size_t> found;
  const auto same = by_text_.find(wanted.text());
  if (same == by_text_.end()) return open_;
  std::merge(same->second.begin(), same->second.end(), open_.begin(), open_.end(),
             std::back_inserter(found));
  return found;
}

}  // namespace backout::postgres
