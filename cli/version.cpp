// backout version, backout --version: what this build is made of.
#include <ostream>

#include <fmt/format.h>
#include <pg_query.h>
#include <boost/program_options.hpp>
#include <nlohmann/json.hpp>

#include "cli/build_facts.hpp"
#include "cli/options.hpp"

namespace backout::cli {

namespace po = boost::program_options;

namespace {

constexpr const char* kVersionHelp =
    "Usage: backout version [--format text|json]\n\n"
    "Says which version this is and how it was built. `backout --version` is the same.\n";

#ifdef __clang__
constexpr const char* kCompiler = "Clang " __clang_version__;
#else
constexpr const char* kCompiler = "GCC " __VERSION__;
#endif

std::string build_flavour() {
  std::string flavour = "not optimized";
#ifdef __OPTIMIZE__
  flavour = "optimized";
#endif
#ifdef _GLIBCXX_ASSERTIONS
  flavour += ", library assertions";
#endif
#ifdef __SANITIZE_ADDRESS__
  flavour += ", address sanitizer";
#endif
  return flavour;
}

std::vector<std::pair<const char*, std::string>> facts() {
  std::vector<std::pair<const char*, std::string>> facts = {
      {"commit", BACKOUT_COMMIT}, {"compiler", kCompiler},
      {"build", build_flavour()}, {"grammar", "PostgreSQL " PG_VERSION},
      {"system", BACKOUT_SYSTEM},
  };
  const std::string date = BACKOUT_BUILD_DATE;
  if (!date.empty()) facts.emplace_back("date", date);
  return facts;
}

}  // namespace

int run_version(const Invocation& invocation) {
  po::options_description options("Options");
  options.add_options()(
      "format", po::value<std::string>()->default_value("text")->value_name("FORMAT"), "text|json");
  const auto values = parse_arguments(invocation, kVersionHelp, options, nullptr);
  if (!values) return kOk;
  const std::string format = (*values)["format"].as<std::string>();
  if (format == "text") {
    invocation.out << fmt::format("backout {}\n", reports::tool_version());
    for (const auto& [name, value] : facts())
      invocation.out << fmt::format("{:<9} {}\n", name, value);
  } else if (format == "json") {
    nlohmann::ordered_json json = {{"backout", reports::tool_version()}};
    for (const auto& [name, value] : facts()) json[name] = value;
    invocation.out << json.dump(2) << '\n';
  } else {
    throw UsageError{fmt::format("--format takes text or json, not '{}'", format)};
  }
  return kOk;
}

}  // namespace backout::cli
