// backout schema: prints the JSON Schema of plans.
#include <boost/program_options.hpp>
#include <ostream>

#include "cli/options.hpp"
#include "model/load.hpp"
#include "services/service.hpp"

namespace backout::cli {

namespace {

constexpr const char* kSchemaHelp =
    "Usage: backout schema\n\nPrints the JSON Schema (draft 2020-12) of plans. Editors check and "
    "complete with it,\n"
    "for example by a first line `# yaml-language-server: $schema=backout.schema.json`.\n";

}  // namespace

int run_schema(const Invocation& invocation) {
  if (!parse_arguments(invocation, kSchemaHelp, {}, nullptr)) return kOk;
  invocation.out << model::plan_schema(services::catalog());
  return kOk;
}

}  // namespace backout::cli
