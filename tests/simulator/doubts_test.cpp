// Good ends that are taken back, because they rest on what may have ended by then or on copies of
// which the plan says nothing: docs/semantics.md. The search has no clock: what takes how long the
// plan says.
#include <gtest/gtest.h>

#include "explored.hpp"

namespace backout::simulator {
namespace {

/// A password is rotated, and the former one is kept for a while; the older version of the app
/// needs it.
std::string rotation(const std::string& keep, const std::string& deploy) {
  return R"(backout: 1
services:
  pw: {kind: secret, current: p1}
  api: {kind: app, uses: [pw], versions: {a: {operations: {q: {require: valid.p1, on: pw}}}, b: {operations: {q: {require: valid.p2, on: pw}}}}, start: a}
residue: [{path: "pw.*", reason: the new one stays}]
deploy:
  steps:
)" + deploy +
         "    - {id: rotate, needs: [], do: rotate, target: pw, to: p2, keep_old: " + keep +
         R"(, takes: 1m, undo: {none: the new one stays}}
    - {id: code, needs: [rotate], do: deploy, target: api, version: b, takes: 5m, undo: back}
rollback:
  steps:
    - {id: back, do: deploy, target: api, version: a, takes: 5m}
)";
}

TEST(Doubts, WhatMayHaveEndedBeforeThePathIsThrough) {
  const Loaded loaded(rotation("8m", ""));
  const Matrix matrix = loaded.matrix();
  const Cell late = cell(matrix, "after 'code'", "full");
  EXPECT_EQ(late.fault_free, Verdict::unknown);
  EXPECT_EQ(late.reason,
            "after 'rotate' the version before stays valid for 8m, and up to 10m pass from there "
            "to the end of 'full': "
            "what the way back needs may have ended by then");
  EXPECT_TRUE(is_good(cell(matrix, "before the deploy", "full").fault_free));
}

TEST(Doubts, NotWhatLastsLongEnough) {
  EXPECT_TRUE(
      is_good(cell(Loaded(rotation("11m", "")).matrix(), "after 'code'", "full").fault_free));
}

/// The step beside stands before the rotation in the list, and begins when it begins.
TEST(Doubts, WhatRunsBesideGoesOnBehindIt) {
  const Loaded loaded(
      rotation("1h", "    - {id: warm, do: run, command: ./warm.sh, effects: none, takes: 2h}\n"));
  const Cell late = cell(loaded.matrix(), "after 'warm' and 'code'", "full");
  EXPECT_EQ(late.fault_free, Verdict::unknown);
  EXPECT_EQ(late.reason,
            "after 'rotate' the version before stays valid for 1h, and up to 2h5m pass from there "
            "to the end of 'full': "
            "what the way back needs may have ended by then");
}

std::string static_site(const std::string& more) {
  return R"(backout: 1
services:
  site: {kind: app, provider: S3 static, versions: {a: {operations: none}, b: {operations: none}}, start: a}
deploy:
  steps:
    - {id: up, do: deploy, target: site, version: b, takes: 1m, undo: back}
rollback:
  steps:
    - {id: back, do: deploy, target: site, version: a, takes: 1m}
)" + more;
}

TEST(Doubts, WhatCachesKeepThatThePlanDoesNotName) {
  const Cell left = cell(Loaded(static_site("")).matrix(), "after 'up'", "full");
  EXPECT_EQ(left.fault_free, Verdict::unknown);
  EXPECT_EQ(left.reason,
            "behind 'back' edges and browsers may go on with what b of 'site' answered under the "
            "same names, and the plan does not say");
}

TEST(Doubts, NotWhatAStepInWordsThrowsAway) {
  const std::string purge =
      "    - {id: away, do: run, command: ./after.sh, contains: [aws cloudfront "
      "create-invalidation], effects: none, takes: 1m}\n";
  EXPECT_EQ(cell(Loaded(static_site(purge)).matrix(), "after 'up'", "full").fault_free,
            Verdict::restored);
}

}  // namespace
}  // namespace backout::simulator
