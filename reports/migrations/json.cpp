#include <ostream>

#include <nlohmann/json.hpp>

#include "reports/migrations/migrations_report.hpp"

namespace backout::reports {
namespace {

using Json = nlohmann::ordered_json;
using analyzer::PairJudgement;

class Writer {
 public:
  explicit Writer(const MigrationsReport& report) : report_(report) {}

  Json write() const {
    Json json = {
        {"backout", BACKOUT_VERSION}, {"findings", Json::array()}, {"migrations", Json::array()}};
    for (const JudgedChain& chain : report_.chains) {
      for (const model::Finding& finding : chain.findings) {
        json["findings"].push_back(write(finding));
      }
      for (const PairJudgement& judgement : chain.judgement.judgements) {
        json["migrations"].push_back(write(judgement, chain));
      }
    }
    json["chains"] = Json::array();
    for (const JudgedChain& chain : report_.chains) {
      json["chains"].push_back(write_chain(chain));
    }
    json["coverage"] = coverage();
    json["notes"] = Json::array();
    for (const model::Mistake& note : report_.notes) {
      Json entry = {{"message", note.message}};
      entry.update(place(note.span));
      json["notes"].push_back(std::move(entry));
    }
    return json;
  }

 private:
  static Json or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

  Json place(const model::Span& span) const {
    const model::Place at = report_.sources->place(span);
    return {{"file", at.file},
            {"line", at.line},
            {"column", at.column},
            {"end_line", at.end_line},
            {"end_column", at.end_column}};
  }

  Json write(const model::Finding& finding) const {
    static constexpr const char* kSeverities[] = {"note", "warning", "error"};
    Json json = {{"rule", finding.rule},
                 {"severity", kSeverities[static_cast<int>(finding.severity)]},
                 {"message", finding.message}};
    json.update(place(finding.span));
    json["step"] = finding.step;
    json["related"] = Json::array();
    json["fix"] = or_null(finding.fix);
    return json;
  }

  Json write(const analyzer::Reason& reason) const {
    Json json = {{"question", to_string(reason.question)},
                 {"message", reason.message},
                 {"unknown", reason.unknown},
                 {"sqlstate", or_null(reason.sqlstate)},
                 {"witness", or_null(reason.witness)}};
    json.update(place(reason.span));
    return json;
  }

  Json write(const PairJudgement& judgement, const JudgedChain& chain) const {
    Json json = {{"id", judgement.id},
                 {"up", or_null(judgement.up_path)},
                 {"down", or_null(judgement.down_path)},
                 {"verdict", to_string(judgement.verdict)},
                 {"up_runs", to_string(judgement.up_runs)},
                 {"down_runs", to_string(judgement.down_runs)},
                 {"schema", to_string(judgement.schema)},
                 {"data", to_string(judgement.data)},
                 {"new_rows", to_string(judgement.new_rows)},
                 {"reup", to_string(judgement.reup)},
                 {"schema_with_new_rows", to_string(judgement.schema_with_new_rows)},
                 {"next_insert", to_string(judgement.next_insert)},
                 {"folder", chain.folder}};
    json["differences"] = Json::array();
    for (const analyzer::SchemaDifference& difference : judgement.differences) {
      json["differences"].push_back({{"op", difference.op},
                                     {"kind", difference.kind},
                                     {"name", difference.name},
                                     {"field", or_null(difference.field)},
                                     {"before", or_null(difference.before)},
                                     {"after", or_null(difference.after)}});
    }
    json["reasons"] = Json::array();
    for (const analyzer::Reason& reason : judgement.reasons) {
      json["reasons"].push_back(write(reason));
    }
    json["prechecks"] = Json::array();
    for (const analyzer::Precheck& one : judgement.prechecks) {
      Json entry = {{"what", one.what}, {"select", or_null(one.select)}, {"why", or_null(one.why)}};
      entry.update(place(one.span));
      json["prechecks"].push_back(std::move(entry));
    }
    const auto& irreversible = judgement.directives.irreversible;
    json["irreversible"] = irreversible ? Json{{"reason", irreversible->reason},
                                               {"instead", or_null(irreversible->alternative)}}
                                        : Json();
    json["assumptions"] = judgement.assumptions;
    return json;
  }

  Json write_chain(const JudgedChain& chain) const {
    const analyzer::ChainRollback& rollback = chain.judgement.rollback;
    Json json = {{"folder", chain.folder},
                 {"convention", chain.convention},
                 {"migrations", rollback.judged},
                 {"undone", rollback.undone},
                 {"stopped_at", or_null(rollback.stopped_at)}};
    json["reason"] = rollback.stopped_at.empty() ? Json() : write(rollback.reason);
    if (chain.rehearsed) json["rehearsed"] = write(*chain.rehearsed);
    return json;
  }

  Json write(const analyzer::Rehearsed& rehearsed) const {
    Json json = {{"server", rehearsed.server},
                 {"answers", rehearsed.answers},
                 {"unknown_statically", rehearsed.unknown},
                 {"disagreements", Json::array()},
                 {"downs", Json::array()},
                 {"refused_rows", rehearsed.refused_rows}};
    for (const analyzer::Disagreement& one : rehearsed.disagreements) {
      json["disagreements"].push_back({{"migration", one.migration},
                                       {"question", one.question},
                                       {"static", one.said},
                                       {"postgres", one.real},
                                       {"reason", or_null(one.reason)}});
    }
    for (const analyzer::SeenStatement& statement : rehearsed.downs) {
      Json entry = place(statement.span);
      entry["milliseconds"] = statement.milliseconds;
      entry["locks"] = statement.locks;
      json["downs"].push_back(std::move(entry));
    }
    return json;
  }

  Json coverage() const {
    std::size_t counts[3] = {0, 0, 0};
    std::size_t total = 0;
    for (const JudgedChain& chain : report_.chains) {
      for (const PairJudgement& judgement : chain.judgement.judgements) {
        ++counts[static_cast<int>(judgement.verdict)];
        ++total;
      }
    }
    return {
        {"judged", total}, {"honest", counts[0]}, {"broken", counts[1]}, {"unknown", counts[2]}};
  }

  const MigrationsReport& report_;
};

}  // namespace

void write_migrations_json(const MigrationsReport& report, const Style&, std::ostream& out) {
  // Migrations may hold bytes that are no UTF-8, which JSON cannot.
  out << Writer(report).write().dump(1, ' ', false, Json::error_handler_t::replace) << '\n';
}

}  // namespace backout::reports
