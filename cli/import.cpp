// backout import FILE: the plan that a runbook or a script describes.
#include <algorithm>
#include <filesystem>
#include <set>

#include <fmt/format.h>
#include <boost/program_options.hpp>

#include "cli/drafting.hpp"
#include "cli/folder_draft.hpp"
#include "cli/options.hpp"
#include "cli/output_file.hpp"
#include "cli/plan_pipeline.hpp"
#include "importers/draft/merge.hpp"
#include "importers/migrations/import.hpp"
#include "model/files.hpp"
#include "model/load.hpp"
#include "services/service.hpp"

namespace backout::cli {

namespace fs = std::filesystem;
namespace po = boost::program_options;

namespace {

constexpr const char* kImportHelp =
    "Usage: backout import [--output FILE] [--merge PLAN] [--since REF] FILE|DIR\n\n"
    "Writes the plan that a Markdown runbook or a shell script describes, with the line that each "
    "value comes from. What\n"
    "the text does not say is `unknown`; `backout ask` lists it. Of a DIR: the plan of its "
    "runbook, with the names, images\n"
    "and migrations of the repository; --since says which of them this deploy changes. --merge "
    "brings a plan that\n"
    "people have worked on up to the document: their comments, keys and steps stay, and values "
    "where the text says\n"
    "nothing. Runs nothing, and overwrites no file but PLAN.\n";

/// Says which documents of a folder were taken and which were not.
importers::Draft of_folder(const std::string& folder, const std::string& since, std::ostream& err) {
  FolderDraft made = draft_of_folder(folder, since);
  err << fmt::format("From {}\n", made.runbook);
  constexpr std::size_t kMostNamed = 5;
  for (std::size_t i = 0; i < std::min(kMostNamed, made.others.size()); ++i)
    err << fmt::format("  not taken: {}\n", made.others[i]);
  if (made.others.size() > kMostNamed)
    err << fmt::format("  and {} more\n", made.others.size() - kMostNamed);
  for (const std::string& line : made.unread) err << fmt::format("  not read: {}\n", line);
  return std::move(made.draft);
}

/// Rewrites the plan with what the draft says; the changes are told on stderr.
int merge_into(const std::string& plan, const importers::Draft& draft,
               const Invocation& invocation) {
  const auto theirs = model::read_file(plan);
  if (!theirs) throw UsageError{fmt::format("'{}' {}", plan, theirs.error())};
  const std::string folder =
      fs::path(plan).parent_path().empty() ? "." : fs::path(plan).parent_path().string();
  const auto loads = [&](const std::string& text) {
    return model::load_plan_text(plan, text, folder, services::catalog(),
                                 importers::read_migrations);
  };
  if (const auto old = loads(*theirs); !old) {
    print_mistakes(*old.error().sources, old.error().mistakes, invocation.err);
    return kInvalidInput;
  }
  const std::set<std::string> documents = importers::documents_of_plan(*theirs);
  if (!documents.empty() && !documents.contains(draft.shown)) {
    throw UsageError{fmt::format(
        "'{}' is the plan of {}, not of {}: import without --merge, or name its own document", plan,
        *documents.begin(), draft.shown)};
  }
  const importers::Merged merged = importers::merge_plans(*theirs, draft.text, draft.shown);
  if (const auto now = loads(merged.text); !now) {
    print_mistakes(*now.error().sources, now.error().mistakes, invocation.err);
    invocation.err << fmt::format(
        "backout: '{}' is left as it is: with what the text says today it does not load\n", plan);
    return kInvalidInput;
  }
  for (const std::string& change : merged.changes) invocation.err << change << '\n';
  if (merged.text == *theirs) return kOk;
  return write_output(invocation, plan, [&](std::ostream& out) { out << merged.text; }) ? kOk
                                                                                        : kOutput;
}

}  // namespace

int run_import(const Invocation& invocation) {
  po::options_description options("Options");
  options.add_options()("output", po::value<std::string>()->value_name("FILE")->default_value("-"),
                        "where the plan goes; - is standard output")(
      "merge", po::value<std::string>()->value_name("PLAN"),
      "a plan of this document to bring up to date, in place")(
      "since", po::value<std::string>()->value_name("REF")->default_value(""),
      "of a folder: the commit before this deploy");
  const auto values = parse_arguments(invocation, kImportHelp, options, "file");
  if (!values) return kOk;
  if (!values->count("file")) throw UsageError{"which document or folder?"};
  const auto files = (*values)["file"].as<std::vector<std::string>>();
  if (files.size() > 1) throw UsageError{"one document or folder at a time"};
  const std::string output = (*values)["output"].as<std::string>();
  std::error_code none;
  if (output != "-" && fs::exists(fs::symlink_status(output, none))) {
    throw UsageError{
        fmt::format("'{}' exists and is not overwritten: give another --output FILE", output)};
  }
  if (values->count("merge") && !(*values)["output"].defaulted())
    throw UsageError{"--merge rewrites PLAN in place: it goes without --output"};
  std::error_code error;
  const bool is_folder = fs::is_directory(files.front(), error);
  const std::string since = (*values)["since"].as<std::string>();
  if (!is_folder && !since.empty()) throw UsageError{"--since is for a folder"};
  const importers::Draft draft =
      is_folder ? of_folder(files.front(), since, invocation.err) : draft_of(files.front());
  // What was not read is no reason to write nothing, and no plan of the whole.
  const int status = draft.unread.empty() ? kOk : kIncomplete;
  if (status != kOk) invocation.err << fmt::format("backout: {}\n", draft.unread);
  if (values->count("merge")) {
    if (status != kOk) return status;  // steps behind the limit would be taken out of PLAN
    return merge_into((*values)["merge"].as<std::string>(), draft, invocation);
  }
  if (output == "-") {
    invocation.out << draft.text;
    return status;
  }
  if (!write_new(output, draft.text)) {
    invocation.err << fmt::format("backout: cannot write '{}'\n", output);
    return kInvalidInput;
  }
  invocation.err << fmt::format(
      "Wrote {}: {} steps, {} of them with a typed action; {} open questions\nNext: backout check "
      "{}\n",
      output, draft.steps, draft.typed, draft.questions.size(), output);
  return status;
}

}  // namespace backout::cli
