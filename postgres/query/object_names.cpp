// A regclass is the number of a relation, printed as its name; to_regclass() and current_schema()
// look names up at run time (regproc.c, namespace.c; manual, "Object Identifier Types").
// Left out: routines, operators, text search configurations and roles; objects of the system, whose
// numbers are not known.
#include "postgres/query/object_names.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

#include <fmt/format.h>

#include "postgres/catalog/names.hpp"
#include "postgres/query/bind.hpp"
#include "postgres/query/print.hpp"
#include "postgres/read/text.hpp"

namespace backout::postgres {
namespace {

bool is_number(std::string_view text) {
  constexpr std::size_t kMostDigits = 9;
  return !text.empty() && text.size() <= kMostDigits &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// What a text of regclass, regtype or regnamespace names; 0: nothing that is modelled.
ObjectId object_named(const Database& database, std::string_view type, const QualifiedName& name) {
  if (type == "regclass") return resolve(database, NameSpace::relation, name);
  if (type == "regtype") return resolve(database, NameSpace::type, name);
  return type == "regnamespace" ? database.schema_named(name.name) : 0;
}

/// Whether an object that is not found may be there: one of the system, or while not all is known.
bool may_be_there(const Database& database, std::string_view type, const QualifiedName& name) {
  const bool system = name.schema == "pg_catalog" || name.schema == "information_schema" ||
                      name.name.starts_with("pg_") || name.name == "information_schema";
  return system || !database.doubt().empty() || (type != "regclass" && type != "regnamespace");
}

}  // namespace

Checked<std::string> number_of_object(const Database& database, std::string_view type,
                                      std::string_view text) {
  if (is_number(text)) return std::string(text);
  const QualifiedName name = name_from_text(text);
  if (const ObjectId id = object_named(database, type, name); id != 0) return std::to_string(id);
  if (may_be_there(database, type, name))
    return tl::unexpected(not_known("the number of an object of the system"));
  return tl::unexpected(type == "regclass"
                            ? refuse("42P01", fmt::format("relation \"{}\" does not exist", text))
                            : refuse("3F000", fmt::format("schema \"{}\" does not exist", text)));
}

std::optional<std::string> text_of_object(const Database& database, std::string_view type,
                                          std::string_view text) {
  const ObjectId id = is_number(text) ? static_cast<ObjectId>(std::stoul(std::string(text)))
                                      : object_named(database, type, name_from_text(text));
  const Object* object = id == 0 ? nullptr : database.find(id);
  if (object == nullptr) return std::nullopt;
  const Object* schema = database.find(object->schema);
  const bool seen =
      schema == nullptr || object_named(database, type, {"", object->name}) == object->id;
  return (seen ? "" : quote_identifier(schema->name) + ".") + quote_identifier(object->name);
}

namespace {

/// to_regclass() and the like: NULL when there is no such object, a symbol when that is not known.
std::optional<Typed> object_value(Database& database, std::string_view function,
                                  std::span<const Typed> arguments) {
  constexpr auto kFunctions =
      std::to_array<std::string_view>({"to_regclass", "to_regtype", "to_regnamespace"});
  const auto* asked = std::ranges::find(kFunctions, function);
  if (asked == kFunctions.end() || arguments.size() != 1 || !arguments[0].value.is_known())
    return std::nullopt;
  ValueType type = plain(TypeClass::other);
  type.name = asked->substr(std::string_view("to_").size());
  const std::string& text = arguments[0].value.text();
  const QualifiedName name = name_from_text(text);
  if (object_named(database, type.name, name) != 0)
    return Typed{Value::known(text_of_object(database, type.name, text).value_or(text)), type};
  return Typed{may_be_there(database, type.name, name)
                   ? Value::symbol(Symbol::opaque, database.new_identity())
                   : Value(),
               type};
}

/// current_schema() and current_schemas(): what of search_path exists.
std::optional<Typed> current_schemas(const Database& database, std::string_view function,
                                     std::span<const Typed> arguments) {
  const bool all = function == "current_schemas" && arguments.size() == 1;
  if (!all && (function != "current_schema" || !arguments.empty())) return std::nullopt;
  std::vector<std::optional<std::string>> names;
  if (all && !arguments[0].value.is_known()) return std::nullopt;
  if (all && arguments[0].value.is_true()) names.emplace_back("pg_catalog");
  for (const ObjectId id : search_path(database)) {
    const Object* schema = database.find(id);
    if (schema != nullptr && schema->name != kTemporarySchema) names.emplace_back(schema->name);
  }
  ValueType type = plain(TypeClass::name);
  if (!all) return Typed{names.empty() ? Value() : Value::known(*names.front()), type};
  type.dimensions = 1;
  return Typed{Value::known(join_array(names, false)), type};
}

}  // namespace

std::optional<Typed> look_up_name(Database& database, std::string_view function,
                                  std::span<const Typed> arguments) {
  auto object = object_value(database, function, arguments);
  return object ? object : current_schemas(database, function, arguments);
}

}  // namespace backout::postgres
