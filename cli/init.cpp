// backout init [DIR]: a first plan from what a folder holds.
#include <filesystem>
#include <iostream>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <boost/program_options.hpp>

#include "cli/drafting.hpp"
#include "cli/first_plan.hpp"
#include "cli/options.hpp"

namespace backout::cli {

namespace fs = std::filesystem;
namespace po = boost::program_options;

namespace {

constexpr const char* kInitHelp =
    "Usage: backout init [--output FILE] [DIR]\n\n"
    "Writes a first plan with comments that teach, from the migrations, compose file, Kubernetes "
    "manifests, Helm charts,\n"
    "ECS task definitions, Terraform and platform files of DIR (default: the current folder). What "
    "they do not say is `unknown`. Never overwrites a file.\n";

/// What the plan was made from, for people. `folder` is the one that was looked at.
std::string summary(const Survey& found, const fs::path& folder) {
  std::string text;
  for (const FoundApp& app : found.apps) {
    text += fmt::format("  {} {}: {}\n", app.kind, app.name.empty() ? "app" : "'" + app.name + "'",
                        fmt::join(app.files, ", "));
  }
  if (!found.migrations.empty()) {
    text += fmt::format(
        "  {} migration{} ({}): {}\n", found.migrations.size(),
        found.migrations.size() == 1 ? "" : "s", found.convention,
        found.migrations_folder.lexically_proximate(fs::absolute(folder)).generic_string());
  }
  for (const FoundApp& store : found.stores) {
    text += fmt::format("  left out: {} '{}' keeps state and is no release: {}\n", store.kind,
                        store.name, fmt::join(store.files, ", "));
  }
  for (const std::string& line : found.left_out) text += fmt::format("  left out: {}\n", line);
  for (const std::string& line : found.unread) text += fmt::format("  not read: {}\n", line);
  return text.empty() ? "  nothing that tells how it is deployed\n" : text;
}

}  // namespace

int run_init(const Invocation& invocation) {
  po::options_description options("Options");
  options.add_options()("output", po::value<std::string>()->value_name("FILE"),
                        "where the plan goes (default: plan.yaml in DIR); - is standard output");
  const auto values = parse_arguments(invocation, kInitHelp, options, "dir");
  if (!values) return kOk;
  std::vector<std::string> folders = {"."};
  if (values->count("dir")) folders = (*values)["dir"].as<std::vector<std::string>>();
  if (folders.size() > 1) throw UsageError{"one folder at a time"};
  const fs::path folder = fs::path(folders.front());
  std::error_code none;
  if (!fs::is_directory(folder, none)) {
    invocation.err << fmt::format("backout: '{}' is no folder\n", folder.string());
    return kInvalidInput;
  }
  const std::string output = values->count("output")
                                 ? (*values)["output"].as<std::string>()
                                 : (folder / "plan.yaml").lexically_normal().string();
  if (output != "-" && fs::exists(fs::symlink_status(output, none))) {
    throw UsageError{
        fmt::format("'{}' exists and is not overwritten: give another --output FILE", output)};
  }
  const Survey found = survey(folder);
  const fs::path place = output == "-" ? folder : fs::absolute(output).parent_path();
  const std::string text = first_plan(fs::canonical(folder).filename().string(), found, place);
  if (output == "-") {
    invocation.out << text;
    invocation.err << "Made from\n" << summary(found, folder);
    return kOk;
  }
  if (!write_new(output, text)) {
    invocation.err << fmt::format("backout: cannot write '{}'\n", output);
    return kInvalidInput;
  }
  invocation.err << fmt::format("Wrote {} from\n{}Next: backout check {}\n", output,
                                summary(found, folder), output);
  return kOk;
}

}  // namespace backout::cli
