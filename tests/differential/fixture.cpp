#include "differential/fixture.hpp"

#include <algorithm>
#include <sstream>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "postgres/read/sql_reader.hpp"
#include "support/process.hpp"

namespace backout::tests {
namespace {

constexpr std::string_view kAnswer = "--> ";
constexpr std::string_view kTogether = "-- in one transaction";

std::vector<std::string> statements_of(const std::string& text) {
  std::vector<std::string> statements;
  const auto ranges = postgres::split_statements(text).value();
  for (const auto& [begin, end] : ranges) statements.push_back(text.substr(begin, end - begin));
  return statements;
}

Fixture read_fixture(const std::filesystem::path& file) {
  Fixture fixture{file.stem().string(), {}, {}, {}};
  Piece piece;
  std::string text;
  std::istringstream lines(read_file(file));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(kAnswer)) {
      piece.statements = statements_of(text);
      fixture.pieces.push_back(std::exchange(piece, {}));
      fixture.answers.push_back(line.substr(kAnswer.size()));
      text.clear();
    } else if (line == kTogether) {
      piece.one_transaction = true;
    } else if (line.starts_with("--")) {
      fixture.head += line + "\n";
    } else {
      text += line + "\n";
    }
  }
  return fixture;
}

}  // namespace

std::vector<Fixture> read_fixtures(const std::filesystem::path& folder) {
  std::vector<Fixture> fixtures;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    fixtures.push_back(read_fixture(entry.path()));
  std::sort(fixtures.begin(), fixtures.end(),
            [](const Fixture& one, const Fixture& two) { return one.name < two.name; });
  return fixtures;
}

std::vector<std::string> answers_of(const std::vector<Outcome>& outcomes) {
  std::vector<std::string> answers;
  for (std::size_t at = 1; at < outcomes.size(); ++at) {
    const auto changed = changes(outcomes[at - 1].catalog, outcomes[at].catalog);
    answers.push_back(fmt::format("{}{}{}", outcomes[at].sqlstate, changed.empty() ? "" : " ",
                                  fmt::join(changed, "; ")));
  }
  return answers;
}

std::string print_fixture(const std::vector<Piece>& pieces, const std::vector<Outcome>& outcomes) {
  const auto answers = answers_of(outcomes);
  std::string text;
  for (std::size_t at = 0; at < pieces.size() && at < answers.size(); ++at) {
    if (pieces[at].one_transaction) text += std::string(kTogether) + "\n";
    for (const std::string& statement : pieces[at].statements) text += statement + ";\n";
    text += std::string(kAnswer) + answers[at] + "\n";
  }
  return text;
}

}  // namespace backout::tests
