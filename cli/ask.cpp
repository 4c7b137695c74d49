// backout ask FILE|DIR: what a runbook does not say and a verdict waits for, the most valuable
// first.
#include <algorithm>
#include <filesystem>
#include <iostream>

#include <fmt/format.h>
#include <unistd.h>
#include <boost/program_options.hpp>

#include "cli/answers.hpp"
#include "cli/drafting.hpp"
#include "cli/folder_draft.hpp"
#include "cli/options.hpp"
#include "model/duration.hpp"
#include "reports/text/layout.hpp"

namespace backout::cli {

namespace fs = std::filesystem;
namespace po = boost::program_options;

namespace {

constexpr const char* kAskHelp =
    "Usage: backout ask [--most N] [--list] [FILE|DIR]\n\n"
    "Asks for what a Markdown runbook, a shell script or the runbook of a folder leaves open, the "
    "most valuable first, each with\n"
    "the verdict that waits for it and what is likely. At a terminal it reads the answers and "
    "keeps them in\n"
    "backout.answers.yaml beside the document, which `check` and `import` go by; otherwise it "
    "lists the questions.\n";
constexpr std::size_t kMost = 5;

void print(std::size_t number, const importers::Question& question, const std::string& document,
           std::ostream& out) {
  out << fmt::format("{}. {}\n   decides: {}\n", number, question.text, question.decides);
  if (!question.likely.empty()) out << fmt::format("   likely:  {}\n", question.likely);
  out << fmt::format("   answer:  {}{}\n", question.path,
                     document.empty() ? "" : "  (" + document + ")");
}

/// Why an answer cannot stand where it goes; empty when it can.
std::string refusal(const importers::Question& question, const std::string& answer) {
  using About = importers::Question::About;
  if (question.about != About::time && question.about != About::target) return {};
  if (answer == "0" || answer == "unknown") return {};
  const auto duration = model::parse_duration(answer);
  return duration ? std::string() : duration.error();
}

/// Reads one answer; empty for none. Enter takes what is likely, a dash leaves the question open.
std::string read_answer(const importers::Question& question, const Invocation& invocation,
                        bool& ended) {
  for (int attempt = 0; attempt < 3; ++attempt) {
    invocation.out << (question.likely.empty() ? "   > "
                                               : "   [Enter: what is likely, -: leave open] > ")
                   << std::flush;
    std::string line;
    if (!std::getline(invocation.in, line)) {
      ended = true;
      return {};
    }
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
    if (line.empty()) line = question.likely;
    if (line == "-" || line.empty()) return {};
    const std::string why = refusal(question, line);
    if (why.empty()) return line;
    invocation.out << "   " << why << "\n";
  }
  return {};
}

/// The document that is asked about, its questions, and what of it is shown.
struct Asked {
  std::string argument;
  std::string document;
  std::string named;  ///< the document, where the argument does not name it
  importers::Draft draft;
  std::size_t shown = 0;
};

/// "2 more: backout ask --most 0 FILE", where some are not shown.
void print_rest(const Asked& asked, std::ostream& out) {
  const std::size_t rest = asked.draft.questions.size() - asked.shown;
  if (rest > 0) out << fmt::format("{} more: backout ask --most 0 {}\n", rest, asked.argument);
}

void list(const Asked& asked, const Invocation& invocation) {
  for (std::size_t i = 0; i < asked.shown; ++i)
    print(i + 1, asked.draft.questions[i], asked.named, invocation.out);
  print_rest(asked, invocation.out);
}

/// False when the answers cannot be kept.
bool ask_people(const Asked& asked, const Invocation& invocation) {
  Answers answers;
  bool ended = false;
  for (std::size_t i = 0; i < asked.shown && !ended; ++i) {
    const importers::Question& question = asked.draft.questions[i];
    print(i + 1, question, asked.named, invocation.out);
    const std::string answer = read_answer(question, invocation, ended);
    if (!answer.empty()) answers.insert_or_assign(question.path, answer);
  }
  print_rest(asked, invocation.out);
  if (answers.empty()) return true;
  if (!save_answers(invocation, asked.document, answers)) return false;
  invocation.out << fmt::format("Kept {} in {}\n", reports::counted(answers.size(), "answer"),
                                (fs::path(asked.document).parent_path() / kAnswersFile).string());
  return true;
}

}  // namespace

int run_ask(const Invocation& invocation) {
  po::options_description options("Options");
  options.add_options()("most", po::value<std::size_t>()->value_name("N")->default_value(kMost),
                        "how many; 0 is all")("list", "list them, at a terminal too");
  const auto values = parse_arguments(invocation, kAskHelp, options, "file");
  if (!values) return kOk;
  std::vector<std::string> files = {"."};
  if (values->count("file")) files = (*values)["file"].as<std::vector<std::string>>();
  if (files.size() > 1) throw UsageError{"one document or folder at a time"};
  std::error_code error;
  const bool is_folder = fs::is_directory(files.front(), error);
  const std::string document = is_folder ? runbook_of(files.front()) : files.front();
  Asked asked{files.front(), document, is_folder ? document : "", draft_of(document)};
  const std::size_t most = (*values)["most"].as<std::size_t>();
  asked.shown =
      most == 0 ? asked.draft.questions.size() : std::min(most, asked.draft.questions.size());
  if (asked.draft.questions.empty()) invocation.out << "Nothing is open.\n";
  const bool talks =
      isatty(STDIN_FILENO) != 0 && isatty(STDOUT_FILENO) != 0 && values->count("list") == 0;
  if (!talks)
    list(asked, invocation);
  else if (!ask_people(asked, invocation))
    return kOutput;
  if (asked.draft.unread.empty()) return kOk;
  invocation.err << fmt::format("backout: {}\n", asked.draft.unread);
  return kIncomplete;
}

}  // namespace backout::cli
