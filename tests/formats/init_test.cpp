// `backout init`: a plan that loads from whatever a folder holds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "support/lines.hpp"
#include "support/places.hpp"
#include "support/process.hpp"

namespace backout::tests {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

const std::filesystem::path kFixtures = std::filesystem::path(kSourceDir) / "fixtures/init";

std::string plan_of(const std::filesystem::path& folder) {
  const ProcessResult result = run_backout({"init", "--output", "-", folder.string()});
  EXPECT_EQ(result.status, 0) << result.err;
  return result.out;
}

TEST(Init, MakesAPlanThatLoadsOfEveryFolder) {
  std::size_t folders = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kFixtures)) {
    const std::string plan = plan_of(entry.path());
    const ProcessResult check = run_backout(
        {"check", "--runs", "10", "--stdin-filename", (entry.path() / "plan.yaml").string(), "-"},
        plan);
    EXPECT_THAT(check.status, AnyOf(0, 1, 4)) << entry.path() << '\n' << check.err << plan;
    EXPECT_THAT(plan, HasSubstr("unknown")) << "what cannot be known";
    EXPECT_EQ(plan, plan_of(entry.path()));
    ++folders;
  }
  EXPECT_GT(folders, 8u);
}

TEST(Init, TellsKindsFromFiles) {
  const auto kind = [](const std::string& folder) {
    const std::string plan = plan_of(kFixtures / folder);
    const std::size_t begin = plan.find("  # found in");
    const std::size_t value = plan.find("kind: ", begin) + 6;
    return begin == std::string::npos ? "" : plan.substr(value, plan.find('\n', value) - value);
  };
  EXPECT_EQ(kind("compose"), "docker");
  EXPECT_EQ(kind("kubernetes"), "kubernetes");
  EXPECT_EQ(kind("fly"), "fly") << "which says more than the Dockerfile beside it";
  EXPECT_EQ(kind("vercel"), "vercel");
  EXPECT_EQ(kind("render"), "render");
  EXPECT_EQ(kind("procfile"), "app");
  EXPECT_EQ(kind("systemd"), "systemd");
  EXPECT_EQ(kind("nothing"), "");
  EXPECT_EQ(kind("terraform"), "ecs");
  EXPECT_EQ(kind("helm"), "helm");
  EXPECT_THAT(plan_of(kFixtures / "terraform"), HasLines("    uses: [db]"));
  EXPECT_THAT(plan_of(kFixtures / "terraform"), Not(HasSubstr("shop-api-role")));
}

TEST(Init, NamesTheMigrationsAndWhichOfThemRanBefore) {
  const std::string plan = plan_of(kFixtures / "kubernetes");
  EXPECT_THAT(plan, HasLines("    migrations: \"migrations\"\n    migrated_to: \"001_users\"  "
                             "# what ran before this deploy: all but the newest"));
  EXPECT_THAT(plan, HasLines("    - {id: migrate, migrations: db, takes: unknown}"));
  EXPECT_THAT(plan, HasLines("    - {id: back_migrate, migrations: db, takes: unknown}"));
  EXPECT_THAT(plan,
              HasSubstr("full: {steps: [back_no_app, back_shop_api, back_migrate], full: true}"));
}

TEST(Init, NamesTheMigrationsAsThePlanWillSeeThem) {
  const TemporaryFolder folder;
  folder.write("shop/db/1_a.up.sql", "CREATE TABLE a (id int);");
  folder.write("shop/db/1_a.down.sql", "DROP TABLE a;");
  folder.write("ops/README.md", "plans");
  const auto init = [&](const std::string& output) {
    const std::string plan = (folder.path() / output).string();
    const std::string shop = (folder.path() / "shop").string();
    EXPECT_EQ(run_backout({"init", "--output", plan, shop}).status, 0);
    return read_file(plan);
  };
  EXPECT_THAT(init("shop/plan.yaml"), HasLines("    migrations: \"db\""));
  EXPECT_THAT(init("plan.yaml"), HasLines("    migrations: \"shop/db\""));
  EXPECT_THAT(init("ops/plan.yaml"),
              HasSubstr("    # Its up-down-files migrations are left out (folder '../shop/db' "));
}

TEST(Init, SaysSoWhereAMigrationHasNoDownOrCannotBeRead) {
  const std::string one_way = plan_of(kFixtures / "one-way");
  EXPECT_THAT(one_way, HasLines("    # It has no down: write one, or say how else the old version "
                                "gets on."));
  EXPECT_THAT(one_way, Not(HasSubstr("back_migrate")));
  const TemporaryFolder folder;
  const std::string plan = (folder.path() / "plan.yaml").string();
  std::filesystem::copy(kFixtures / "unparsable", folder.path(),
                        std::filesystem::copy_options::recursive);
  ASSERT_EQ(run_backout({"init", folder.path().string()}).status, 0);
  EXPECT_THAT(run_backout({"check", plan}).out, HasSubstr("syntax error")) << "for check to report";
}

TEST(Init, TellsOnceWhatSeveralFilesName) {
  const TemporaryFolder folder;
  folder.write("docker-compose.yml",
               "services:\n  web: {build: .}\n  seed: {image: seed}\n  lone: {image: \"x:1\"}\n");
  folder.write("docker-compose.prod.yml",
               "services: {lone: {image: \"x:2\", deploy: {replicas: 2}}}");
  folder.write("proxy/compose.yaml", "services: {seed: {labels: [a]}, proxy: {image: caddy}}");
  folder.write("other/compose.yaml", "services: {seed: {image: another}}");
  const std::string web =
      "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {template: {spec: "
      "{containers: [{image: ";
  folder.write("k8s/base/web.yaml", web + "web}]}}}\n");
  folder.write("k8s/prod/web.yaml", web + "\"shop/web:1.4\"}]}}}\n");
  folder.write(
      "k8s/prod/patch.yaml",
      "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 3}\n");
  folder.write("k8s/less/gone.yaml",
               "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: gone}\n$patch: delete\n");
  const ProcessResult result = run_backout({"init", "--output", "-", folder.path().string()});
  EXPECT_EQ(result.err,
            "Made from\n"
            "  docker 'lone': docker-compose.prod.yml, docker-compose.yml\n"
            "  docker 'seed': docker-compose.yml, proxy/compose.yaml\n"
            "  kubernetes 'web': k8s/prod/web.yaml, k8s/base/web.yaml, k8s/prod/patch.yaml\n"
            "  docker 'seed': other/compose.yaml\n"
            "  docker 'proxy': proxy/compose.yaml\n"
            "  left out: 'web' of docker-compose.yml: kubernetes deploys it, too\n");
  EXPECT_THAT(result.out, HasLines("  web:  # found in \"k8s/prod/web.yaml\", "
                                   "\"k8s/base/web.yaml\" and 1 more"));
  EXPECT_THAT(result.out, HasLines("    image: \"shop/web:1.4\""));
}

TEST(Init, SaysWhichFileItCannotRead) {
  const TemporaryFolder folder;
  folder.write("compose.yaml", "services:\n  web: {image: [a\n  b: c\n");
  folder.write("chart/templates/app.yaml", "{{- if .Values.on }}\nkind: Deployment\n{{- end }}\n");
  const std::string err = run_backout({"init", "--output", "-", folder.path().string()}).err;
  EXPECT_THAT(err, HasSubstr("  not read: compose.yaml:4:1: syntax error: "));
  EXPECT_THAT(err, Not(HasSubstr("templates"))) << "no YAML yet";
}

TEST(Init, TakesADatabaseOfAComposeFileForADatabase) {
  const std::string plan = plan_of(kFixtures / "compose");
  EXPECT_THAT(plan, HasLines("    kind: postgres"));
  EXPECT_THAT(plan, HasLines("    uses: [db]"));
  EXPECT_THAT(plan, Not(HasSubstr("unit: \"database\"")));
  EXPECT_THAT(plan, Not(HasSubstr("unit: \"data\""))) << "a volume";
}

TEST(Init, NeverOverwrites) {
  const TemporaryFolder folder;
  folder.write("Procfile", "web: run\n");
  const ProcessResult first = run_backout({"init", folder.path().string()});
  EXPECT_EQ(first.status, 0) << first.err;
  EXPECT_THAT(first.err, HasSubstr("Next: backout check"));
  const std::string plan = read_file(folder.path() / "plan.yaml");
  EXPECT_THAT(plan, HasLines("backout: 1"));
  folder.write("plan.yaml", "mine");
  const ProcessResult second = run_backout({"init", folder.path().string()});
  EXPECT_EQ(second.status, 2);
  EXPECT_THAT(second.err, HasSubstr("is not overwritten"));
  EXPECT_EQ(read_file(folder.path() / "plan.yaml"), "mine");
  EXPECT_EQ(run_backout({"init", "--output", (folder.path() / "plan.yaml").string(),
                         folder.path().string()})
                .status,
            2);
  EXPECT_EQ(run_backout({"init", (folder.path() / "nowhere").string()}).status, 3);
}

TEST(Migrations, ReportTheirFindingsInTheFormatsOfCi) {
  const TemporaryFolder folder;
  folder.write("db/migrations/1_a.up.sql", "CREATE TABLE a (id int);");
  folder.write("db/migrations/1_a.down.sql", "DROP TABLE b;");
  const std::string migrations = (folder.path() / "db/migrations").string();
  const std::string json_text = run_backout({"migrations", "--format", "json", migrations}).out;
  ASSERT_THAT(json_text, HasLines("   \"rule\": \"migrations-down-fails\","));
  for (const char* format : {"sarif", "github", "gitlab", "junit", "markdown", "rdjson"}) {
    const ProcessResult result = run_backout({"migrations", "--format", format, migrations});
    EXPECT_EQ(result.status, 1) << format << result.err;
    EXPECT_THAT(result.out, HasSubstr("a.down.sql")) << format;
  }
  EXPECT_THAT(run_backout({"migrations", "--format", "github", migrations}).out,
              HasSubstr("file=" + migrations + "/1_a.down.sql,"));
  EXPECT_EQ(run_backout({"migrations", "--format", "dot", migrations}).status, 2);
}

}  // namespace
}  // namespace backout::tests
