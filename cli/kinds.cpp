// backout kinds: the kinds of services. backout kinds KIND: what a plan may say of one, and what it may ask of it.
#include <ostream>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/options.hpp"
#include "model/load.hpp"
#include "services/fact_list.hpp"
#include "services/service.hpp"

namespace backout::cli {

namespace {

constexpr const char* kHelp =
    "Usage: backout kinds [KIND]\n\n"
    "Lists the kinds of services that a plan may name; with KIND its fields, verbs, arguments and facts, from the\n"
    "description that the schema is made of. docs/services.md says what each does.\n";

std::string type_of(const model::FieldSpec& field) {
  using model::ValueType;
  if (field.type == ValueType::choice) return fmt::format("{}", fmt::join(field.choices, "|"));
  switch (field.type) {
    case ValueType::string: return "text";
    case ValueType::strings: return "text or list";
    case ValueType::integer: return "integer";
    case ValueType::number: return "number";
    case ValueType::boolean: return "true|false";
    case ValueType::duration: return "duration";
    case ValueType::service: return "service";
    case ValueType::services: return "services";
    case ValueType::version: return "version";
    case ValueType::step: return "step";
    case ValueType::file: return "file";
    case ValueType::migrations: return "folder";
    case ValueType::migration: return "migration";
    case ValueType::choice: break;
    case ValueType::map: return "map";
    case ValueType::any: return "any";
  }
  return "any";
}

void print_fields(std::ostream& out, const std::vector<model::FieldSpec>& fields, const char* indent) {
  for (const model::FieldSpec& field : fields) {
    out << fmt::format("{}{:<20} {}{}. {}\n", indent, field.name, type_of(field), field.required ? ", required" : "", field.help);
  }
}

void print_kind(std::ostream& out, const model::KindSpec& kind) {
  out << fmt::format("{}{}: {}\n", kind.name, kind.aliases.empty() ? "" : fmt::format(" (also {})", fmt::join(kind.aliases, ", ")), kind.help);
  if (kind.has_versions) out << "It has `versions` and `start`.\n";
  if (!kind.fields.empty()) out << "\nFields\n";
  print_fields(out, kind.fields, "  ");
  if (!kind.version_fields.empty()) out << "\nFields of a version\n";
  print_fields(out, kind.version_fields, "  ");
  out << "\nVerbs\n";
  for (const model::VerbSpec& verb : kind.verbs) {
    out << fmt::format("  {}: {}\n", verb.name, verb.help);
    print_fields(out, verb.args, "    ");
  }
  const std::vector<services::FactSpec> facts = services::fact_list(kind);
  if (!facts.empty()) out << "\nFacts, for `require`, checks and `residue`\n";
  for (const services::FactSpec& fact : facts) out << fmt::format("  {:<20} {}\n", fact.path, fact.help);
}

}  // namespace

int run_kinds(const Invocation& invocation) {
  const auto values = parse_arguments(invocation, kHelp, {}, "kind");
  if (!values) return kOk;
  const model::Catalog catalog = services::catalog();
  if (!values->count("kind")) {
    for (const model::KindSpec& kind : catalog.kinds) invocation.out << fmt::format("{:<16} {}\n", kind.name, kind.help);
    return kOk;
  }
  bool first = true;
  for (const std::string& name : (*values)["kind"].as<std::vector<std::string>>()) {
    const model::KindSpec* kind = catalog.find(name);
    if (kind == nullptr) {
      std::vector<std::string> known;
      for (const model::KindSpec& each : catalog.kinds) known.push_back(each.name);
      const std::string near = model::nearest(name, known);
      throw UsageError{fmt::format("no kind is named '{}'{}; `backout kinds` lists all", name,
                                   near.empty() ? "" : fmt::format(" (did you mean '{}'?)", near))};
    }
    if (!first) invocation.out << '\n';
    print_kind(invocation.out, *kind);
    first = false;
  }
  return kOk;
}

}  // namespace backout::cli
