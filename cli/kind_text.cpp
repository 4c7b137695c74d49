#include "cli/kind_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "services/fact_list.hpp"

namespace backout::cli {

namespace {

std::string type_of(const model::FieldSpec& field) {
  using model::ValueType;
  if (field.type == ValueType::choice) return fmt::format("{}", fmt::join(field.choices, "|"));
  switch (field.type) {
    case ValueType::string:
      return "text";
    case ValueType::strings:
      return "text or list";
    case ValueType::integer:
      return "integer";
    case ValueType::number:
      return "number";
    case ValueType::boolean:
      return "true|false";
    case ValueType::duration:
      return "duration";
    case ValueType::service:
      return "service";
    case ValueType::services:
      return "services";
    case ValueType::version:
      return "version";
    case ValueType::step:
      return "step";
    case ValueType::file:
      return "file";
    case ValueType::migrations:
      return "folder";
    case ValueType::migration:
      return "migration";
    case ValueType::choice:
      break;
    case ValueType::map:
      return "map";
    case ValueType::any:
      return "any";
  }
  return "any";
}

std::string describe_fields(const std::vector<model::FieldSpec>& fields, const char* indent) {
  std::string text;
  for (const model::FieldSpec& field : fields) text += indent + describe_field(field);
  return text;
}

}  // namespace

std::string describe_field(const model::FieldSpec& field) {
  return fmt::format("{:<20} {}{}. {}\n", field.name, type_of(field),
                     field.required ? ", required" : "", field.help);
}

std::string describe_verb(const model::VerbSpec& verb, const char* indent) {
  return fmt::format("{}{}: {}\n", indent, verb.name, verb.help) +
         describe_fields(verb.args, fmt::format("{}  ", indent).c_str());
}

std::string describe_kind(const model::KindSpec& kind) {
  std::string out = fmt::format(
      "{}{}: {}\n", kind.name,
      kind.aliases.empty() ? "" : fmt::format(" (also {})", fmt::join(kind.aliases, ", ")),
      kind.help);
  if (kind.has_versions) out += "It has `versions` and `start`.\n";
  if (!kind.fields.empty()) out += "\nFields\n";
  out += describe_fields(kind.fields, "  ");
  if (!kind.version_fields.empty()) out += "\nFields of a version\n";
  out += describe_fields(kind.version_fields, "  ");
  out += "\nVerbs\n";
  for (const model::VerbSpec& verb : kind.verbs) out += describe_verb(verb, "  ");
  const std::vector<services::FactSpec> facts = services::fact_list(kind);
  if (!facts.empty()) out += "\nFacts, for `require`, checks and `residue`\n";
  for (const services::FactSpec& fact : facts)
    out += fmt::format("  {:<20} {}\n", fact.path, fact.help);
  return out;
}

}  // namespace backout::cli
