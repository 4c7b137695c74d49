// By which ways users get to the apps of a plan.
#include <gtest/gtest.h>

#include "services/routing.hpp"
#include "services/stage.hpp"

namespace backout::tests {
namespace {

std::string written(const services::Route& route, const model::Plan& plan) {
  return route.fact + (route.at_start ? " now " : " later ") + plan.services[route.app].name + '\n';
}

std::string routes(const Stage& stage, const std::string& router) {
  std::string all;
  for (const services::Route& route :
       services::routes_of(stage.plan(), stage.plan().find_service(router)))
    all += written(route, stage.plan());
  return all;
}

Stage everywhere() {
  const auto app = [](const std::string& name) {
    return "  " + name + ": {kind: app, versions: {v: {}}, start: v}\n";
  };
  return Stage("backout: 1\nservices:\n" + app("a") + app("b") + app("c") + app("d") + app("e") +
               app("f") +
               "  lb: {kind: load_balancer, sides: {blue: a, green: b}, live: blue}\n  zone: "
               "{kind: dns, records: {www: c, mail: 10.0.0.1}, ttl: 1m}\n"
               "  places: {kind: region, places: [e, f]}\n"
               "deploy:\n  steps:\n    - {id: point, do: set, target: zone, record: www, value: "
               "d}\n    - {id: out, do: drain, target: places, place: e}\n");
}

TEST(Routing, HoldsSidesPlacesAndRecordsThatLeadToApps) {
  const Stage stage = everywhere();
  EXPECT_EQ(routes(stage, "lb"), "weight.blue now a\nweight.green later b\n");
  EXPECT_EQ(routes(stage, "zone"), "records.www now c\nrecords.www later d\n");
  EXPECT_EQ(routes(stage, "places"), "serves.e now e\nserves.f now f\n");
  EXPECT_EQ(routes(stage, "a"), "");
}

TEST(Routing, IsOpenAsTheRouterSays) {
  Stage stage = everywhere();
  const auto open = [&](const std::string& router) {
    const model::ServiceIndex index = stage.plan().find_service(router);
    std::string all;
    for (const services::Route& route : services::routes_of(stage.plan(), index)) {
      if (services::is_open(stage.plan(), stage.world.record(index), route))
        all += stage.plan().services[route.app].name;
    }
    return all;
  };
  EXPECT_EQ(open("lb") + open("zone") + open("places"), "acef");
  EXPECT_TRUE(stage.run("point").ok());
  EXPECT_TRUE(stage.run("out").ok());
  EXPECT_EQ(open("lb") + open("zone") + open("places"), "adf");
}

std::string worker_before(const Stage& stage, const std::string& app) {
  return stage.plan()
      .services[services::worker_before(stage.plan(), stage.plan().find_service(app))]
      .name;
}

TEST(Routing, SaysWhoDidTheWorkBefore) {
  const Stage stage = everywhere();
  const auto before = [&](const std::string& app) { return worker_before(stage, app); };
  EXPECT_EQ(before("a"), "a");
  EXPECT_EQ(before("b"), "a") << "behind the idle side of the balancer";
  EXPECT_EQ(before("c"), "c");
  EXPECT_EQ(before("d"), "c") << "a step gives it the record";
  EXPECT_EQ(before("f"), "f") << "places serve side by side";
  const std::string apps =
      "  a: {kind: app, versions: {v: {}}, start: v}\n  b: {kind: app, versions: {v: {}}, start: "
      "v}\n";
  const Stage records(
      "backout: 1\nservices:\n" + apps +
      "  zone: {kind: dns, records: {www: b}, ttl: 1m}\n"
      "deploy:\n  steps:\n    - {id: try, do: set, target: zone, record: beta, value: a}\n"
      "    - {id: point, do: set, target: zone, record: www, value: a}\n");
  EXPECT_EQ(worker_before(records, "a"), "b") << "nobody had the first record";
  const Stage routers(
      "backout: 1\nservices:\n" + apps +
      "  lb: {kind: load_balancer, sides: {blue: b, green: a}, live: blue}\n"
      "  zone: {kind: dns, records: {www: a}, ttl: 1m}\n"
      "deploy:\n  steps:\n    - {id: point, do: set, target: zone, record: www, value: b}\n");
  EXPECT_EQ(worker_before(routers, "a"), "a")
      << "idle behind the balancer, and users come by the record";
}

}  // namespace
}  // namespace backout::tests
