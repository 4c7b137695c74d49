// An UPDATE ... FROM, DELETE ... USING or a subquery under EXISTS or IN meets a row only where the
// other tables hold the rows that it joins.
// Left out: comparisons between columns other than =, NOT, all of OR but the first part, GROUP BY
// and HAVING, more than eight tables; schemas: a table is found by its bare name.
#include "postgres/witness/joint_clues.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>

#include "postgres/catalog/names.hpp"
#include "postgres/query/expression.hpp"
#include "postgres/query/view_target.hpp"
#include "postgres/read/tree_walk.hpp"
#include "postgres/witness/seeding.hpp"

namespace backout::postgres {
namespace {

const PgQuery__ColumnRef* column_in(const PgQuery__Node* node) {
  while (node != nullptr && node->node_case == PG_QUERY__NODE__NODE_TYPE_CAST)
    node = node->type_cast->arg;
  return node == nullptr || node->node_case != PG_QUERY__NODE__NODE_COLUMN_REF ? nullptr
                                                                               : node->column_ref;
}

NamedColumn named(const PgQuery__ColumnRef& column) {
  NamedColumn name{"", std::string(last_name(column))};
  if (column.n_fields > 1) name.part = string_of(column.fields[column.n_fields - 2]);
  return name;
}

/// Reads one statement.
class Reading {
 public:
  explicit Reading(long number) : number_(number) {}

  void table(const PgQuery__RangeVar& range) {
    const std::string name = range.relname;
    clue_.parts.emplace_back(range.alias != nullptr ? range.alias->aliasname : name, name);
  }

  void items(PgQuery__Node* const* nodes, std::size_t count) {
    for (std::size_t at = 0; at < count; ++at) item(*nodes[at]);
  }

  void condition(const PgQuery__Node* node) {
    if (node == nullptr) return;
    switch (node->node_case) {
      case PG_QUERY__NODE__NODE_BOOL_EXPR: {
        const PgQuery__BoolExpr& parts = *node->bool_expr;
        if (parts.boolop == PG_QUERY__BOOL_EXPR_TYPE__NOT_EXPR) return;
        const std::size_t ways = parts.boolop == PG_QUERY__BOOL_EXPR_TYPE__OR_EXPR
                                     ? std::min<std::size_t>(1, parts.n_args)
                                     : parts.n_args;
        for (std::size_t at = 0; at < ways; ++at) condition(parts.args[at]);
        return;
      }
      case PG_QUERY__NODE__NODE_SUB_LINK:
        subquery(*node->sub_link);
        return;
      case PG_QUERY__NODE__NODE_COLUMN_REF:
        clue_.literals.emplace_back(named(*node->column_ref), "true");
        return;
      case PG_QUERY__NODE__NODE_A_EXPR:
        if (equality(*node->a_expr)) return;
        break;
      default:
        break;
    }
    literals(*node);
  }

  void query(const PgQuery__SelectStmt& select) {
    items(select.from_clause, select.n_from_clause);
    condition(select.where_clause);
  }

  /// What is worked out from a NULL of one table is lost for the other: the columns that
  /// expressions of `targets` read.
  void worked_out(PgQuery__Node* const* targets, std::size_t count) {
    for (std::size_t at = 0; at < count; ++at) {
      const PgQuery__Node* value = targets[at]->node_case == PG_QUERY__NODE__NODE_RES_TARGET
                                       ? targets[at]->res_target->val
                                       : nullptr;
      if (value == nullptr || column_in(value) != nullptr) continue;
      for_each_column(*value, [&](const PgQuery__ColumnRef& said) {
        const NamedColumn column = named(said);
        if (std::ranges::find(read_, column) == read_.end() && read_.size() < kMostRead)
          read_.push_back(column);
      });
    }
  }

  /// What the statement asks for, and the same with NULL in each of the columns that it works
  /// values out from.
  std::vector<JointClue> take() {
    std::vector<JointClue> all = {clue_};
    if (clue_.parts.size() < 2) return all;
    for (const NamedColumn& column : read_) {
      all.push_back(clue_);
      all.back().literals.emplace_back(column, std::nullopt);
    }
    return all;
  }

 private:
  void item(const PgQuery__Node& node) {
    if (node.node_case == PG_QUERY__NODE__NODE_RANGE_VAR) table(*node.range_var);
    if (node.node_case == PG_QUERY__NODE__NODE_RANGE_SUBSELECT &&
        node.range_subselect->subquery->node_case == PG_QUERY__NODE__NODE_SELECT_STMT) {
      query(*node.range_subselect->subquery->select_stmt);
    }
    if (node.node_case != PG_QUERY__NODE__NODE_JOIN_EXPR) return;
    const PgQuery__JoinExpr& join = *node.join_expr;
    item(*join.larg);
    const std::size_t left = clue_.parts.size();
    item(*join.rarg);
    condition(join.quals);
    if (left == 0 || clue_.parts.size() == left) return;
    for (std::size_t at = 0; at < join.n_using_clause; ++at) {
      const std::string column(string_of(join.using_clause[at]));
      clue_.equal.push_back(
          {{clue_.parts[left - 1].first, column}, {clue_.parts[left].first, column}});
    }
  }

  /// EXISTS (SELECT ...), column IN (SELECT ...).
  void subquery(const PgQuery__SubLink& link) {
    const bool exists = link.sub_link_type == PG_QUERY__SUB_LINK_TYPE__EXISTS_SUBLINK;
    if ((!exists && link.sub_link_type != PG_QUERY__SUB_LINK_TYPE__ANY_SUBLINK) ||
        link.subselect->node_case != PG_QUERY__NODE__NODE_SELECT_STMT)
      return;
    const PgQuery__SelectStmt& select = *link.subselect->select_stmt;
    const std::size_t first = clue_.parts.size();
    query(select);
    const PgQuery__ColumnRef* outer = exists ? nullptr : column_in(link.testexpr);
    const PgQuery__ColumnRef* inner =
        select.n_target_list == 1 ? column_in(select.target_list[0]->res_target->val) : nullptr;
    if (outer == nullptr || inner == nullptr || clue_.parts.size() == first) return;
    NamedColumn target = named(*inner);
    if (target.part.empty()) target.part = clue_.parts[first].first;
    clue_.equal.emplace_back(named(*outer), std::move(target));
  }

  /// column = (SELECT ...).
  bool is_of_subquery(const PgQuery__AExpr& both) {
    for (const auto& [column, query] :
         {std::pair(both.lexpr, both.rexpr), std::pair(both.rexpr, both.lexpr)}) {
      if (column_in(column) == nullptr || query == nullptr ||
          query->node_case != PG_QUERY__NODE__NODE_SUB_LINK)
        continue;
      if (query->sub_link->sub_link_type != PG_QUERY__SUB_LINK_TYPE__EXPR_SUBLINK) continue;
      PgQuery__SubLink any = *query->sub_link;
      any.sub_link_type = PG_QUERY__SUB_LINK_TYPE__ANY_SUBLINK;
      any.testexpr = column;
      subquery(any);
      return true;
    }
    return false;
  }

  bool equality(const PgQuery__AExpr& both) {
    if (both.kind != PG_QUERY__A__EXPR__KIND__AEXPR_OP || both.n_name != 1 ||
        string_of(both.name[0]) != "=")
      return false;
    const PgQuery__ColumnRef* left = column_in(both.lexpr);
    const PgQuery__ColumnRef* right = column_in(both.rexpr);
    if (left == nullptr || right == nullptr) return is_of_subquery(both);
    clue_.equal.emplace_back(named(*left), named(*right));
    return true;
  }

  void literals(const PgQuery__Node& node) {
    if (node.node_case == PG_QUERY__NODE__NODE_A_EXPR &&
        string_of(node.a_expr->name[node.a_expr->n_name - 1]) == "<>")
      return;
    const std::vector<Clue> ways = clues_of(node, number_);
    if (ways.empty()) return;
    for (const auto& [column, text] : ways.front().values) {
      NamedColumn name{"", column};
      for_each_column(node, [&, &wanted = column](const PgQuery__ColumnRef& said) {
        if (last_name(said) == wanted) name = named(said);
      });
      clue_.literals.emplace_back(std::move(name), text);
    }
  }

  static constexpr std::size_t kMostRead = 4;

  JointClue clue_;
  std::vector<NamedColumn> read_;
  long number_;
};

/// Makes the rows of one clue.
class Joint {
 public:
  Joint(Database& database, const JointClue& clue) : database_(database), clue_(clue) {
    for (const auto& [alias, name] : clue.parts) {
      if (parts_.size() < kMostParts) add_part(alias, name);
    }
  }

  void put(long number, RowLog& log) {
    const bool through_view =
        std::ranges::any_of(parts_, [](const Part& part) { return part.shown.has_value(); });
    if (parts_.empty() || (parts_.size() < 2 && !through_view)) return;
    for (std::size_t part = 0; part < parts_.size(); ++part) add_condition_of_view(part, number);
    for (const auto& [name, text] : clue_.literals) {
      if (const auto place = place_of(name)) literals_[*place] = text;
    }
    for (const auto& [left, right] : clue_.equal) {
      const auto one = place_of(left);
      const auto two = place_of(right);
      if (one && two) unite(*one, *two);
    }
    std::vector<ObjectId> tables;
    for (const Part& part : parts_) tables.push_back(part.table);
    for (const ObjectId table : parents_first(database_, tables)) {
      for (std::size_t part = 0; part < parts_.size(); ++part) {
        if (parts_[part].table == table) put_part(part, number++, log);
      }
    }
  }

 private:
  struct Part {
    std::string alias;
    ObjectId table = 0;
    std::optional<ViewTarget> shown = {};  ///< of a view: its table under its names
  };
  using Place = std::pair<std::size_t, ColumnId>;  ///< part, column

  /// A table, or a view of one, of that name.
  void add_part(const std::string& alias, const std::string& name) {
    ObjectId found = 0;
    database_.for_each([&](const Object& object) {
      const bool kind = object.kind == ObjectKind::table || object.kind == ObjectKind::view;
      if (kind && object.name == name && (found == 0 || object.id < found)) found = object.id;
    });
    if (database_.get<Table>(found) != nullptr) parts_.push_back({alias, found});
    const auto* view = database_.get<View>(found);
    auto target = view == nullptr ? std::nullopt : view_target(database_, *view);
    if (!target) return;
    const ObjectId table = target->table.id;
    parts_.push_back({alias, table, std::move(target)});
  }

  /// What the view's own WHERE asks of the table's columns.
  void add_condition_of_view(std::size_t part, long number) {
    if (!parts_[part].shown) return;
    const PgQuery__Node* where = parts_[part].shown->view.query.node->select_stmt->where_clause;
    const std::vector<Clue> ways =
        where == nullptr ? std::vector<Clue>() : clues_of(*where, number);
    if (ways.empty()) return;
    for (const auto& [name, text] : ways.front().values) {
      if (const ColumnId column = database_.get<Table>(parts_[part].table)->find(name); column != 0)
        literals_[{part, column}] = text;
    }
  }

  std::optional<Place> place_of(const NamedColumn& name) const {
    for (std::size_t part = 0; part < parts_.size(); ++part) {
      if (!name.part.empty() && parts_[part].alias != name.part) continue;
      const Table& table = parts_[part].shown ? parts_[part].shown->table
                                              : *database_.get<Table>(parts_[part].table);
      const ColumnId column = table.find(name.column);
      if (column != 0) return Place{part, column};
    }
    return std::nullopt;
  }

  Place root_of(const Place& place) const {
    const auto up = united_.find(place);
    return up == united_.end() ? place : root_of(up->second);
  }

  void unite(const Place& one, const Place& two) {
    const Place left = root_of(one);
    const Place right = root_of(two);
    if (left == right) return;
    united_[right] = left;
    if (const auto said = literals_.find(two); said != literals_.end())
      literals_.emplace(one, said->second);
  }

  void put_part(std::size_t part, long number, RowLog& log) {
    RowMaker maker(database_, parts_[part].table, &log);
    for (const RowShape shape : {RowShape::full, RowShape::least}) {
      auto values = maker.values(shape, {number});
      if (!values) continue;
      for (const ColumnId column : maker.columns()) {
        if (const auto said = literals_.find({part, column}); said != literals_.end()) {
          if (!said->second)
            (*values)[column] = Value();
          else if (auto value = maker.read(column, *said->second))
            (*values)[column] = std::move(*value);
        } else if (const auto shared = shared_.find(root_of({part, column}));
                   shared != shared_.end()) {
          (*values)[column] = shared->second;
        }
      }
      const std::size_t logged = log.size();
      if (!maker.put(values) || log.size() == logged) continue;
      share(part, maker, *log.back().row);
      return;
    }
    // What it asks for may be there already, and be unique.
    for (const auto& row : database_.rows().of(parts_[part].table).rows) {
      if (!has_literals(part, maker, *row)) continue;
      share(part, maker, *row);
      return;
    }
  }

  void share(std::size_t part, const RowMaker& maker, const Row& row) {
    for (const ColumnId column : maker.columns())
      shared_.emplace(root_of({part, column}), row.at(column - std::size_t{1}));
  }

  /// Whether the row has what is said of its columns.
  bool has_literals(std::size_t part, RowMaker& maker, const Row& row) const {
    bool any = false;
    for (const ColumnId column : maker.columns()) {
      const auto said = literals_.find({part, column});
      if (said == literals_.end()) continue;
      const auto wanted =
          said->second ? maker.read(column, *said->second) : std::optional<Value>(Value());
      if (!wanted || !(row.at(column - std::size_t{1}) == *wanted)) return false;
      any = true;
    }
    return any;
  }

  Database& database_;
  const JointClue& clue_;
  std::vector<Part> parts_;
  std::map<Place, std::optional<std::string>> literals_;
  std::map<Place, Place> united_;
  std::map<Place, Value> shared_;  ///< by root
};

}  // namespace

std::vector<JointClue> joint_clues_of(const PgQuery__Node& statement, long number) {
  Reading reading(number);
  switch (statement.node_case) {
    case PG_QUERY__NODE__NODE_UPDATE_STMT:
      reading.table(*statement.update_stmt->relation);
      reading.items(statement.update_stmt->from_clause, statement.update_stmt->n_from_clause);
      reading.condition(statement.update_stmt->where_clause);
      reading.worked_out(statement.update_stmt->target_list, statement.update_stmt->n_target_list);
      break;
    case PG_QUERY__NODE__NODE_DELETE_STMT:
      reading.table(*statement.delete_stmt->relation);
      reading.items(statement.delete_stmt->using_clause, statement.delete_stmt->n_using_clause);
      reading.condition(statement.delete_stmt->where_clause);
      break;
    case PG_QUERY__NODE__NODE_SELECT_STMT:
      reading.query(*statement.select_stmt);
      break;
    default:
      return {};
  }
  std::vector<JointClue> all = reading.take();
  const JointClue& clue = all.front();
  // A view has a condition of its own.
  const bool tells = !clue.literals.empty() ||
                     statement.node_case != PG_QUERY__NODE__NODE_SELECT_STMT ||
                     (clue.parts.size() > 1 && !clue.equal.empty());
  return tells ? all : std::vector<JointClue>();
}

void put_joint(Database& database, const JointClue& clue, long number, RowLog& log) {
  Joint(database, clue).put(number, log);
}

}  // namespace backout::postgres
