// PostgreSQL analyses the query of a view once: `*` becomes the columns of that moment, and each
// relation, column, type and function that it names becomes a dependency (rewriteDefine.c,
// recordDependencyOnExpr() in dependency.c).
// Left out: columns of views, subqueries and functions stand in the text by name; among overloads
// the first routine is the one that is needed; a column without its table before it that nothing
// has is found when the query runs, not here.
#include "postgres/query/view_query.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "postgres/catalog/catalog_more.hpp"
#include "postgres/catalog/mark.hpp"
#include "postgres/catalog/names.hpp"
#include "postgres/catalog/routines.hpp"
#include "postgres/query/bind.hpp"
#include "postgres/query/expression.hpp"
#include "postgres/query/print.hpp"
#include "postgres/query/query.hpp"
#include "postgres/read/tree_walk.hpp"

namespace backout::postgres {
namespace {

/// Names of the columns of a subquery; nothing when `*` stands for some that are not known.
using Names = std::optional<std::vector<std::string>>;

/// A relation that a query reads, and what it is called there.
struct Source {
  std::string alias;
  ObjectId relation = 0;  ///< 0 for subqueries, WITH queries and functions
  Names names;
};

/// The relations that the expressions of one query see, those of the queries around it after them.
struct Level {
  std::vector<Source> sources;
  const Level* outer = nullptr;
  std::map<std::string, Names, std::less<>> common;  ///< WITH queries
};

class QueryBinder {
 public:
  explicit QueryBinder(const Database& database) : database_(database) {}

  Checked<BoundQuery> run(const PgQuery__Node& query) {
    if (query.node_case == PG_QUERY__NODE__NODE_SELECT_STMT) {
      bound_.columns = bind(*query.select_stmt, nullptr).value_or(std::vector<std::string>());
    } else {
      bind_statement(query);
    }
    if (stop_) return tl::unexpected(std::move(*stop_));
    Printing printing;
    printing.column = [&](const PgQuery__ColumnRef& reference) {
      const auto found = printed_.find(&reference);
      return found != printed_.end() ? found->second
                                     : escaped(quote_identifier(last_name(reference)));
    };
    printing.type = [&](const PgQuery__TypeName& name) {
      const auto named = resolve_type(database_, name);
      return named ? escaped(print_type(database_, named->type, named->modifiers))
                   : std::string("?");
    };
    printing.type_of = [&](const PgQuery__ColumnRef& reference) {
      const auto found = types_.find(&reference);
      if (found == types_.end() || found->second.family == TypeClass::unknown) return std::string();
      ValueType type = found->second;
      type.length = -1;
      return escaped(print_type(database_, type, ""));
    };
    printing.relation = [](std::string_view text) { return escaped(quote_literal(text)); };
    printing.range = [&](const PgQuery__RangeVar& range) { return print_range(range); };
    bound_.text = print_tree(query, printing);
    return std::move(bound_);
  }

 private:
  /// INSERT, UPDATE and DELETE (of rules): all tables at one level.
  void bind_statement(const PgQuery__Node& statement) {
    Level level;
    walk(statement.base, [&](const ProtobufCMessage& message) {
      if (message.descriptor == &pg_query__select_stmt__descriptor) return false;
      if (message.descriptor == &pg_query__range_var__descriptor)
        add_table(reinterpret_cast<const PgQuery__RangeVar&>(message), level);
      return true;
    });
    bind_expressions(statement.base, level);
  }

  Names bind(const PgQuery__SelectStmt& query, const Level* outer) {
    Level level;
    level.outer = outer;
    if (query.with_clause != nullptr) bind_common(*query.with_clause, level);
    if (query.op != PG_QUERY__SET_OPERATION__SETOP_NONE) {
      Names names = bind(*query.larg, &level);
      bind(*query.rarg, &level);
      return names;
    }
    for (std::size_t at = 0; at < query.n_from_clause; ++at)
      add_item(*query.from_clause[at], level);
    for (std::size_t at = 0; at < query.n_from_clause; ++at)
      bind_conditions(*query.from_clause[at], level);
    for (std::size_t at = 0; at < query.n_values_lists; ++at)
      bind_expressions(query.values_lists[at]->base, level);
    Names names = bind_targets(query, level);
    bind_list(query.distinct_clause, query.n_distinct_clause, level);
    bind_node(query.where_clause, level);
    bind_list(query.group_clause, query.n_group_clause, level);
    bind_node(query.having_clause, level);
    bind_list(query.window_clause, query.n_window_clause, level);
    bind_list(query.sort_clause, query.n_sort_clause, level);
    bind_node(query.limit_offset, level);
    bind_node(query.limit_count, level);
    return names;
  }

  void bind_common(const PgQuery__WithClause& with, Level& level) {
    for (std::size_t at = 0; at < with.n_ctes; ++at) {
      const PgQuery__CommonTableExpr& table = *with.ctes[at]->common_table_expr;
      std::vector<std::string> given;
      for (std::size_t name = 0; name < table.n_aliascolnames; ++name)
        given.emplace_back(string_of(table.aliascolnames[name]));
      if (table.ctequery->node_case != PG_QUERY__NODE__NODE_SELECT_STMT) {
        bind_statement(*table.ctequery);
        level.common[table.ctename] = std::nullopt;
        continue;
      }
      // A query that reads itself.
      if (with.recursive != 0) level.common[table.ctename] = given.empty() ? Names() : Names(given);
      Names names = bind(*table.ctequery->select_stmt, &level);
      for (std::size_t name = 0; names && name < std::min(given.size(), names->size()); ++name)
        (*names)[name] = given[name];
      level.common[table.ctename] = std::move(names);
    }
  }

  Names bind_targets(const PgQuery__SelectStmt& query, const Level& level) {
    Names names = std::vector<std::string>();
    for (std::size_t at = 0; at < query.n_target_list; ++at) {
      const PgQuery__ResTarget& target = *query.target_list[at]->res_target;
      bind_node(target.val, level);
      const bool star = target.val->node_case == PG_QUERY__NODE__NODE_COLUMN_REF &&
                        last_name(*target.val->column_ref).empty();
      if (!star && names) names->push_back(output_name(target));
      if (!star) continue;
      for (const Source& source : level.sources) {
        if (!matches(source, qualifier_of(*target.val->column_ref))) continue;
        if (!source.names)
          names.reset();
        else if (names)
          names->insert(names->end(), source.names->begin(), source.names->end());
      }
    }
    for (std::size_t at = 0; query.n_values_lists > 0 && at < query.values_lists[0]->list->n_items;
         ++at) {
      names->push_back(fmt::format("column{}", at + 1));
    }
    return names;
  }

  void add_item(const PgQuery__Node& item, Level& level) {
    if (item.node_case == PG_QUERY__NODE__NODE_RANGE_VAR) {
      add_table(*item.range_var, level);
    } else if (item.node_case == PG_QUERY__NODE__NODE_JOIN_EXPR) {
      add_item(*item.join_expr->larg, level);
      add_item(*item.join_expr->rarg, level);
    } else if (item.node_case == PG_QUERY__NODE__NODE_RANGE_SUBSELECT) {
      const PgQuery__RangeSubselect& sub = *item.range_subselect;
      Names names = bind(*sub.subquery->select_stmt, &level);
      level.sources.push_back(named({"", 0, std::move(names)}, sub.alias));
    } else if (item.node_case == PG_QUERY__NODE__NODE_RANGE_FUNCTION) {
      bind_expressions(item.range_function->base, level);
      level.sources.push_back(named({"", 0, std::nullopt}, item.range_function->alias));
    }
  }

  /// ON of joins, when all their tables are known.
  void bind_conditions(const PgQuery__Node& item, const Level& level) {
    if (item.node_case != PG_QUERY__NODE__NODE_JOIN_EXPR) return;
    const PgQuery__JoinExpr& join = *item.join_expr;
    bind_conditions(*join.larg, level);
    bind_conditions(*join.rarg, level);
    bind_node(join.quals, level);
    for (std::size_t at = 0; at < join.n_using_clause; ++at) {
      for (const Source& source : level.sources)
        need_column(source, string_of(join.using_clause[at]));
    }
  }

  static Source named(Source source, const PgQuery__Alias* alias) {
    if (alias == nullptr) return source;
    source.alias = alias->aliasname;
    for (std::size_t at = 0; source.names && at < std::min(alias->n_colnames, source.names->size());
         ++at) {
      (*source.names)[at] = string_of(alias->colnames[at]);
    }
    return source;
  }

  void add_table(const PgQuery__RangeVar& range, Level& level) {
    if (range.schemaname == nullptr || *range.schemaname == '\0') {
      for (const Level* at = &level; at != nullptr; at = at->outer) {
        const auto found = at->common.find(std::string_view(range.relname));
        if (found == at->common.end()) continue;
        level.sources.push_back(named({range.relname, 0, found->second}, range.alias));
        return;
      }
    }
    const ObjectId id = resolve(database_, NameSpace::relation, qualified(range));
    if (id != 0) need(id, 0);
    level.sources.push_back(named({range.relname, id, names_of(id)}, range.alias));
  }

  Names names_of(ObjectId relation) const {
    std::vector<std::string> names;
    if (const auto* table = database_.get<Table>(relation)) {
      for (const Column& column : table->columns) {
        if (!column.dropped) names.push_back(column.name);
      }
      return names;
    }
    const auto* view = database_.get<View>(relation);
    if (view == nullptr) return std::nullopt;
    for (const ViewColumn& column : view->columns) names.push_back(column.name);
    return names;
  }

  void bind_list(PgQuery__Node* const* nodes, std::size_t count, const Level& level) {
    for (std::size_t at = 0; at < count; ++at) bind_node(nodes[at], level);
  }

  void bind_node(const PgQuery__Node* node, const Level& level) {
    if (node != nullptr) bind_expressions(node->base, level);
  }

  void bind_expressions(const ProtobufCMessage& expression, const Level& level) {
    walk(expression, [&](const ProtobufCMessage& message) {
      if (message.descriptor == &pg_query__select_stmt__descriptor) {
        bind(reinterpret_cast<const PgQuery__SelectStmt&>(message), &level);
        return false;
      }
      if (message.descriptor == &pg_query__column_ref__descriptor)
        bind_column(reinterpret_cast<const PgQuery__ColumnRef&>(message), level);
      if (message.descriptor == &pg_query__type_name__descriptor)
        add_type(reinterpret_cast<const PgQuery__TypeName&>(message));
      if (message.descriptor == &pg_query__func_call__descriptor)
        add_function(reinterpret_cast<const PgQuery__FuncCall&>(message));
      return true;
    });
  }

  void need(ObjectId id, ColumnId column) {
    Dependency dependency;
    dependency.on = id;
    dependency.on_column = column;
    if (std::find(bound_.needs.begin(), bound_.needs.end(), dependency) == bound_.needs.end())
      bound_.needs.push_back(dependency);
  }

  static bool matches(const Source& source, std::string_view qualifier) {
    return qualifier.empty() || source.alias == qualifier;
  }

  static std::string_view qualifier_of(const PgQuery__ColumnRef& reference) {
    return reference.n_fields > 1 ? string_of(reference.fields[reference.n_fields - 2])
                                  : std::string_view();
  }

  static bool is_system_column(std::string_view name) {
    return name == "ctid" || name == "xmin" || name == "xmax" || name == "cmin" || name == "cmax" ||
           name == "tableoid";
  }

  static bool has(const Source& source, std::string_view name) {
    return source.names &&
           std::find(source.names->begin(), source.names->end(), name) != source.names->end();
  }

  /// The column in one spelling; what an alias renames is known by its place.
  std::string need_column(const Source& source, std::string_view name) {
    const auto* table = database_.get<Table>(source.relation);
    if (table == nullptr || !has(source, name))
      return escaped(fmt::format("{}.{}", quote_identifier(source.alias), quote_identifier(name)));
    auto place =
        std::find(source.names->begin(), source.names->end(), name) - source.names->begin();
    for (std::size_t at = 0; at < table->columns.size(); ++at) {
      if (table->columns[at].dropped || place-- > 0) continue;
      need(table->id, static_cast<ColumnId>(at + 1));
      return escaped(quote_identifier(source.alias)) + "." +
             mark(table->id, static_cast<ColumnId>(at + 1));
    }
    return {};
  }

  void bind_column(const PgQuery__ColumnRef& reference, const Level& level) {
    const std::string_view name = last_name(reference);
    const std::string_view qualifier = qualifier_of(reference);
    std::string& printed = printed_[&reference];
    for (const Level* at = &level; at != nullptr; at = at->outer) {
      bool open = false;
      for (const Source& source : at->sources) {
        if (!matches(source, qualifier)) continue;
        if (name.empty()) {
          printed += all_of(source);
        } else if (has(source, name)) {
          printed = need_column(source, name);
          note_type(reference, source, name);
          return;
        }
        open = open || !source.names || !qualifier.empty();
        const bool unknown = !qualifier.empty() && !name.empty() && source.names &&
                             !is_system_column(name) &&
                             routines_named(database_, "", std::string(name)).empty();
        const bool sure = database_.doubt().empty() && database_.in_doubt().empty();
        if (unknown && sure && !stop_)
          stop_ = refuse("42703", fmt::format("column {}.{} does not exist", qualifier, name),
                         reference.location);
      }
      if (name.empty() || open) break;
    }
    if (!printed.empty()) return;
    printed = qualifier.empty() ? "" : escaped(quote_identifier(qualifier)) + ".";
    printed += name.empty() ? "*" : escaped(quote_identifier(name));
  }

  void note_type(const PgQuery__ColumnRef& reference, const Source& source, std::string_view name) {
    if (const auto* table = database_.get<Table>(source.relation)) {
      if (const ColumnId column = table->find(name); column != 0)
        types_[&reference] = table->column(column).type;
    } else if (const auto* view = database_.get<View>(source.relation)) {
      for (const ViewColumn& column : view->columns) {
        if (column.name == name) types_[&reference] = column.type;
      }
    }
  }

  std::string all_of(const Source& source) {
    if (!source.names) return escaped(quote_identifier(source.alias)) + ".*,";
    std::string printed;
    for (const std::string& name : *source.names) printed += need_column(source, name) + ",";
    return printed;
  }

  void add_type(const PgQuery__TypeName& name) {
    const auto named = resolve_type(database_, name);
    if (!named)
      stop_ = named.error();
    else if (named->type.user != 0)
      need(named->type.user, 0);
  }

  void add_function(const PgQuery__FuncCall& call) {
    const QualifiedName name = qualified(call.funcname, call.n_funcname);
    if (name.schema == "pg_catalog" || (name.schema.empty() && is_built_in_function(name.name)))
      return;
    const auto routines = routines_named(database_, name.schema, name.name);
    if (!routines.empty()) {
      need(routines.front(), 0);
    } else {
      stop_ = refuse("42883",
                     fmt::format("function {}{}() does not exist",
                                 name.schema.empty() ? "" : name.schema + ".", name.name),
                     call.location);
    }
  }

  std::string print_range(const PgQuery__RangeVar& range) const {
    const ObjectId id = resolve(database_, NameSpace::relation, qualified(range));
    std::string printed = id == 0 ? escaped(quote_identifier(range.relname)) : mark(id);
    if (range.inh == 0) printed = "ONLY " + printed;
    return range.alias != nullptr
               ? fmt::format("{} {}", printed, escaped(quote_identifier(range.alias->aliasname)))
               : printed;
  }

  const Database& database_;
  std::map<const PgQuery__ColumnRef*, std::string> printed_;
  std::map<const PgQuery__ColumnRef*, ValueType> types_;  ///< of those that are known
  BoundQuery bound_;
  std::optional<Stop> stop_;
};

}  // namespace

Checked<BoundQuery> bind_query(const Execution& execution, const PgQuery__Node& query) {
  return QueryBinder(execution.database).run(query);
}

}  // namespace backout::postgres
