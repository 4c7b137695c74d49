// Plans with a planted defect of each kind, in random surroundings: search and campaign must both find it, and must both
// be silent on the same plan without it.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simulator/campaign/campaign.hpp"
#include "simulator/explored.hpp"
#include "simulator/testing/draw_plan.hpp"

namespace backout::simulator {
namespace {

/// What the defect is, the plan's parts with it, and without it. Parts: services, deploy, rollback, more keys.
struct Planted {
  const char* name;
  Verdict verdict;
  std::array<const char*, 4> bad;
  std::array<const char*, 4> good;
};

constexpr const char* kDb = R"(  db: {kind: postgres, tables: {calls: {columns: {id: int, note: text}, rows: 3}}}
  api: {kind: app, uses: [db], versions: {v1: {inserts: {calls: [id]}}, v2: {inserts: {calls: [id]}}}, start: v1}
)";
constexpr const char* kConf = R"(  target: {kind: config, items: {t: "1"}}
)";
constexpr const char* kWorker = R"(  jobs: {kind: worker}
)";

constexpr const char* kTwoVersions = R"(  db: {kind: postgres, tables: {calls: {columns: {id: int}, rows: 3}}}
  api: {kind: app, uses: [db], versions: {v1: {inserts: {calls: [id]}}, v2: {inserts: {calls: [id, extra]}}}, start: v1}
)";
constexpr const char* kExpandAndRelease =
    "{id: p, do: sql, target: db, text: \"ALTER TABLE calls ADD COLUMN extra text\", needs: []}\n"
    "    - {id: p2, do: deploy, target: api, version: v2, needs: [p]}";
constexpr const char* kColumnMayGo = "residue: [{path: db.tables.calls.columns.extra, reason: new}, {path: api.history, reason: log}]\n";

const std::vector<Planted> kPlanted = {
    {"a step without an undo", Verdict::stuck,
     {kConf, "{id: p, do: set, target: target, key: t, value: \"2\"}", "", ""},
     {kConf, "{id: p, do: set, target: target, key: t, value: \"2\"}",
      "{id: q, do: set, target: target, key: t, value: \"1\", undoes: [p], verify: [{fact: target.items.t, is: \"1\"}]}", ""}},
    {"an undo to the wrong value", Verdict::stuck,
     {kConf, "{id: p, do: set, target: target, key: t, value: \"2\"}", "{id: q, do: set, target: target, key: t, value: \"3\", undoes: [p]}", ""},
     {kConf, "{id: p, do: set, target: target, key: t, value: \"2\"}", "{id: q, do: set, target: target, key: t, value: \"1\", undoes: [p]}", ""}},
    {"a dropped column", Verdict::data_lost,
     {kDb, "{id: p, do: sql, target: db, text: \"ALTER TABLE calls DROP COLUMN note\"}",
      "{id: q, do: sql, target: db, text: \"ALTER TABLE calls ADD COLUMN note text\", undoes: [p], on_failure: continue}", ""},
     {kDb, "{id: p, do: sql, target: db, text: \"ALTER TABLE calls ADD COLUMN extra text\"}",
      "{id: q, do: sql, target: db, text: \"ALTER TABLE calls DROP COLUMN IF EXISTS extra\", undoes: [p]}", ""}},
    {"live writes block the undo", Verdict::stuck,
     {kDb, "{id: p, do: sql, target: db, text: \"ALTER TABLE calls ALTER COLUMN note DROP NOT NULL\"}",
      "{id: q, do: sql, target: db, text: \"UPDATE calls SET note = '' WHERE false; ALTER TABLE calls ALTER COLUMN note SET NOT NULL\", undoes: [p]}", ""},
     {kDb, "{id: p, do: sql, target: db, text: \"CREATE INDEX IF NOT EXISTS by_id ON calls (id)\"}",
      "{id: q, do: sql, target: db, text: \"DROP INDEX IF EXISTS by_id\", undoes: [p]}", ""}},
    {"a failed start is passed over", Verdict::stuck,
     {kWorker, "{id: p, do: stop, target: jobs}", "{id: q, do: start, target: jobs, undoes: [p], on_failure: continue}", ""},
     {kWorker, "{id: p, do: stop, target: jobs}", "{id: q, do: start, target: jobs, undoes: [p], on_failure: abort}", ""}},
    {"the schema goes back before the code", Verdict::incompatible,
     {kTwoVersions, kExpandAndRelease,
      "{id: q, do: sql, target: db, text: \"ALTER TABLE calls DROP COLUMN IF EXISTS extra\", needs: [], undoes: [p]}\n"
      "    - {id: q2, do: deploy, target: api, version: v1, needs: [q], undoes: [p2]}", kColumnMayGo},
     {kTwoVersions, kExpandAndRelease,
      "{id: q2, do: deploy, target: api, version: v1, needs: [], undoes: [p2]}\n"
      "    - {id: q, do: sql, target: db, text: \"ALTER TABLE calls DROP COLUMN IF EXISTS extra\", needs: [q2], undoes: [p]}", kColumnMayGo}},
};

/// `lanes` of steps that have nothing to do with it, each undone as it should be.
std::string plan_of(const std::array<const char*, 4>& parts, Chooser& chooser) {
  std::string services = "backout: 1\nservices:\n";
  std::string deploy = "deploy:\n  steps:\n";
  std::string rollback = "rollback:\n  steps:\n";
  const int lanes = static_cast<int>(chooser.choose(3));
  const int before = static_cast<int>(chooser.choose(static_cast<std::size_t>(lanes) + 1));
  const auto planted = [&] {
    deploy += fmt::format("    - {}\n", parts[1]);
    if (*parts[2] != 0) rollback += fmt::format("    - {}\n", parts[2]);
  };
  for (int lane = 0; lane < lanes; ++lane) {
    if (lane == before) planted();
    services += fmt::format("  other{}: {{kind: config, items: {{k: \"0\"}}}}\n", lane);
    deploy += fmt::format("    - {{id: d{0}, do: set, target: other{0}, key: k, value: \"1\", needs: [], takes: {1}m}}\n", lane, 1 + static_cast<int>(chooser.choose(3)));
    rollback += fmt::format("    - {{id: r{0}, do: set, target: other{0}, key: k, value: \"0\", needs: [], undoes: [d{0}], takes: {1}m}}\n", lane, 1 + static_cast<int>(chooser.choose(3)));
  }
  if (before == lanes) planted();
  if (rollback.ends_with("steps:\n")) rollback += "    - {id: look, do: task, text: look}\n";
  return services + parts[0] + deploy + rollback + parts[3];
}

bool campaign_fails(const Loaded& loaded) {
  CampaignOptions options;
  options.faults = 1;
  Campaign campaign(loaded.context, loaded.start, options);
  Tally tally = campaign.blank();
  campaign.run(0, 3'000, tally);
  return !tally.failures.empty();
}

bool search_fails(const Matrix& matrix) {
  return std::ranges::any_of(matrix.cells, [](const Cell& cell) {
    return cell.applicable && is_worse(cell.verdict, Verdict::restored_with_residue);
  });
}

class PlantedDefects : public testing::TestWithParam<std::size_t> {};

TEST_P(PlantedDefects, AreFoundBySearchAndCampaignAndNothingElseIs) {
  const Planted& planted = kPlanted[GetParam()];
  SCOPED_TRACE(planted.name);
  for (std::uint64_t seed = 0; seed < 25; ++seed) {
    SeededChooser chooser(seed);
    const std::string bad = plan_of(planted.bad, chooser);
    SCOPED_TRACE(bad);
    const Loaded loaded(bad);
    const Matrix matrix = loaded.matrix(1);
    const bool found = std::ranges::any_of(matrix.cells, [&](const Cell& cell) { return cell.verdict == planted.verdict; });
    EXPECT_TRUE(found) << verdicts(matrix);
    EXPECT_TRUE(campaign_fails(loaded));
    SeededChooser again(seed);
    const std::string good = plan_of(planted.good, again);
    SCOPED_TRACE(good);
    const Loaded mended(good);
    EXPECT_FALSE(search_fails(mended.matrix(1))) << verdicts(mended.matrix(1));
    EXPECT_FALSE(campaign_fails(mended));
  }
}

INSTANTIATE_TEST_SUITE_P(Classes, PlantedDefects, testing::Range<std::size_t>(0, 6));

}  // namespace
}  // namespace backout::simulator
