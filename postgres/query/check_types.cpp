// PostgreSQL gives every part of an expression its type before anything runs, and looks up
// operators, functions and casts by them (parse_oper.c, parse_func.c, parse_coerce.c). Here the
// expression is tried on values that are not known.
// Left out: refusals other than for missing operators and functions (42883), results that do not
// fit (42804) and literals that cannot be read; what stands behind a type that is not worked out.
#include "postgres/query/check_types.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "postgres/catalog/catalog_more.hpp"
#include "postgres/catalog/names.hpp"
#include "postgres/catalog/routines.hpp"
#include "postgres/query/surroundings.hpp"
#include "postgres/query/table_surroundings.hpp"

namespace backout::postgres {
namespace {

/// Whether a routine can be called with that many arguments.
bool takes_so_many(const Database& database, ObjectId id, std::size_t count) {
  const auto* function = database.get<Function>(id);
  if (function == nullptr || function->arguments.find("VARIADIC") != std::string::npos) return true;
  const auto& defaults = function->input_defaults;
  if (count > defaults.size()) return false;
  return std::none_of(defaults.begin() + static_cast<std::ptrdiff_t>(count), defaults.end(),
                      [](const std::string& d) { return d.empty(); });
}

/// Nothing runs: calls of user-made functions give values that are not known.
class TypesOnly : public Forwarding {
 public:
  TypesOnly(const Database& database, Surroundings& base) : Forwarding(base), database_(database) {}

  void note_doubtful_fit(const ValueType& /*from*/, const ValueType& /*to*/) override {}

  Checked<Typed> call(const PgQuery__FuncCall& call, std::span<const Typed> arguments) override {
    const QualifiedName name = qualified(call.funcname, call.n_funcname);
    const auto routines = routines_named(database_, name.schema, name.name);
    if (routines.empty() && name.name != "set_config") return base().call(call, arguments);
    const auto takes = [&](ObjectId id) { return takes_so_many(database_, id, arguments.size()); };
    if (!is_built_in_function(name.name) && std::none_of(routines.begin(), routines.end(), takes)) {
      return tl::unexpected(
          refuse("42883",
                 fmt::format("function {}{} does not exist for these arguments",
                             name.schema.empty() ? "" : name.schema + ".", name.name),
                 call.location));
    }
    return Typed{Value::symbol(Symbol::opaque, new_identity()), plain(TypeClass::unknown)};
  }

  Checked<Relation> function_rows(const PgQuery__FuncCall& call,
                                  std::span<const Typed> /*arguments*/) override {
    return tl::unexpected(not_known("a function in FROM", call.location));
  }

  Checked<Typed> use_sequence(std::string_view /*function*/,
                              std::span<const Typed> /*arguments*/) override {
    return Typed{Value::symbol(Symbol::present, new_identity()), plain(TypeClass::int8)};
  }

 private:
  const Database& database_;
};

/// Of the refusals that an evaluation meets, those that come from types; the others are of values.
bool is_about_types(const Stop& stop) {
  return stop.kind == Stop::Kind::refused && (stop.sqlstate == "42883" || stop.sqlstate == "42804");
}

bool is_literal(const PgQuery__Node& node) {
  return node.node_case == PG_QUERY__NODE__NODE_A_CONST &&
         node.a_const->val_case == PG_QUERY__A__CONST__VAL_SVAL;
}

}  // namespace

Checked<void> check_types(const Execution& execution, const PgQuery__Node& node,
                          std::span<const ScopeColumn> columns, const ValueType& target,
                          std::string_view alias) {
  Database trial = execution.database.without_rows();
  Execution nowhere{trial, execution.trees, execution.depth};
  TableSurroundings base(nowhere);
  TypesOnly surroundings(trial, base);
  std::vector<Value> values;
  for (std::size_t at = 0; at < columns.size(); ++at)
    values.push_back(Value::symbol(Symbol::opaque, trial.new_identity()));
  Scope scope;
  scope.relations.push_back({std::string(alias), columns, values});
  auto result = evaluate(node, scope, surroundings);
  if (!result)
    return is_about_types(result.error()) ? tl::unexpected(result.error()) : Checked<void>();
  if (target.family == TypeClass::unknown || result->type.family == TypeClass::unknown) return {};
  const auto stored = coerce(*result, target, false, surroundings);
  const bool wrong = !stored && stored.error().kind == Stop::Kind::refused &&
                     (is_literal(node) || is_about_types(stored.error()));
  return wrong ? tl::unexpected(stored.error()) : Checked<void>();
}

}  // namespace backout::postgres
