// Entries in formats: caches and queues.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "services/entries.hpp"
#include "services/stage.hpp"

namespace backout::tests {
namespace {

using services::Outcome;
using testing::ElementsAre;
using testing::IsEmpty;

/// Two versions of an app on a store; the steps are `new`, `old` and those of `steps`.
std::string plan(const std::string& store, const std::string& old_version,
                 const std::string& new_version, const std::string& steps = "") {
  return fmt::format(R"(backout: 1
name: formats
services:
  store: {{{}}}
  app: {{kind: app, uses: [store], versions: {{old: {{{}}}, new: {{{}}}}}, start: old}}
deploy:
  steps:
    - {{id: new, do: deploy, target: app, version: new}}
    - {{id: old, do: deploy, target: app, version: old}}
    - {{id: stop, do: stop, target: app}}
{})",
                     store, old_version, new_version, steps);
}

TEST(Entries, ACopyFromBeforeTheDeployHoldsWhatWasThereThen) {
  for (const char* kind : {"cache", "object_store"}) {
    Stage stage(plan(fmt::format("kind: {}, holds: v1", kind), "reads: {store: v1}",
                     "writes: {store: v2}, reads: {store: [v1, v2]}",
                     "    - {id: restore, do: restore, target: store, from: nightly}\nbackups:\n  "
                     "nightly: {of: store}\n"));
    EXPECT_TRUE(stage.run("restore").ok()) << kind;
    EXPECT_THAT(stage.traffic(), IsEmpty()) << kind;
    EXPECT_EQ(stage.fact("store.entries.of v1"), "v1") << kind;
  }
}

TEST(Entries, AVersionThatGoesBackMeetsWhatTheNewerOneWrote) {
  Stage stage(plan("kind: cache", "writes: {store: v1}, reads: {store: v1}",
                   "writes: {store: v2}, reads: {store: [v1, v2]}"));
  EXPECT_THAT(stage.traffic(), IsEmpty());
  stage.run("new");
  EXPECT_THAT(stage.traffic(), IsEmpty());
  stage.run("old");
  EXPECT_THAT(stage.traffic(),
              ElementsAre("old: it reads v1 from 'store', and what is there is of format v2"));
}

TEST(Entries, WhoSaysNotWhatItReadsReadsWhatItWrites) {
  Stage stage(plan("kind: cache, holds: v1", "writes: {store: v1}", "writes: {store: v2}"));
  stage.run("new");
  EXPECT_THAT(stage.traffic(),
              ElementsAre("new: it reads v2 from 'store', and what is there is of format v1"));
}

TEST(Entries, AMissIsNoError) {
  Stage stage(plan("kind: redis, foreign: miss", "writes: {store: v1}", "writes: {store: v2}"));
  stage.run("new");
  stage.traffic();
  stage.run("old");
  EXPECT_THAT(stage.traffic(), IsEmpty());
}

TEST(Entries, AFormatThatNobodyKnowsIsOpaque) {
  Stage stage(
      plan("kind: cache", "reads: {store: v1}", "writes: {store: unknown}, reads: {store: [v1]}"));
  stage.run("new");
  stage.traffic();
  stage.traffic();  // what was written is read, too
  const auto live = services::live_operations(stage.context(), stage.world);
  ASSERT_EQ(live.size(), 2u);
  const auto read = services::run_operation(stage.context(), stage.world, live.front());
  EXPECT_EQ(read.outcome.result, Outcome::Result::opaque);
  EXPECT_EQ(
      read.outcome.message,
      "of which format the entries of 'store' are, the plan does not say (`writes`, `reads`)");
  EXPECT_EQ(stage.fact("store.seen_unknown"), "true");  // a change, so that the search looks at it
}

TEST(Cache, AFlushLosesWhatCannotBeMadeAnew) {
  const std::string steps = "    - {id: flush, do: flush, target: store}\n";
  Stage lost(plan("kind: cache, holds: v1, rebuilds: false", "", "", steps));
  EXPECT_EQ(services::data_of(lost.context(), lost.world).size(), 1u);
  EXPECT_TRUE(lost.run("flush").ok());
  EXPECT_THAT(services::data_of(lost.context(), lost.world), IsEmpty());
  EXPECT_EQ(lost.traits("flush").destroys, "the entries of store");
  Stage anew(plan("kind: cache, holds: v1, rebuilds: true", "", "", steps));
  EXPECT_THAT(services::data_of(anew.context(), anew.world), IsEmpty());
  Stage unsaid(plan("kind: cache, holds: v1", "", "", steps));
  const Outcome outcome = unsaid.run("flush");
  EXPECT_EQ(outcome.result, Outcome::Result::opaque);
  EXPECT_EQ(outcome.message,
            "whether what 'store' holds can be made anew, the plan does not say (`rebuilds`)");
}

TEST(Cache, IsColdOnceAllOfItIsGoneAndUntilItIsWarmed) {
  const std::string steps =
      "    - {id: flush, do: flush, target: store}\n    - {id: one, do: flush, target: store, "
      "format: v1}\n    - {id: warm, do: warm, target: store}\n";
  const std::string cache = "kind: cache, holds: [v1, v2], rebuilds: true";
  Stage stage(plan(cache + ", bears_cold: 20", "", "", steps));
  EXPECT_EQ(stage.fact("store.cold"), "absent");
  EXPECT_TRUE(stage.run("one").ok());
  EXPECT_EQ(stage.fact("store.cold"), "absent") << "the entries of the other format are there";
  EXPECT_TRUE(stage.run("flush").ok());
  EXPECT_EQ(stage.fact("store.cold"), "true");
  EXPECT_TRUE(stage.run("warm").ok());
  EXPECT_EQ(stage.fact("store.cold"), "absent");
  Stage unsaid(plan(cache, "", "", steps));
  EXPECT_TRUE(unsaid.run("flush").ok());
  EXPECT_EQ(unsaid.fact("store.cold"), "absent") << "what is behind it is not said to be in danger";
}

TEST(Cache, ExpiryTakesWhatNoLiveVersionWrites) {
  const std::string steps = "    - {id: wait, do: wait_expiry, target: store}\n";
  Stage stage(plan("kind: cache, ttl: 30m, holds: v1", "writes: {store: v1}",
                   "writes: {store: v2}, reads: {store: [v1, v2]}", steps));
  stage.run("new");
  stage.traffic();
  EXPECT_TRUE(stage.run("wait").ok());
  EXPECT_EQ(stage.fact("store.entries.of v1"), "absent");
  EXPECT_EQ(stage.fact("store.entries.app.new.writes store"), "v2");
  EXPECT_EQ(services::data_of(stage.context(), stage.world).size(),
            2u);  // what has expired is not lost
  stage.run("old");
  EXPECT_TRUE(stage.run("wait").ok());
  EXPECT_THAT(stage.traffic(), IsEmpty());
  Stage unsaid(plan("kind: cache, holds: v1", "", "", steps));
  EXPECT_EQ(unsaid.run("wait").message,
            "when the entries of 'store' expire, the plan does not say (`ttl`)");
}

TEST(Cache, ANewerEngineReadsTheDumpOfAnOlderOne) {
  Stage stage(
      plan("kind: cache, persistence: rdb, engine: \"7.2\", file_formats: {\"7.2\": r11, "
           "\"7.4\": r12}",
           "", "",
           "    - {id: save, do: backup, target: store, file: dump}\n    - {id: up, do: upgrade, "
           "target: store, engine: \"7.4\"}\n    - {id: load, do: restore, target: store, from: "
           "dump}\n"));
  EXPECT_TRUE(stage.run("save").ok());
  EXPECT_TRUE(stage.run("up").ok());
  EXPECT_TRUE(stage.run("load").ok());
}

TEST(Cache, AnOlderEngineRefusesTheFilesOfANewerOne) {
  const std::string steps =
      "    - {id: up, do: upgrade, target: store, engine: \"7.4\"}\n    - {id: down, do: upgrade, "
      "target: store, engine: \"7.2\"}\n";
  Stage stage(
      plan("kind: cache, persistence: rdb, engine: \"7.2\", file_formats: {\"7.2\": \"11\", "
           "\"7.4\": \"12\"}",
           "", "", steps));
  EXPECT_EQ(stage.undo("up").kind, services::Undo::Class::none);
  EXPECT_TRUE(stage.run("up").ok());
  const Outcome outcome = stage.run("down");
  EXPECT_EQ(outcome.result, Outcome::Result::refused);
  EXPECT_EQ(outcome.message, "Can't handle RDB format version 12");
  Stage same(
      plan("kind: cache, persistence: aof, engine: \"7.2\", file_formats: {\"7.2\": \"11\", "
           "\"7.4\": \"11\"}",
           "", "", steps));
  EXPECT_EQ(same.undo("up").kind, services::Undo::Class::exact);
  EXPECT_TRUE(same.run("up").ok());
  EXPECT_TRUE(same.run("down").ok());
  Stage unsaid(plan("kind: cache, persistence: rdb, engine: \"7.2\"", "", "", steps));
  EXPECT_TRUE(unsaid.run("up").ok());
  EXPECT_EQ(unsaid.run("down").result, Outcome::Result::opaque);
}

/// What `to` says behind `from`, and then `from` again, of a cache with these fields.
std::string there_and_back(const std::string& fields, const std::string& from,
                           const std::string& to) {
  Stage stage(
      plan(fmt::format("{}, engine: \"{}\"", fields, from), "", "",
           fmt::format("    - {{id: up, do: upgrade, target: store, engine: \"{}\"}}\n    - "
                       "{{id: down, do: upgrade, target: store, engine: \"{}\"}}\n",
                       to, from)));
  EXPECT_TRUE(stage.run("up").ok());
  return stage.run("down").message;
}

TEST(Cache, TheFormatsOfRedisAndValkeyAreKnown) {
  const std::string redis = "kind: redis, persistence: rdb";
  EXPECT_EQ(there_and_back(redis, "7.2.4", "7.4.1"), "Can't handle RDB format version 12");
  EXPECT_EQ(there_and_back(redis, "8.4", "8.6"), "Can't handle RDB format version 13");
  EXPECT_EQ(there_and_back(redis, "7.4", "8.0"), "");
  EXPECT_EQ(there_and_back(redis, "7.2.4", "7.2.9"), "");
  EXPECT_EQ(there_and_back("kind: valkey, persistence: rdb", "7.2", "8.1"), "");
  EXPECT_EQ(there_and_back("kind: valkey, persistence: rdb", "8.1", "9.0"),
            "Can't handle RDB format version 80");
  const std::string unsaid =
      "whether 7.2 reads the files of 7.4, the plan does not say (`file_formats`)";
  for (const char* fields : {"kind: redis, persistence: aof", "kind: redis",
                             "kind: cache, provider: dragonfly, persistence: rdb"})
    EXPECT_EQ(there_and_back(fields, "7.2", "7.4"), unsaid) << fields;
}

TEST(Cache, AnOlderEngineStartsOnAnEmptyDirectory) {
  const std::string steps =
      "    - {id: save, do: backup, target: store, file: dump}\n    - {id: up, do: upgrade, "
      "target: "
      "store, engine: \"7.4\"}\n    - {id: late, do: backup, target: store, file: late}\n    - "
      "{id: "
      "anew, do: upgrade, target: store, engine: \"7.2\", empty: true}\n    - {id: load, do: "
      "restore, target: store, from: dump}\n    - {id: newer, do: restore, target: store, from: "
      "late}\n";
  Stage stage(plan("kind: redis, persistence: rdb, engine: \"7.2\", holds: v1, rebuilds: false", "",
                   "", steps));
  EXPECT_TRUE(stage.run("save").ok());
  EXPECT_TRUE(stage.run("up").ok());
  EXPECT_TRUE(stage.run("late").ok());
  EXPECT_EQ(stage.undo("anew").kind, services::Undo::Class::none);
  EXPECT_TRUE(stage.run("anew").ok());
  EXPECT_EQ(stage.fact("store.entries.of v1"), "absent");
  EXPECT_EQ(stage.run("newer").message, "Can't handle RDB format version 12");
  EXPECT_TRUE(stage.run("load").ok());
  EXPECT_EQ(stage.fact("store.entries.of v1"), "v1");
  EXPECT_EQ(stage.fact("store.file"), "11");
  Stage unsaid(plan("kind: redis, engine: \"7.2\", holds: v1", "", "", steps));
  EXPECT_EQ(unsaid.run("anew").message,
            "whether what 'store' holds can be made anew, the plan does not say (`rebuilds`)");
}

TEST(Cache, WithoutPersistenceARestartEmptiesIt) {
  const std::string steps = "    - {id: restart, do: restart, target: store}\n";
  Stage none(plan("kind: cache, holds: v1, persistence: none, rebuilds: false", "", "", steps));
  EXPECT_TRUE(none.run("restart").ok());
  EXPECT_EQ(none.fact("store.entries.of v1"), "absent");
  Stage kept(plan("kind: cache, holds: v1, persistence: aof", "", "", steps));
  EXPECT_TRUE(kept.run("restart").ok());
  EXPECT_EQ(kept.fact("store.entries.of v1"), "v1");
  Stage unsaid(plan("kind: cache, holds: v1", "", "", steps));
  EXPECT_EQ(
      unsaid.run("restart").message,
      "whether 'store' keeps its entries over a restart, the plan does not say (`persistence`)");
}

TEST(Queue, WhoPutsNeedNotTake) {
  Stage stage(plan("kind: queue, holds: v1", "puts: {store: v1}", "puts: {store: v2}"));
  stage.run("new");
  EXPECT_THAT(stage.traffic(), IsEmpty());
}

TEST(Queue, DrainsOnlyWhileSomebodyTakesEveryFormat) {
  const std::string steps = "    - {id: drain, do: drain, target: store}\n";
  Stage stage(plan("kind: queue", "takes: {store: v1}",
                   "puts: {store: v2}, takes: {store: [v1, v2]}", steps));
  stage.run("new");
  stage.traffic();
  Stage back = stage;
  back.run("old");
  const Outcome refused = back.run("drain");
  EXPECT_EQ(refused.result, Outcome::Result::refused);
  EXPECT_EQ(refused.message, "'store' does not get empty: nobody who works now takes v2");
  EXPECT_TRUE(stage.run("drain").ok());
  EXPECT_EQ(services::data_of(stage.context(), stage.world).size(), 1u);  // taken, not lost
  stage.run("old");
  EXPECT_THAT(stage.traffic(), IsEmpty());
}

/// A queue with retries and scheduled jobs, to which the new version put v2; its steps.
Stage kept_back(const std::string& fields) {
  Stage stage(plan("kind: queue, " + fields, "takes: {store: v1}",
                   "puts: {store: v2}, takes: {store: [v1, v2]}",
                   "    - {id: drain, do: drain, target: store}\n    - {id: wait, do: "
                   "wait_kept_back, target: store}\n    - {id: purge, do: purge, target: store}\n "
                   "   - {id: convert, do: convert, target: store, to: v1}\n"));
  stage.run("new");
  stage.traffic();
  return stage;
}

TEST(Queue, WhatIsKeptBackComesAfterADrain) {
  Stage stage = kept_back("kept_back: 21d");
  EXPECT_TRUE(stage.run("drain").ok());
  EXPECT_EQ(stage.fact("store.later.app.new.puts store"), "v2");
  EXPECT_EQ(services::data_of(stage.context(), stage.world).size(), 1u);
  Stage back = stage;
  back.run("old");
  EXPECT_THAT(back.traffic(),
              ElementsAre("old: it reads v1 from 'store', and what is there is of format v2"));
  EXPECT_EQ(back.run("wait").message, "'store' does not get empty: nobody who works now takes v2");
  EXPECT_TRUE(back.run("convert").ok());
  EXPECT_THAT(back.traffic(), IsEmpty());
  EXPECT_TRUE(stage.run("wait").ok());
  EXPECT_EQ(services::data_of(stage.context(), stage.world).size(), 1u);  // taken, not lost
  stage.run("old");
  EXPECT_THAT(stage.traffic(), IsEmpty());
}

TEST(Queue, APurgeLeavesWhatIsKeptBack) {
  Stage stage = kept_back("kept_back: 1h");
  EXPECT_TRUE(stage.run("purge").ok());
  EXPECT_EQ(stage.fact("store.entries.app.new.puts store"), "absent");
  stage.run("old");
  EXPECT_THAT(stage.traffic(),
              ElementsAre("old: it reads v1 from 'store', and what is there is of format v2"));
}

TEST(Queue, APurgeOfAFormatThatIsNotThereLeavesNothing) {
  Stage stage(plan("kind: queue, kept_back: 1h, holds: v1", "takes: {store: v1}", "",
                   "    - {id: purge, do: purge, target: store, format: v2}\n"));
  EXPECT_TRUE(stage.run("purge").ok());
  EXPECT_THAT(stage.traffic(), IsEmpty());
}

TEST(Entries, WhatBecomesOfAForeignFormatMayBeUnknown) {
  Stage stage(
      plan("kind: cache, holds: v1, foreign: unknown", "reads: {store: v1}", "reads: {store: v2}"));
  EXPECT_THAT(stage.traffic(), IsEmpty());
  EXPECT_EQ(stage.fact("store.seen_unknown"), "absent");
  stage.run("new");
  EXPECT_THAT(stage.traffic(), IsEmpty());
  EXPECT_EQ(stage.fact("store.seen_unknown"), "true");
}

TEST(Queue, HowLongMessagesAreKeptBackMayBeUnknown) {
  const std::string unsaid =
      "how long messages of 'store' may be kept back, the plan does not say (`kept_back`)";
  EXPECT_EQ(kept_back("kept_back: unknown").run("drain").message, unsaid);
  EXPECT_EQ(kept_back("kept_back: unknown").run("wait").message, unsaid);
  EXPECT_EQ(kept_back("holds: v1").run("wait").message, unsaid);
  EXPECT_TRUE(kept_back("holds: v1").run("drain").ok());
}

TEST(ObjectStore, AReplicaKeepsWhatIsDeletedUnlessDeletesFollow) {
  const auto stage = [](const std::string& fields) {
    return Stage(plan("kind: object_store, holds: v1" + fields, "", "",
                      "    - {id: gone, do: delete, target: store}\n    - {id: copy, do: "
                      "copy_replica, target: store}\n"));
  };
  Stage keeps = stage(", replica: keeps");
  EXPECT_EQ(keeps.undo("gone").kind, services::Undo::Class::exact);
  EXPECT_TRUE(keeps.run("gone").ok());
  EXPECT_THAT(services::data_of(keeps.context(), keeps.world), IsEmpty());
  EXPECT_TRUE(keeps.run("copy").ok());
  EXPECT_EQ(keeps.fact("store.entries.of v1"), "v1");
  EXPECT_EQ(stage(", replica: keeps").undo("copy").kind, services::Undo::Class::exact);
  Stage deleted = stage(", replica: keeps");
  deleted.run("gone");
  EXPECT_EQ(deleted.undo("copy").kind, services::Undo::Class::conditional);
  Stage follows = stage(", replica: follows");
  EXPECT_EQ(follows.undo("gone").kind, services::Undo::Class::none);
  EXPECT_TRUE(follows.run("gone").ok());
  EXPECT_TRUE(follows.run("copy").ok());
  EXPECT_THAT(services::data_of(follows.context(), follows.world), IsEmpty());
  EXPECT_EQ(stage("").run("copy").message, "NoSuchBucket: the bucket is not replicated");
  Stage unknown = stage(", replica: unknown");
  EXPECT_EQ(unknown.undo("gone").kind, services::Undo::Class::unknown);
  EXPECT_EQ(unknown.run("copy").message,
            "whether what is deleted in 'store' is deleted in its replica, too, the plan does not "
            "say (`replica`)");
}

TEST(Queue, APurgeLosesMessages) {
  Stage stage(
      plan("kind: queue, holds: v1", "", "", "    - {id: purge, do: purge, target: store}\n"));
  EXPECT_EQ(stage.undo("purge").kind, services::Undo::Class::none);
  EXPECT_TRUE(stage.run("purge").ok());
  EXPECT_THAT(services::data_of(stage.context(), stage.world), IsEmpty());
}

TEST(Queue, DeadLettersWaitUntilTheyArePutBack) {
  Stage stage(plan("kind: queue, foreign: dead_letter", "takes: {store: v1}",
                   "puts: {store: v2}, takes: {store: [v1, v2]}",
                   "    - {id: redrive, do: redrive, target: store}\n    - {id: drain, do: drain, "
                   "target: store}\n"));
  stage.run("new");
  stage.traffic();
  stage.run("old");
  EXPECT_THAT(stage.traffic(), ElementsAre("old: it reads v1 from 'store', and what is there is of "
                                           "format v2: it becomes a dead letter"));
  EXPECT_TRUE(stage.run("drain").ok());
  EXPECT_EQ(stage.fact("store.dead.app.new.puts store"), "v2");
  EXPECT_EQ(services::data_of(stage.context(), stage.world).size(), 1u);
  stage.run("new");
  EXPECT_TRUE(stage.run("redrive").ok());
  EXPECT_EQ(stage.fact("store.dead.app.new.puts store"), "absent");
  EXPECT_EQ(stage.fact("store.entries.app.new.puts store"), "v2");
}

TEST(Entries, OfVersionsThatSayNothingAreUnknownToTheOthers) {
  Stage stage(plan("kind: cache, holds: v0", "", ""));
  EXPECT_THAT(stage.traffic(),
              IsEmpty());  // what was there before the deploy, the version before it reads
  EXPECT_EQ(stage.fact("store.seen_unknown"), "absent");
  stage.run("new");
  EXPECT_THAT(stage.traffic(), IsEmpty());
  EXPECT_EQ(stage.fact("store.seen_unknown"), "true");
  Stage miss(plan("kind: cache, holds: v0, foreign: miss, rebuilds: true", "", ""));
  miss.run("new");
  miss.traffic();
  EXPECT_EQ(miss.fact("store.seen_unknown"), "absent");
}

/// What is there of a store whose new version writes v2, which the old one takes for a miss, and
/// what people find of it, when the old one is back.
std::pair<std::size_t, std::size_t> found(const std::string& fields) {
  Stage stage(plan(fields + ", holds: v1, foreign: miss", "writes: {store: v1}, reads: {store: v1}",
                   "writes: {store: v2}, reads: {store: [v1, v2]}"));
  stage.run("new");
  stage.traffic();
  stage.run("old");
  const services::World seen = services::as_found(stage.context(), stage.world);
  return {services::data_of(stage.context(), stage.world).size(),
          services::data_of(stage.context(), seen).size()};
}

TEST(Entries, WhatAReaderTakesForAMissIsNotFoundUnlessItCanBeMadeAnew) {
  using testing::Pair;
  for (const char* kind : {"kind: cache", "kind: object_store"}) {
    EXPECT_THAT(found(std::string(kind) + ", rebuilds: true"), Pair(0u, 0u)) << kind;
    EXPECT_THAT(found(std::string(kind) + ", rebuilds: false"), Pair(2u, 1u)) << kind;
  }
  const std::string index = "kind: search_index, indexes: {i: m}, alias: i";
  EXPECT_THAT(found(index + ", rebuilds: true"), Pair(3u, 3u));
  EXPECT_THAT(found(index + ", rebuilds: false"), Pair(3u, 2u));
  Stage unsaid(
      plan("kind: cache, holds: v1, foreign: miss", "writes: {store: v1}", "writes: {store: v2}"));
  EXPECT_THAT(unsaid.traffic(), IsEmpty());
  EXPECT_EQ(unsaid.fact("store.seen_unknown"), "absent");
  unsaid.run("new");
  EXPECT_THAT(unsaid.traffic(), IsEmpty());
  EXPECT_EQ(unsaid.fact("store.seen_unknown"), "true");
}

TEST(Entries, WhatHoldsSaysIsAFormat) {
  const auto mistakes = [](const std::string& fields) {
    const model::Plan read = load(plan(fields, "", ""));
    std::vector<model::Mistake> all;
    services::initial_world(services::Context(read), all);
    std::vector<std::string> messages;
    for (const model::Mistake& each : all) messages.push_back(each.message);
    return messages;
  };
  for (const char* kind :
       {"cache", "queue", "object_store", "search_index, indexes: {i: m}, alias: i"}) {
    for (const char* holds : {"[v1, {}]", "[v1, [v2]]", "[v1, null]", "{v1: [2]}", "{v1: {}}"})
      EXPECT_THAT(mistakes(fmt::format("kind: {}, holds: {}", kind, holds)),
                  ElementsAre("a format is a word"))
          << kind << holds;
    for (const char* holds : {"v1", "[v1, 2]", "{v1: 20}", "{v1: unknown}", "unknown"})
      EXPECT_THAT(mistakes(fmt::format("kind: {}, holds: {}", kind, holds)), IsEmpty())
          << kind << holds;
  }
}

TEST(Queue, TheRegistryPromisesOneDirection) {
  const auto refused_after_the_way_back = [](const std::string& mode) {
    Stage stage(plan("kind: queue, schemas: [v1, v2, v3], compatibility: " + mode,
                     "takes: {store: v1}", "puts: {store: v2}"));
    stage.run("new");
    stage.traffic();
    stage.run("old");
    return stage.traffic().size();
  };
  EXPECT_EQ(refused_after_the_way_back("backward"), 1u);
  EXPECT_EQ(refused_after_the_way_back("none"), 1u);
  EXPECT_EQ(refused_after_the_way_back("forward"), 0u);
  EXPECT_EQ(refused_after_the_way_back("full_transitive"), 0u);
}

TEST(Queue, AReplayBringsBackOldFormatsWhereTheTopicKeepsThem) {
  const std::string steps =
      "    - {id: drain, do: drain, target: store}\n    - {id: replay, do: replay, target: store, "
      "since: \"0\"}\n";
  Stage stage(plan("kind: topic, holds: v1, keeps_taken: true", "takes: {store: v1}",
                   "takes: {store: v2}", steps));
  EXPECT_TRUE(stage.run("drain").ok());
  stage.run("new");
  EXPECT_THAT(stage.traffic(), IsEmpty());
  EXPECT_TRUE(stage.run("replay").ok());
  EXPECT_THAT(stage.traffic(),
              ElementsAre("new: it reads v2 from 'store', and what is there is of format v1"));
  Stage queue(plan("kind: queue, holds: v1, keeps_taken: false", "", "", steps));
  EXPECT_EQ(queue.run("replay").message, "'store' keeps nothing that was taken");
}

TEST(Workers, OfTheNewVersionStayWhenTheAppAloneGoesBack) {
  Stage stage(R"(backout: 1
name: workers
services:
  jobs: {kind: queue}
  worker: {kind: workers, versions: {old: {takes: {jobs: v1}}, new: {takes: {jobs: v2}}}, start: old}
  app: {kind: app, versions: {old: {puts: {jobs: v1}}, new: {puts: {jobs: v2}}}, start: old}
deploy:
  steps:
    - {id: worker_new, do: deploy, target: worker, version: new}
    - {id: pause, do: pause, target: worker}
    - {id: quiet, do: pause, target: worker, drain: 5m}
    - {id: unsaid, do: pause, target: worker, drain: unknown}
    - {id: resume, do: resume, target: worker}
    - {id: back, do: rollback, target: worker}
)");
  const std::string meets = "new: it reads v2 from 'jobs', and what is there is of format v1";
  EXPECT_TRUE(stage.run("worker_new").ok());
  stage.run("pause");  // what is under way goes on
  EXPECT_THAT(stage.traffic(), ElementsAre(meets));
  EXPECT_EQ(stage.fact("worker.under_way"), "true");
  stage.run("quiet");
  EXPECT_THAT(stage.traffic(), IsEmpty());
  stage.run("pause");  // nothing is under way any more
  EXPECT_THAT(stage.traffic(), IsEmpty());
  stage.run("resume");
  EXPECT_THAT(stage.traffic(), ElementsAre(meets));
  EXPECT_EQ(stage.run("unsaid").result, Outcome::Result::opaque);
  stage.run("pause");
  EXPECT_TRUE(stage.run("back").ok());
  EXPECT_EQ(stage.fact("worker.version"), "old");
  EXPECT_THAT(stage.traffic(), IsEmpty());
}

TEST(Cron, RunsItsOwnVersionUntilItIsSuspended) {
  Stage stage(R"(backout: 1
name: cron
services:
  files: {kind: queue, holds: v2}
  nightly: {kind: cron, versions: {old: {takes: {files: v1}}, new: {takes: {files: v2}}}, start: old}
deploy:
  steps:
    - {id: suspend, do: suspend, target: nightly}
    - {id: quiet, do: suspend, target: nightly, drain: 30m}
    - {id: unsaid, do: suspend, target: nightly, drain: unknown}
    - {id: new, do: deploy, target: nightly, version: new}
    - {id: resume, do: resume, target: nightly}
)");
  const std::string meets = "old: it reads v1 from 'files', and what is there is of format v2";
  EXPECT_THAT(stage.traffic(), ElementsAre(meets));
  EXPECT_TRUE(stage.run("suspend").ok());
  EXPECT_THAT(stage.traffic(), ElementsAre(meets)) << "a run under way goes on";
  EXPECT_EQ(stage.fact("nightly.under_way"), "old");
  EXPECT_TRUE(stage.run("new").ok());
  EXPECT_EQ(stage.fact("nightly.version"), "new");
  EXPECT_THAT(stage.traffic(), ElementsAre(meets)) << "and keeps the code that it began with";
  EXPECT_TRUE(stage.run("quiet").ok());
  EXPECT_THAT(stage.traffic(), IsEmpty());
  EXPECT_TRUE(stage.run("suspend").ok());
  EXPECT_THAT(stage.traffic(), IsEmpty()) << "nothing was under way any more";
  EXPECT_EQ(stage.run("unsaid").result, Outcome::Result::opaque);
  EXPECT_TRUE(stage.run("resume").ok());
  EXPECT_THAT(stage.traffic(), IsEmpty());
  EXPECT_EQ(stage.fact("nightly.under_way"), "absent");
}

}  // namespace
}  // namespace backout::tests
