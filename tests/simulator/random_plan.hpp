#pragma once
// Random small plans: several services, parallel lanes, reactions, live traffic. Some rollbacks work, many do not.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace backout::simulator {

/// Says which of so many things it is to be.
using Draw = std::function<int(int count)>;

/// A generator for tests that look at many plans: SplitMix64.
inline Draw draw_from(std::uint64_t seed) {
  return [state = seed](int count) mutable {
    state += 0x9e3779b97f4a7c15ULL;
    std::uint64_t bits = state;
    bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9ULL;
    bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebULL;
    return static_cast<int>((bits ^ (bits >> 31)) % static_cast<std::uint64_t>(count));
  };
}

inline std::string random_action(const Draw& draw) {
  static const std::vector<std::string> kActions = {
      "do: set, target: conf, key: a, value: \"1\"", "do: set, target: conf, key: a, value: \"2\"",
      "do: set, target: conf, key: b, value: \"1\"", "do: unset, target: conf, key: b",
      "do: set, target: other, key: k, value: \"1\"", "do: set, target: other, key: k, value: \"2\"",
      "do: set, target: other, key: l, value: \"1\"", "do: unset, target: other, key: l",
      "do: set, target: third, key: m, value: \"1\"", "do: unset, target: third, key: m",
      "do: set, target: third, key: n, value: \"1\"", "do: restore, target: third, from: latest, backup_first: true",
      "do: backup, target: conf, file: saved",       "do: restore, target: conf, from: saved",
      "do: restore, target: conf, from: latest, backup_first: true",
      "do: write, target: memory, row: more",        "do: delete, target: memory, row: more",
      "do: backup, target: memory, file: copy",      "do: restore, target: memory, from: copy",
      "do: deploy, target: api, version: new",       "do: deploy, target: api, version: old",
      "do: stop, target: api",                       "do: start, target: api",
      "do: send, target: chat, text: hello",         "do: task, text: look at it"};
  return kActions[static_cast<std::size_t>(draw(static_cast<int>(kActions.size())))];
}

/// A step in a lane: it needs the one before it in its lane, and now and then one of another lane.
inline std::string random_step(const Draw& draw, const std::string& kind, int at, int lanes, bool in_path) {
  static const std::vector<std::string> kExtras = {"", "", "", "", ", retry: 1", ", timeout: 1m", ", timeout: 1m",
                                                   ", on_failure: continue", ", optional: true"};
  std::string extra = kExtras[static_cast<std::size_t>(draw(static_cast<int>(kExtras.size())))];
  if (in_path && draw(12) == 0) extra += ", always: true";
  if (in_path && draw(14) == 0 && extra.find("on_failure") == std::string::npos) {
    extra += at > 0 && draw(2) == 0 ? fmt::format(", on_failure: \"goto:{}{}\"", kind, draw(at)) : ", on_failure: \"rollback:other\"";
  }
  if (in_path && draw(3) == 0) extra += fmt::format(", undoes: [d{}]", draw(2));
  std::string needs;
  if (at >= lanes) needs = fmt::format("{}{}", kind, at - lanes);
  if (at > 1 && draw(5) == 0) needs += fmt::format("{}{}{}", needs.empty() ? "" : ", ", kind, at - 1);
  return fmt::format("    - {{id: {}{}, {}{}, needs: [{}], takes: {}-{}m}}\n", kind, at, random_action(draw), extra, needs,
                     at + 1, 2 * at + 3);
}

inline std::string random_plan(const Draw& draw) {
  std::string text = R"(backout: 1
name: random
services:
  conf: {kind: config, items: {a: "1"}}
  other: {kind: config, items: {k: "1"}}
  third: {kind: config, items: {m: "0"}}
  memory: {kind: sqlite, tables: {notes: 2}}
  chat: {kind: notifier}
  api:
    kind: app
    uses: [conf, memory]
    versions:
      old: {operations: {need: {require: items.a, on: conf}, remember: {write: notes, on: memory}}}
      new: {operations: {need: {require: items.b, on: conf}, remember: {write: notes, on: memory}}}
    start: old
)";
  if (draw(3) == 0) text += "invariants:\n  has_k: {fact: other.items.k, is: \"1\", when: always}\n";
  if (draw(3) == 0) text += "residue: [{path: other.items.l, reason: harmless}]\n";
  text += fmt::format("limits: {{traffic: {}}}\ndeploy:\n  steps:\n", draw(3));
  const int deploy_steps = 2 + draw(4);
  const int deploy_lanes = 1 + draw(3);
  for (int i = 0; i < deploy_steps; ++i) text += random_step(draw, "d", i, deploy_lanes, false);
  const int rollback_steps = 2 + draw(4);
  const int lanes = 1 + draw(4);
  std::string path;
  for (int i = 0; i < rollback_steps; ++i) path += fmt::format("{}u{}", i == 0 ? "" : ", ", i);
  text += fmt::format("rollback:\n  paths:\n    back: {{steps: [{}], full: {}}}\n    other: {{steps: [{}]}}\n  steps:\n", path,
                      draw(3) > 0, rollback_steps > 2 ? "u0, u1" : "u0");
  for (int i = 0; i < rollback_steps; ++i) text += random_step(draw, "u", i, lanes, true);
  return text;
}

}  // namespace backout::simulator
