#include "simulator/scenario/scenario.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace backout::simulator {
namespace {

using Kind = Happening::Kind;

/// A YAML string in double quotes: the JSON form, which YAML reads too.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\')
      out += fmt::format("\\{}", c);
    else if (c == '\n')
      out += "\\n";
    else if (byte < 0x20 || byte == 0x7f)
      out += fmt::format("\\u{:04x}", byte);
    else
      out += c;
  }
  return out + '"';
}

std::string mishap(const Mishap& mishap) {
  const std::string text = fmt::format("fault: {}", to_string(mishap.fault));
  return mishap.fault == Fault::half ? text + fmt::format(", part: {}", mishap.part) : text;
}

std::string to_yaml(const Happening& happening) {
  std::string at = happening.at_ms ? fmt::format(", at: {}ms", *happening.at_ms) : "";
  std::string faults;
  if (happening.fault) faults = ", " + mishap({*happening.fault, happening.part});
  std::vector<std::string> retries;
  for (const Mishap& each : happening.retries) retries.push_back("{" + mishap(each) + "}");
  if (!retries.empty()) faults += fmt::format(", retries: [{}]", fmt::join(retries, ", "));
  switch (happening.kind) {
    case Kind::step:
    case Kind::skip:
    case Kind::traffic:
    case Kind::sick:
      return fmt::format("{{{}: {}{}{}}}", to_string(happening.kind), quoted(happening.name),
                         faults, at);
    case Kind::late:
    case Kind::killed:
    case Kind::second_run:
    case Kind::person:
      break;
  }
  return fmt::format("{{event: {}{}{}}}", to_string(happening.kind), faults, at);
}

std::string list(const std::string& key, const std::vector<Happening>& all) {
  if (all.empty()) return fmt::format("{}: []\n", key);
  std::string text = key + ":\n";
  for (const Happening& happening : all) text += fmt::format("  - {}\n", to_yaml(happening));
  return text;
}

}  // namespace

bool Happening::same(const Happening& other) const {
  return kind == other.kind && name == other.name && fault == other.fault && part == other.part &&
         retries == other.retries;
}

Kind kind_of(Move::Kind move) {
  switch (move) {
    case Move::Kind::skip:
      return Kind::skip;
    case Move::Kind::serve:
      return Kind::traffic;
    case Move::Kind::late:
      return Kind::late;
    case Move::Kind::killed:
      return Kind::killed;
    case Move::Kind::second_run:
      return Kind::second_run;
    case Move::Kind::take_over:
      return Kind::person;
    case Move::Kind::task:
    case Move::Kind::finish:
    case Move::Kind::deadlock:
      break;
  }
  return Kind::step;
}

const char* to_string(Kind kind) {
  switch (kind) {
    case Kind::step:
      return "step";
    case Kind::skip:
      return "skip";
    case Kind::traffic:
      return "traffic";
    case Kind::sick:
      return "sick";
    case Kind::late:
      return "late";
    case Kind::killed:
      return "killed";
    case Kind::second_run:
      return "second_run";
    case Kind::person:
      return "person";
  }
  return "";
}

std::string describe(const Happening& happening) {
  switch (happening.kind) {
    case Kind::step:
      break;
    case Kind::skip:
      return fmt::format("'{}' left out", happening.name);
    case Kind::traffic:
      return fmt::format("traffic: {}", happening.name);
    case Kind::sick:
      return fmt::format("{} is sick", happening.name);
    case Kind::late:
      return "the late effect";
    case Kind::killed:
      return "the runner dies";
    case Kind::second_run:
      return "the path is run again";
    case Kind::person:
      return happening.fault
                 ? fmt::format("a person takes over with fault {}", to_string(*happening.fault))
                 : "a person takes over";
  }
  std::string text = fmt::format("step '{}'", happening.name);
  if (happening.fault) text += fmt::format(" with fault {}", to_string(*happening.fault));
  for (const Mishap& retry : happening.retries)
    text += fmt::format(", then {}", to_string(retry.fault));
  return text;
}

std::string to_yaml(const Scenario& scenario) {
  std::string text = "scenario: 1\n";
  if (!scenario.name.empty()) text += fmt::format("name: {}\n", quoted(scenario.name));
  text += fmt::format("plan: {}\n", quoted(scenario.plan));
  if (!scenario.note.empty()) text += fmt::format("note: {}\n", quoted(scenario.note));
  if (!scenario.idle.empty()) {
    std::vector<std::string> ids;
    for (const std::string& id : scenario.idle) ids.push_back(quoted(id));
    text += fmt::format("idle: [{}]\n", fmt::join(ids, ", "));
  }
  text += list("deploy", scenario.deploy);
  if (!scenario.path.empty()) text += fmt::format("path: {}\n", quoted(scenario.path));
  text += list("rollback", scenario.rollback);
  if (!scenario.verdict) return text;
  text += fmt::format("expect:\n  verdict: {}\n", to_string(*scenario.verdict));
  if (!scenario.reason.empty()) text += fmt::format("  reason: {}\n", quoted(scenario.reason));
  return text;
}

}  // namespace backout::simulator
