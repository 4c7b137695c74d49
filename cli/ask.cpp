// backout ask FILE|DIR: what a runbook does not say and a verdict waits for, the most valuable first.
#include <algorithm>
#include <filesystem>
#include <iostream>

#include <fmt/format.h>
#include <unistd.h>

#include "cli/answers.hpp"
#include "cli/drafting.hpp"
#include "cli/folder_draft.hpp"
#include "cli/options.hpp"
#include "model/duration.hpp"

namespace backout::cli {

namespace fs = std::filesystem;
namespace po = boost::program_options;

namespace {

constexpr const char* kHelp =
    "Usage: backout ask [--most N] [--list] [FILE|DIR]\n\n"
    "Asks for what a Markdown runbook, a shell script or the runbook of a folder leaves open, the most valuable first, each with\n"
    "the verdict that waits for it and what is likely. At a terminal it reads the answers and keeps them in\n"
    "backout.answers.yaml beside the document, which `check` and `import` go by; otherwise it lists the questions.\n";
constexpr std::size_t kMost = 5;

struct Open {
  fs::path document;
  importers::Question question;
};

/// The questions of all documents, the most valuable first.
std::vector<Open> open_questions(const std::vector<std::string>& documents) {
  std::vector<Open> all;
  for (const std::string& document : documents) {
    for (importers::Question& question : draft_of(document).questions) all.push_back({document, std::move(question)});
  }
  std::ranges::stable_sort(all, std::greater<>{}, [](const Open& open) { return open.question.weight; });
  return all;
}

void print(std::size_t number, const Open& open, bool names_document, std::ostream& out) {
  const importers::Question& question = open.question;
  out << fmt::format("{}. {}\n   decides: {}\n", number, question.text, question.decides);
  if (!question.likely.empty()) out << fmt::format("   likely:  {}\n", question.likely);
  out << fmt::format("   answer:  {}{}\n", question.path, names_document ? "  (" + open.document.string() + ")" : "");
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
std::string read_answer(const Open& open, const Invocation& invocation, bool& ended) {
  for (int attempt = 0; attempt < 3; ++attempt) {
    invocation.out << (open.question.likely.empty() ? "   > " : "   [Enter: what is likely, -: leave open] > ") << std::flush;
    std::string line;
    if (!std::getline(invocation.in, line)) {
      ended = true;
      return {};
    }
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
    if (line.empty()) line = open.question.likely;
    if (line == "-" || line.empty()) return {};
    const std::string why = refusal(open.question, line);
    if (why.empty()) return line;
    invocation.out << "   " << why << "\n";
  }
  return {};
}

int ask_people(const std::vector<Open>& open, std::size_t shown, bool names_document, const Invocation& invocation) {
  std::map<fs::path, Answers> answers;
  bool ended = false;
  for (std::size_t i = 0; i < shown && !ended; ++i) {
    print(i + 1, open[i], names_document, invocation.out);
    const std::string answer = read_answer(open[i], invocation, ended);
    if (!answer.empty()) answers[open[i].document].insert_or_assign(open[i].question.path, answer);
  }
  for (const auto& [document, own] : answers) {
    const fs::path file = document.parent_path() / kAnswersFile;
    if (!save_answers(document, own)) {
      invocation.err << fmt::format("backout: cannot write '{}'\n", file.string());
      return kOutput;
    }
    invocation.out << fmt::format("Kept {} in {}\n", own.size() == 1 ? "one answer" : fmt::format("{} answers", own.size()), file.string());
  }
  return kOk;
}

}  // namespace

int run_ask(const Invocation& invocation) {
  po::options_description options("Options");
  options.add_options()("most", po::value<std::size_t>()->value_name("N")->default_value(kMost), "how many; 0 is all")(
      "list", "list them, at a terminal too");
  const auto values = parse_arguments(invocation, kHelp, options, "file");
  if (!values) return kOk;
  std::vector<std::string> files = {"."};
  if (values->count("file")) files = (*values)["file"].as<std::vector<std::string>>();
  if (files.size() > 1) throw UsageError{"one document or folder at a time"};
  std::error_code error;
  const bool is_folder = fs::is_directory(files.front(), error);
  const std::vector<std::string> documents = is_folder ? std::vector<std::string>{runbook_of(files.front())} : files;
  const std::vector<Open> open = open_questions(documents);
  const std::size_t most = (*values)["most"].as<std::size_t>();
  const std::size_t shown = most == 0 ? open.size() : std::min(most, open.size());
  const bool names_document = is_folder;
  if (open.empty()) invocation.out << "Nothing is open.\n";
  const bool talks = isatty(STDIN_FILENO) != 0 && isatty(STDOUT_FILENO) != 0 && values->count("list") == 0;
  if (talks) return ask_people(open, shown, names_document, invocation);
  for (std::size_t i = 0; i < shown; ++i) print(i + 1, open[i], names_document, invocation.out);
  if (shown < open.size()) {
    invocation.out << fmt::format("{} more: backout ask --most 0 {}\n", open.size() - shown, files.front());
  }
  return kOk;
}

}  // namespace backout::cli
