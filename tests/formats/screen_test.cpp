// Nothing that a file says steers what shows it: every command and format, on plans, migrations and
// documents full of escapes, marks that turn text, and commands of CI runners.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include <nlohmann/json.hpp>

#include "model/printable.hpp"
#include "reports/migrations/migrations_report.hpp"
#include "reports/report.hpp"
#include "reports/screen.hpp"
#include "support/places.hpp"
#include "support/process.hpp"

namespace backout::tests {
namespace {

/// What of a report is made of files: of a page only its data, for the rest is the program's own.
std::string said_of_files(const std::string& text) {
  const std::string begin = "id=\"data\">";
  const std::size_t at = text.find(begin);
  if (!text.starts_with("<!DOCTYPE html>") || at == std::string::npos) return text;
  const nlohmann::json data = nlohmann::json::parse(
      text.substr(at + begin.size(), text.find("</script>", at) - at - begin.size()));
  const nlohmann::json flat = data.flatten();
  std::string all;
  for (const auto& [path, value] : flat.items()) {
    all += path + "\n" + (value.is_string() ? value.get<std::string>() + "\n" : "");
  }
  return all;
}

/// What is told of a text that leaves the program: empty, or what in it steers something.
std::string complaint(const std::string& text, bool github = false) {
  std::istringstream lines(said_of_files(text));
  for (std::string line; std::getline(lines, line);) {
    if (model::screened(line) == line) continue;
    const bool own = github && (line.starts_with("::error ") || line.starts_with("::warning ") ||
                                line.starts_with("::notice "));
    if (!own || model::screened(line.substr(2), "x") != line.substr(2)) {
      return nlohmann::json(line).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
    }
  }
  return "";
}

const std::string kSteers =
    "\x1b[31mred\x1b]0;t\x07 \xC2\x9B"
    "31m \xE2\x80\xAE"
    "desrever\xE2\x81\xA6 \x7f \x01 ##[error]x ##vso[task.setvariable]y\n::error::forged\r\n  "
    "::set-output name=a::b";

/// The text as a double-quoted scalar of YAML.
std::string quoted(const std::string& text) { return nlohmann::json(text).dump(-1, ' ', true); }

std::string hostile_plan() {
  const std::string name = quoted(kSteers);
  return "backout: 1\nname: screened\nservices:\n  api: {kind: app, versions: {v1: {}, " + name +
         ": {}}, start: v1}\n"
         "  db: {kind: postgres}\nobjectives: {rto: 1m, rpo: 0}\ndeploy:\n  steps:\n"
         "    - {id: release, do: deploy, target: api, version: " +
         name + ", ref: " + quoted("git:" + kSteers) +
         ", takes: 2m, undo: back}\n"
         "    - {id: add, do: sql, target: db, text: " +
         quoted("CREATE TABLE \"" + kSteers + "\" (a int)") +
         ", takes: 1s, undo: unknown}\n"
         "rollback:\n  paths: {full: {steps: [back], full: true}}\n  steps:\n"
         "    - {id: back, do: deploy, target: api, version: " +
         name + ", ref: " + quoted("git:" + kSteers) + ", takes: 2m}\n";
}

class Screened : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_.write("plan.yaml", hostile_plan());
    folder_.write("broken.yaml", "backout: 1\n" + quoted(kSteers) + ": " + quoted(kSteers) + "\n");
    folder_.write("raw.yaml", "backout: 1\n# " + kSteers + "\nservices: {a: {kind: nonsense}}\n");
    folder_.write("db/1_a.up.sql", "CREATE TABLE \"a" + kSteers + "\" (b text, CHECK (b <> '" +
                                       kSteers + "'));\n/* " + kSteers + " */\n");
    folder_.write("db/1_a.down.sql", "DROP TABLE IF EXISTS nothing; /* " + kSteers + " */\n");
    folder_.write("bad/1_a.up.sql", "CREATE TABEL \"a" + kSteers + "\";\n");
    folder_.write("RUNBOOK.md", "# Roll back " + kSteers + "\n\n## Step 1 " + kSteers +
                                    "\n\n```sh\nkubectl delete namespace 'a" + kSteers +
                                    "'\npsql -c 'DROP TABLE a" + kSteers +
                                    "'\n```\n\n| a | b |\n|---|---|\n| " + kSteers + " | x |\n");
    folder_.write("undo.sh", "#!/bin/sh\n# " + kSteers + "\nrm -rf \"$X/" + kSteers +
                                 "\"\nhelm rollback a$'\\e[31m' 1\n");
  }

  /// Runs `words` in the folder, and looks at all that it says.
  std::string run(const std::string& words, bool github = false) {
    const ProcessResult result = run_process({"sh", "-c",
                                              "cd " + shell_quote(folder_.path().string()) +
                                                  " && " + shell_quote(kProgram) + " " + words});
    EXPECT_LT(result.status, 70) << words;
    said_ += result.out + result.err;
    const std::string wrong = complaint(result.out, github) + complaint(result.err);
    return wrong.empty() ? wrong : words + ": " + wrong;
  }

  TemporaryFolder folder_;
  std::string said_;
};

TEST_F(Screened, EveryFormatOfPlansAndDocuments) {
  for (const reports::Format& format : reports::all_formats()) {
    for (const char* file : {"plan.yaml", "broken.yaml", "raw.yaml", "RUNBOOK.md", "undo.sh"}) {
      EXPECT_EQ(run(std::string("check --max-states 200 --format ") + format.name + " " + file,
                    std::string(format.name) == "github"),
                "");
    }
    EXPECT_EQ(run(std::string("report --format ") + format.name + " plan.yaml",
                  std::string(format.name) == "github"),
              "");
  }
  EXPECT_THAT(said_, ::testing::HasSubstr("\\u001b[31mred")) << "the texts are said, only not raw";
  EXPECT_THAT(said_, ::testing::HasSubstr("\\u202e"));
}

TEST_F(Screened, EveryFormatOfMigrations) {
  for (const reports::MigrationsFormat& format : reports::all_migrations_formats()) {
    for (const char* of : {"db", "bad"}) {
      EXPECT_EQ(run(std::string("migrations --verbose --format ") + format.name + " " + of,
                    std::string(format.name) == "github"),
                "");
    }
  }
  EXPECT_THAT(said_, ::testing::HasSubstr("\\u001b[31mred"));
}

TEST_F(Screened, EveryOtherCommand) {
  for (const char* words : {"migrations db",
                            "migrations bad",
                            "simulate --runs 20 plan.yaml",
                            "simulate --runs 20 --format json plan.yaml",
                            "simulate --run 1 plan.yaml",
                            "graph plan.yaml",
                            "graph --format svg plan.yaml",
                            "export --promela plan.yaml",
                            "import RUNBOOK.md",
                            "import undo.sh",
                            "check .",
                            "check plan.yaml broken.yaml raw.yaml RUNBOOK.md",
                            "explain \"$(printf '\\033[31m')\"",
                            "\"$(printf '\\033[31m')\"",
                            "check \"$(printf '\\033[31m')\"",
                            "check --format \"$(printf '\\033[31m')\" plan.yaml",
                            "replay plan.yaml plan.yaml",
                            "merge plan.yaml",
                            "ask plan.yaml",
                            "explore --help"}) {
    EXPECT_EQ(run(words), "");
  }
}

TEST_F(Screened, FilesAreWrittenThroughTheSameScreen) {
  for (const reports::Format& format : reports::all_formats()) {
    const std::string file = (folder_.path() / "report").string();
    run_backout({"check", "--no-search", "--format", format.name, "--output", file,
                 (folder_.path() / "plan.yaml").string()});
    EXPECT_FALSE(read_file(file).empty()) << format.name;
    EXPECT_EQ(complaint(read_file(file), std::string(format.name) == "github"), "") << format.name;
  }
}

TEST(Printable, ShowsWhatCannotBeSeen) {
  EXPECT_EQ(model::printable("a\x1b[1m\n\t\x7f\xC2\x85\xE2\x80\xAE\xF3\xA0\x80\x81z"),
            "a\\u001b[1m\\u000a\\u0009\\u007f\\u0085\\u202e\\udb40\\udc01z");
  EXPECT_EQ(model::printable("\xff\xC3\xA4\xE2\x80"),
            "\xEF\xBF\xBD\xC3\xA4\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(model::printable("a\tb", true), "a\tb");
  EXPECT_EQ(model::printable("\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB"),
            "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB")
      << "joined emoji stay";
}

TEST(Printable, CommandsOfRunnersAreNoCommands) {
  EXPECT_EQ(model::screened("::error::a\n \t::b\nc ::d\na::b\n"),
            "\\u003a:error::a\n \t\\u003a:b\nc ::d\na::b\n");
  EXPECT_EQ(model::screened("::a", "b "), "::a");
  EXPECT_EQ(model::screened("::a", "  "), "\\u003a:a");
  EXPECT_EQ(model::screened("x ##[group]a ##vso[b] ## [c] #[d]"),
            "x \\u0023#[group]a \\u0023#vso[b] ## [c] #[d]");
}

TEST(Screen, MakesTheSameOfATextInWhateverPiecesItComes) {
  const std::string text = kSteers + kSteers + "\xE2\x80\xAE\n";
  for (std::size_t size = 1; size < 9; ++size) {
    std::ostringstream sink;
    reports::print_screened(sink, [&](std::ostream& out) {
      for (std::size_t at = 0; at < text.size(); at += size) out << text.substr(at, size);
    });
    EXPECT_EQ(sink.str(), model::screened(text)) << size;
  }
}

TEST(Screen, LetsTheProgramsOwnPass) {
  std::ostringstream sink;
  reports::print_screened(sink, [](std::ostream& outer) {
    reports::print_screened(outer, [](std::ostream& out) {
      out << "a\x1b";
      reports::write_own(out, "\x1b[1m");
      out << "::b";
    });
  });
  EXPECT_EQ(sink.str(), "a\\u001b\x1b[1m::b");
}

}  // namespace
}  // namespace backout::tests
