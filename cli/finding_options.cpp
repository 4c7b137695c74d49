#include "cli/finding_options.hpp"

#include <filesystem>
#include <sstream>

#include <fmt/format.h>
#include <boost/program_options.hpp>

#include "cli/plan_pipeline.hpp"
#include "cli/server.hpp"

namespace backout::cli {

namespace po = boost::program_options;

namespace {

using Words = std::vector<std::string>;

po::typed_value<Words>* words(const char* name) {
  return po::value<Words>()->composing()->value_name(name);
}

/// The values of a repeatable option; commas part several in one.
Words words_of(const po::variables_map& values, const char* option) {
  Words all;
  if (!values.count(option)) return all;
  for (const std::string& value : values[option].as<Words>()) {
    for (std::size_t at = 0; at <= value.size();) {
      const std::size_t end = std::min(value.find(',', at), value.size());
      all.push_back(value.substr(at, end - at));
      at = end + 1;
    }
  }
  return all;
}

Words rules_of(const po::variables_map& values, const char* option) {
  Words rules = words_of(values, option);
  for (const std::string& rule : rules) {
    if (const std::string wrong = wrong_rule_name(rule); !wrong.empty()) {
      throw UsageError{fmt::format("--{}: {}", option, wrong)};
    }
  }
  return rules;
}

/// "RULE=LEVEL", each.
void read_severities(const po::variables_map& values, RuleChoice& choice) {
  for (const std::string& each : words_of(values, "severity")) {
    const std::size_t equals = each.find('=');
    std::optional<model::Severity> level;
    const bool is_level =
        equals != std::string::npos && read_severity(each.substr(equals + 1), level);
    if (!is_level)
      throw UsageError{
          fmt::format("--severity takes RULE=error, warning, note or off, not '{}'", each)};
    const std::string rule = each.substr(0, equals);
    if (const std::string wrong = wrong_rule_name(rule); !wrong.empty())
      throw UsageError{"--severity: " + wrong};
    choice.severity[rule] = level;
  }
}

}  // namespace

po::options_description finding_options(bool baseline) {
  po::options_description options("Findings");
  options.add_options()(
      "select", words("RULE"),
      "report only this rule, or family of rules (see `backout rules`); repeatable")(
      "ignore", words("RULE"), "do not report this rule, or family of rules; repeatable")(
      "severity", words("RULE=LEVEL"),
      "report the rule as error, warning or note, or `off`; repeatable")(
      "config", po::value<std::string>()->value_name("FILE"),
      "read this file (default: the nearest backout.toml, upwards)")("no-config",
                                                                     "read no backout.toml")(
      "postgres-version", po::value<int>()->value_name("N"),
      "major version of the PostgreSQL servers, 13 to 18: what came later is refused");
  if (!baseline) return options;
  options.add_options()("baseline", po::value<std::string>()->value_name("FILE"),
                        "leave out the findings that this file lists")(
      "update-baseline",
      "write today's findings into the --baseline file; what is no longer found leaves it");
  return options;
}

FindingOptions findings_asked(const po::variables_map& values) {
  FindingOptions options;
  read_server(values);
  options.selection.asked = {rules_of(values, "select"), rules_of(values, "ignore"), {}};
  read_severities(values, options.selection.asked);
  if (values.count("config") && values.count("no-config"))
    throw UsageError{"--config and --no-config exclude each other"};
  return options;
}

std::string config_for(const po::variables_map& values, const std::string& start) {
  if (values.count("config")) return values["config"].as<std::string>();
  return values.count("no-config") ? std::string() : find_config(start);
}

std::string baseline_of(const Config& config) {
  if (!config.baseline) return "";
  const auto& [name, file] = *config.baseline;
  return (std::filesystem::path(file).parent_path() / name).lexically_normal().generic_string();
}

void configure(FindingOptions& options, Config config) {
  options.config = std::move(config);
  options.selection.configured = options.config.rules;
  options.selection.folders = options.config.folders;
  options.baseline = baseline_of(options.config);
}

FindingOptions read_finding_options(const po::variables_map& values, const std::string& start) {
  FindingOptions options = findings_asked(values);
  if (const std::string file = config_for(values, start); !file.empty()) {
    auto config = read_config(file);
    if (!config) {
      std::ostringstream mistakes;
      print_mistakes(*config.error().sources, config.error().mistakes, mistakes);
      throw InvalidInput{mistakes.str()};
    }
    configure(options, std::move(*config));
  }
  if (values.count("baseline")) options.baseline = values["baseline"].as<std::string>();
  options.update_baseline = values.count("update-baseline") > 0;
  if (options.update_baseline && options.baseline.empty()) {
    throw UsageError{"--update-baseline needs a --baseline FILE, or `baseline` in backout.toml"};
  }
  return options;
}

}  // namespace backout::cli
