// What a folder tells about how its project is deployed, and what a command names in it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "importers/repository/resolve.hpp"
#include "support/process.hpp"

namespace backout::tests {
namespace {

using importers::Named;
using importers::Presence;
using importers::Repository;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> words(const std::string& line) {
  std::vector<std::string> result;
  std::istringstream in(line);
  for (std::string word; in >> word;) result.push_back(word);
  return result;
}

std::string told(const importers::Unit& unit) {
  return unit.kind + " " + unit.workload + " " + unit.name + " " + unit.image +
         (unit.purpose == importers::Purpose::store ? " store:" + unit.store : "") +
         (unit.replicas ? " x" + std::to_string(*unit.replicas) : "");
}

std::vector<std::string> told_units(const TemporaryFolder& folder) {
  std::vector<std::string> told_ones;
  for (const importers::Unit& unit : importers::read_repository(folder.path()).units)
    told_ones.push_back(told(unit));
  return told_ones;
}

TEST(Repository, ReadsComposeFilesOfEveryStyle) {
  const TemporaryFolder folder;
  folder.write("docker-compose.yml",
               "x-base: &base\n  image: shop/api:1\n  deploy: {replicas: 3}\n"
               "services: {api: {<<: *base}, cache: {image: \"bitnami/redis:7.2\"},\n"
               "  db: {image: 'docker.io/postgis/postgis:15-3.4'}}\nvolumes: {data: {}}\n");
  EXPECT_THAT(told_units(folder),
              ElementsAre("docker service api shop/api:1 x3",
                          "docker service cache bitnami/redis:7.2 store:redis",
                          "docker service db docker.io/postgis/postgis:15-3.4 store:postgres"));
}

TEST(Repository, NamesComposeFilesThatAreNotOfProduction) {
  const TemporaryFolder folder;
  folder.write("docker-compose.test.yml", "services: {a: {image: a}}");
  folder.write("e2e/compose.yaml", "services: {b: {image: b}}");
  folder.write("docker-compose.prod.yml", "services: {c: {image: c}}");
  EXPECT_THAT(told_units(folder), ElementsAre("docker service c c"));
  EXPECT_THAT(importers::read_repository(folder.path()).left_out,
              ElementsAre("docker-compose.test.yml", "e2e/compose.yaml"));
}

TEST(Repository, ReadsWorkloadsOfSeveralDocumentsAndForeignTags) {
  const TemporaryFolder folder;
  folder.write(
      "k8s/all.yaml",
      "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: orders}\n"
      "spec: {replicas: 2, template: {spec: {containers: [{image: orders:4}]}}}\n---\n"
      "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: nightly}\n"
      "spec: {jobTemplate: {spec: {template: {spec: {containers: [{image: jobs:1}]}}}}}\n---\n"
      "apiVersion: v1\nkind: Service\nmetadata: {name: orders}\n---\n"
      "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: shop}\nspec: {source: "
      "{path: k8s}}\n");
  folder.write("cloud.yaml", "Resources: {Purpose: !Ref Other}\n");
  EXPECT_THAT(told_units(folder),
              ElementsAre("kubernetes StatefulSet orders orders:4 x2",
                          "kubernetes CronJob nightly jobs:1", "gitops Application shop "));
}

constexpr const char* kWeb =
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {template: {spec: "
    "{containers: [{image: \"shop/web:latest\"}]}}}\n";

TEST(Repository, GivesWorkloadsTheImagesOfTheirKustomization) {
  const TemporaryFolder folder;
  folder.write("base/web.yaml", kWeb);
  folder.write("base/kustomization.yaml",
               "resources: [web.yaml]\nimages: [{name: shop/web, newTag: \"1.0\"}]\n");
  EXPECT_THAT(told_units(folder), ElementsAre("kubernetes Deployment web shop/web:1.0"));
  folder.write("overlays/staging/kustomization.yaml",
               "images: [{name: shop/web, newTag: \"1.2-rc\"}]\n");
  folder.write(
      "overlays/production/kustomization.yaml",
      "images:\n  - name: shop/web\n    newName: registry:5000/web\n    newTag: \"1.1\"\n");
  EXPECT_THAT(told_units(folder), ElementsAre("kubernetes Deployment web registry:5000/web:1.1"));
  folder.write("overlays/prod-eu/kustomization.yaml",
               "images: [{name: shop/web, newTag: \"0.9\"}]\n");
  EXPECT_THAT(told_units(folder), ElementsAre("kubernetes Deployment web shop/web:latest"))
      << "two of production differ: nothing is said";
}

TEST(Repository, TakesForProductionWhatIsCalledSo) {
  const TemporaryFolder folder;
  folder.write("product/base/web.yaml", kWeb);
  folder.write("product/overlays/staging/kustomization.yaml",
               "images: [{name: shop/web, newTag: \"1.2-rc\"}]\n");
  folder.write("product/overlays/production/kustomization.yaml",
               "images: [{name: shop/web, newTag: \"1.1\"}]\n");
  EXPECT_THAT(told_units(folder), ElementsAre("kubernetes Deployment web shop/web:1.1"));
  const TemporaryFolder delivery;
  delivery.write("delivery/base/web.yaml", kWeb);
  delivery.write("delivery/staging/kustomization.yaml",
                 "images: [{name: shop/web, newTag: \"1.2-rc\"}]\n");
  delivery.write("delivery/live/kustomization.yaml",
                 "images: [{name: shop/web, newTag: \"1.1\"}]\n");
  EXPECT_THAT(told_units(delivery), ElementsAre("kubernetes Deployment web shop/web:1.1"));
}

TEST(Repository, GivesWorkloadsTheReplicasOfTheirKustomization) {
  const TemporaryFolder folder;
  folder.write("base/web.yaml", kWeb);
  folder.write("overlays/staging/kustomization.yaml",
               "replicas: [{name: web, count: 1}, {name: worker, count: 9}]\n");
  EXPECT_THAT(told_units(folder), ElementsAre("kubernetes Deployment web shop/web:latest x1"));
  folder.write("overlays/prod/kustomization.yaml", "replicas:\n  - name: web\n    count: 4\n");
  EXPECT_THAT(told_units(folder), ElementsAre("kubernetes Deployment web shop/web:latest x4"));
  folder.write("base/kustomization.yaml", "images: [{name: shop/web, newTag: \"1.0\"}]\n");
  EXPECT_THAT(told_units(folder), ElementsAre("kubernetes Deployment web shop/web:1.0 x4"))
      << "production says nothing of the image";
  std::filesystem::remove(folder.path() / "base/kustomization.yaml");
  folder.write("overlays/prod-eu/kustomization.yaml", "replicas: [{name: web, count: 2}]\n");
  EXPECT_THAT(told_units(folder), ElementsAre("kubernetes Deployment web shop/web:latest"))
      << "two of production differ: nothing is said";
}

TEST(Repository, GivesAChartTheImageOfItsValues) {
  const TemporaryFolder folder;
  folder.write("chart/Chart.yaml", "apiVersion: v2\nname: shop\nversion: 0.1.0\n");
  folder.write("chart/values.yaml",
               "replicaCount: 2\nimage:\n  repository: registry/shop\n  tag: \"1.0\"\n");
  EXPECT_THAT(told_units(folder), ElementsAre("helm Chart shop registry/shop:1.0 x2"));
  folder.write("chart/values-production.yaml", "replicaCount: 6\nimage: {tag: \"1.1\"}\n");
  folder.write("chart/values-staging.yaml", "replicaCount: 1\nimage: {tag: \"1.2\"}\n");
  EXPECT_THAT(told_units(folder), ElementsAre("helm Chart shop registry/shop:1.1 x6"));
}

TEST(Repository, ReadsPlatformsTasksAndWorkflows) {
  const TemporaryFolder folder;
  folder.write("fly.toml", "app = 'shop' # the name\n[env]\napp = \"other\"\n");
  folder.write("package.json",
               R"({"scripts": {"migrate": "knex migrate:latest", "rollback": "node r.js"}})");
  folder.write("Makefile", "NAME := x\nbuild test: src\n\tcc: y\n.PHONY: build\n");
  folder.write(
      ".github/workflows/deploy.yml",
      "name: d\non: {push: {branches: [release]}}\njobs: {ship: {runs-on: x, steps: []}}\n");
  const Repository repository = importers::read_repository(folder.path());
  std::vector<std::string> tasks;
  for (const importers::Task& task : repository.tasks)
    tasks.push_back(task.runner + " " + task.name);
  EXPECT_THAT(told_units(folder), ElementsAre("fly  shop "));
  EXPECT_THAT(tasks, ElementsAre("make build", "make test", "npm migrate", "npm rollback"));
  ASSERT_EQ(repository.jobs.size(), 1u);
  EXPECT_EQ(repository.jobs[0].name + "@" + repository.jobs[0].branch, "ship@release");
}

TEST(Repository, KnowsTheJobsThatDeployOrRollBack) {
  const TemporaryFolder folder;
  folder.write(".github/workflows/ci.yml",
               "jobs:\n  unit: {steps: []}\n  back: {name: Restore the database, steps: []}\n  "
               "undo: {steps: []}\n  schema: {name: Migrate, steps: []}\n");
  folder.write(".gitlab-ci.yaml",
               ".deploy: {script: [a]}\nfailover: {script: [b]}\nlint: {script: [c]}\nship: "
               "{stage: promote, script: [d]}\n");
  std::vector<std::string> jobs;
  for (const importers::Job& job : importers::read_repository(folder.path()).jobs)
    jobs.push_back(job.system + " " + job.name);
  EXPECT_THAT(jobs, ::testing::UnorderedElementsAre("github back", "github undo", "github schema",
                                                    "gitlab failover", "gitlab ship"));
}

/// `present FILE`, `absent NEAREST` or `unknown` for each thing that the command names.
std::vector<std::string> found(const Repository& repository, const std::string& command,
                               importers::WorkPlace place = {}) {
  std::vector<std::string> result;
  for (const Named& named : importers::names_in(words(command))) {
    const importers::Resolution one = importers::resolve(repository, named, place);
    result.push_back(one.presence == Presence::present  ? "present " + one.at
                     : one.presence == Presence::absent ? "absent " + one.nearest
                                                        : "unknown");
  }
  return result;
}

class Resolve : public ::testing::Test {
 protected:
  Resolve() {
    folder_.write(".git/HEAD", "ref: refs/heads/main\n");
    folder_.write("scripts/rollback.sh", "true\n");
    folder_.write("ops/db/undo.sql", "DROP TABLE a;\n");
    folder_.write("package.json", R"({"scripts": {"rollback": "x"}})");
    folder_.write("compose.yaml",
                  "services: {web: {image: w}, worker: {image: w}}\n"
                  "volumes: {data: {}, cache: {name: named}}\n");
    folder_.write("k8s/web.yaml",
                  "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: shop-web}\n");
    repository_ = importers::read_repository(folder_.path());
  }
  std::vector<std::string> look(const std::string& command, importers::WorkPlace place = {}) {
    return found(repository_, command, std::move(place));
  }
  TemporaryFolder folder_;
  Repository repository_;
};

TEST_F(Resolve, FindsWhatIsThere) {
  EXPECT_THAT(look("./scripts/rollback.sh v1"), ElementsAre("present scripts/rollback.sh"));
  EXPECT_THAT(look("bash -e scripts/rollback.sh"), ElementsAre("present scripts/rollback.sh"));
  EXPECT_THAT(look("./rollback.sh"), ElementsAre("present scripts/rollback.sh"))
      << "somebody may stand in scripts/";
  EXPECT_THAT(look("psql -X -f undo.sql", {.document_folder = "ops/db"}),
              ElementsAre("present ops/db/undo.sql"));
  EXPECT_THAT(look("npm run rollback -- --to 3"), ElementsAre("present package.json"));
  EXPECT_THAT(look("docker compose restart web worker"),
              ElementsAre("present compose.yaml", "present compose.yaml"));
  EXPECT_THAT(look("kubectl rollout undo deployment/shop-web -n x"),
              ElementsAre("present k8s/web.yaml"));
}

TEST_F(Resolve, NamesWhatIsAbsentAndWhatIsNear) {
  EXPECT_THAT(look("./scripts/rollbak.sh"), ElementsAre("absent scripts/rollback.sh"));
  EXPECT_THAT(look("psql --file=ops/down.sql"), ElementsAre("absent "));
  EXPECT_THAT(look("npm run rollbak"), ElementsAre("absent rollback"));
  EXPECT_THAT(look("docker-compose stop -t 5 werker"), ElementsAre("absent worker"));
  EXPECT_THAT(look("kubectl scale deploy shop-api --replicas=0"), ElementsAre("absent shop-web"));
  EXPECT_THAT(look("kubectl apply -f k8s/"), ElementsAre("present k8s"));
  EXPECT_THAT(look("kubectl apply -f deploy/"), ElementsAre("absent "));
  EXPECT_THAT(look("kubectl apply -f deploy/shop.yaml"), ElementsAre("absent k8s/web.yaml"))
      << "a file, and no workload 'shop.yaml'";
  EXPECT_THAT(look("docker compose -f compose.yaml restart wroker"),
              ElementsAre("present compose.yaml", "absent worker"));
  EXPECT_THAT(look("docker compose exec -T -u postgres werker psql"), ElementsAre("absent worker"));
  EXPECT_THAT(look("aws route53 x --change-batch file://back.json"),
              ElementsAre("absent package.json"));
  EXPECT_THAT(look("cd terraform/prod"), ElementsAre("absent "));
}

TEST_F(Resolve, KnowsVolumesByTheirWholeName) {
  EXPECT_THAT(look("docker run --rm -v shop_data:/data -v named:/n alpine ls"),
              ElementsAre("present ", "present "));
  EXPECT_THAT(look("docker run --rm -v data:/data -v ./here:/here alpine ls"),
              ElementsAre("absent <project>_data"));
  EXPECT_THAT(look("docker volume rm dat"), ElementsAre("absent data"));
}

TEST_F(Resolve, ClaimsNothingOfWhatMayBeElsewhere) {
  EXPECT_THAT(look("/opt/app/rollback.sh"), IsEmpty()) << "of a machine";
  EXPECT_THAT(look("./scripts/$NAME.sh"), IsEmpty());
  EXPECT_THAT(look("bash <script>.sh"), IsEmpty());
  EXPECT_THAT(look("psql -f backup.sql", {.made = {"backup.sql"}}), ElementsAre("unknown"));
  EXPECT_THAT(look("./gone.sh", {.elsewhere = true}), ElementsAre("unknown"));
  EXPECT_THAT(look("source venv/bin/activate"), ElementsAre("unknown")) << "made by an installer";
  EXPECT_THAT(look("source ./.env"), ElementsAre("unknown")) << "written by hand";
  EXPECT_THAT(look("make deploy"), ElementsAre("unknown")) << "no Makefile here";
  EXPECT_THAT(look("docker compose -f other.yaml restart nobody"),
              ElementsAre("absent k8s/web.yaml", "unknown"))
      << "services of a file that is not here";
  EXPECT_THAT(look("docker volume rm data", {.made = {"data"}}), ElementsAre("unknown"));
  EXPECT_THAT(look("kubectl logs -f deployment/shop-web"), ElementsAre("present k8s/web.yaml"));
  repository_.is_whole = false;
  EXPECT_THAT(look("./gone.sh"), ElementsAre("unknown")) << "a folder without its project";
}

}  // namespace
}  // namespace backout::tests
