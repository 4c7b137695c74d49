// The JSON of campaigns: docs/campaigns.md. One form for whole campaigns and for shards, so that
// merging shards prints the bytes of the whole.
#include <nlohmann/json.hpp>

#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "simulator/campaign/outcome.hpp"
#include "simulator/campaign/version.hpp"

namespace backout::simulator {
namespace {

using Json = nlohmann::ordered_json;

Json numbers_json(const Histogram& histogram) {
  Json buckets = Json::array();
  for (const auto& [bucket, count] : histogram.numbered())
    buckets.push_back(Json::array({bucket, count}));
  return Json{
      {"min", histogram.min_ms()}, {"max", histogram.max_ms()}, {"buckets", std::move(buckets)}};
}

Json percentiles_json(const Histogram& histogram) {
  if (histogram.count() == 0) return nullptr;
  return Json{{"min", histogram.min_ms()},           {"p50", histogram.percentile_ms(500)},
              {"p90", histogram.percentile_ms(900)}, {"p95", histogram.percentile_ms(950)},
              {"p99", histogram.percentile_ms(990)}, {"max", histogram.max_ms()}};
}

/// Four digits are more than the interval allows for, and do not depend on the machine's
/// arithmetic.
Json rounded(double share) { return std::round(share * 10'000) / 10'000; }

Json share_json(std::uint64_t hits, std::uint64_t runs) {
  const Share share = share_of(hits, runs);
  return Json{
      {"value", rounded(share.value)}, {"low", rounded(share.low)}, {"high", rounded(share.high)}};
}

Json steps_json(const PathHead& head, const PathTally& path) {
  Json steps = Json::array();
  const std::int64_t tail_ms = path.plain[kTotal].percentile_ms(950);
  std::uint64_t tail = 0;
  for (const Histogram::Bucket& bucket : path.plain[kTotal].buckets()) {
    if (bucket.high_ms >= tail_ms) tail += bucket.count;
  }
  for (std::size_t i = 0; i < head.tasks.size(); ++i) {
    std::uint64_t in_tail = 0;
    for (const Histogram::Bucket& bucket : path.critical[i].buckets()) {
      if (bucket.high_ms >= tail_ms) in_tail += bucket.count;
    }
    steps.push_back(Json{
        {"step", head.tasks[i]},
        {"critical", rounded(share_of(path.critical[i].count(), path.plain[kTotal].count()).value)},
        {"critical_in_tail", rounded(share_of(in_tail, tail).value)},
        {"times", numbers_json(path.critical[i])}});
  }
  return steps;
}

Json path_json(const PathHead& head, const PathTally& path) {
  Json verdicts = Json::object();
  for (std::size_t i = 0; i < kVerdicts; ++i)
    verdicts[to_string(static_cast<Verdict>(i))] = path.verdicts[i];
  Json times = Json::object();
  Json histograms = Json::object();
  for (std::size_t i = 0; i < kPhases.size(); ++i) {
    times[kPhases[i]] = percentiles_json(path.plain[i]);
    histograms[kPhases[i]] = numbers_json(path.plain[i]);
  }
  histograms["with_faults"] = numbers_json(path.faulty);
  histograms["lost_writes"] = numbers_json(path.lost_writes);
  histograms["lost_age"] = numbers_json(path.lost_age);
  histograms["lost_at_rate"] = numbers_json(path.lost_at_rate);
  Json objectives = Json::array();
  for (std::size_t i = 0; i < head.objectives.size(); ++i) {
    objectives.push_back(
        Json{{"phase", head.objectives[i].phase},
             {"limit", head.objectives[i].limit},
             {"in_time", path.in_time[i]},
             {"share", share_json(path.in_time[i], path.plain[kTotal].count())},
             {"in_time_with_faults", path.in_time_with_faults[i]},
             {"share_with_faults", share_json(path.in_time_with_faults[i], path.with_faults)}});
  }
  return Json{{"path", head.name},
              {"runs", path.runs},
              {"with_faults", path.with_faults},
              {"verdicts", std::move(verdicts)},
              {"time_ms", std::move(times)},
              {"time_with_faults_ms", percentiles_json(path.faulty)},
              {"objectives", std::move(objectives)},
              {"rpo", Json{{"losing_runs", path.losing},
                           {"share", share_json(path.losing, path.runs)},
                           {"lost_writes_max", path.lost_writes.max_ms()},
                           {"oldest_ms", percentiles_json(path.lost_age)},
                           {"lost_at_rate", percentiles_json(path.lost_at_rate)}}},
              {"steps", steps_json(head, path)},
              {"unestimated", head.unestimated},
              {"histograms", std::move(histograms)}};
}

Json decisions_json(const CampaignHead& head, const DecisionTally& decisions) {
  Json rules = Json::array();
  for (std::size_t i = 0; i < head.rules.size(); ++i) {
    rules.push_back(Json{{"rule", head.rules[i]}, {"decided", decisions.by_rule[i]}});
  }
  return Json{{"asked", decisions.asked},     {"rolled_back", decisions.rolled_back},
              {"no_rule", decisions.no_rule}, {"conflict", decisions.conflict},
              {"unknown", decisions.unknown}, {"not_offered", decisions.not_offered},
              {"rules", std::move(rules)}};
}

Json failures_json(const CampaignOutcome& outcome) {
  Json failures = Json::array();
  for (const auto& [key, failure] : outcome.tally.failures) {
    const auto& [path, verdict, reason] = key;
    const auto story = outcome.counterexamples.find(key);
    failures.push_back(
        Json{{"path", outcome.head.paths.at(path).name},
             {"verdict", to_string(verdict)},
             {"reason", reason},
             {"count", failure.count},
             {"first_run", failure.first_run},
             {"scenario",
              story == outcome.counterexamples.end() ? Json(nullptr) : Json(story->second)}});
  }
  return failures;
}

/// A number as it stands: what is negative, a fraction or too large would become another one, and
/// is refused.
template <class Number = std::uint64_t>
Number whole(const Json& json) {
  const bool fits = json.is_number_unsigned() && std::in_range<Number>(json.get<std::uint64_t>());
  if (json.is_number() && !fits) {
    throw std::out_of_range(fmt::format("{} is no count, or too large for one", json.dump()));
  }
  return json.get<Number>();
}

Histogram read_histogram(const Json& json) {
  Histogram histogram;
  for (const Json& bucket : json.at("buckets")) {
    if (!histogram.add_numbered(whole<std::uint32_t>(bucket.at(0)), whole(bucket.at(1)))) {
      throw std::out_of_range("a histogram has no such bucket");
    }
  }
  histogram.set_extremes(whole<std::int64_t>(json.at("min")), whole<std::int64_t>(json.at("max")));
  return histogram;
}

Verdict read_verdict(const std::string& name) {
  for (std::size_t i = 0; i < kVerdicts; ++i) {
    if (name == to_string(static_cast<Verdict>(i))) return static_cast<Verdict>(i);
  }
  throw std::out_of_range("'" + name + "' is no verdict");
}

void read_path(const Json& json, PathHead& head, PathTally& path) {
  head.name = json.at("path");
  path.runs = whole(json.at("runs"));
  path.with_faults = whole(json.at("with_faults"));
  for (std::size_t i = 0; i < kVerdicts; ++i)
    path.verdicts[i] = whole(json.at("verdicts").at(to_string(static_cast<Verdict>(i))));
  const Json& histograms = json.at("histograms");
  for (std::size_t i = 0; i < kPhases.size(); ++i)
    path.plain[i] = read_histogram(histograms.at(kPhases[i]));
  path.faulty = read_histogram(histograms.at("with_faults"));
  path.lost_writes = read_histogram(histograms.at("lost_writes"));
  path.lost_age = read_histogram(histograms.at("lost_age"));
  path.lost_at_rate = read_histogram(histograms.at("lost_at_rate"));
  for (const Json& objective : json.at("objectives")) {
    head.objectives.push_back({objective.at("phase"), objective.at("limit")});
    path.in_time.push_back(whole(objective.at("in_time")));
    path.in_time_with_faults.push_back(whole(objective.at("in_time_with_faults")));
  }
  path.losing = whole(json.at("rpo").at("losing_runs"));
  for (const Json& step : json.at("steps")) {
    head.tasks.push_back(step.at("step"));
    path.critical.push_back(read_histogram(step.at("times")));
  }
  head.unestimated = json.at("unestimated").get<std::vector<std::string>>();
}

void read_decisions(const Json& json, CampaignHead& head, DecisionTally& decisions) {
  decisions.asked = whole(json.at("asked"));
  decisions.rolled_back = whole(json.at("rolled_back"));
  decisions.no_rule = whole(json.at("no_rule"));
  decisions.conflict = whole(json.at("conflict"));
  decisions.unknown = whole(json.at("unknown"));
  decisions.not_offered = whole(json.at("not_offered"));
  for (const Json& rule : json.at("rules")) {
    head.rules.push_back(rule.at("rule"));
    decisions.by_rule.push_back(whole(rule.at("decided")));
  }
}

void read_failures(const Json& json, CampaignOutcome& outcome) {
  for (const Json& failure : json) {
    const auto& paths = outcome.head.paths;
    model::PathIndex path = 0;
    while (path < paths.size() && paths[path].name != failure.at("path")) ++path;
    if (path == paths.size()) throw std::out_of_range("a failure is of no path");
    const Tally::FailureKey key{path, read_verdict(failure.at("verdict")), failure.at("reason")};
    outcome.tally.failures[key] = {whole(failure.at("count")), whole(failure.at("first_run"))};
    if (!failure.at("scenario").is_null()) outcome.counterexamples[key] = failure.at("scenario");
  }
}

CampaignOutcome read(const Json& json) {
  CampaignOutcome outcome;
  CampaignHead& head = outcome.head;
  if (json.at("campaign") != 1) throw std::out_of_range("it is of another version");
  head.plan = json.at("plan");
  head.digest = json.at("digest");
  head.seed = whole(json.at("seed"));
  head.runs = whole(json.at("runs"));
  for (const Json& range : json.at("done"))
    outcome.done.emplace_back(whole(range.at(0)), whole(range.at(1)));
  outcome.tally.runs = whole(json.at("runs_done"));
  outcome.tally.transitions = whole(json.at("transitions"));
  head.faults_at_once = whole<std::int64_t>(json.at("faults_at_once"));
  for (const auto& [kind, fired] : json.at("faults").get_ref<const Json::object_t&>())
    outcome.tally.faults[kind] = whole(fired);
  head.detect_known = json.at("detect_known");
  head.respond_known = json.at("respond_known");
  for (const Json& path : json.at("paths")) {
    read_path(path, head.paths.emplace_back(), outcome.tally.paths.emplace_back());
  }
  read_decisions(json.at("decisions"), head, outcome.tally.decisions);
  read_failures(json.at("failures"), outcome);
  return outcome;
}

}  // namespace

std::string to_json(const CampaignOutcome& outcome, std::string_view tool_version) {
  const CampaignHead& head = outcome.head;
  Json done = Json::array();
  for (const auto& [from, to] : outcome.done) done.push_back(Json::array({from, to}));
  Json paths = Json::array();
  for (std::size_t i = 0; i < head.paths.size(); ++i)
    paths.push_back(path_json(head.paths[i], outcome.tally.paths[i]));
  const Json json{{"backout", tool_version},
                  {"campaign", 1},
                  {"plan", head.plan},
                  {"digest", head.digest},
                  {"seed", head.seed},
                  {"runs", head.runs},
                  {"runs_done", outcome.tally.runs},
                  {"done", std::move(done)},
                  {"complete", outcome.complete()},
                  {"transitions", outcome.tally.transitions},
                  {"faults_at_once", head.faults_at_once},
                  {"faults", outcome.tally.faults},
                  {"detect_known", head.detect_known},
                  {"respond_known", head.respond_known},
                  {"paths", std::move(paths)},
                  {"decisions", decisions_json(head, outcome.tally.decisions)},
                  {"failures", failures_json(outcome)}};
  return json.dump(1) + "\n";
}

std::string version_of(const std::string& text) {
  const Json json = Json::parse(text, nullptr, false);
  const auto found = json.is_object() ? json.find("backout") : json.end();
  return json.is_object() && found != json.end() && found->is_string() ? found->get<std::string>()
                                                                       : std::string();
}

tl::expected<CampaignOutcome, std::string> from_json(const std::string& text) {
  const Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded())
    return tl::unexpected(std::string("not the result of a campaign: it is no JSON"));
  try {
    return read(json);
  } catch (const Json::exception&) {
    return tl::unexpected(
        std::string("not the result of a campaign: a value is missing or of another type"));
  } catch (const std::exception& error) {
    return tl::unexpected(fmt::format("not the result of a campaign: {}", error.what()));
  }
}

}  // namespace backout::simulator
