// PostgreSQL stores the analysed query of a view as its rule, and CREATE OR REPLACE may only add
// columns behind (checkViewTupleDesc() in view.c). A materialised view keeps rows (matview.c).
// A view of what is temporary is temporary itself.
// Left out: rows of materialised views: they are worked out from the query when they are read, and
// REFRESH only notes that there are some. Whether a column keeps its type is in doubt where the
// types seem to differ; a view that is no SELECT is not known.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "postgres/catalog/catalog_more.hpp"
#include "postgres/catalog/names.hpp"
#include "postgres/ddl/define.hpp"
#include "postgres/execute/handlers.hpp"
#include "postgres/query/query.hpp"
#include "postgres/query/table_surroundings.hpp"
#include "postgres/query/view_query.hpp"

namespace backout::postgres {
namespace {

/// Columns of a query, found without any row, else their names alone: 42703, 42883 and the like
/// when it is wrong.
Checked<std::vector<ViewColumn>> columns_of(const Execution& execution, const PgQuery__Node& query,
                                            const std::vector<std::string>& known_names,
                                            PgQuery__Node* const* names, std::size_t count) {
  if (query.node_case != PG_QUERY__NODE__NODE_SELECT_STMT)
    return tl::unexpected(not_known("a view that is no SELECT"));
  Database empty = execution.database.without_rows();
  Execution trial{empty, execution.trees, 0};
  TableSurroundings surroundings(trial);
  auto rows = run_select(*query.select_stmt, {}, surroundings);
  std::vector<ViewColumn> columns;
  if (!rows) {
    const bool named_wrong =
        rows.error().kind == Stop::Kind::refused && rows.error().sqlstate.starts_with("42");
    if (named_wrong) return tl::unexpected(rows.error());
    for (const std::string& name : known_names)
      columns.push_back({name, plain(TypeClass::unknown), {}});
  } else {
    for (const ScopeColumn& column : rows->columns) {
      const bool literal = column.type.family == TypeClass::unknown_literal;
      columns.push_back({column.name, literal ? plain(TypeClass::text) : column.type, {}});
    }
  }
  for (std::size_t at = 0; at < std::min(count, columns.size()); ++at)
    columns[at].name = string_of(names[at]);
  return columns;
}

/// 42P16 when CREATE OR REPLACE VIEW would rename, retype or drop a column.
Checked<void> keeps_columns(Database& database, const View& before, const View& after) {
  if (after.columns.size() < before.columns.size()) {
    return tl::unexpected(refuse("42P16", "cannot drop columns from view"));
  }
  for (std::size_t at = 0; at < before.columns.size(); ++at) {
    const ViewColumn& one = before.columns[at];
    const ViewColumn& two = after.columns[at];
    if (one.name != two.name && !one.name.empty() && !two.name.empty()) {
      return tl::unexpected(refuse(
          "42P16",
          fmt::format("cannot change name of view column \"{}\" to \"{}\"", one.name, two.name)));
    }
    // The types of expressions are only partly worked out, so a difference may be the fake's own.
    const bool known =
        one.type.family != TypeClass::unknown && two.type.family != TypeClass::unknown;
    if (known && !(one.type == two.type)) {
      database.put_in_doubt(before.id,
                            fmt::format("whether view column \"{}\" keeps its type", one.name));
    }
  }
  return {};
}

/// 42P07 when the name is taken, 42809 when what has it cannot be replaced by a view.
Checked<void> name_is_free(const Database& database, const View& view, ObjectId old,
                           bool replaces) {
  if (old == 0) return {};
  if (!replaces)
    return tl::unexpected(
        refuse("42P07", fmt::format("relation \"{}\" already exists", view.name)));
  const auto* replaced = database.get<View>(old);
  if (replaced != nullptr && !replaced->materialized) return {};
  return tl::unexpected(refuse("42809", fmt::format("\"{}\" is not a view", view.name)));
}

/// What a view is called, its select list and the names that it gives to its columns.
struct ViewBody {
  const PgQuery__RangeVar& name;
  const PgQuery__Node& query;
  PgQuery__Node* const* names;
  std::size_t count;
};

/// Whether a query reads what is temporary.
bool reads_temporary(const Database& database, const std::vector<Dependency>& needs) {
  const ObjectId temporary = database.schema_named(kTemporarySchema);
  return temporary != 0 && std::any_of(needs.begin(), needs.end(), [&](const Dependency& need) {
           return database.find(need.on)->schema == temporary;
         });
}

/// The schema of a new view, which is temporary when what it reads is.
Checked<ObjectId> schema_of(Database& database, const View& view, const PgQuery__RangeVar& name,
                            const std::vector<Dependency>& needs) {
  if (!reads_temporary(database, needs)) return relation_schema(database, name);
  if (view.materialized) {
    return tl::unexpected(
        refuse("0A000", "materialized views must not use temporary tables or views"));
  }
  PgQuery__RangeVar temporary = name;
  std::string persistence = "t";
  temporary.relpersistence = persistence.data();
  return relation_schema(database, temporary);
}

/// Stores a new view in the place of what has its name, when it `replaces`.
Checked<void> store(Execution& execution, std::shared_ptr<View> view, const ViewBody& body,
                    bool replaces) {
  const PgQuery__Node& query = body.query;
  auto bound = bind_query(execution, query);
  if (!bound) return tl::unexpected(bound.error());
  const auto schema = schema_of(execution.database, *view, body.name, bound->needs);
  if (!schema) return tl::unexpected(schema.error());
  view->schema = *schema;
  const ObjectId old = execution.database.lookup(NameSpace::relation, view->schema, view->name);
  auto columns = columns_of(execution, query, bound->columns, body.names, body.count);
  if (!columns) return tl::unexpected(columns.error());
  if (auto free = name_is_free(execution.database, *view, old, replaces); !free) return free;
  view->columns = std::move(*columns);
  view->needs = std::move(bound->needs);
  view->query = {execution.trees, &query, {}, std::move(bound->text)};
  if (old == 0) {
    execution.database.add(std::move(view));
    return {};
  }
  const View& before = *execution.database.get<View>(old);
  if (auto kept = keeps_columns(execution.database, before, *view); !kept) return kept;
  view->id = old;
  view->comment = before.comment;
  view->grants = before.grants;
  view->owner = before.owner;
  for (std::size_t at = 0; at < before.columns.size(); ++at) {
    view->columns[at].comment = before.columns[at].comment;
    view->columns[at].grants = before.columns[at].grants;
  }
  execution.database.replace(std::move(view));
  return {};
}

}  // namespace

Checked<void> create_view(Execution& execution, const PgQuery__Node& node) {
  const PgQuery__ViewStmt& statement = *node.view_stmt;
  auto view = std::make_shared<View>();
  view->name = truncated_identifier(statement.view->relname);
  view->options = storage_options(statement.options, statement.n_options);
  if (statement.with_check_option == PG_QUERY__VIEW_CHECK_OPTION__LOCAL_CHECK_OPTION)
    view->options.emplace_back("check_option=local");
  if (statement.with_check_option == PG_QUERY__VIEW_CHECK_OPTION__CASCADED_CHECK_OPTION)
    view->options.emplace_back("check_option=cascaded");
  return store(execution, std::move(view),
               {*statement.view, *statement.query, statement.aliases, statement.n_aliases},
               statement.replace != 0);
}

Checked<void> create_materialized_view(Execution& execution,
                                       const PgQuery__CreateTableAsStmt& statement) {
  Database& database = execution.database;
  auto schema = creation_schema(database, qualified(*statement.into->rel).schema);
  if (!schema) return tl::unexpected(schema.error());
  auto view = std::make_shared<View>();
  view->schema = *schema;
  view->name = truncated_identifier(statement.into->rel->relname);
  view->materialized = true;
  view->populated = statement.into->skip_data == 0;
  view->options = storage_options(statement.into->options, statement.into->n_options);
  if (statement.if_not_exists != 0 &&
      database.lookup(NameSpace::relation, *schema, view->name) != 0)
    return {};
  return store(execution, std::move(view),
               {*statement.into->rel, *statement.query, statement.into->col_names,
                statement.into->n_col_names},
               false);
}

Checked<void> refresh_view(Execution& execution, const PgQuery__Node& node) {
  const PgQuery__RefreshMatViewStmt& statement = *node.refresh_mat_view_stmt;
  auto id = require_relation(execution.database, *statement.relation);
  if (!id) return tl::unexpected(id.error());
  const auto* view = execution.database.get<View>(*id);
  if (view == nullptr || !view->materialized) {
    return tl::unexpected(refuse(
        "0A000", fmt::format("\"{}\" is not a materialized view", statement.relation->relname)));
  }
  auto changed = execution.database.edit<View>(*id);
  changed->populated = statement.skip_data == 0;
  execution.database.replace(std::move(changed));
  return {};
}

}  // namespace backout::postgres
