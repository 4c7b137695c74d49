// backout import FILE: the plan that a runbook or a script describes.
#include <filesystem>

#include <fmt/format.h>

#include "cli/drafting.hpp"
#include "cli/options.hpp"

namespace backout::cli {

namespace fs = std::filesystem;
namespace po = boost::program_options;

namespace {

constexpr const char* kHelp =
    "Usage: backout import [--output FILE] FILE\n\n"
    "Writes the plan that a Markdown runbook or a shell script describes, with the line that each value comes from. What\n"
    "the text does not say is `unknown`; `backout ask` lists it. Runs nothing, and never overwrites a file.\n";

}  // namespace

int run_import(const Invocation& invocation) {
  po::options_description options("Options");
  options.add_options()("output", po::value<std::string>()->value_name("FILE")->default_value("-"),
                        "where the plan goes; - is standard output");
  const auto values = parse_arguments(invocation, kHelp, options, "file");
  if (!values) return kOk;
  if (!values->count("file")) throw UsageError{"which document?"};
  const auto files = (*values)["file"].as<std::vector<std::string>>();
  if (files.size() > 1) throw UsageError{"one document at a time"};
  const std::string output = (*values)["output"].as<std::string>();
  if (output != "-" && fs::exists(fs::symlink_status(output))) {
    throw UsageError{fmt::format("'{}' exists and is not overwritten: give another --output FILE", output)};
  }
  const importers::Draft draft = draft_of(files.front());
  if (output == "-") {
    invocation.out << draft.text;
    return kOk;
  }
  if (!write_new(output, draft.text)) {
    invocation.err << fmt::format("backout: cannot write '{}'\n", output);
    return kInvalidInput;
  }
  invocation.err << fmt::format("Wrote {}: {} steps, {} of them with a typed action; {} open questions\nNext: backout check {}\n",
                                output, draft.steps, draft.typed, draft.questions.size(), output);
  return kOk;
}

}  // namespace backout::cli
