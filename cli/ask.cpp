// backout ask FILE: what a runbook does not say and a verdict waits for, the most valuable first.
#include <algorithm>

#include <fmt/format.h>

#include "cli/drafting.hpp"
#include "cli/options.hpp"

namespace backout::cli {

namespace po = boost::program_options;

namespace {

constexpr const char* kHelp =
    "Usage: backout ask [--most N] FILE\n\n"
    "Lists what a Markdown runbook or a shell script leaves open, the most valuable first, each with the verdict that waits\n"
    "for it and the place in the plan of `backout import` where the answer goes.\n";
constexpr std::size_t kMost = 5;

}  // namespace

int run_ask(const Invocation& invocation) {
  po::options_description options("Options");
  options.add_options()("most", po::value<std::size_t>()->value_name("N")->default_value(kMost), "how many; 0 is all");
  const auto values = parse_arguments(invocation, kHelp, options, "file");
  if (!values) return kOk;
  if (!values->count("file")) throw UsageError{"which document?"};
  const auto files = (*values)["file"].as<std::vector<std::string>>();
  if (files.size() > 1) throw UsageError{"one document at a time"};
  const importers::Draft draft = draft_of(files.front());
  const std::size_t most = (*values)["most"].as<std::size_t>();
  const std::size_t shown = most == 0 ? draft.questions.size() : std::min(most, draft.questions.size());
  for (std::size_t i = 0; i < shown; ++i) {
    const importers::Question& question = draft.questions[i];
    invocation.out << fmt::format("{}. {}\n   decides: {}\n   answer:  {}\n", i + 1, question.text, question.decides, question.path);
  }
  if (draft.questions.empty()) invocation.out << "Nothing is open.\n";
  if (shown < draft.questions.size()) {
    invocation.out << fmt::format("{} more: backout ask --most 0 {}\n", draft.questions.size() - shown, files.front());
  }
  return kOk;
}

}  // namespace backout::cli
