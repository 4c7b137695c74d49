#include "services/postgres/view_query.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "services/postgres/catalog_more.hpp"
#include "services/postgres/expression.hpp"
#include "services/postgres/names.hpp"
#include "services/postgres/bind.hpp"
#include "services/postgres/print.hpp"
#include "services/postgres/routines.hpp"
#include "services/postgres/tree_walk.hpp"

namespace backout::postgres {
namespace {

/// A relation of the catalog that the query reads, and what it is called there.
struct Source {
  ObjectId relation = 0;
  std::string alias;
};

class QueryBinder {
 public:
  explicit QueryBinder(const Database& database) : database_(database) {}

  Checked<BoundQuery> run(const PgQuery__Node& query) {
    walk(query.base, [&](const ProtobufCMessage& message) {
      if (message.descriptor == &pg_query__range_var__descriptor) add_source(reinterpret_cast<const PgQuery__RangeVar&>(message));
      return true;
    });
    walk(query.base, [&](const ProtobufCMessage& message) {
      if (message.descriptor == &pg_query__column_ref__descriptor) add_column(reinterpret_cast<const PgQuery__ColumnRef&>(message));
      if (message.descriptor == &pg_query__type_name__descriptor) add_type(reinterpret_cast<const PgQuery__TypeName&>(message));
      if (message.descriptor == &pg_query__func_call__descriptor) add_function(reinterpret_cast<const PgQuery__FuncCall&>(message));
      return true;
    });
    if (stop_) return tl::unexpected(std::move(*stop_));
    Printing printing;
    printing.column = [&](const PgQuery__ColumnRef& reference) { return print_column(reference); };
    printing.type = [&](const PgQuery__TypeName& name) {
      const auto named = resolve_type(database_, name);
      return named ? print_type(database_, named->type, named->modifiers) : std::string("?");
    };
    printing.relation = [](std::string_view text) { return quote_literal(text); };
    printing.range = [&](const PgQuery__RangeVar& range) { return print_range(range); };
    bound_.text = print_tree(query, printing);
    return std::move(bound_);
  }

 private:
  void add_source(const PgQuery__RangeVar& range) {
    const ObjectId id = resolve(database_, NameSpace::relation, qualified(range));
    if (id == 0) return;
    sources_.push_back({id, range.alias != nullptr ? range.alias->aliasname : range.relname});
    need(id, 0);
  }

  void need(ObjectId id, ColumnId column) {
    Dependency dependency;
    dependency.on = id;
    dependency.on_column = column;
    if (std::find(bound_.needs.begin(), bound_.needs.end(), dependency) == bound_.needs.end()) bound_.needs.push_back(dependency);
  }

  ColumnId column_in(ObjectId relation, std::string_view name) const {
    const auto* table = database_.get<Table>(relation);
    return table == nullptr ? ColumnId{0} : table->find(name);
  }

  bool matches(const Source& source, std::string_view qualifier) const { return qualifier.empty() || source.alias == qualifier; }

  static std::string_view qualifier_of(const PgQuery__ColumnRef& reference) {
    return reference.n_fields > 1 ? string_of(reference.fields[reference.n_fields - 2]) : std::string_view();
  }

  void add_column(const PgQuery__ColumnRef& reference) {
    const std::string_view name = last_name(reference);
    const std::string_view qualifier = qualifier_of(reference);
    for (const Source& source : sources_) {
      if (!matches(source, qualifier)) continue;
      if (name.empty()) {
        add_all(source.relation);
      } else if (const ColumnId column = column_in(source.relation, name); column != 0) {
        need(source.relation, column);
      }
    }
  }

  void add_all(ObjectId relation) {
    const auto* table = database_.get<Table>(relation);
    for (std::size_t at = 0; table != nullptr && at < table->columns.size(); ++at) {
      if (!table->columns[at].dropped) need(relation, static_cast<ColumnId>(at + 1));
    }
  }

  void add_type(const PgQuery__TypeName& name) {
    const auto named = resolve_type(database_, name);
    if (!named) stop_ = named.error();
    else if (named->type.user != 0) need(named->type.user, 0);
  }

  void add_function(const PgQuery__FuncCall& call) {
    const QualifiedName name = qualified(call.funcname, call.n_funcname);
    if (name.schema == "pg_catalog" || (name.schema.empty() && is_built_in_function(name.name))) return;
    const auto routines = routines_named(database_, name.schema, name.name);
    if (!routines.empty()) {
      need(routines.front(), 0);
    } else {
      stop_ = refuse("42883", fmt::format("function \"{}\"() does not exist", name.name), call.location);
    }
  }

  std::string print_column(const PgQuery__ColumnRef& reference) const {
    const std::string_view name = last_name(reference);
    const std::string_view qualifier = qualifier_of(reference);
    std::string printed = qualifier.empty() ? std::string() : quote_identifier(qualifier) + ".";
    for (const Source& source : sources_) {
      if (!matches(source, qualifier)) continue;
      if (name.empty()) {
        const auto* table = database_.get<Table>(source.relation);
        for (std::size_t at = 0; table != nullptr && at < table->columns.size(); ++at) {
          if (!table->columns[at].dropped) printed += fmt::format("{}.\x01{}.{}\x02,", source.alias, source.relation, at + 1);
        }
      } else if (const ColumnId column = column_in(source.relation, name); column != 0) {
        return printed + fmt::format("\x01{}.{}\x02", source.relation, column);
      }
    }
    return name.empty() ? printed + "*" : printed + quote_identifier(name);
  }

  std::string print_range(const PgQuery__RangeVar& range) const {
    const ObjectId id = resolve(database_, NameSpace::relation, qualified(range));
    std::string printed = id == 0 ? quote_identifier(range.relname) : fmt::format("\x01{}.0\x02", id);
    if (range.inh == 0) printed = "ONLY " + printed;
    return range.alias != nullptr ? fmt::format("{} {}", printed, quote_identifier(range.alias->aliasname)) : printed;
  }

  const Database& database_;
  std::vector<Source> sources_;
  BoundQuery bound_;
  std::optional<Stop> stop_;
};

}  // namespace

Checked<BoundQuery> bind_query(const Execution& execution, const PgQuery__Node& query) {
  return QueryBinder(execution.database).run(query);
}

}  // namespace backout::postgres
