#include "analyzer/migrations/rules.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "analyzer/migrations/table_words.hpp"

namespace backout::analyzer {
namespace {

using model::Finding;
using model::Severity;

const std::vector<MigrationRule> kRules = {
    {"migrations-up-fails", Severity::error,
     "the up does not run on the schema that the migrations before it make",
     "mend the statement, put the migration that it needs before it, or give what the database "
     "holds before the first: migrations --schema FILE"},
    {"migrations-missing-down", Severity::warning, "there is no down and no declared reason why",
     "write one, or '-- backout: irreversible REASON'"},
    {"migrations-empty-down", Severity::error,
     "the down is blank or only a comment, while the up changes something",
     "write the down, or '-- backout: irreversible REASON'"},
    {"migrations-down-fails", Severity::error, "the down does not run after its up",
     "write the down for the schema that the up leaves: the same objects, in the reverse order"},
    {"migrations-residue", Severity::error, "the down leaves behind what the up created",
     "drop it in the down"},
    {"migrations-drops-too-much", Severity::error,
     "the down takes away, or does not give back, what was there before the up",
     "give it back in the down as the earlier migration made it, or take the statement out that "
     "drops it"},
    {"migrations-schema-differs", Severity::error,
     "the down leaves an object other than it was before the up",
     "set it back in the down to what it was before the up"},
    {"migrations-column-order", Severity::note, "the down gives columns back in another order",
     "name the columns in every INSERT and SELECT"},
    {"migrations-data-lost", Severity::error,
     "rows that were there before the up are not intact after the down",
     "keep the values where the down can read them until the release is final, or "
     "'-- backout: irreversible REASON'"},
    {"migrations-fails-on-rows", Severity::error,
     "rows that the new schema allows make the down fail",
     "fill or move such rows in the down before the statement that refuses them, or "
     "'-- backout: irreversible REASON'"},
    {"migrations-not-rerunnable", Severity::warning, "the up does not run again after the down",
     "take back in the down all that the up makes"},
    {"migrations-unsafe-in-transaction", Severity::warning,
     "a statement cannot run in the transaction that the tool opens",
     "mark the migration as one without a transaction, in the way of the tool that runs it"},
    {"migrations-order-of-downs", Severity::error, "a rollback of the whole chain stops at a down",
     "give back in this down what the downs that run before it need, or take out of them what it "
     "needs"},
    {"migrations-unknown", Severity::note, "the verdict is not known",
     "try it on a copy of the database, or write the statement in a form that backout reads"},
    {"migrations-irreversible", Severity::note, "the migration is declared irreversible", ""},
    {"migrations-folder", Severity::warning,
     "a file of the folder lacks its other half, or a line is for psql alone", ""},
    {"migrations-directive", Severity::warning, "a backout comment is wrong, or suppresses nothing",
     "write the comment as docs/migrations.md has it"},
};

class Findings {
 public:
  explicit Findings(const PairJudgement& judgement) : judgement_(judgement) {}

  void add(std::string_view rule, model::Span span, std::string message, std::string fix = "") {
    Finding finding;
    finding.rule = rule;
    const MigrationRule& known = *std::ranges::find(kRules, rule, &MigrationRule::id);
    finding.severity = known.severity;
    finding.message = std::move(message);
    finding.span = span;
    finding.step = judgement_.id;
    finding.fix = fix.empty() ? known.fix : std::move(fix);
    findings_.push_back(std::move(finding));
  }

  /// One finding per reason that bears on the question.
  void add_reasons(std::string_view rule, Question question, std::string_view lead) {
    for (const Reason& reason : judgement_.reasons) {
      if (reason.question == question && !reason.unknown) {
        std::string message = fmt::format("{}: {}", lead, reason.message);
        if (!reason.witness.empty()) {
          std::string witness = reason.witness;
          std::replace(witness.begin(), witness.end(), '\n', ' ');
          message += fmt::format(" (witness: {})", witness);
        }
        add(rule, reason.span, std::move(message));
      }
    }
  }

  std::vector<Finding> take() { return std::move(findings_); }

 private:
  const PairJudgement& judgement_;
  std::vector<Finding> findings_;
};

void judge_scripts(const PairJudgement& judgement, Findings& out) {
  if (judgement.up_runs == Runs::no) {
    out.add_reasons("migrations-up-fails", Question::up, "the up fails");
  }
  for (const Reason& reason : judgement.needs_autocommit) {
    out.add("migrations-unsafe-in-transaction", reason.span, reason.message);
  }
  if (judgement.down_runs == Runs::missing) {
    out.add("migrations-missing-down", judgement.span,
            fmt::format("'{}' has no down", judgement.id));
  } else if (judgement.down_is_empty && judgement.up_changes) {
    out.add("migrations-empty-down", judgement.span,
            fmt::format("the down of '{}' does nothing, and its up does", judgement.id));
  } else if (judgement.down_runs == Runs::no) {
    out.add_reasons("migrations-down-fails", Question::down, "the down fails");
  }
}

/// Whether a whole table that is missing or extra brings the difference along.
bool belongs_to_another(const SchemaDifference& difference,
                        const std::vector<SchemaDifference>& all) {
  return std::any_of(all.begin(), all.end(), [&](const SchemaDifference& other) {
    return other.kind == "table" && other.op == difference.op &&
           difference.name.starts_with(other.name + '.');
  });
}

void judge_schema(const PairJudgement& judgement, Findings& out) {
  if (judgement.schema == SchemaAnswer::restored_but_order) {
    out.add(
        "migrations-column-order", judgement.span,
        fmt::format("after up and down of '{}' the columns stand in another order", judgement.id));
  }
  if (judgement.schema != SchemaAnswer::differs || judgement.down_is_empty ||
      judgement.down_runs != Runs::yes) {
    return;
  }
  for (const SchemaDifference& difference : judgement.differences) {
    if (belongs_to_another(difference, judgement.differences)) {
      continue;
    }
    if (difference.op == "extra") {
      out.add("migrations-residue", difference.span,
              fmt::format("the down leaves {} '{}' behind", difference.kind, difference.name));
    } else if (difference.op == "missing") {
      out.add("migrations-drops-too-much", difference.span,
              fmt::format("{} '{}' was there before the up and is gone after the down",
                          difference.kind, difference.name));
    } else if (difference.kind != "colorder") {
      out.add("migrations-schema-differs", difference.span, said_of(difference));
    }
  }
}

/// What shows only in rows: an object that does not come back when there are new ones, a sequence
/// that does not count on.
void judge_schema_with_rows(const PairJudgement& judgement, Findings& out) {
  if (judgement.next_insert == RowsAnswer::refused)
    out.add_reasons("migrations-schema-differs", Question::next_insert, "a sequence starts again");
  if (judgement.schema == SchemaAnswer::differs ||
      judgement.schema_with_new_rows != SchemaAnswer::differs)
    return;
  for (const Reason& reason : judgement.reasons) {
    if (reason.question == Question::schema && !reason.unknown)
      out.add("migrations-schema-differs", reason.span, reason.message);
  }
}

void judge_rows(const PairJudgement& judgement, Findings& out) {
  if (judgement.data == DataAnswer::lost) {
    out.add_reasons("migrations-data-lost", Question::data, "data is lost");
  }
  if (judgement.new_rows == RowsAnswer::refused) {
    out.add_reasons("migrations-fails-on-rows", Question::new_rows,
                    "the down may fail on new rows");
  }
  if (judgement.reup == Runs::no) {
    out.add_reasons("migrations-not-rerunnable", Question::reup,
                    "the up does not run again after the down");
  }
}

void judge_unknown(const PairJudgement& judgement, Findings& out) {
  if (judgement.verdict != PairVerdict::unknown) {
    return;
  }
  const auto reason = std::find_if(judgement.reasons.begin(), judgement.reasons.end(),
                                   [](const Reason& candidate) { return candidate.unknown; });
  if (reason != judgement.reasons.end()) {
    out.add("migrations-unknown", reason->span,
            fmt::format("the verdict is not known: {}", reason->message));
  }
}

bool is_about_the_down(const Finding& finding) {
  return finding.rule != "migrations-up-fails" &&
         finding.rule != "migrations-unsafe-in-transaction";
}

/// What a declared irreversibility explains: everything about the down becomes the one note that
/// shows the reason.
std::vector<Finding> honour_irreversibility(const PairJudgement& judgement,
                                            std::vector<Finding> findings) {
  if (!judgement.directives.irreversible) {
    return findings;
  }
  const Irreversibility& declared = *judgement.directives.irreversible;
  std::erase_if(findings, is_about_the_down);
  Findings note(judgement);
  note.add("migrations-irreversible", declared.span,
           fmt::format("'{}' is declared irreversible: {}", judgement.id, declared.reason),
           declared.alternative);
  for (Finding& finding : note.take()) {
    findings.push_back(std::move(finding));
  }
  return findings;
}

bool names_rule(const Suppression& suppression, const std::string& rule) {
  return suppression.rule == rule || "migrations-" + suppression.rule == rule;
}

std::vector<Finding> apply_suppressions(const PairJudgement& judgement,
                                        std::vector<Finding> findings) {
  Findings more(judgement);
  for (const Suppression& suppression : judgement.directives.suppressions) {
    const std::size_t erased = std::erase_if(findings, [&](const Finding& finding) {
      return !suppression.reason.empty() && names_rule(suppression, finding.rule);
    });
    if (erased == 0 && !suppression.reason.empty()) {
      more.add("migrations-directive", suppression.span,
               fmt::format("this suppression of '{}' matches nothing", suppression.rule),
               "remove it");
    }
  }
  for (const model::Mistake& mistake : judgement.directives.mistakes) {
    more.add("migrations-directive", mistake.span, mistake.message, mistake.hint);
  }
  for (Finding& finding : more.take()) {
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace

const std::vector<MigrationRule>& migration_rules() { return kRules; }

std::vector<model::Finding> folder_findings(const std::vector<model::Mistake>& notes) {
  std::vector<Finding> findings;
  for (const model::Mistake& note : notes) {
    Finding finding;
    finding.rule = "migrations-folder";
    finding.severity = Severity::warning;
    finding.message = note.message;
    finding.span = note.span;
    finding.fix = note.hint;
    findings.push_back(std::move(finding));
  }
  return findings;
}

const MigrationRule* find_migration_rule(std::string_view id) {
  const auto found =
      std::ranges::find_if(kRules, [&](const MigrationRule& rule) { return rule.id == id; });
  return found == kRules.end() ? nullptr : &*found;
}

std::vector<model::Finding> migration_findings(const ChainJudgement& chain) {
  std::vector<Finding> findings;
  for (const PairJudgement& judgement : chain.judgements) {
    Findings own(judgement);
    judge_scripts(judgement, own);
    judge_schema(judgement, own);
    judge_schema_with_rows(judgement, own);
    judge_rows(judgement, own);
    judge_unknown(judgement, own);
    // A single down that fails has its own finding; here it is the order that fails.
    if (judgement.id == chain.rollback.stopped_at && judgement.down_runs == Runs::yes &&
        !chain.rollback.reason.unknown) {
      own.add("migrations-order-of-downs", chain.rollback.reason.span,
              fmt::format(
                  "rolling the chain back stops at '{}', whose down runs straight after its up: {}",
                  judgement.id, chain.rollback.reason.message));
    }
    for (Finding& finding :
         apply_suppressions(judgement, honour_irreversibility(judgement, own.take()))) {
      findings.push_back(std::move(finding));
    }
  }
  for (const Reason& mistake : chain.schema_mistakes) {
    Finding finding;
    finding.rule = "migrations-folder";
    finding.severity = Severity::warning;
    finding.message = "a statement of the schema is not understood: " + mistake.message;
    finding.span = mistake.span;
    finding.fix = "what it makes is taken for not known; the rest of the file is there";
    findings.push_back(std::move(finding));
  }
  model::sort_findings(findings);
  return findings;
}

}  // namespace backout::analyzer
