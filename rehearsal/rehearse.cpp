#include "rehearsal/rehearse.hpp"

#include <algorithm>
#include <initializer_list>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "analyzer/migrations/postgres_database.hpp"

namespace backout::rehearsal {
namespace {

using analyzer::PairJudgement;
using analyzer::Question;

/// An answer in words, of a judgement.
struct Asked {
  const char* name;
  std::initializer_list<Question> bear_on_it;
  std::string (*answer)(const PairJudgement& judgement);
};

/// Both sides tell the order of columns apart; a down that moves them restores the schema all the
/// same.
std::string schema_of(analyzer::SchemaAnswer answer) {
  return answer == analyzer::SchemaAnswer::restored_but_order
             ? to_string(analyzer::SchemaAnswer::restored)
             : to_string(answer);
}

const Asked kAsked[] = {
    {"up",
     {Question::up},
     [](const PairJudgement& one) { return std::string(to_string(one.up_runs)); }},
    {"down",
     {Question::down},
     [](const PairJudgement& one) { return std::string(to_string(one.down_runs)); }},
    {"schema",
     {Question::schema, Question::down},
     [](const PairJudgement& one) { return schema_of(one.schema); }},
    {"data",
     {Question::data},
     [](const PairJudgement& one) { return std::string(to_string(one.data)); }},
    {"new rows",
     {Question::new_rows},
     [](const PairJudgement& one) { return std::string(to_string(one.new_rows)); }},
    {"up again",
     {Question::reup},
     [](const PairJudgement& one) { return std::string(to_string(one.reup)); }},
    {"next insert",
     {Question::next_insert},
     [](const PairJudgement& one) { return std::string(to_string(one.next_insert)); }},
};

std::string first_reason(const PairJudgement& judgement, const Asked& asked) {
  for (const analyzer::Reason& reason : judgement.reasons) {
    if (std::find(asked.bear_on_it.begin(), asked.bear_on_it.end(), reason.question) !=
        asked.bear_on_it.end())
      return reason.message;
  }
  return "";
}

void compare(const PairJudgement& said, const PairJudgement& real, analyzer::Rehearsed& rehearsed) {
  for (const Asked& asked : kAsked) {
    const std::string one = asked.answer(said);
    const std::string other = asked.answer(real);
    if (other == "unknown") continue;
    if (one == "unknown") {
      ++rehearsed.unknown;
      continue;
    }
    ++rehearsed.answers;
    if (one != other)
      rehearsed.disagreements.push_back(
          {real.id, asked.name, one, other, first_reason(real, asked)});
  }
}

/// What the statements of the downs were seen to do, in the order of the chain.
std::vector<analyzer::SeenStatement> downs_of(const model::MigrationSet& set,
                                              const Observations& seen) {
  std::vector<analyzer::SeenStatement> downs;
  for (const model::Migration& migration : set.migrations) {
    if (!migration.down) continue;
    const auto found = seen.statements.find(&*migration.down);
    if (found == seen.statements.end()) continue;
    for (const auto& [begin, statement] : found->second) {
      downs.push_back({migration.down->span_of(statement.place.begin, statement.place.end),
                       statement.milliseconds, statement.locks});
    }
  }
  return downs;
}

/// 150020 is 15.20.
std::string name_of_version(int version) {
  return fmt::format("PostgreSQL {}.{}", version / 10000, version % 10000);
}

}  // namespace

tl::expected<Rehearsal, std::string> rehearse(const model::MigrationSet& set,
                                              const model::Sources& sources,
                                              const analyzer::JudgeOptions& options,
                                              const std::shared_ptr<ScratchServer>& server,
                                              const postgres::Database& start) {
  const analyzer::ChainJudgement said =
      judge_chain(set, sources, options, analyzer::postgres_database(start));
  analyzer::JudgeOptions on_server = options;
  on_server.for_each = analyzer::one_by_one;
  on_server.batch = 4;  // each state is a database of several megabytes
  Rehearsal rehearsal;
  Observations seen;
  try {
    rehearsal.judgement = judge_chain(set, sources, on_server, real_database(server, seen));
  } catch (const ServerLost& lost) {
    return tl::unexpected(std::string(lost.what()));
  }
  analyzer::Rehearsed& rehearsed = rehearsal.rehearsed;
  rehearsed.server = name_of_version(server->version());
  rehearsed.downs = downs_of(set, seen);
  rehearsed.refused_rows = std::move(seen.refused_rows);
  for (std::size_t at = 0; at < said.judgements.size(); ++at)
    compare(said.judgements[at], rehearsal.judgement.judgements[at], rehearsed);
  return rehearsal;
}

}  // namespace backout::rehearsal
