// What is no regular file is refused and never opened; links lead nowhere outside.
#include <sys/stat.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/files.hpp"
#include "support/places.hpp"
#include "support/process.hpp"
#include "support/small_plan.hpp"

namespace backout::tests {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

std::string wrong_with(const fs::path& path) {
  const auto text = model::read_file(path, 1 << 20);
  return text ? "" : text.error();
}

/// A pipe that nobody writes into: whoever opens it to read waits for ever.
std::string pipe_at(const fs::path& path) {
  EXPECT_EQ(mkfifo(path.c_str(), 0600), 0);
  return path.string();
}

TEST(Files, AreRegularOrRefused) {
  const TemporaryFolder folder;
  EXPECT_EQ(wrong_with(folder.write("a", "x")), "");
  EXPECT_EQ(wrong_with(folder.path()), "is a folder");
  EXPECT_EQ(wrong_with(folder.path() / "none"), "does not exist");
  EXPECT_EQ(wrong_with(pipe_at(folder.path() / "pipe")), "is a pipe, a socket or a device");
  EXPECT_EQ(wrong_with("/dev/zero"), "is a pipe, a socket or a device");
  EXPECT_EQ(wrong_with("/proc/self/environ"), "is no file of a disk");
  fs::create_symlink("/proc/self/environ", folder.path() / "link");
  EXPECT_EQ(wrong_with(folder.path() / "link"), "is no file of a disk");
  EXPECT_EQ(wrong_with(folder.write("big", std::string((1 << 20) + 1, 'x'))),
            "is larger than 1 MB");
  EXPECT_EQ(*model::read_file(folder.path() / "a"), "x");
}

TEST(Files, LinksOutOfAFolderAreSeen) {
  const TemporaryFolder folder;
  folder.write("in/a", "");
  folder.write("out/b", "");
  fs::create_symlink("../out/b", folder.path() / "in/b");
  fs::create_symlink("a", folder.path() / "in/c");
  EXPECT_TRUE(model::leads_out_of(folder.path() / "in", folder.path() / "in/b"));
  EXPECT_FALSE(model::leads_out_of(folder.path() / "in", folder.path() / "in/c"));
}

TEST(Files, EveryCommandRefusesPipesAndDevices) {
  const TemporaryFolder folder;
  const std::string plan = folder.write("plan.yaml", small_plan());
  for (const std::string& file :
       {pipe_at(folder.path() / "pipe.yaml"), pipe_at(folder.path() / "RUNBOOK.md"),
        pipe_at(folder.path() / "undo.sh"), std::string("/dev/zero"),
        std::string("/proc/self/environ")}) {
    for (const std::vector<std::string>& words : {std::vector<std::string>{"check"},
                                                  {"report"},
                                                  {"graph"},
                                                  {"simulate"},
                                                  {"import"},
                                                  {"merge"},
                                                  {"replay", plan},
                                                  {"migrations"},
                                                  {"migrations", "--schema"},
                                                  {"export", "--promela"}}) {
      std::vector<std::string> all = {"timeout", "10", kProgram};
      all.insert(all.end(), words.begin(), words.end());
      all.push_back(file);
      const ProcessResult result = run_process(all);
      EXPECT_TRUE(result.status == 2 || result.status == 3)
          << words[0] << " " << file << ": " << result.status << " " << result.err;
      EXPECT_FALSE(result.err.empty()) << words[0] << " " << file;
    }
  }
}

TEST(Files, FoldersWithPipesAndLinksAreRead) {
  const TemporaryFolder folder;
  folder.write("secret.sql", "CREATE TABLE secret (a int);\n");
  folder.write("db/1_a.up.sql", "CREATE TABLE a (id int);\n");
  folder.write("db/1_a.down.sql", "DROP TABLE a;\n");
  fs::create_symlink("../secret.sql", folder.path() / "db/2_b.up.sql");
  pipe_at(folder.path() / "db/3_c.up.sql");
  pipe_at(folder.path() / "plan.yaml");
  fs::create_symlink("/dev/zero", folder.path() / "ROLLBACK.md");
  const ProcessResult migrations =
      run_process({"timeout", "10", kProgram, "migrations", (folder.path() / "db").string()});
  EXPECT_NE(migrations.status, 124);
  EXPECT_THAT(migrations.out + migrations.err,
              HasSubstr("the file is a link that leads out of the folder"));
  EXPECT_THAT(migrations.out + migrations.err,
              HasSubstr("the file is a pipe, a socket or a device"));
  EXPECT_THAT(migrations.out + migrations.err, ::testing::Not(HasSubstr("secret (a")));
  EXPECT_NE(run_process({"timeout", "10", kProgram, "check", folder.path().string()}).status, 124);
}

/// Every command of a path that leads nowhere, or of a folder in which one does: it says so, and
/// ends with 2 or 3 at most.
TEST(Files, LinksToThemselvesAndNamesTooLongAreNoBug) {
  const TemporaryFolder folder;
  const std::string plan = folder.write("plan.yaml", small_plan());
  const fs::path looped = folder.path() / "looped";
  for (const char* name : {"db/1_a.up.sql", "ROLLBACK.md", "plan.yaml", "below"}) {
    fs::create_directories((looped / name).parent_path());
    fs::create_symlink(fs::path(name).filename(), looped / name);
  }
  const std::string loop = (looped / "below").string();
  for (const std::string& path : {loop, loop + "/x", looped.string(), std::string(300, 'a'),
                                  std::string(5000, 'a'), std::string()}) {
    for (const std::vector<std::string>& words : {std::vector<std::string>{"check"},
                                                  {"explore"},
                                                  {"report"},
                                                  {"graph"},
                                                  {"simulate"},
                                                  {"import"},
                                                  {"ask"},
                                                  {"ci"},
                                                  {"migrations"},
                                                  {"replay"},
                                                  {"init", "--output", "-"},
                                                  {"init", looped.string(), "--output"},
                                                  {"import", plan, "--output"},
                                                  {"check", "--since", "HEAD"},
                                                  {"check", plan, "--baseline"},
                                                  {"check", plan, "--config"}}) {
      std::vector<std::string> all = {"timeout", "10", kProgram};
      all.insert(all.end(), words.begin(), words.end());
      all.push_back(path);
      const ProcessResult result = run_process(all);
      EXPECT_LT(result.status, 4) << words[0] << " " << path.substr(0, 40) << ": " << result.status
                                  << " " << result.err;
      EXPECT_THAT(result.err, ::testing::Not(HasSubstr("internal"))) << words[0];
    }
  }
}

/// A plan beside a link to itself is found all the same.
TEST(Files, ALinkToItselfHidesNothing) {
  const TemporaryFolder folder;
  folder.write("z/plan.yaml", small_plan());
  fs::create_symlink("loop", folder.path() / "loop");
  const ProcessResult result =
      run_process({kProgram, "check", "--format", "json", folder.path().string()});
  EXPECT_LT(result.status, 2) << result.err;
  EXPECT_THAT(result.out, HasSubstr("z/plan.yaml"));
}

/// A PATH in which every program that is not git leaves a mark.
TEST(Programs, NoneButGitIsRun) {
  const TemporaryFolder folder;
  const std::string plan = folder.write("repo/plan.yaml", small_plan());
  folder.write("repo/db/1_a.up.sql", "CREATE TABLE a (id int);\n\\! touch ran\n");
  folder.write("repo/db/1_a.down.sql", "DROP TABLE a;\n");
  folder.write("repo/ROLLBACK.md", "# Rollback\n\n```sh\ntouch ran\n```\n");
  const std::string mark = (folder.path() / "ran").string();
  for (const char* name : {"sh", "bash", "dot", "psql", "pg_dump", "kubectl", "helm", "docker",
                           "ssh", "less", "python3", "cat", "make", "npm"}) {
    fs::permissions(folder.write(std::string("bin/") + name,
                                 "#!/bin/sh\necho " + std::string(name) + " >> " + mark + "\n"),
                    fs::perms::owner_all);
  }
  const std::string repo = shell_quote((folder.path() / "repo").string());
  ASSERT_EQ(
      run_process(
          {"sh", "-c",
           "cd " + repo +
               " && git init -q && git add . && git -c user.name=a -c user.email=a@b commit -qm a"})
          .status,
      0);
  fs::create_symlink(run_process({"sh", "-c", "command -v git | tr -d '\\n'"}).out,
                     folder.path() / "bin/git");
  for (const char* words : {"check .", "check --since HEAD .", "check ROLLBACK.md", "migrations db",
                            "migrations --since HEAD db", "report plan.yaml", "ci --base HEAD",
                            "import ROLLBACK.md", "simulate --runs 5 plan.yaml"}) {
    const ProcessResult result = run_process(
        {"sh", "-c",
         "cd " + repo + " && exec env PATH=" + shell_quote((folder.path() / "bin").string()) + " " +
             shell_quote(kProgram) + " " + words});
    EXPECT_TRUE(result.status < 2 || result.status == 4) << words << ": " << result.err;
    EXPECT_FALSE(fs::exists(mark)) << words << " ran " << read_file(mark);
  }
}

}  // namespace
}  // namespace backout::tests
