// The JSON Schema of plans, from the tables of model/language.hpp and of the service kinds.

#include <algorithm>
#include <map>
#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "model/language.hpp"
#include "model/load.hpp"

namespace backout::model {
namespace {

using Json = nlohmann::ordered_json;

// Durations: points before the last may leave their unit to it.
constexpr std::string_view kPoint = R"((\d+(\.\d+)?(ms|d|h|m|s)?)+)";
constexpr std::string_view kLastPoint = R"((\d+(\.\d+)?(ms|d|h|m|s))+)";

Json refer(std::string_view name) { return {{"$ref", fmt::format("#/$defs/{}", name)}}; }
Json any_of(std::vector<Json> choices) { return {{"anyOf", std::move(choices)}}; }
Json list_of(Json items) { return {{"type", "array"}, {"items", std::move(items)}}; }
Json map_of(Json values) {
  return {{"type", "object"}, {"additionalProperties", std::move(values)}};
}
Json one_or_list(const Json& item) { return any_of({item, list_of(item)}); }
Json pattern(std::string_view regex) {
  return {{"type", "string"}, {"pattern", fmt::format("^({})$", regex)}};
}
Json or_unknown(const Json& value) { return any_of({value, {{"const", "unknown"}}}); }

template <typename Words>
Json choice_of(const Words& words) {
  Json values = Json::array();
  for (const auto& word : words) values.push_back(std::string(word));
  if (std::find(words.begin(), words.end(), "unknown") == words.end()) values.push_back("unknown");
  return {{"enum", values}};
}

/// The name of a section's definition.
std::string name_of(SectionId section) {
  static const std::map<SectionId, std::string> kNames = {
      {SectionId::plan, "plan"},
      {SectionId::service, "service"},
      {SectionId::version, "app_version"},
      {SectionId::requires_, "requires"},
      {SectionId::deploy, "deploy"},
      {SectionId::window, "window"},
      {SectionId::rollback, "rollback"},
      {SectionId::response, "response"},
      {SectionId::step, "step"},
      {SectionId::group, "group"},
      {SectionId::path, "path"},
      {SectionId::check, "check"},
      {SectionId::invariant, "invariant"},
      {SectionId::objectives, "objectives"},
      {SectionId::path_objectives, "path_objectives"},
      {SectionId::residue, "residue"},
      {SectionId::backup, "backup"},
      {SectionId::decisions, "decisions"},
      {SectionId::metric, "metric"},
      {SectionId::rule, "rule"},
      {SectionId::condition, "condition"},
      {SectionId::limits, "limits"},
      {SectionId::suppression, "suppression"},
      {SectionId::reconciles, "reconciles"},
      {SectionId::remark, "remark"}};
  return kNames.at(section);
}

Json scalar_schema(const KeySpec& key) {
  switch (key.form) {
    case Form::one:
      return {{"const", 1}};
    case Form::integer:
      return or_unknown({{"type", "integer"}, {"minimum", 0}});
    case Form::boolean:
      return or_unknown({{"type", "boolean"}});
    case Form::duration:
    case Form::rpo:
      return refer("duration");
    case Form::clock:
      return or_unknown(pattern("([01][0-9]|2[0-3]):[0-5][0-9]"));
    case Form::date:
      return pattern("[0-9]{4}-[0-9]{2}-[0-9]{2}");
    case Form::choice:
      return choice_of(key.choices);
    case Form::value:
      return any_of({refer("text"), refer("range")});
    case Form::range:
      return or_unknown(refer("range"));
    case Form::on_failure:
      return pattern("abort|continue|unknown|rollback(:.+)?|goto:.+");
    case Form::any:
      return Json::object();
    default:
      return refer("text");
  }
}

Json form_schema(const KeySpec& key) {
  const Json section = refer(name_of(key.section));
  switch (key.form) {
    case Form::strings:
    case Form::services:
    case Form::step_list:
      return one_or_list(refer("text"));
    case Form::rates:
      return map_of(refer("text"));
    case Form::undo:
      return any_of({refer("text"), list_of(refer("text")), refer("undo_none")});
    case Form::checks:
      return any_of({{{"type", "string"}},
                     refer("check"),
                     list_of(any_of({{{"type", "string"}}, refer("check")}))});
    case Form::window:
      return any_of({refer("duration"), section});
    case Form::derived:
      return any_of({{{"const", "derived"}}, list_of(refer("step_or_group"))});
    case Form::lists:
      return or_unknown(map_of(one_or_list(refer("text"))));
    case Form::operations:
      return any_of({map_of(or_unknown(refer("operation"))), {{"enum", {"none", "unknown"}}}});
    case Form::map:
      return section;
    case Form::map_or_text:
      return any_of({refer("text"), section});
    case Form::map_or_list:
      return any_of({section, list_of(refer("text"))});
    case Form::maps:
      return map_of(key.section == SectionId::version
                        ? any_of({{{"type", "null"}}, {{"const", "unknown"}}, section})
                        : section);
    case Form::maps_or_durations:
      return map_of(any_of({refer("duration"), {{"const", "none"}}, section}));
    case Form::maps_or_lists:
      return map_of(any_of({section, list_of(refer("text"))}));
    case Form::maps_or_texts:
      return map_of(any_of({refer("text"), section}));
    case Form::list:
      return list_of(key.section == SectionId::step ? refer("step_or_group") : section);
    case Form::list_or_text:
      return any_of({refer("text"), section, list_of(any_of({refer("text"), section}))});
    default:
      return scalar_schema(key);
  }
}

Json described(Json schema, std::string_view help) {
  if (!help.empty()) schema["description"] = std::string(help);
  return schema;
}

Json section_schema(SectionId section) {
  Json properties = Json::object();
  Json required = Json::array();
  for (const KeySpec& key : keys_of(section)) {
    properties[std::string(key.name)] = described(form_schema(key), key.help);
    if (key.required) required.push_back(std::string(key.name));
  }
  Json schema = {{"type", "object"}, {"properties", properties}, {"additionalProperties", false}};
  if (!required.empty()) schema["required"] = required;
  return schema;
}

Json field_schema(const FieldSpec& field) {
  switch (field.type) {
    case ValueType::strings:
    case ValueType::services:
      return one_or_list(refer("text"));
    case ValueType::integer:
      return or_unknown({{"type", "integer"}, {"minimum", 0}});
    case ValueType::number:
      return any_of({{{"type", "number"}}, pattern(R"(\d+(\.\d+)?%|\d+/\d+|unknown)")});
    case ValueType::boolean:
      return or_unknown({{"type", "boolean"}});
    case ValueType::duration:
      return refer("duration");
    case ValueType::choice:
      return choice_of(field.choices);
    case ValueType::map:
      return or_unknown({{"type", "object"}});
    case ValueType::any:
      return Json::object();
    default:
      return refer("text");
  }
}

/// The fields of a service, which follow from its kind.
Json service_schema(const Catalog& catalog) {
  Json kinds = Json::array();
  Json by_kind = Json::array();
  for (const KindSpec& kind : catalog.kinds) {
    Json names = {kind.name};
    for (const std::string& alias : kind.aliases) names.push_back(alias);
    kinds.insert(kinds.end(), names.begin(), names.end());
    Json properties = Json::object();
    Json required = Json::array();
    for (const KeySpec& key : keys_of(SectionId::service)) {
      const bool app_key = key.name == "versions" || key.name == "start";
      if (kind.has_versions || !app_key)
        properties[std::string(key.name)] = described(form_schema(key), key.help);
    }
    for (const FieldSpec& field : kind.fields) {
      properties[field.name] = described(field_schema(field), field.help);
      if (field.required) required.push_back(field.name);
    }
    Json then = {
        {"description", kind.help}, {"properties", properties}, {"additionalProperties", false}};
    if (!required.empty()) then["required"] = required;
    by_kind.push_back(
        {{"if", {{"properties", {{"kind", {{"enum", names}}}}}, {"required", {"kind"}}}},
         {"then", then}});
  }
  return {{"type", "object"},
          {"properties", {{"kind", {{"enum", kinds}}}}},
          {"required", {"kind"}},
          {"allOf", by_kind}};
}

/// A version takes the language's keys and those of any kind: a schema cannot tell which kind it is
/// in.
Json version_schema(const Catalog& catalog) {
  Json schema = section_schema(SectionId::version);
  for (const KindSpec& kind : catalog.kinds) {
    for (const FieldSpec& field : kind.version_fields) {
      schema["properties"][field.name] = described(field_schema(field), field.help);
    }
  }
  return schema;
}

/// All arguments of a verb, over all kinds that have it.
struct VerbArguments {
  std::map<std::string, std::vector<Json>> schemas;
  std::string help;
};

std::map<std::string, VerbArguments> verbs_of(const Catalog& catalog) {
  std::map<std::string, VerbArguments> verbs;
  for (const KindSpec& kind : catalog.kinds) {
    for (const VerbSpec& verb : kind.verbs) {
      VerbArguments& all = verbs[verb.name];
      if (all.help.empty()) all.help = verb.help;
      for (const FieldSpec& arg : verb.args) {
        std::vector<Json>& schemas = all.schemas[arg.name];
        Json schema = described(field_schema(arg), arg.help);
        if (std::find(schemas.begin(), schemas.end(), schema) == schemas.end())
          schemas.push_back(std::move(schema));
      }
    }
  }
  return verbs;
}

/// The keys of a step that no verb has as an argument: they are the same whatever the step does.
Json shared_keys(const Json& keys, const std::map<std::string, VerbArguments>& verbs) {
  Json shared = Json::object();
  for (const auto& [key, schema] : keys.items()) {
    const bool argument = std::any_of(verbs.begin(), verbs.end(), [&name = key](const auto& verb) {
      return verb.second.schemas.contains(name);
    });
    if (!argument) shared[key] = schema;
  }
  return shared;
}

/// What a step with the verb may have: the keys of every step and the arguments of the verb in any
/// kind.
Json verb_schema(const VerbArguments& verb, const Json& keys, const Json& shared) {
  Json names = Json::array();
  Json properties = Json::object();
  for (const auto& [key, schema] : keys.items()) {
    names.push_back(key);
    if (!shared.contains(key)) properties[key] = schema;
  }
  for (const auto& [name, schemas] : verb.schemas) {
    std::vector<Json> choices = schemas;
    if (keys.contains(name)) {
      choices.push_back(keys[name]);
    } else {
      names.push_back(name);
    }
    properties[name] = choices.size() == 1 ? choices.front() : any_of(choices);
  }
  return {
      {"description", verb.help}, {"properties", properties}, {"propertyNames", {{"enum", names}}}};
}

/// A step: a schema cannot know the target's kind, so that it goes by the verb.
Json step_schema(const Catalog& catalog) {
  const std::map<std::string, VerbArguments> verbs = verbs_of(catalog);
  const Json keys = section_schema(SectionId::step)["properties"];
  Json properties = shared_keys(keys, verbs);
  Json names = Json::array();
  Json by_verb = Json::array();
  for (const auto& [name, verb] : verbs) {
    names.push_back(name);
    by_verb.push_back({{"if", {{"properties", {{"do", {{"const", name}}}}}, {"required", {"do"}}}},
                       {"then", verb_schema(verb, keys, properties)}});
  }
  properties["do"] = {{"enum", names}};
  return {{"type", "object"},
          {"properties", properties},
          {"required", {"id", "do"}},
          {"allOf", by_verb}};
}

Json operation_schema() {
  Json properties = Json::object();
  Json one = Json::array();
  for (const char* key : {"sql", "write", "event", "flag", "require"}) {
    properties[key] = refer("text");
    one.push_back({{"required", {key}}});
  }
  properties["on"] = refer("text");
  properties["is"] = one_or_list(refer("text"));
  properties["note"] = refer("text");
  properties["fields"] = one_or_list(refer("text"));
  return {{"type", "object"},
          {"properties", properties},
          {"additionalProperties", false},
          {"oneOf", one}};
}

Json definitions(const Catalog& catalog) {
  Json defs = {
      {"text", {{"type", {"string", "number", "boolean"}}}},
      {"duration",
       any_of({{{"const", 0}},
               pattern(fmt::format("unknown|0|<{1}|~?({0}-){{0,2}}{1}", kPoint, kLastPoint))})},
      {"range", {{"type", "array"}, {"items", refer("text")}, {"minItems", 2}, {"maxItems", 2}}},
      {"undo_none",
       {{"type", "object"},
        {"properties", {{"none", refer("text")}}},
        {"required", {"none"}},
        {"additionalProperties", false}}},
      {"operation", operation_schema()},
      {"step_or_group",
       {{"if", any_of({{{"required", {"steps"}}}, {{"required", {"migrations"}}}})},
        {"then", refer("group")},
        {"else", refer("step")}}},
      {"service", service_schema(catalog)},
      {"step", step_schema(catalog)},
      {"app_version", version_schema(catalog)},
  };
  for (auto id = static_cast<int>(SectionId::requires_); id <= static_cast<int>(SectionId::remark);
       ++id) {
    const auto section = static_cast<SectionId>(id);
    if (section != SectionId::step) defs[name_of(section)] = section_schema(section);
  }
  defs["group"]["oneOf"] = {{{"required", {"steps"}}}, {{"required", {"migrations"}}}};
  return defs;
}

}  // namespace

std::string plan_schema(const Catalog& catalog) {
  Json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                 {"title", "backout plan"}};
  schema.update(section_schema(SectionId::plan));
  schema["$defs"] = definitions(catalog);
  return schema.dump(2) + "\n";
}

}  // namespace backout::model
