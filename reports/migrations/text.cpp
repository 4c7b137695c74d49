#include <algorithm>
#include <ostream>
#include <sstream>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "reports/migrations/migrations_report.hpp"
#include "reports/paint.hpp"
#include "reports/text/sections.hpp"

namespace backout::reports {
namespace {

using analyzer::PairJudgement;

constexpr std::size_t kWidestLine = 160;

class Printer {
 public:
  Printer(const MigrationsReport& report, std::ostream& out, const Style& style)
      : report_(report), out_(out), paint_(style), colour_(style.colour) {}

  void print() {
    for (const JudgedChain& chain : report_.chains) {
      for (const model::Finding& finding : chain.findings) {
        print_finding(finding);
      }
    }
    for (const JudgedChain& chain : report_.chains) {
      print_chain(chain);
    }
  }

  /// What a real server said.
  void print_rehearsed(const analyzer::Rehearsed& rehearsed) {
    if (!rehearsed.downs.empty()) say(out_, "\nlocks and times of the downs, as seen:\n");
    for (const analyzer::SeenStatement& statement : rehearsed.downs) {
      const model::Place place = report_.sources->place(statement.span);
      say(out_, "  {}:{}: {:.1f} ms{}{}\n", place.file, place.line, statement.milliseconds,
          statement.locks.empty() ? "" : ", ", fmt::format("{}", fmt::join(statement.locks, ", ")));
    }
    say(out_,
        "\n{}: {} of {} answers of the static verdict are the same; {} that it left unknown are "
        "known now\n",
        rehearsed.server, rehearsed.answers - rehearsed.disagreements.size(), rehearsed.answers,
        rehearsed.unknown);
    for (const analyzer::Disagreement& one : rehearsed.disagreements) {
      say(out_, "  {}: {}: {} was said, PostgreSQL says {}{}{}\n", one.migration, one.question,
          one.said, one.real, one.reason.empty() ? "" : ": ", one.reason);
    }
    for (const std::string& row : rehearsed.refused_rows)
      say(out_, "  a row that was made is refused: {}\n", row);
  }

 private:
  Painted paint(std::string_view code, std::string_view text) const {
    const std::string shown = model::printable(text);
    return {colour_ ? fmt::format("\x1b[{}m{}\x1b[0m", code, shown) : shown};
  }

  void print_finding(const model::Finding& finding) {
    say(out_, "{}: {}\n", Painted{paint_.head(finding)}, finding.message);
    print_place(finding.span, finding.fix);
  }

  /// The place, its line with carets below the span, and what to do.
  void print_place(const model::Span& span, const std::string& fix) {
    const model::Place place = report_.sources->place(span);
    const std::string number = std::to_string(place.line);
    const std::string margin(number.size(), ' ');
    say(out_, "{} {} {}:{}:{}\n", margin, paint("34", "-->"), place.file, place.line, place.column);
    std::string line((*report_.sources)[span.file].line(place.line));
    std::replace_if(
        line.begin(), line.end(), [](char c) { return c == '\t' || c == '\r' || c == '\0'; }, ' ');
    if (!line.empty() && line.size() <= kWidestLine) {
      const std::size_t last = place.end_line == place.line ? place.end_column : line.size() + 1;
      const std::size_t carets =
          std::max<std::size_t>(1, last > place.column ? last - place.column : 1);
      say(out_, "{} |\n{} | {}\n{} | {}{}\n", margin, number, line, margin,
          std::string(place.column - 1, ' '), paint("1;31", std::string(carets, '^')));
    }
    if (!fix.empty()) {
      say(out_, "{} = fix: {}\n", margin, fix);
    }
    out_ << '\n';
  }

  void print_chain(const JudgedChain& chain) {
    std::size_t counts[3] = {0, 0, 0};
    for (const PairJudgement& judgement : chain.judgement.judgements) {
      ++counts[static_cast<int>(judgement.verdict)];
      if (judgement.verdict != analyzer::PairVerdict::honest) {
        say(out_, "{:<8} {}: {}\n", to_string(judgement.verdict), judgement.id, summary(judgement));
      }
    }
    say(out_, "{} ({}): {} judged, {} honest, {} broken, {} unknown\n", chain.folder,
        chain.convention, counted(chain.judgement.judgements.size(), "migration"), counts[0],
        counts[1], counts[2]);
    const analyzer::ChainRollback& rollback = chain.judgement.rollback;
    if (!rollback.stopped_at.empty()) {
      say(out_, "rolling back from the newest: {} of {} downs run, then {}'{}'{}: {}\n",
          rollback.undone, rollback.judged, rollback.reason.unknown ? "it is not known at " : "",
          rollback.stopped_at, rollback.reason.unknown ? "" : " stops it", rollback.reason.message);
    } else if (rollback.judged > 0) {
      say(out_, "rolling back from the newest: all {} downs run\n", rollback.judged);
    }
    if (chain.rehearsed) print_rehearsed(*chain.rehearsed);
  }

  static std::string summary(const PairJudgement& judgement) {
    return fmt::format("up {}, down {}, schema {}, data {}, new rows {}, up again {}",
                       to_string(judgement.up_runs), to_string(judgement.down_runs),
                       to_string(judgement.schema), to_string(judgement.data),
                       to_string(judgement.new_rows), to_string(judgement.reup));
  }

  const MigrationsReport& report_;
  std::ostream& out_;
  Paint paint_;
  bool colour_;
};

/// The answers that are not as they should be: "data lost, new rows refused".
std::string what_is_wrong(const PairJudgement& judgement) {
  std::vector<std::string> parts;
  const auto add = [&](const char* question, std::string_view answer, std::string_view good) {
    if (answer != good) parts.push_back(fmt::format("{} {}", question, answer));
  };
  add("up", to_string(judgement.up_runs), "yes");
  add("down", to_string(judgement.down_runs), "yes");
  add("schema", to_string(judgement.schema), "restored");
  add("data", to_string(judgement.data), "kept");
  add("new rows", to_string(judgement.new_rows), "accepted");
  add("up again", to_string(judgement.reup), "yes");
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string rollback_of(const analyzer::ChainRollback& rollback) {
  if (!rollback.stopped_at.empty()) {
    const char* unknown = rollback.reason.unknown ? "it is not known at " : "";
    return fmt::format("rolling back from the newest: {} of {} run, then {}'{}'{}: {}",
                       rollback.undone, counted(rollback.judged, "down"), unknown,
                       rollback.stopped_at, rollback.reason.unknown ? "" : " stops it",
                       rollback.reason.message);
  }
  return rollback.judged == 0
             ? ""
             : fmt::format("rolling back from the newest: {}",
                           rollback.judged == 1 ? "the one down runs"
                                                : fmt::format("all {} downs run", rollback.judged));
}

/// So many migrations of a chain are told, the broken ones first.
constexpr std::size_t kMostMigrations = 20;

void write_chain(const JudgedChain& chain, const Page& page) {
  std::size_t counts[3] = {0, 0, 0};
  std::vector<const PairJudgement*> told;
  for (const PairJudgement& judgement : chain.judgement.judgements) {
    ++counts[static_cast<int>(judgement.verdict)];
    if (judgement.verdict != analyzer::PairVerdict::honest) told.push_back(&judgement);
  }
  std::ranges::stable_sort(told, [](const PairJudgement* a, const PairJudgement* b) {
    return a->verdict == analyzer::PairVerdict::broken &&
           b->verdict != analyzer::PairVerdict::broken;
  });
  const std::size_t more = told.size() > kMostMigrations + 1 ? told.size() - kMostMigrations : 0;
  told.resize(told.size() - more);
  std::vector<TextRow> table;
  for (const PairJudgement* each : told) {
    table.push_back({{to_string(each->verdict)}, {each->id}, {what_is_wrong(*each)}});
  }
  write_table(table, page.paint, page.style.width, page.out);
  if (more > 0) say(page.out, "  and {} more (`--verbose` tells all of them)\n", more);
  write_wrapped(
      "",
      fmt::format("{} ({}): {} judged, {} honest, {} broken, {} unknown", chain.folder,
                  chain.convention, counted(chain.judgement.judgements.size(), "migration"),
                  counts[0], counts[1], counts[2]),
      2, page.style.width, page.out);
  const std::string rollback = rollback_of(chain.judgement.rollback);
  if (!rollback.empty()) write_wrapped("", rollback, 2, page.style.width, page.out);
}

}  // namespace

void write_migrations_text(const MigrationsReport& report, const Style& style, std::ostream& out) {
  std::ostringstream text;
  if (style.verbose) {
    Printer(report, text, style).print();
  } else {
    const Paint paint(style);
    const Page page{style, paint, text};
    if (style.statistics) {
      write_statistics(findings_of(report), page);
    } else {
      write_causes(all_causes(findings_of(report)), kMostCauses, page);
    }
    if (!style.quiet) {
      for (const JudgedChain& chain : report.chains) {
        write_chain(chain, page);
        if (chain.rehearsed) Printer(report, text, style).print_rehearsed(*chain.rehearsed);
      }
    }
  }
  write_painted(out, text.str());
}

}  // namespace backout::reports
