// Bounds and start of a sequence follow from its type and direction unless they are said; a new
// type moves only bounds that were those of the old one (init_params() in sequence.c).
// Left out: that a sequence and the table that owns it must have one owner and one schema (55000),
// that CACHE must be positive; numbers that no bigint holds.
#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "postgres/catalog/names.hpp"
#include "postgres/ddl/define.hpp"
#include "postgres/execute/handlers.hpp"
#include "postgres/values/number_text.hpp"

namespace backout::postgres {
namespace {

struct Bounds {
  std::int64_t least;
  std::int64_t most;
};

Bounds bounds_of(TypeClass type) {
  if (type == TypeClass::int2) return {-32'768, 32'767};
  if (type == TypeClass::int4) return {-2'147'483'648, 2'147'483'647};
  return {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()};
}

std::int64_t number_of(const PgQuery__Node* node) {
  const std::string text = option_text(node);
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

void set_owner_column(Sequence& sequence, ObjectId table, ColumnId column, bool internal) {
  std::erase_if(sequence.needs,
                [](const Dependency& need) { return need.kind != DependencyKind::normal; });
  sequence.owned_by = table;
  sequence.owned_column = column;
  sequence.internal = internal;
  if (table == 0) return;
  const auto kind = internal ? DependencyKind::internal : DependencyKind::automatic;
  sequence.needs.push_back({.on = table, .on_column = column, .kind = kind});
}

Checked<void> own(Execution& execution, Sequence& sequence, const PgQuery__List& path) {
  const std::size_t count = path.n_items;
  if (count == 1 && string_of(path.items[0]) == "none") {
    set_owner_column(sequence, 0, 0, false);
    return {};
  }
  if (count < 2) return tl::unexpected(refuse("42601", "invalid OWNED BY option"));
  const ObjectId table =
      resolve(execution.database, NameSpace::relation, qualified(path.items, count - 1));
  const auto* owner = execution.database.get<Table>(table);
  if (owner == nullptr) {
    return tl::unexpected(refuse(
        "42P01", fmt::format("relation \"{}\" does not exist", string_of(path.items[count - 2]))));
  }
  const ColumnId column = owner->find(string_of(path.items[count - 1]));
  if (column == 0) {
    return tl::unexpected(
        refuse("42703", fmt::format("column \"{}\" of relation \"{}\" does not exist",
                                    string_of(path.items[count - 1]), owner->name)));
  }
  set_owner_column(sequence, table, column, false);
  return {};
}

}  // namespace

std::string option_text(const PgQuery__Node* value) {
  if (value == nullptr) return {};
  switch (value->node_case) {
    case PG_QUERY__NODE__NODE_STRING:
      return value->string->sval;
    case PG_QUERY__NODE__NODE_INTEGER:
      return fmt::format("{}", value->integer->ival);
    case PG_QUERY__NODE__NODE_FLOAT:
      return value->float_->fval;
    case PG_QUERY__NODE__NODE_BOOLEAN:
      return value->boolean->boolval != 0 ? "true" : "false";
    case PG_QUERY__NODE__NODE_TYPE_NAME:
      return qualified(value->type_name->names, value->type_name->n_names).name;
    case PG_QUERY__NODE__NODE_LIST:
      return qualified(value->list->items, value->list->n_items).name;
    case PG_QUERY__NODE__NODE_A_CONST: {
      const PgQuery__AConst& constant = *value->a_const;
      if (constant.val_case == PG_QUERY__A__CONST__VAL_IVAL)
        return fmt::format("{}", constant.ival->ival);
      if (constant.val_case == PG_QUERY__A__CONST__VAL_FVAL) return constant.fval->fval;
      if (constant.val_case == PG_QUERY__A__CONST__VAL_SVAL) return constant.sval->sval;
      if (constant.val_case == PG_QUERY__A__CONST__VAL_BOOLVAL)
        return constant.boolval->boolval != 0 ? "true" : "false";
      return "0";
    }
    default:
      return {};
  }
}

Checked<void> apply_sequence_options(Execution& execution, Sequence& sequence,
                                     const PgQuery__Node* const* options, std::size_t count,
                                     bool creating) {
  bool least_set = false;
  bool most_set = false;
  bool least_reset = creating;  // to that of the type: NO MINVALUE
  bool most_reset = creating;
  bool start_set = false;
  const Bounds old = bounds_of(sequence.type);
  bool retyped = false;
  for (std::size_t at = 0; at < count; ++at) {
    const PgQuery__DefElem& option = *options[at]->def_elem;
    const std::string_view name = option.defname;
    if (name == "as") {
      const auto type = resolve_type(execution.database, *option.arg->type_name);
      if (!type) return tl::unexpected(type.error());
      if (!is_integer(type->type.family)) {
        return tl::unexpected(
            refuse("22023", "sequence type must be smallint, integer, or bigint"));
      }
      sequence.type = type->type.family;
      retyped = true;
    } else if (name == "increment") {
      sequence.increment = number_of(option.arg);
      if (sequence.increment == 0)
        return tl::unexpected(refuse("22023", "INCREMENT must not be zero"));
    } else if (name == "minvalue") {
      least_set = option.arg != nullptr;
      least_reset = !least_set;
      if (least_set) sequence.least = number_of(option.arg);
    } else if (name == "maxvalue") {
      most_set = option.arg != nullptr;
      most_reset = !most_set;
      if (most_set) sequence.most = number_of(option.arg);
    } else if (name == "start") {
      start_set = true;
      sequence.start = number_of(option.arg);
    } else if (name == "cache") {
      sequence.cache = number_of(option.arg);
    } else if (name == "cycle") {
      sequence.cycle = option.arg == nullptr || option_text(option.arg) != "false";
    } else if (name == "restart") {
      sequence.last = option.arg == nullptr ? sequence.start : number_of(option.arg);
      sequence.used = false;
    } else if (name == "owned_by") {
      if (auto owned = own(execution, sequence, *option.arg->list); !owned) return owned;
    }
  }
  const Bounds bounds = bounds_of(sequence.type);
  const bool up = sequence.increment > 0;
  // A new type moves the bounds that were those of the old one.
  if (retyped && !most_set)
    most_reset = most_reset || sequence.most == old.most || sequence.most == -1;
  if (retyped && !least_set)
    least_reset = least_reset || sequence.least == old.least || sequence.least == 1;
  if (most_reset) sequence.most = up ? bounds.most : -1;
  if (least_reset) sequence.least = up ? 1 : bounds.least;
  if (creating && !start_set) sequence.start = up ? sequence.least : sequence.most;
  if (sequence.least >= sequence.most)
    return tl::unexpected(refuse("22023", "MINVALUE must be less than MAXVALUE"));
  if (sequence.start < sequence.least || sequence.start > sequence.most ||
      sequence.most > bounds.most) {
    return tl::unexpected(refuse("22023", "START value is out of the bounds of the sequence"));
  }
  if (creating) sequence.last = sequence.start;
  if (sequence.last < sequence.least) {
    return tl::unexpected(
        refuse("22023", fmt::format("RESTART value ({}) cannot be less than MINVALUE ({})",
                                    sequence.last, sequence.least)));
  }
  if (sequence.last > sequence.most) {
    return tl::unexpected(
        refuse("22023", fmt::format("RESTART value ({}) cannot be greater than MAXVALUE ({})",
                                    sequence.last, sequence.most)));
  }
  return {};
}

Checked<ObjectId> create_owned_sequence(Execution& execution, ObjectId table, ColumnId column,
                                        bool identity, const PgQuery__Node* const* options,
                                        std::size_t count) {
  const Table& owner = *execution.database.get<Table>(table);
  auto sequence = std::make_shared<Sequence>();
  sequence->schema = owner.schema;
  sequence->owner = owner.owner;
  sequence->persistence = owner.persistence;
  sequence->type = owner.column(column).type.family;
  sequence->name = choose_relation_name(execution.database, owner.schema, owner.name,
                                        owner.column(column).name, "seq", false);
  for (std::size_t at = 0; at < count; ++at) {
    if (std::string_view(options[at]->def_elem->defname) != "sequence_name") continue;
    sequence->name = option_text(options[at]->def_elem->arg);
  }
  if (!is_integer(sequence->type)) {
    return tl::unexpected(
        refuse("22023", "identity column type must be smallint, integer, or bigint"));
  }
  if (auto applied = apply_sequence_options(execution, *sequence, options, count, true); !applied)
    return tl::unexpected(applied.error());
  set_owner_column(*sequence, table, column, identity);
  return execution.database.add(std::move(sequence));
}

Checked<void> create_sequence(Execution& execution, const PgQuery__Node& node) {
  const PgQuery__CreateSeqStmt& statement = *node.create_seq_stmt;
  auto schema = relation_schema(execution.database, *statement.sequence);
  if (!schema) return tl::unexpected(schema.error());
  auto sequence = std::make_shared<Sequence>();
  sequence->schema = *schema;
  sequence->name = truncated_identifier(statement.sequence->relname);
  const bool exists = execution.database.lookup(NameSpace::relation, *schema, sequence->name) != 0;
  if (exists && statement.if_not_exists != 0) return {};
  if (statement.sequence->relpersistence != nullptr)
    sequence->persistence = statement.sequence->relpersistence[0];
  if (auto applied = apply_sequence_options(execution, *sequence, statement.options,
                                            statement.n_options, true);
      !applied)
    return applied;
  if (exists)
    return tl::unexpected(
        refuse("42P07", fmt::format("relation \"{}\" already exists", sequence->name)));
  execution.database.add(std::move(sequence));
  return {};
}

Checked<void> alter_sequence(Execution& execution, const PgQuery__Node& node) {
  const PgQuery__AlterSeqStmt& statement = *node.alter_seq_stmt;
  const ObjectId id =
      resolve(execution.database, NameSpace::relation, qualified(*statement.sequence));
  if (id == 0 && statement.missing_ok != 0) return {};
  if (auto found = require_relation(execution.database, *statement.sequence); !found)
    return tl::unexpected(found.error());
  if (execution.database.get<Sequence>(id) == nullptr) {
    return tl::unexpected(
        refuse("42809", fmt::format("\"{}\" is not a sequence", statement.sequence->relname)));
  }
  auto sequence = execution.database.edit<Sequence>(id);
  if (auto applied = apply_sequence_options(execution, *sequence, statement.options,
                                            statement.n_options, false);
      !applied)
    return applied;
  execution.database.replace(std::move(sequence));
  return {};
}

}  // namespace backout::postgres
