// backout import FILE: the plan that a runbook or a script describes.
#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "cli/drafting.hpp"
#include "cli/folder_draft.hpp"
#include "cli/options.hpp"

namespace backout::cli {

namespace fs = std::filesystem;
namespace po = boost::program_options;

namespace {

constexpr const char* kHelp =
    "Usage: backout import [--output FILE] [--since REF] FILE|DIR\n\n"
    "Writes the plan that a Markdown runbook or a shell script describes, with the line that each value comes from. What\n"
    "the text does not say is `unknown`; `backout ask` lists it. Of a DIR: the plan of its runbook, with the names, images\n"
    "and migrations of the repository; --since says which of them this deploy changes. Runs nothing, and never overwrites\n"
    "a file.\n";

/// Says which documents of a folder were taken and which were not.
importers::Draft of_folder(const std::string& folder, const std::string& since, std::ostream& err) {
  FolderDraft made = draft_of_folder(folder, since);
  err << fmt::format("From {}\n", made.runbook);
  constexpr std::size_t kMostNamed = 5;
  for (std::size_t i = 0; i < std::min(kMostNamed, made.others.size()); ++i) err << fmt::format("  not taken: {}\n", made.others[i]);
  if (made.others.size() > kMostNamed) err << fmt::format("  and {} more\n", made.others.size() - kMostNamed);
  return std::move(made.draft);
}

}  // namespace

int run_import(const Invocation& invocation) {
  po::options_description options("Options");
  options.add_options()("output", po::value<std::string>()->value_name("FILE")->default_value("-"),
                        "where the plan goes; - is standard output")(
      "since", po::value<std::string>()->value_name("REF")->default_value(""), "of a folder: the commit before this deploy");
  const auto values = parse_arguments(invocation, kHelp, options, "file");
  if (!values) return kOk;
  if (!values->count("file")) throw UsageError{"which document or folder?"};
  const auto files = (*values)["file"].as<std::vector<std::string>>();
  if (files.size() > 1) throw UsageError{"one document or folder at a time"};
  const std::string output = (*values)["output"].as<std::string>();
  if (output != "-" && fs::exists(fs::symlink_status(output))) {
    throw UsageError{fmt::format("'{}' exists and is not overwritten: give another --output FILE", output)};
  }
  std::error_code error;
  const bool is_folder = fs::is_directory(files.front(), error);
  const std::string since = (*values)["since"].as<std::string>();
  if (!is_folder && !since.empty()) throw UsageError{"--since is for a folder"};
  const importers::Draft draft = is_folder ? of_folder(files.front(), since, invocation.err) : draft_of(files.front());
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
