#include "cli/truth.hpp"

#include <filesystem>
#include <ostream>

#include <nlohmann/json.hpp>

namespace backout::cli {
namespace {

using Json = nlohmann::ordered_json;
using analyzer::PairJudgement;
using analyzer::Question;
using analyzer::Runs;
using analyzer::SchemaAnswer;

/// Null where PostgreSQL was not asked or cannot tell.
Json ran(Runs runs) {
  return runs == Runs::yes ? Json(true) : runs == Runs::no ? Json(false) : Json();
}

Json error_of(const PairJudgement& judgement, Question question) {
  for (const analyzer::Reason& reason : judgement.reasons) {
    if (reason.question == question && !reason.unknown)
      return {{"code", reason.sqlstate}, {"msg", reason.message}};
  }
  return nullptr;
}

void add_error(Json& row, const char* key, const PairJudgement& judgement, Question question) {
  if (Json error = error_of(judgement, question); !error.is_null()) row[key] = std::move(error);
}

Json diff_of(const PairJudgement& judgement) {
  Json diff = Json::array();
  for (const analyzer::SchemaDifference& one : judgement.differences) {
    diff.push_back({{"op", one.op},
                    {"kind", one.kind},
                    {"name", one.name},
                    {"before", one.before},
                    {"after", one.after}});
  }
  return diff;
}

Json row_of(const PairJudgement& judgement, const reports::JudgedChain& chain) {
  Json row = {{"project", std::filesystem::path(chain.folder).filename().string()},
              {"convention", chain.convention},
              {"dir", judgement.id},
              {"up_path", judgement.up_path},
              {"down_path", judgement.down_path},
              {"has_down", judgement.down_runs != Runs::missing},
              {"up_empty", judgement.up_is_empty},
              {"down_empty", judgement.down_is_empty},
              {"up_ok", ran(judgement.up_runs)},
              {"down_ok", ran(judgement.down_runs)},
              {"reup_ok", ran(judgement.reup)}};
  const bool known = judgement.schema != SchemaAnswer::unknown && judgement.down_runs == Runs::yes;
  row["restored_exact"] = known ? Json(judgement.schema == SchemaAnswer::restored) : Json();
  row["restored_modulo_order"] = known ? Json(judgement.schema != SchemaAnswer::differs) : Json();
  row["diff"] = diff_of(judgement);
  const bool ran_back = judgement.down_runs == Runs::yes;
  row["data_preserved"] = !ran_back                                      ? "n/a"
                          : judgement.data == analyzer::DataAnswer::kept ? "yes"
                          : judgement.data == analyzer::DataAnswer::lost ? "no"
                                                                         : "unknown";
  row["down_ok_with_new_rows"] = !ran_back                                              ? "n/a"
                                 : judgement.new_rows == analyzer::RowsAnswer::accepted ? "yes"
                                 : judgement.new_rows == analyzer::RowsAnswer::refused  ? "no"
                                                                                        : "unknown";
  add_error(row, "up_error", judgement, Question::up);
  add_error(row, "down_error", judgement, Question::down);
  add_error(row, "reup_error", judgement, Question::reup);
  add_error(row, "data_detail", judgement, Question::data);
  add_error(row, "down_error_with_new_rows", judgement, Question::new_rows);
  return row;
}

}  // namespace

void write_truth(const reports::MigrationsReport& report, std::ostream& out) {
  for (const reports::JudgedChain& chain : report.chains) {
    for (const PairJudgement& judgement : chain.judgement.judgements) {
      out << row_of(judgement, chain).dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
    }
  }
}

}  // namespace backout::cli
