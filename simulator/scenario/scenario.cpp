#include "simulator/scenario/scenario.hpp"

#include <fmt/format.h>

namespace backout::simulator {
namespace {

using Kind = Happening::Kind;

/// A YAML string in double quotes: the JSON form, which YAML reads too.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') out += fmt::format("\\{}", c);
    else if (c == '\n') out += "\\n";
    else if (byte < 0x20 || byte == 0x7f) out += fmt::format("\\u{:04x}", byte);
    else out += c;
  }
  return out + '"';
}

std::string to_yaml(const Happening& happening) {
  std::string at = happening.at_ms ? fmt::format(", at: {}ms", *happening.at_ms) : "";
  switch (happening.kind) {
    case Kind::step:
    case Kind::skip:
    case Kind::traffic: break;
    default: return fmt::format("{{event: {}{}}}", to_string(happening.kind), at);
  }
  std::string text = fmt::format("{{{}: {}", to_string(happening.kind), quoted(happening.name));
  if (happening.fault) text += fmt::format(", fault: {}", to_string(*happening.fault));
  if (happening.fault == Fault::half) text += fmt::format(", part: {}", happening.part);
  return text + at + "}";
}

std::string list(const std::string& key, const std::vector<Happening>& all) {
  if (all.empty()) return fmt::format("{}: []\n", key);
  std::string text = key + ":\n";
  for (const Happening& happening : all) text += fmt::format("  - {}\n", to_yaml(happening));
  return text;
}

}  // namespace

bool Happening::same(const Happening& other) const {
  return kind == other.kind && name == other.name && fault == other.fault && part == other.part;
}

const char* to_string(Kind kind) {
  switch (kind) {
    case Kind::step: return "step";
    case Kind::skip: return "skip";
    case Kind::traffic: return "traffic";
    case Kind::late: return "late";
    case Kind::killed: return "killed";
    case Kind::second_run: return "second_run";
    case Kind::person: return "person";
  }
  return "";
}

std::string describe(const Happening& happening) {
  switch (happening.kind) {
    case Kind::step: break;
    case Kind::skip: return fmt::format("'{}' left out", happening.name);
    case Kind::traffic: return fmt::format("traffic: {}", happening.name);
    case Kind::late: return "the late effect";
    case Kind::killed: return "the runner dies";
    case Kind::second_run: return "the path is run again";
    case Kind::person: return "a person takes over";
  }
  return happening.fault ? fmt::format("step '{}' with fault {}", happening.name, to_string(*happening.fault))
                         : fmt::format("step '{}'", happening.name);
}

std::string to_yaml(const Scenario& scenario) {
  std::string text = "scenario: 1\n";
  if (!scenario.name.empty()) text += fmt::format("name: {}\n", quoted(scenario.name));
  text += fmt::format("plan: {}\n", quoted(scenario.plan));
  if (!scenario.note.empty()) text += fmt::format("note: {}\n", quoted(scenario.note));
  text += list("deploy", scenario.deploy);
  if (!scenario.path.empty()) text += fmt::format("path: {}\n", quoted(scenario.path));
  text += list("rollback", scenario.rollback);
  if (!scenario.verdict) return text;
  text += fmt::format("expect:\n  verdict: {}\n", to_string(*scenario.verdict));
  if (!scenario.reason.empty()) text += fmt::format("  reason: {}\n", quoted(scenario.reason));
  return text;
}

}  // namespace backout::simulator
