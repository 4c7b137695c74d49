// Shell that nobody writes: what the grammar cannot hold is left out before it is read, and that is
// said.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "importers/shell/dense.hpp"
#include "support/places.hpp"
#include "support/process.hpp"

namespace backout::tests {
namespace {

using ::testing::HasSubstr;

std::string repeated(const std::string& piece, std::size_t bytes) {
  std::string text;
  while (text.size() < bytes) text += piece;
  return text;
}

const std::vector<std::string>& pieces() {
  static const std::vector<std::string> kAll = {"(",
                                                "! ",
                                                "{ ",
                                                "if ",
                                                "((a=",
                                                "&",
                                                ")",
                                                "a|",
                                                ";;",
                                                "\"$(",
                                                "case x in a) ",
                                                "[",
                                                ">",
                                                "> a ",
                                                "\\ ",
                                                "for a in b; do ",
                                                "<<A ",
                                                "f() ",
                                                "a=( ",
                                                "$((",
                                                "${a:-",
                                                "- ",
                                                "`",
                                                "$",
                                                "]",
                                                "{[",
                                                "[{",
                                                "[[ ",
                                                "a&&",
                                                "a;",
                                                "<(",
                                                "while ",
                                                "until a; do ",
                                                "select a in b; do "};
  return kAll;
}

TEST(Dense, LinesAndWhatIsOpenHaveALimit) {
  using importers::dense_parts;
  EXPECT_TRUE(dense_parts("").empty());
  EXPECT_TRUE(
      dense_parts("if a; then\n  b $(c \"${d}\")\nfi\ncase x in\n  a) b ;;\nesac\n").empty());
  std::string script;
  for (int i = 0; i < 300; ++i)
    script +=
        "if [ -f a ]; then echo $(date) | tee \"${LOG:-x}\" && f() { (g); }; fi; case x in a) b ;; "
        "esac\n";
  for (int i = 0; i < 1'500; ++i)
    script += "kubectl -n \"$NAMESPACE\" rollout undo \"deploy/${DEPLOY}\" || exit 1\n\n";
  EXPECT_TRUE(dense_parts(script).empty());
  const auto line = dense_parts("a\n" + repeated("b ", 2 * importers::kMostTokens + 2) + "\nc\n");
  ASSERT_EQ(line.size(), 1U);
  EXPECT_EQ(line[0].begin, 2U);
  EXPECT_EQ(line[0].end, 2 * importers::kMostTokens + 4);
  const std::string open = repeated("(\n", 2 * importers::kMostOpen + 2);
  const auto rest = dense_parts(open + "x\ny\n");
  ASSERT_EQ(rest.size(), 1U);
  EXPECT_EQ(rest[0].begin, open.size() - 2);
  EXPECT_EQ(rest[0].end, open.size() + 4);
  // A line of many signs now and then is a document in quotes.
  EXPECT_TRUE(dense_parts(repeated(repeated("{a}", 300) + "\n", 6'000)).empty());
  EXPECT_EQ(dense_parts(repeated(repeated(")", 60) + "\n", 61 * 200)).size(), 1U)
      << "what nothing opened";
  EXPECT_EQ(dense_parts(repeated("f() f() f() f() f() f() f()\n", 150'000)).size(), 1U) << "signs";
  EXPECT_EQ(dense_parts(repeated("a b c d e f g h i j k l m n o p q r s t u\n", 200'000)).size(),
            1U)
      << "words";
  EXPECT_EQ(dense_parts(repeated("a |\n", 4'000)).size(), 1U) << "one pipe";
  // The `)` of a case closes no bracket, and a keyword no other.
  EXPECT_EQ(dense_parts(repeated("case x in a)\n", 13 * 600)).size(), 1U);
  EXPECT_EQ(dense_parts(repeated("if done esac\n", 13 * 600)).size(), 1U);
}

TEST(Dense, IsSaidAndCostsLittle) {
  const TemporaryFolder folder;
  for (const std::string& piece : pieces()) {
    SCOPED_TRACE(piece);
    const std::string script =
        folder.write("undo.sh", "#!/bin/sh\necho a\n" + repeated(piece, 150'000) + "\necho b\n");
    const ProcessResult check =
        run_process({"prlimit", "--cpu=30", kProgram, "check", "--runs", "0", script});
    // Blanks that are quoted are one word.
    EXPECT_TRUE(check.status == 4 || piece == "\\ " || piece == "- ")
        << check.status << check.out << check.err;
    if (check.status == 4) {
      EXPECT_THAT(check.out, HasSubstr("runbook-not-read"));
    }
  }
}

/// Each line alone is short enough; the way out of errors costs the more the more there are.
TEST(Dense, ManyLinesOfErrorsEnd) {
  const TemporaryFolder folder;
  for (const std::string& piece : pieces()) {
    SCOPED_TRACE(piece);
    const std::string script =
        folder.write("undo.sh", "#!/bin/sh\n" + repeated(repeated(piece, 60) + "\n", 150'000));
    const ProcessResult check =
        run_process({"prlimit", "--cpu=30", kProgram, "check", "--runs", "0", script});
    EXPECT_LT(check.status, 5) << check.err;
  }
}

/// A here document with one long line was read from its begin for each of its characters.
TEST(Dense, ALongLineOfAHereDocumentIsReadOnce) {
  const TemporaryFolder folder;
  const std::string script =
      folder.write("undo.sh", "#!/bin/sh\ncat <<EOF | psql\n" + std::string(200'000, 'a') +
                                  "\nEOF\nkubectl rollout undo deployment/shop\n");
  const ProcessResult import = run_process({"prlimit", "--cpu=20", kProgram, "import", script});
  EXPECT_EQ(import.status, 0) << import.err;
  EXPECT_THAT(import.out, HasSubstr("kubectl rollout undo"));
}

/// Each step looked through all lines, and each line through all times: 4,000 steps took 21 s.
TEST(Dense, ThousandsOfTimedStepsCostLittle) {
  const TemporaryFolder folder;
  std::string runbook = "# Rollback\n\n";
  constexpr int kSteps = 3'900;
  for (int i = 1; i <= kSteps; ++i)
    runbook += std::to_string(i) + ". Stop `app" + std::to_string(i) + "` (5 minutes)\n";
  const ProcessResult import = run_process(
      {"prlimit", "--cpu=10", kProgram, "import", folder.write("ROLLBACK.md", runbook)});
  EXPECT_EQ(import.status, 0) << import.err;
  EXPECT_THAT(import.out,
              HasSubstr("{id: stop_app3900, do: task, text: \"Stop app3900 (5 minutes)\","));
}

/// A `$` with no name behind it ended the program, where an option or a folder was looked for
/// behind it.
TEST(Dense, ADollarWithoutANameIsText) {
  const TemporaryFolder folder;
  for (const char* word : {"'$'", "\"$\"", "'${'", "'$'/x"}) {
    SCOPED_TRACE(word);
    const std::string undo = std::string("kubectl rollout undo deployment/shop --to-revision ") +
                             word + "\nkubectl rollout undo deployment/api --to-revision=" + word +
                             "\n";
    const std::string script =
        folder.write("rollback.sh", "#!/bin/sh\n" + undo + "docker run -v " + word +
                                        ":/data alpine ls\nln -sfn " + word + " current\n");
    const ProcessResult check =
        run_process({"prlimit", "--cpu=10", kProgram, "check", "--runs", "0", script});
    EXPECT_EQ(check.status, 0) << check.err;
  }
}

/// Each body of a function was gone through for each call of each call.
TEST(Dense, FunctionsThatCallFunctionsCostLittle) {
  const TemporaryFolder folder;
  std::string text = "#!/bin/sh\n";
  for (int i = 1; i < 6; ++i)
    text += "f" + std::to_string(i) + "() {\n" + repeated("f" + std::to_string(i + 1) + "\n", 180) +
            "}\n";
  text += "f6() {\nx=1\n}\nf1\n";
  const ProcessResult check = run_process(
      {"prlimit", "--cpu=10", kProgram, "check", "--runs", "0", folder.write("rollback.sh", text)});
  EXPECT_LE(check.status, 1) << check.err;
}

/// Each command was held against each, and each of those against all functions.
TEST(Dense, ThousandsOfStartsInAScriptCostLittle) {
  const TemporaryFolder folder;
  const std::string text =
      "#!/bin/sh\nif [ -n \"$1\" ]; then\n" + repeated("docker compose up -d\n", 30'000) + "fi\n";
  const ProcessResult check = run_process(
      {"prlimit", "--cpu=10", kProgram, "check", "--runs", "0", folder.write("rollback.sh", text)});
  EXPECT_LE(check.status, 1) << check.err;
}

/// Each column beyond 1,600 is refused: what runs nevertheless was looked at for each of them, and
/// every version of the table kept (1 GB).
TEST(Dense, ThousandsOfRefusedStatementsCostLittle) {
  const TemporaryFolder folder;
  std::string up = "CREATE TABLE account (id int);\n";
  for (int i = 0; i < 20'000; ++i)
    up += "ALTER TABLE account ADD COLUMN c" + std::to_string(i) + " int;\n";
  folder.write("1_account.up.sql", up);
  folder.write("1_account.down.sql", "DROP TABLE account;\n");
  const ProcessResult result = run_process(
      {"prlimit", "--cpu=10", "--as=400000000", kProgram, "migrations", folder.path().string()});
  EXPECT_EQ(result.status, 1) << result.err;
  EXPECT_THAT(
      result.out,
      HasSubstr("1_account.up.sql:1601:1\n  the up fails: tables can have at most 1600 columns\n"));
  EXPECT_THAT(result.out, HasSubstr("1 migration judged, 0 honest, 1 broken"));
}

/// Bytes that are no UTF-8, NUL and lone carriage returns: every place lies where it is said to
/// lie.
TEST(Dense, PlacesHoldWhereBytesAreNoText) {
  const TemporaryFolder folder;
  for (const std::string& bad :
       {std::string("\xff"), std::string("\xc3"), std::string("\0", 1), std::string("\r"),
        std::string("\xed\xa0\x80"), std::string("\t")}) {
    const std::string text = "# Rollback " + bad + "\n\n> " + bad + "a" + bad + "\n\n- " + bad +
                             "x\n\n  ```bash\n" + repeated(bad, 40) + "\n \t" + bad +
                             "git checkout " + repeated(bad, 40) + "\n\tdocker compose up -d " +
                             repeated(bad, 40);
    const std::string file = folder.write("ROLLBACK.md", text);
    for (const char* command : {"check", "import", "ask"}) {
      const ProcessResult result = run_process({"prlimit", "--cpu=20", kProgram, command, file});
      EXPECT_LT(result.status, 5) << command << " "
                                  << static_cast<int>(static_cast<unsigned char>(bad[0])) << ": "
                                  << result.err;
    }
  }
  const std::string file =
      folder.write("ROLLBACK.md",
                   "# Rollback \xff\xff\xff\n\n```sh\n: '\xff\xff\xff'; git checkout main\n```\n");
  EXPECT_THAT(run_process({kProgram, "check", "--format", "rdjson", file}).out,
              HasSubstr("\"line\": 4"));
}

}  // namespace
}  // namespace backout::tests
