// What is printed in a terminal of 80 columns has no line that is longer, and no word is broken or
// lost.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "reports/text/fold.hpp"
#include "reports/text/layout.hpp"
#include "support/places.hpp"
#include "support/process.hpp"

namespace backout::tests {
namespace {

/// What `backout` prints in a terminal of 80 columns.
std::string in_terminal(const std::vector<std::string>& arguments) {
  std::vector<std::string> words = {"python3", "-c", R"(
import fcntl, os, pty, struct, sys, termios
pid, terminal = pty.fork()
if pid == 0:
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack('HHHH', 24, 80, 0, 0))
    os.environ['NO_COLOR'] = '1'
    os.execv(sys.argv[1], sys.argv[1:])
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
                                    kProgram};
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
