// backout kinds: the kinds of services. backout kinds KIND: what a plan may say of one, and what it
// may ask of it.
#include <string>

#include <fmt/format.h>
#include <boost/program_options.hpp>

#include "cli/kind_text.hpp"
#include "cli/listing.hpp"
#include "cli/options.hpp"
#include "model/load.hpp"
#include "services/service.hpp"

namespace backout::cli {

namespace {

constexpr const char* kKindsHelp =
    "Usage: backout kinds [KIND]\n\n"
    "Lists the kinds of services that a plan may name; with KIND its fields, verbs, arguments and "
    "facts, from the\n"
    "description that the schema is made of. docs/services.md says what each does.\n";

}  // namespace

int run_kinds(const Invocation& invocation) {
  const auto values = parse_arguments(invocation, kKindsHelp, {}, "kind");
  if (!values) return kOk;
  const model::Catalog catalog = services::catalog();
  if (!values->count("kind")) {
    std::string list;
    for (const model::KindSpec& kind : catalog.kinds)
      list += fmt::format("{:<16} {}\n", kind.name, kind.help);
    write_listing(invocation, list);
    return kOk;
  }
  std::string text;
  for (const std::string& name : (*values)["kind"].as<std::vector<std::string>>()) {
    const model::KindSpec* kind = catalog.find(name);
    if (kind == nullptr) {
      const std::string near = model::nearest(name, catalog.names());
      throw UsageError{fmt::format("no kind is named '{}'{}; `backout kinds` lists all", name,
                                   near.empty() ? "" : fmt::format(" (did you mean '{}'?)", near))};
    }
    text += (text.empty() ? "" : "\n") + describe_kind(*kind);
  }
  write_listing(invocation, text);
  return kOk;
}

}  // namespace backout::cli
