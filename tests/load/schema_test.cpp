// The JSON Schema agrees with the loader: every plan that loads is valid, and what is wrong with
// keys, words and types is invalid. What a schema cannot see (references, cycles, files) is the
// loader's alone.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "model/load.hpp"
#include "model/yaml.hpp"
#include "services/service.hpp"
#include "small_catalog.hpp"
#include "support/places.hpp"
#include "support/process.hpp"

namespace backout::model {
namespace {

using Json = nlohmann::json;
namespace fs = std::filesystem;

/// As much of JSON Schema as plan_schema() uses. An unknown keyword fails the test.
class Validator {
 public:
  explicit Validator(Json schema) : root_(std::move(schema)) {}

  bool valid(const Json& value) { return check(root_, value); }

 private:
  bool check(const Json& schema, const Json& value) {
    for (const auto& [keyword, rule] : schema.items()) {
      if (!holds(schema, keyword, rule, value)) return false;
    }
    return true;
  }

  bool holds(const Json& schema, const std::string& keyword, const Json& rule, const Json& value) {
    if (keyword == "$ref")
      return check(root_.at("$defs").at(rule.get<std::string>().substr(8)), value);
    if (keyword == "anyOf") return count(rule, value) > 0;
    if (keyword == "oneOf") return count(rule, value) == 1;
    if (keyword == "allOf") return count(rule, value) == static_cast<std::ptrdiff_t>(rule.size());
    if (keyword == "if") return conditional(schema, rule, value);
    if (keyword == "const") return value == rule;
    if (keyword == "enum") return std::find(rule.begin(), rule.end(), value) != rule.end();
    if (keyword == "type") return is_type(rule, value);
    if (keyword == "pattern")
      return !value.is_string() ||
             std::regex_search(value.get<std::string>(), std::regex(rule.get<std::string>()));
    if (keyword == "minimum") return !value.is_number() || value >= rule;
    if (keyword == "minItems") return !value.is_array() || value.size() >= rule;
    if (keyword == "maxItems") return !value.is_array() || value.size() <= rule;
    if (keyword == "items")
      return !value.is_array() ||
             std::all_of(value.begin(), value.end(), [&](const Json& v) { return check(rule, v); });
    if (value.is_object()) return holds_of_object(schema, keyword, rule, value);
    return true;
  }

  bool holds_of_object(const Json& schema, const std::string& keyword, const Json& rule,
                       const Json& value) {
    if (keyword == "required")
      return std::all_of(rule.begin(), rule.end(),
                         [&](const Json& k) { return value.contains(k.get<std::string>()); });
    for (const auto& [key, part] : value.items()) {
      if (keyword == "properties" && rule.contains(key) && !check(rule.at(key), part)) return false;
      if (keyword == "propertyNames" && !check(rule, key)) return false;
      const bool additional =
          !schema.contains("properties") || !schema.at("properties").contains(key);
      if (keyword == "additionalProperties" && additional && (rule == false || !check(rule, part)))
        return false;
    }
    static const std::set<std::string> kKnown = {
        "properties", "propertyNames", "additionalProperties", "then", "else", "$defs",
        "$schema",    "title",         "description"};
    EXPECT_TRUE(kKnown.contains(keyword)) << keyword;
    return true;
  }

  bool conditional(const Json& schema, const Json& rule, const Json& value) {
    const char* branch = check(rule, value) ? "then" : "else";
    return !schema.contains(branch) || check(schema.at(branch), value);
  }

  std::ptrdiff_t count(const Json& rules, const Json& value) {
    return std::count_if(rules.begin(), rules.end(),
                         [&](const Json& rule) { return check(rule, value); });
  }

  static bool is_type(const Json& rule, const Json& value) {
    if (rule.is_array())
      return std::any_of(rule.begin(), rule.end(),
                         [&](const Json& one) { return is_type(one, value); });
    return (rule == "string" && value.is_string()) || (rule == "number" && value.is_number()) ||
           (rule == "integer" && value.is_number_integer()) ||
           (rule == "boolean" && value.is_boolean()) || (rule == "null" && value.is_null()) ||
           (rule == "array" && value.is_array()) || (rule == "object" && value.is_object());
  }

  Json root_;
};

Json to_json(const Node& node) {
  switch (node.type) {
    case Node::Type::null:
      return nullptr;
    case Node::Type::boolean:
      return *node.as_boolean();
    case Node::Type::integer:
      return *node.as_integer();
    case Node::Type::real:
      return *node.as_number();
    case Node::Type::string:
      return node.text;
    case Node::Type::list:
      break;
    case Node::Type::map: {
      Json map = Json::object();
      for (const Node::Entry& entry : node.entries) map[entry.key] = to_json(entry.value);
      return map;
    }
  }
  Json list = Json::array();
  for (const Node& item : node.items) list.push_back(to_json(item));
  return list;
}

Json read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  Sources sources;
  sources.add(path.string(), {std::istreambuf_iterator<char>(in), {}});
  Document document = parse_yaml(sources, 0);
  EXPECT_TRUE(document.root) << path;
  return document.root ? to_json(*document.root) : Json();
}

Validator small_validator() { return Validator(Json::parse(plan_schema(tests::small_catalog()))); }

TEST(Schema, EveryPlanThatLoadsIsValid) {
  for (const auto& entry : fs::directory_iterator(source_path("fixtures/load/good"))) {
    if (entry.is_directory()) continue;
    EXPECT_TRUE(small_validator().valid(read(entry.path()))) << entry.path();
  }
}

TEST(Schema, ThePlansOfTheSystemsAreValid) {
  Validator validator(Json::parse(plan_schema(services::catalog())));
  int plans = 0;
  for (const auto& entry : fs::recursive_directory_iterator(source_path("plans"))) {
    const bool is_scenario = entry.path().parent_path().filename() == "scenarios";
    if (entry.path().extension() != ".yaml" || is_scenario) continue;
    EXPECT_TRUE(validator.valid(read(entry.path()))) << entry.path();
    ++plans;
  }
  EXPECT_GE(plans, 8);
}

TEST(Schema, IsPrintedByTheCommand) {
  const tests::ProcessResult result = tests::run_backout({"schema"});
  EXPECT_EQ(result.status, 0);
  EXPECT_TRUE(result.out == plan_schema(services::catalog()));
  EXPECT_EQ(tests::run_backout({"schema", "plan.yaml"}).status, 2);
}

TEST(Schema, WrongKeysWordsAndTypesAreInvalid) {
  for (const char* name :
       {"unknown_key", "wrong_type", "units", "language_version", "no_language_version",
        "not_a_map", "operations", "required", "unknown_reference"}) {
    EXPECT_FALSE(small_validator().valid(read(source_path("fixtures/load/bad/") + name + ".yaml")))
        << name;
  }
}

struct Edit {
  const char* pointer;
  Json value;
};

/// Each one wrong value makes a good plan invalid for the schema and for the loader alike.
TEST(Schema, OneWrongValueIsInvalidForBoth) {
  const Json good = read(source_path("fixtures/load/good/json_plan.json"));
  const std::vector<Edit> edits = {
      {"/backout", 2},
      {"/nonsense", 1},
      {"/services/db/kind", "postgress"},
      {"/services/db/port", 1},
      {"/services/api/uses", {{"db", 1}}},
      {"/deploy/window", "2"},
      {"/deploy/steps/0/do", "bakcup"},
      {"/deploy/steps/0/format", "zip"},
      {"/deploy/steps/0/takes", "5 x"},
      {"/deploy/steps/0/retry", -1},
      {"/deploy/steps/0/version", "v1"},
      {"/deploy/steps/1/undo", {{"why", "x"}}},
      {"/rollback/steps", "guessed"},
      {"/rollback/total", 5},
      {"/decisions", {{"hit", "most"}}},
      {"/limits", {{"faults", "two"}}},
      {"/ignore", {{{"rule", "x"}}}},
      {"/invariants", {{"a", {{"sql", "select 1"}, {"when", "never"}}}}}};
  for (const Edit& edit : edits) {
    Json bad = good;
    bad[Json::json_pointer(edit.pointer)] = edit.value;
    EXPECT_FALSE(small_validator().valid(bad)) << edit.pointer;
    EXPECT_FALSE(load_plan_text("edited.json", bad.dump(), "", tests::small_catalog()))
        << edit.pointer;
  }
}

}  // namespace
}  // namespace backout::model
