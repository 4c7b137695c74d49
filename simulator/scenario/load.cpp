// Reads scenario files: every mistake with its place, all at once.
#include <algorithm>
#include <fstream>
#include <iterator>
#include <memory>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "model/files.hpp"
#include "model/yaml.hpp"
#include "simulator/scenario/scenario.hpp"

namespace backout::simulator {
namespace {

using model::Node;
using Kind = Happening::Kind;

class Reader {
 public:
  explicit Reader(Scenario& scenario) : scenario_(scenario) {}

  std::vector<model::Mistake> mistakes;

  void read(const Node& root) {
    if (root.type != Node::Type::map)
      return mistake(root.span, "a scenario is a map", "see docs/scenarios.md");
    keys(root,
         {"scenario", "name", "plan", "note", "idle", "deploy", "path", "rollback", "expect"});
    const Node* version = root.find("scenario");
    if (version == nullptr || version->as_integer() != 1) {
      mistake(version ? version->span : root.span, "a scenario begins with its version",
              "write `scenario: 1`");
    }
    if (const Node* plan = root.find("plan"))
      scenario_.plan = text(*plan);
    else
      mistake(root.span, "'plan' is missing", "name the plan's file, relative to this one");
    if (const Node* name = root.find("name")) scenario_.name = text(*name);
    if (const Node* note = root.find("note")) scenario_.note = text(*note);
    if (const Node* path = root.find("path")) {
      scenario_.path = text(*path);
      scenario_.path_span = path->span;
    }
    if (const Node* idle = root.find("idle")) scenario_.idle = idle->as_strings();
    if (const Node* deploy = root.find("deploy")) scenario_.deploy = happenings(*deploy, true);
    if (const Node* rollback = root.find("rollback"))
      scenario_.rollback = happenings(*rollback, false);
    if (const Node* expect = root.find("expect")) read_expect(*expect);
  }

 private:
  void mistake(const model::Span& span, std::string message, std::string hint = {}) {
    mistakes.push_back({span, std::move(message), std::move(hint)});
  }

  void keys(const Node& map, const std::vector<std::string>& known) {
    for (const Node::Entry& entry : map.entries) {
      if (std::ranges::find(known, entry.key) != known.end()) continue;
      const std::string near = model::nearest(entry.key, known);
      mistake(entry.key_span, fmt::format("unknown key '{}'", entry.key),
              near.empty() ? fmt::format("keys: {}", fmt::join(known, ", "))
                           : fmt::format("did you mean '{}'?", near));
    }
  }

  std::string text(const Node& node) {
    if (node.is_scalar() && node.type != Node::Type::null) return node.text;
    mistake(node.span, "this takes a text");
    return {};
  }

  void read_expect(const Node& node) {
    if (node.type != Node::Type::map)
      return mistake(node.span, "'expect' takes a map: {verdict: RESTORED}");
    keys(node, {"verdict", "reason"});
    if (const Node* reason = node.find("reason")) scenario_.reason = text(*reason);
    const Node* verdict = node.find("verdict");
    if (verdict == nullptr) return mistake(node.span, "'expect' says which 'verdict'");
    std::vector<std::string> names;
    for (std::size_t i = 0; i < kVerdictCount; ++i) {
      names.emplace_back(to_string(static_cast<Verdict>(i)));
      if (names.back() == verdict->text) scenario_.verdict = static_cast<Verdict>(i);
    }
    if (scenario_.verdict) return;
    mistake(verdict->span, fmt::format("'{}' is no verdict", verdict->text),
            fmt::format("verdicts: {}", fmt::join(names, ", ")));
  }

  std::vector<Happening> happenings(const Node& node, bool deploy) {
    std::vector<Happening> all;
    if (node.type != Node::Type::list) {
      mistake(node.span, "this takes a list of what happens, in order");
      return all;
    }
    for (const Node& item : node.items) {
      if (auto happening = read_happening(item, deploy)) all.push_back(std::move(*happening));
    }
    return all;
  }

  std::optional<Happening> read_happening(const Node& node, bool deploy) {
    Happening happening;
    happening.span = node.span;
    if (node.is_scalar() && node.type != Node::Type::null) {
      happening.name = node.text;
      return happening;
    }
    if (node.type != Node::Type::map) {
      mistake(node.span, "what happens is a step's id or a map",
              "{step: ID, fault: KIND}, {traffic: OPERATION}, {skip: ID}, {sick: APP@VERSION}");
      return std::nullopt;
    }
    keys(node, deploy ? std::vector<std::string>{"step", "traffic", "skip", "sick", "fault", "part"}
                      : std::vector<std::string>{"step", "traffic", "skip", "event", "fault",
                                                 "part", "retries", "at"});
    if (!read_subject(node, happening)) return std::nullopt;
    if (const Node* fault = node.find("fault")) {
      happening.fault = read_fault(*fault);
      const bool attempts = happening.kind == Kind::step || happening.kind == Kind::person;
      if (happening.fault && !attempts) {
        mistake(fault->span, "only a step can have a fault, or a person who takes over");
      }
    }
    if (const Node* part = node.find("part")) happening.part = read_part(*part);
    if (const Node* retries = node.find("retries")) read_retries(*retries, happening);
    if (const Node* at = node.find("at")) {
      const auto time = model::parse_duration(at->text);
      if (time && !time->unknown)
        happening.at_ms = time->low_ms;
      else
        mistake(at->span, time ? "'at' takes a time" : time.error());
    }
    return happening;
  }

  bool read_subject(const Node& node, Happening& happening) {
    int subjects = 0;
    for (const Kind kind : {Kind::step, Kind::traffic, Kind::skip, Kind::sick}) {
      const Node* name = node.find(to_string(kind));
      if (name == nullptr) continue;
      ++subjects;
      happening.kind = kind;
      happening.name = text(*name);
    }
    if (const Node* event = node.find("event")) {
      ++subjects;
      bool known = false;
      for (const Kind kind : {Kind::late, Kind::killed, Kind::second_run, Kind::person}) {
        if (event->text != to_string(kind)) continue;
        happening.kind = kind;
        known = true;
      }
      if (!known)
        mistake(event->span, fmt::format("'{}' is no event", event->text),
                "events: late, killed, second_run, person");
    }
    if (subjects == 1) return true;
    mistake(node.span, "one of 'step', 'traffic', 'skip' or 'event' says what happens");
    return false;
  }

  std::size_t read_part(const Node& node) {
    const auto number = node.as_integer();
    if (number && *number >= 0) return static_cast<std::size_t>(*number);
    mistake(node.span, "'part' takes a number from 0");
    return 0;
  }

  void read_retries(const Node& node, Happening& happening) {
    if (happening.kind != Kind::step || !happening.fault) {
      return mistake(node.span, "only a step whose first attempt has a fault is tried again",
                     "write its 'fault', too");
    }
    if (node.type != Node::Type::list) {
      return mistake(node.span, "'retries' takes a list: [fail, {fault: half, part: 1}]");
    }
    for (const Node& item : node.items) {
      const bool map = item.type == Node::Type::map;
      if (map) keys(item, {"fault", "part"});
      const Node* fault = map ? item.find("fault") : &item;
      if (fault == nullptr) {
        mistake(item.span, "'fault' is missing");
        continue;
      }
      const Node* part = map ? item.find("part") : nullptr;
      const std::optional<Fault> kind = read_fault(*fault);
      const std::size_t after = part != nullptr ? read_part(*part) : 0;
      if (kind) happening.retries.push_back({*kind, after});
    }
  }

  /// Nullopt: a mistake, noted.
  std::optional<Fault> read_fault(const Node& node) {
    std::vector<std::string> names;
    for (const FaultInfo& info : fault_catalogue()) {
      names.emplace_back(info.name);
      if (node.text == info.name) return info.fault;
    }
    const std::string near = model::nearest(node.text, names);
    mistake(node.span, fmt::format("'{}' is no fault kind", node.text),
            near.empty() ? fmt::format("kinds: {}", fmt::join(names, ", "))
                         : fmt::format("did you mean '{}'?", near));
    return std::nullopt;
  }

  Scenario& scenario_;
};

}  // namespace

tl::expected<Scenario, model::LoadError> load_scenario_text(const std::string& name,
                                                            std::string text) {
  Scenario scenario;
  scenario.sources = std::make_shared<model::Sources>();
  const std::uint32_t file = scenario.sources->add(name, std::move(text));
  model::Document document = model::parse_yaml(*scenario.sources, file);
  if (document.root) {
    Reader reader(scenario);
    reader.read(*document.root);
    document.mistakes.insert(document.mistakes.end(), reader.mistakes.begin(),
                             reader.mistakes.end());
  }
  if (document.mistakes.empty()) return scenario;
  return tl::unexpected(model::LoadError{scenario.sources, std::move(document.mistakes)});
}

tl::expected<Scenario, model::LoadError> load_scenario(const std::string& file) {
  auto text = model::read_file(file);
  if (!text) {
    auto sources = std::make_shared<model::Sources>();
    sources->add(file, "");
    return tl::unexpected(model::LoadError{sources, {{{}, "the file " + text.error(), ""}}});
  }
  return load_scenario_text(file, std::move(*text));
}

}  // namespace backout::simulator
