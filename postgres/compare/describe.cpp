// Definitions are those that pg_dump would write and ruleutils.c prints (pg_get_constraintdef,
// pg_get_indexdef, pg_get_expr), each as a text that is the same when the definition is.
// Left out: what extensions bring, temporary objects and the schema backout_kept; what makes a
// range type; statistics targets and options of columns, tablespaces, the values of sequences; who
// granted a privilege.
#include "postgres/compare/describe.hpp"

#include <algorithm>
#include <cassert>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "postgres/catalog/catalog_more.hpp"
#include "postgres/catalog/default_grants.hpp"
#include "postgres/catalog/names.hpp"
#include "postgres/catalog/object_kinds.hpp"
#include "postgres/query/bind.hpp"
#include "postgres/query/print.hpp"

namespace backout::postgres {
namespace {

std::string joined(const std::vector<std::string>& parts, std::string_view separator = ",") {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : std::string(separator)) + part;
  return text;
}

std::string print_grants(std::vector<Grant> grants) {
  std::vector<std::string> parts;
  for (const Grant& grant : grants)
    parts.push_back(
        fmt::format("{}={}{}", grant.grantee, grant.privilege, grant.grantable ? "*" : ""));
  std::sort(parts.begin(), parts.end());
  return joined(parts);
}

class Describer {
 public:
  Describer(const Database& database, Definitions& definitions)
      : database_(database), definitions_(definitions) {}

  void object(const Object& object) {
    const Object* schema =
        object.kind == ObjectKind::schema ? &object : database_.find(object.schema);
    if (schema != nullptr && (schema->name == kTemporarySchema || schema->name == kKeptSchema))
      return;
    if (std::any_of(object.needs.begin(), object.needs.end(),
                    [](const Dependency& n) { return n.kind == DependencyKind::extension; }))
      return;
    const std::string name = name_of(object);
    if (object.comment) definitions_[{"comment", kind_of(object) + " " + name}] = *object.comment;
    if (object.kind == ObjectKind::default_grants) {
      definitions_[{kind_of(object), name}] = print_grants(*object.grants);
      return;
    }
    // What was granted and taken back is no difference: what nobody ever granted anything on grants
    // the same.
    if (object.grants && !same_grants(*object.grants, initial_grants(object)))
      definitions_[{"grant", kind_of(object) + " " + name}] = print_grants(*object.grants);
    if (const auto* table = as<Table>(object)) return this->table(*table, name);
    definitions_[{kind_of(object), name}] = definition_of(object);
    if (const auto* type = as<Type>(object)) attributes_of(*type, name);
    if (const auto* view = as<View>(object)) columns_of(*view, name);
  }

 private:
  template <class T>
  static const T* as(const Object& object) {
    return object.kind == T::kKind ? static_cast<const T*>(&object) : nullptr;
  }

  std::string name_of(const Object& object) const {
    std::string name = object.name;
    if (const auto* function = as<Function>(object)) name += "(" + function->arguments + ")";
    const bool in_table = row_of(object.kind).in_table;
    const Object* parent = in_table ? database_.find(object.parent) : nullptr;
    if (parent != nullptr) name = parent->name + "." + name;
    const Object* schema = database_.find(object.schema);
    return schema == nullptr ? name : schema->name + "." + name;
  }

  static std::string kind_of(const Object& object) {
    const auto* type = as<Type>(object);
    switch (type == nullptr ? '\0' : type->variety) {
      case 'e':
        return "enum";
      case 'c':
        return "composite";
      case 'd':
        return "domain";
      default:
        return std::string(row_of(object.kind).compared);
    }
  }

  std::string definition_of(const Object& object) const {
    switch (object.kind) {
      case ObjectKind::schema:
        return "owner=" + object.owner;
      case ObjectKind::constraint:
        return constraint(static_cast<const Constraint&>(object));
      case ObjectKind::index:
        return index(static_cast<const Index&>(object));
      case ObjectKind::sequence:
        return sequence(static_cast<const Sequence&>(object));
      case ObjectKind::type:
        return type(static_cast<const Type&>(object));
      case ObjectKind::view:
        return view(static_cast<const View&>(object));
      case ObjectKind::function:
        return function(static_cast<const Function&>(object));
      case ObjectKind::trigger:
        return trigger(static_cast<const Trigger&>(object));
      case ObjectKind::policy:
        return policy(static_cast<const Policy&>(object));
      case ObjectKind::rule:
        return present_names(database_, static_cast<const Rule&>(object).definition);
      case ObjectKind::statistics:
        return present_names(database_, static_cast<const Statistics&>(object).definition);
      case ObjectKind::event_trigger:
        return static_cast<const EventTrigger&>(object).definition;
      case ObjectKind::role:
        return static_cast<const Role&>(object).definition;
      case ObjectKind::extension:
        return static_cast<const Extension&>(object).definition;
      case ObjectKind::table:           // column by column
      case ObjectKind::default_grants:  // what they grant is all of them
        return {};
    }
    assert(false);
    return {};
  }

  void table(const Table& table, const std::string& name) {
    std::string text =
        fmt::format("kind={} pers={} owner={} opts={} ri={}", table.relkind, table.persistence,
                    table.owner, joined(table.options), table.replica_identity);
    if (table.row_security) text += " rls";
    if (table.force_row_security) text += " forcerls";
    if (!table.partition_key.empty()) text += " partition by " + table.partition_key;
    if (!table.partition_bound.empty()) text += " " + table.partition_bound;
    for (const ObjectId parent : table.inherits) {
      if (const Object* object = database_.find(parent))
        text += " inherits " + printed_name(database_, *object);
    }
    definitions_[{"table", name}] = std::move(text);
    std::string order;
    for (const Column& column : table.columns) {
      if (column.dropped) continue;
      order += (order.empty() ? "" : ",") + column.name;
      definitions_[{"column", name + "." + column.name}] = this->column(column);
      if (column.comment)
        definitions_[{"comment", "column " + name + "." + column.name}] = *column.comment;
      if (!column.grants.empty())
        definitions_[{"grant", "column " + name + "." + column.name}] = print_grants(column.grants);
    }
    definitions_[{"colorder", name}] = std::move(order);
  }

  std::string column(const Column& column) const {
    std::string text = print_type(database_, column.type, column.modifiers);
    if (column.not_null) text += " NOT NULL";
    if (column.inherited && column.local) text += " LOCAL";  // it stays when the parent's goes
    if (column.generated) text += " GENERATED";
    if (column.default_value)
      text += " DEFAULT " + present_names(database_, column.default_value.text);
    if (column.identity != '\0') text += fmt::format(" IDENTITY {}", column.identity);
    if (!column.collation.empty()) text += " COLLATE " + column.collation;
    if (column.storage != '\0' && column.storage != standard_storage(column.type))
      text += fmt::format(" STORAGE {}", column.storage);
    if (!column.compression.empty() && column.compression != "default")
      text += " COMPRESSION " + column.compression;
    return text;
  }

  static char standard_storage(const ValueType& type) {
    if (type.is_array()) return 'x';
    switch (type.family) {
      case TypeClass::numeric:
      case TypeClass::inet:
        return 'm';
      case TypeClass::text:
      case TypeClass::varchar:
      case TypeClass::bpchar:
      case TypeClass::json:
      case TypeClass::jsonb:
      case TypeClass::bytea:
        return 'x';
      default:
        return 'p';
    }
  }

  void columns_of(const View& view, const std::string& name) {
    for (const ViewColumn& column : view.columns) {
      definitions_[{"column", name + "." + column.name}] = print_type(database_, column.type, "");
      if (column.comment)
        definitions_[{"comment", "column " + name + "." + column.name}] = *column.comment;
      if (!column.grants.empty())
        definitions_[{"grant", "column " + name + "." + column.name}] = print_grants(column.grants);
    }
  }

  void attributes_of(const Type& type, const std::string& name) {
    for (const TypeAttribute& attribute : type.attributes) {
      if (attribute.comment)
        definitions_[{"comment", "column " + name + "." + attribute.name}] = *attribute.comment;
    }
  }

  std::string names(ObjectId table, const std::vector<ColumnId>& columns) const {
    const auto* owner = database_.get<Table>(table);
    std::vector<std::string> parts;
    for (const ColumnId column : columns)
      parts.push_back(owner == nullptr ? "?" : quote_identifier(owner->column(column).name));
    return joined(parts, ", ");
  }

  std::string constraint(const Constraint& constraint) const {
    std::string text;
    switch (constraint.type) {
      case 'c':
        text = "CHECK (" + present_names(database_, constraint.check.text) + ")";
        break;
      case 'p':
        text = fmt::format("PRIMARY KEY ({})", names(constraint.parent, constraint.columns));
        break;
      case 'u':
        text = fmt::format("UNIQUE ({})", names(constraint.parent, constraint.columns));
        break;
      case 'x':
        text = "EXCLUDE";
        break;
      default: {
        const Object* other = database_.find(constraint.referenced);
        text = fmt::format("FOREIGN KEY ({}) REFERENCES {}({})",
                           names(constraint.parent, constraint.columns),
                           other == nullptr ? "?" : printed_name(database_, *other),
                           names(constraint.referenced, constraint.referenced_columns));
        text +=
            fmt::format(" {}{}{}", constraint.match, constraint.on_update, constraint.on_delete);
        if (!constraint.delete_set_columns.empty())
          text += fmt::format(" ({})", names(constraint.parent, constraint.delete_set_columns));
      }
    }
    if (const auto* owned =
            constraint.type == 'f' ? nullptr : database_.get<Index>(constraint.index)) {
      if (!owned->included.empty())
        text += fmt::format(" INCLUDE ({})", names(owned->parent, owned->included));
      if (owned->nulls_not_distinct) text += " NULLS NOT DISTINCT";
    }
    if (constraint.deferrable) text += " DEFERRABLE";
    if (constraint.initially_deferred) text += " INITIALLY DEFERRED";
    if (constraint.not_valid) text += " NOT VALID";
    if (constraint.no_inherit) text += " NO INHERIT";
    if (constraint.unchecked) text += " (not checked: the triggers of its table are disabled)";
    if (constraint.not_followed)
      text += " (not followed: the triggers of the other table are disabled)";
    return text;
  }

  std::string index(const Index& index) const {
    const Object* owner = database_.find(index.parent);
    std::string parts;
    for (const IndexColumn& column : index.columns) {
      parts += parts.empty() ? "" : ", ";
      parts += column.column != 0 ? names(index.parent, {column.column})
                                  : present_names(database_, column.expression.text);
      if (!column.collation.empty() && column.collation != "default")
        parts += " COLLATE " + column.collation;
      if (!column.operator_class.empty() && !is_standard_class(index, column))
        parts += " " + column.operator_class;
      if (!column.operator_options.empty()) parts += " (" + column.operator_options + ")";
      if (column.descending) parts += " DESC";
      if (column.nulls_first != column.descending)
        parts += column.nulls_first ? " NULLS FIRST" : " NULLS LAST";
      if (!column.exclusion.empty()) parts += " WITH " + column.exclusion;
    }
    std::string text =
        fmt::format("CREATE {}INDEX ON {}{} USING {} ({})", index.unique ? "UNIQUE " : "",
                    index.only ? "ONLY " : "",
                    owner == nullptr ? "?" : printed_name(database_, *owner), index.method, parts);
    if (!index.included.empty())
      text += fmt::format(" INCLUDE ({})", names(index.parent, index.included));
    if (index.nulls_not_distinct) text += " NULLS NOT DISTINCT";
    if (!index.options.empty()) text += fmt::format(" WITH ({})", joined(index.options));
    if (index.where) text += " WHERE " + present_names(database_, index.where.text);
    if (!index.valid) text += " INVALID";
    if (index.clustered) text += " CLUSTERED";
    if (index.replica_identity) text += " REPLIDENT";
    return text;
  }

  bool is_standard_class(const Index& index, const IndexColumn& column) const {
    const auto* table = database_.get<Table>(index.parent);
    if (table == nullptr || column.column == 0) return false;
    const TypeClass family = table->column(column.column).type.family;
    if (index.method == "gin")
      return column.operator_class == "jsonb_ops" || column.operator_class == "array_ops" ||
             column.operator_class == "tsvector_ops";
    if (index.method != "btree") return false;
    if (family == TypeClass::text || family == TypeClass::varchar)
      return column.operator_class == "text_ops" || column.operator_class == "varchar_ops";
    return column.operator_class == family_class(family);
  }

  static std::string family_class(TypeClass family) {
    switch (family) {
      case TypeClass::int2:
        return "int2_ops";
      case TypeClass::int4:
        return "int4_ops";
      case TypeClass::int8:
        return "int8_ops";
      case TypeClass::uuid:
        return "uuid_ops";
      case TypeClass::timestamptz:
        return "timestamptz_ops";
      case TypeClass::timestamp:
        return "timestamp_ops";
      case TypeClass::boolean:
        return "bool_ops";
      case TypeClass::date:
        return "date_ops";
      default:
        return {};
    }
  }

  std::string sequence(const Sequence& sequence) const {
    std::string text =
        fmt::format("{} start={} by={} min={} max={} cache={} cycle={} owner={}",
                    describe(plain(sequence.type)), sequence.start, sequence.increment,
                    sequence.least, sequence.most, sequence.cache, sequence.cycle, sequence.owner);
    if (const auto* table = database_.get<Table>(sequence.owned_by)) {
      text += fmt::format(" owned={}.{}", printed_name(database_, *table),
                          table->column(sequence.owned_column).name);
    }
    return text;
  }

  std::string type(const Type& type) const {
    std::string text;
    if (type.variety == 'e') {
      for (const std::string& label : type.labels)
        text += (text.empty() ? "" : ",") + quote_literal(label);
    } else if (type.variety == 'c') {
      for (const TypeAttribute& attribute : type.attributes) {
        text += fmt::format("{}{} {}", text.empty() ? "" : ",", attribute.name,
                            print_type(database_, attribute.type, attribute.modifiers));
      }
    } else if (type.variety == 'd') {
      text = print_type(database_, type.base, type.base_modifiers);
      if (type.not_null) text += " NOT NULL";
      if (type.default_value)
        text += " DEFAULT " + present_names(database_, type.default_value.text);
    }
    return text;
  }

  std::string view(const View& view) const {
    return fmt::format("{}{}{} owner={} opts={}", view.materialized ? "MATERIALIZED " : "",
                       view.populated ? "" : "EMPTY ", present_names(database_, view.query.text),
                       view.owner, joined(view.options));
  }

  static std::string function(const Function& function) {
    return fmt::format("{} RETURNS {} LANGUAGE {} {} owner={} AS {}", function.variety,
                       function.returns, function.language, function.properties, function.owner,
                       function.body);
  }

  std::string trigger(const Trigger& trigger) const {
    const Object* function = database_.find(trigger.function);
    return fmt::format("{} {}{}{}{} row={} of ({}) {} {} en={}", trigger.timing,
                       trigger.on_insert ? "i" : "", trigger.on_update ? "u" : "",
                       trigger.on_delete ? "d" : "", trigger.on_truncate ? "t" : "", trigger.row,
                       names(trigger.parent, trigger.columns),
                       function == nullptr ? "" : printed_name(database_, *function),
                       present_names(database_, trigger.definition), trigger.enabled);
  }

  std::string policy(const Policy& policy) const {
    return fmt::format("{} {} to {} using {} check {}", policy.command,
                       policy.permissive ? "permissive" : "restrictive", joined(policy.roles),
                       present_names(database_, policy.using_text),
                       present_names(database_, policy.check_text));
  }

  const Database& database_;
  Definitions& definitions_;
};

}  // namespace

void describe_object(const Database& database, const Object& object, Definitions& definitions) {
  Describer(database, definitions).object(object);
}

}  // namespace backout::postgres
