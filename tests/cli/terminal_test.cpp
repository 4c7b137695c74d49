// What is printed in a terminal of 80 columns has no line that is longer, and no word is broken or
// lost.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/ranges.h>

#include <algorithm>
#include <regex>
#include <sstream>

#include "reports/text/fold.hpp"
#include "reports/text/layout.hpp"
#include "support/places.hpp"
#include "support/process.hpp"

namespace backout::tests {
namespace {

/// What `backout` prints in a terminal of 80 columns and with these variables.
std::string in_terminal(const std::vector<std::string>& arguments,
                        const std::vector<std::string>& variables = {"NO_COLOR=1"}) {
  std::vector<std::string> words = {"python3", "-c", R"(
import fcntl, os, pty, struct, sys, termios
pid, terminal = pty.fork()
if pid == 0:
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack('HHHH', 24, 80, 0, 0))
    os.environ.update(each.split('=', 1) for each in sys.argv[1].split())
    os.execv(sys.argv[2], sys.argv[2:])
text = b''
while True:
    try:
        part = os.read(terminal, 65536)
    except OSError:
        break
    if not part:
        break
    text += part
os.waitpid(pid, 0)
sys.stdout.buffer.write(text.replace(b'\r\n', b'\n'))
)",
                                    fmt::format("{}", fmt::join(variables, " ")), kProgram};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return run_process(words, "", kSourceDir).out;
}

std::vector<std::string> too_long(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    if (reports::columns_of(line) > 80) lines.push_back(line);
  }
  return lines;
}

std::string without_spaces(std::string text) {
  std::erase_if(text, [](char c) { return c == ' ' || c == '\n'; });
  return text;
}

/// It fits, and says what a file or another program gets, in which long lines stay whole.
void expect_folded(const std::vector<std::string>& arguments) {
  const std::string shown = in_terminal(arguments);
  const std::string whole = run_backout(arguments).out;
  EXPECT_THAT(too_long(shown), ::testing::IsEmpty());
  EXPECT_THAT(too_long(whole), ::testing::Not(::testing::IsEmpty()));
  EXPECT_EQ(without_spaces(shown), without_spaces(whole));
}

TEST(Terminal, FoldsTheRules) { expect_folded({"rules"}); }
TEST(Terminal, FoldsTheKinds) { expect_folded({"kinds"}); }
TEST(Terminal, FoldsAKind) { expect_folded({"kinds", "postgres"}); }
TEST(Terminal, FoldsTheListOfExplain) { expect_folded({"explain"}); }
TEST(Terminal, FoldsThePageOfARule) { expect_folded({"explain", "undo-order"}); }
TEST(Terminal, FoldsWhatIsKnownOfACommand) {
  expect_folded({"explain", "command", "pg_restore -d app app.dump"});
}

TEST(Terminal, PutsTheRestOfALineBelowItsLastColumn) {
  EXPECT_THAT(in_terminal({"rules", "plan"}), ::testing::HasSubstr("\n  undo-order"));
  std::ostringstream out;
  reports::write_folded(
      "  rule   error  one two three four five\n- five six seven eight nine ten eleven\n"
      "```\na command that is not broken up, however long\n```\nplain words of one line\n",
      30, out);
  EXPECT_EQ(out.str(),
            "  rule   error  one two three\n                four five\n- five six seven eight "
            "nine\n  ten eleven\n"
            "```\na command that is not broken up, however long\n```\nplain words of one line\n");
}

TEST(Terminal, FitsTheMatrixAndTheWaysToIt) {
  for (const char* command : {"explore", "check"}) {
    const std::string shown = in_terminal({command, "--verbose", "plans/call-sid/plan.yaml"});
    EXPECT_THAT(shown,
                ::testing::HasSubstr(
                    "\n  STUCK by 'checklist', after 'code': 'u004' does not get through: column\n"
                    "    \"conversation_id\" of relation \"calls\" contains null values\n"));
    EXPECT_THAT(shown, ::testing::HasSubstr("\n     5. rollback     'u004' fails: column "
                                            "\"conversation_id\" of relation \"calls\"\n"
                                            "                     contains null values\n"));
    EXPECT_THAT(too_long(shown), ::testing::IsEmpty());
  }
}

/// The addresses of the links in `text`, each with what is linked.
std::vector<std::string> links_in(const std::string& text) {
  static const std::regex kLink(
      "\033\\]8;;[a-z]+://[^\033]*/([^/\033]*)\033\\\\([^\033]*)\033\\]8;;\033\\\\");
  std::vector<std::string> links;
  for (std::sregex_iterator at(text.begin(), text.end(), kLink), end; at != end; ++at)
    links.push_back((*at)[1].str() + " " + (*at)[2].str());
  return links;
}

TEST(Terminal, LinksRulesToTheirPagesWhereItCan) {
  const std::string runbook = "fixtures/pages/fixes/ROLLBACK.md";
  const auto links = [&](std::vector<std::string> variables,
                         std::vector<std::string> options = {}) {
    options.insert(options.begin(), {"check", runbook});
    return links_in(in_terminal(options, variables));
  };
  const std::vector<std::string> all = links({"TERM=xterm-256color", "VTE_VERSION=7200"});
  EXPECT_THAT(all, ::testing::Contains("hidden-failure.md hidden-failure"));
  for (const char* variable : {"TERM=xterm-kitty", "TERM_PROGRAM=vscode", "WT_SESSION=1",
                               "KONSOLE_VERSION=220401", "FORCE_HYPERLINK=1"})
    EXPECT_EQ(links({"TERM=xterm", variable}), all) << variable;
  EXPECT_EQ(links({"TERM=xterm", "WT_SESSION=1"}, {"--verbose"}), all);
  EXPECT_THAT(links({"TERM=xterm", "WT_SESSION=1"}, {"--statistics"}),
              ::testing::UnorderedElementsAreArray(all));
  for (const char* variable : {"TERM=xterm", "VTE_VERSION=4900", "TERM_PROGRAM=Apple_Terminal"})
    EXPECT_THAT(links({"TERM=xterm", variable}), ::testing::IsEmpty()) << variable;
  for (const char* variable : {"TERM=dumb", "NO_COLOR=1", "FORCE_HYPERLINK=0"})
    EXPECT_THAT(links({"TERM=xterm", "WT_SESSION=1", variable}), ::testing::IsEmpty()) << variable;
  EXPECT_THAT(links({"TERM=xterm", "WT_SESSION=1"}, {"--color", "never"}), ::testing::IsEmpty());
  // A file or another program gets none, in colours either.
  const ProcessResult piped = run_process(
      {"env", "WT_SESSION=1", kProgram, "check", "--color", "always", runbook}, "", kSourceDir);
  EXPECT_THAT(links_in(piped.out), ::testing::IsEmpty());
}

TEST(Terminal, LinksTakeNoColumns) {
  const std::vector<std::string> arguments = {"check", "plans/call-sid/plan.yaml"};
  EXPECT_THAT(too_long(in_terminal(arguments, {"TERM=xterm", "FORCE_HYPERLINK=1"})),
              ::testing::IsEmpty());
}

TEST(Terminal, FitsTheOverview) {
  EXPECT_THAT(too_long(in_terminal({"help"})), ::testing::IsEmpty());
  EXPECT_THAT(too_long(in_terminal({"help", "check"})), ::testing::IsEmpty());
}

/// The line is written over itself, and gone at the end.
TEST(Terminal, ShowsHowFarLongWorkIs) {
  const std::string runs =
      in_terminal({"simulate", "--runs", "2000000", "plans/call-sid/plan.yaml"});
  EXPECT_THAT(runs, ::testing::ContainsRegex("\r\033\\[Kplans/call-sid/plan.yaml: [0-9]+ % of "
                                             "2000000 runs, [0-9]+ a second, [0-9a-z]+ to go"));
  EXPECT_THAT(runs,
              ::testing::HasSubstr("\r\033[Kplans/call-sid/plan.yaml: 2000000 runs, seed 1\n"));
  const std::string search =
      in_terminal({"explore", "--no-reduction", "--faults", "8", "--time-budget", "1s",
                   "--max-states", "2000000000", "plans/voxflow/plan.yaml"});
  EXPECT_THAT(search, ::testing::ContainsRegex("\r\033\\[Kplans/voxflow/plan.yaml: [0-9]+ states, "
                                               "[0-9]+ a second, [0-9]+ % of the time budget"));
  for (const std::string& shown : {runs, search})
    EXPECT_THAT(shown, ::testing::Not(::testing::HasSubstr("\\u00")));
}

}  // namespace
}  // namespace backout::tests
