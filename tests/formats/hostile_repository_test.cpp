// A repository whose configuration wants commands run: nothing of it runs, and the answers are
// those of a plain one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>
#include <nlohmann/json.hpp>

#include "support/repository.hpp"
#include "support/small_plan.hpp"

namespace backout::tests {
namespace {

/// A repository with a change, in which every way that git has to run a command touches a file
/// named "ran-WAY".
class Hostile {
 public:
  Hostile() {
    repository_.write("a.yaml", small_plan());
    repository_.write("b.yaml", small_plan());
    repository_.write("db/1_a.up.sql", "CREATE TABLE t (id int);");
    repository_.write("db/1_a.down.sql", "DROP TABLE t;");
    repository_.write(".gitattributes", "* filter=evil diff=evil merge=evil\n");
    repository_.commit();
    repository_.write("a.yaml", small_plan("v1", "git:main"));
    repository_.write("b.yaml", small_plan() + " ");
    repository_.write("b.yaml", small_plan());  // another time stamp: git has to look at its bytes
    arm();
  }

  const Repository& repository() const { return repository_; }
  ProcessResult backout(const std::vector<std::string>& words,
                        std::vector<std::string> variables = {}) const {
    return repository_.backout(words, variables);
  }
  /// The ways in which something ran.
  std::vector<std::string> ran() const {
    std::vector<std::string> ways;
    for (const auto& entry : std::filesystem::directory_iterator(traces_.path())) {
      const std::string name = entry.path().filename();
      if (name.starts_with("ran-")) ways.push_back(name);
    }
    return ways;
  }
  /// A program that leaves a trace and copies its input.
  std::string trap(const std::string& way) const {
    const std::string file = traces_.write(
        "trap-" + way, "#!/bin/sh\ntouch " + traces_.path().string() + "/ran-" + way + "\ncat\n");
    std::filesystem::permissions(file, std::filesystem::perms::owner_all);
    return file;
  }

 private:
  void arm() {
    std::string text = "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n";
    text += "\tfsmonitor = " + trap("fsmonitor") + "\n\tsshCommand = " + trap("ssh") +
            "\n\tpager = " + trap("pager") + "\n\teditor = " + trap("editor") +
            "\n\tgitProxy = " + trap("proxy") + "\n\talternateRefsCommand = " + trap("alternates") +
            "\n\taskPass = " + trap("askpass") + "\n";
    text += "[diff]\n\texternal = " + trap("external") + "\n";
    text += "[diff \"evil\"]\n\tcommand = " + trap("diff") + "\n\ttextconv = " + trap("textconv") +
            "\n";
    text += "[filter \"evil\"]\n\tclean = " + trap("clean") + "\n\tsmudge = " + trap("smudge") +
            "\n\tprocess = " + trap("process") + "\n\trequired = true\n";
    text += "[merge \"evil\"]\n\tdriver = " + trap("merge") + " %A\n[credential]\n\thelper = !" +
            trap("credential") + "\n";
    for (const char* verb :
         {"rev-parse", "diff", "ls-files", "ls-tree", "cat-file", "merge-base"}) {
      text += std::string("[alias]\n\t") + verb + " = !" + trap("alias") + "\n";
    }
    text += "[include]\n\tpath = " +
            traces_.write("included", "[core]\n\tfsmonitor = " + trap("included") + "\n") + "\n";
    text += "[remote \"origin\"]\n\turl = ext::" + trap("remote") +
            "\n\tpromisor = true\n[extensions]\n\tpartialClone = origin\n";
    repository_.write(".git/config", text);
    for (const char* hook :
         {"post-index-change", "reference-transaction", "fsmonitor-watchman", "post-checkout"}) {
      std::filesystem::copy_file(trap("hook"), repository_.path() / ".git/hooks" / hook,
                                 std::filesystem::copy_options::overwrite_existing);
    }
  }

  TemporaryFolder traces_;
  Repository repository_;
};

TEST(HostileRepository, TheTrapsWork) {
  const Hostile hostile;
  hostile.repository().backout({"version"});
  EXPECT_TRUE(hostile.ran().empty());
  run_process({"git", "-C", hostile.repository().path().string(), "diff", "HEAD"});
  EXPECT_FALSE(hostile.ran().empty()) << "git itself runs what the configuration says";
}

TEST(HostileRepository, CheckSinceRunsNothing) {
  const Hostile hostile;
  const ProcessResult result = hostile.backout(
      {"check", "--no-search", "--since", "HEAD", "--format", "json", "--fail-on", "never", "."});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(nlohmann::json::parse(result.out)["plan"], "a.yaml");
  EXPECT_THAT(hostile.ran(), ::testing::IsEmpty());
}

TEST(HostileRepository, CiRunsNothing) {
  const Hostile hostile;
  const ProcessResult result =
      hostile.backout({"ci", "--base", "HEAD", "--no-search", "--fail-on", "never"});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out, ::testing::HasSubstr("a.yaml"));
  EXPECT_THAT(hostile.ran(), ::testing::IsEmpty());
}

TEST(HostileRepository, MigrationsSinceRunsNothing) {
  const Hostile hostile;
  EXPECT_EQ(hostile.backout({"migrations", "--since", "HEAD", "db"}).status, 0);
  EXPECT_THAT(hostile.ran(), ::testing::IsEmpty());
}

TEST(HostileRepository, TheEnvironmentRunsNothing) {
  const Hostile hostile;
  const std::string trap = hostile.trap("environment");
  const ProcessResult result = hostile.backout(
      {"check", "--no-search", "--since", "HEAD", "--fail-on", "never", "."},
      {"GIT_EXTERNAL_DIFF=" + trap, "GIT_SSH_COMMAND=" + trap, "GIT_PAGER=" + trap,
       "GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=core.fsmonitor", "GIT_CONFIG_VALUE_0=" + trap,
       "GIT_DIR=/nowhere", "GIT_INDEX_FILE=/nowhere"});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(hostile.ran(), ::testing::IsEmpty());
}

TEST(HostileRepository, AGitInTheFolderIsNotRun) {
  const Hostile hostile;
  std::filesystem::copy_file(hostile.trap("git"), hostile.repository().path() / "git");
  const char* path = std::getenv("PATH");
  const ProcessResult result =
      hostile.backout({"check", "--no-search", "--since", "HEAD", "--fail-on", "never", "."},
                      {std::string("PATH=.::") + path});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(hostile.ran(), ::testing::IsEmpty());
}

TEST(HostileRepository, AWorkTreeOfItsOwnAnswersAsAnyOther) {
  const Repository repository;
  repository.write("a.yaml", small_plan());
  repository.commit();
  repository.git({"worktree", "add", "--quiet", "other"});
  repository.write("other/a.yaml", small_plan("v1", "git:main"));
  const ProcessResult result =
      repository.backout({"check", "--no-search", "--since", "HEAD", "--format", "json",
                          "--fail-on", "never", "other/a.yaml"});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(nlohmann::json::parse(result.out)["plan"], "other/a.yaml") << result.out;
}

TEST(HostileRepository, AWorkTreeElsewhereInTheConfigurationIsNotFollowed) {
  const Repository repository;
  repository.write("a.yaml", small_plan());
  repository.commit();
  repository.git({"config", "core.worktree", "/"});
  repository.write("b.yaml", small_plan());
  const ProcessResult result = repository.backout(
      {"check", "--no-search", "--since", "HEAD", "--format", "json", "--fail-on", "never", "."});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(nlohmann::json::parse(result.out)["plan"], "b.yaml") << result.out;
}

/// What backout says in a repository in which git would wait for a pipe.
ProcessResult with_pipe_at(const std::string& name, std::vector<std::string> words) {
  const Repository repository;
  repository.write("a.yaml", small_plan());
  repository.commit();
  EXPECT_EQ(mkfifo((repository.path() / name).c_str(), 0600), 0);
  words.insert(words.begin(), {"timeout", "60", kProgram});
  return run_process(words, "", repository.path().string());
}

TEST(HostileRepository, APipeThatGitOpensHoldsNothingUp) {
  const ProcessResult checked = with_pipe_at(".gitignore", {"check", "--no-search", "."});
  EXPECT_EQ(checked.status, 0) << checked.err;
  const ProcessResult compared =
      with_pipe_at(".git/objects/info/alternates", {"ci", "--no-search", "--base", "HEAD"});
  EXPECT_EQ(compared.status, 3);
  EXPECT_EQ(compared.err, "backout: git rev-parse waited for what does not come and was stopped\n");
}

TEST(HostileRepository, AnOlderVersionIsNoLargerThanAFile) {
  const Repository repository;
  repository.git({"config", "core.compression", "1"});
  const std::string file = repository.write("a.yaml", small_plan() + "#");
  std::filesystem::resize_file(file, (256 << 20) + 1);  // few bytes of a disk, and of git
  repository.commit();
  repository.write("a.yaml", small_plan());
  const ProcessResult result = repository.backout({"ci", "--no-search", "--base", "HEAD"});
  EXPECT_EQ(result.status, 3);
  EXPECT_EQ(result.err, "backout: 'a.yaml' is larger than 256 MB in the older version\n");
}

}  // namespace
}  // namespace backout::tests
