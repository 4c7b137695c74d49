// What other catalogues of faults inject and every plan here has as a state of its services,
// without asking for it: writes and events while steps run, providers that do not send again.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "explored.hpp"

namespace backout::simulator {
namespace {

/// The last cell of the plan's first path, without any fault.
Cell without_fault(const std::string& text) {
  const Loaded loaded(text);
  return cell(loaded.matrix(), "after 'set_a'", "back");
}

TEST(FaultStates, WritesGoOnBetweenSteps) {
  const auto text = [](int traffic) {
    return fmt::format(R"(backout: 1
name: writes
services:
  db: {{kind: postgres, tables: {{calls: {{columns: {{id: int, note: text not null}}, rows: 3}}}}}}
  api:
    kind: app
    uses: [db]
    versions: {{v1: {{inserts: {{calls: [id, note]}}}}, v2: {{inserts: {{calls: [id]}}}}}}
    start: v1
limits: {{traffic: {}}}
deploy:
  steps:
    - {{id: loose, do: sql, target: db, text: "ALTER TABLE calls ALTER COLUMN note DROP NOT NULL"}}
    - {{id: set_a, do: deploy, target: api, version: v2}}
rollback:
  paths: {{back: {{steps: [u_a, u_loose], full: true}}}}
  steps:
    - {{id: u_a, do: deploy, target: api, version: v1}}
    - {{id: u_loose, do: sql, target: db, text: "ALTER TABLE calls ALTER COLUMN note SET NOT NULL"}}
)",
                       traffic);
  };
  EXPECT_EQ(without_fault(text(0)).verdict, Verdict::restored);
  const Cell written = without_fault(text(1));
  EXPECT_EQ(written.verdict, Verdict::stuck);
  EXPECT_NE(written.reason.find("column \"note\" of relation \"calls\" contains null values"),
            std::string::npos)
      << written.reason;
}

/// A release with another payload, and back by these steps; the provider sends again after an
/// error, or not.
std::string events(const char* retries, const char* path) {
  return fmt::format(R"(backout: 1
name: events
services:
  hook: {{kind: webhook, event: call, to: api, fields: [sid], retries: {}}}
  api: {{kind: app, versions: {{v1: {{accepts: {{call: [sid]}}}}, v2: {{accepts: {{call: []}}}}}}, start: v1}}
deploy:
  steps:
    - {{id: code, do: deploy, target: api, version: v2}}
    - {{id: set_a, do: set, target: hook, fields: [id]}}
rollback:
  paths: {{back: {{steps: [{}], full: true}}}}
  steps:
    - {{id: u_hook, do: set, target: hook, fields: [sid]}}
    - {{id: u_code, do: deploy, target: api, version: v1}}
)",
                     retries, path);
}

TEST(FaultStates, AnEventThatIsRefusedCountsWhetherItsProviderSendsAgainOrNot) {
  EXPECT_EQ(without_fault(events("false", "u_hook, u_code")).verdict, Verdict::restored);
  const Cell given_up = without_fault(events("false", "u_code, u_hook"));
  EXPECT_EQ(given_up.verdict, Verdict::incompatible);
  EXPECT_NE(given_up.reason.find("it answers 400 and the event is lost;"), std::string::npos)
      << given_up.reason;
  const Cell sent_again = without_fault(events("true", "u_code, u_hook"));
  EXPECT_EQ(sent_again.verdict, Verdict::incompatible);
  EXPECT_NE(sent_again.reason.find("lost unless it is sent again in time;"), std::string::npos)
      << sent_again.reason;
}

TEST(FaultStates, EventsOfAnEarlierPayloadThatComeLateAreAWebhookOfTheirOwn) {
  const auto text = [](const char* needs) {
    return fmt::format(R"(backout: 1
name: late events
services:
  hook: {{kind: webhook, event: call, to: api, fields: [sid]}}
  under_way: {{kind: webhook, event: late_call, to: api, fields: [sid]}}
  api:
    kind: app
    versions: {{v1: {{accepts: {{call: [sid], late_call: [{}]}}}}, v2: {{accepts: {{call: [], late_call: []}}}}}}
    start: v1
residue: [{{path: under_way.fields, reason: events that were sent during the deploy come until they are through}}]
deploy:
  steps:
    - {{id: code, do: deploy, target: api, version: v2}}
    - {{id: hook_new, do: set, target: hook, fields: [id]}}
    - {{id: set_a, do: set, target: under_way, fields: [id]}}
rollback:
  paths: {{back: {{steps: [u_hook, u_code], full: true}}}}
  steps:
    - {{id: u_hook, do: set, target: hook, fields: [sid]}}
    - {{id: u_code, do: deploy, target: api, version: v1}}
)",
                       needs);
  };
  const Cell refused = without_fault(text("sid"));
  EXPECT_EQ(refused.verdict, Verdict::incompatible);
  EXPECT_NE(refused.reason.find("'accepts late_call' of api@v1 is refused"), std::string::npos)
      << refused.reason;
  EXPECT_EQ(without_fault(text("")).verdict, Verdict::restored_with_residue);
}

}  // namespace
}  // namespace backout::simulator
