// backout schema: prints the JSON Schema of plans.
#include <ostream>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "model/load.hpp"
#include "services/service.hpp"

namespace backout::cli {

int run_schema(const Invocation& invocation) {
  for (const std::string& argument : invocation.arguments) {
    if (argument != "--help" && argument != "-h") {
      throw UsageError{fmt::format("schema takes no argument, not '{}'", argument)};
    }
    invocation.out << "Usage: backout schema\n\nPrints the JSON Schema (draft 2020-12) of plans. Editors check and complete with it,\n"
                      "for example by a first line `# yaml-language-server: $schema=backout.schema.json`.\n";
    return kOk;
  }
  invocation.out << model::plan_schema(services::catalog());
  return kOk;
}

}  // namespace backout::cli
