#include "cli/command_line.hpp"

#include <algorithm>
#include <iostream>
#include <sstream>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <boost/program_options.hpp>

#include "reports/rules.hpp"
#include "reports/text/layout.hpp"
#include "simulator/faults.hpp"

namespace backout::cli {

namespace po = boost::program_options;

namespace {

/// "dot|svg: what it does" takes dot and svg.
std::vector<std::string> choices_of(const std::string& description) {
  constexpr const char* kChoices = "abcdefghijklmnopqrstuvwxyz0123456789-|";
  const std::string head = description.substr(0, description.find_first_not_of(kChoices));
  if (head.find('|') == std::string::npos) return {};
  std::vector<std::string> choices;
  std::istringstream in(head);
  for (std::string choice; std::getline(in, choice, '|');) choices.push_back(choice);
  return choices;
}

Option option_of(const po::option_description& described) {
  Option option;
  option.name = described.long_name();
  const std::string shortest =
      described.canonical_display_name(po::command_line_style::allow_dash_for_short);
  if (shortest.size() == 2 && shortest[0] == '-') option.short_name = shortest.substr(1);
  option.description = described.description();
  option.choices = choices_of(option.description);
  if (described.semantic()->max_tokens() == 0) return option;
  // Boost gives a value's name and default in one text: "N (=3)".
  const std::string text = described.semantic()->name();
  const std::size_t begin = text.find(" (=");
  option.value = text.substr(0, begin);
  if (begin != std::string::npos)
    option.default_value = text.substr(begin + 3, text.size() - begin - 4);
  option.repeatable = described.semantic()->is_composing();
  return option;
}

}  // namespace

CommandLine describe_options(const std::string& usage, const po::options_description& options,
                             const char* positional) {
  constexpr std::string_view kPrefix = "Usage: ";
  CommandLine line;
  const std::size_t end = usage.find('\n');
  line.synopsis =
      usage.substr(usage.starts_with(kPrefix) ? kPrefix.size() : 0, end - kPrefix.size());
  const std::size_t rest = usage.find_first_not_of('\n', end);
  if (rest != std::string::npos) line.explanation = usage.substr(rest);
  for (const auto& option : options.options()) line.options.push_back(option_of(*option));
  line.positional = positional == nullptr ? "" : positional;
  return line;
}

namespace {

/// "-h, --help", "--select RULE".
std::string head_of(const Option& option) {
  const std::string name = option.short_name.empty()
                               ? "    --" + option.name
                               : fmt::format("-{}, --{}", option.short_name, option.name);
  return option.value.empty() ? name : fmt::format("{} {}", name, option.value);
}

/// The description with its choices parted, so that they can stand on several lines.
std::string told_of(const Option& option) {
  std::string text = option.description;
  if (!option.choices.empty()) {
    const std::string choices = fmt::format("{}", fmt::join(option.choices, "|"));
    text.replace(0, choices.size(), fmt::format("{}", fmt::join(option.choices, ", ")));
  }
  if (!option.default_value.empty()) text += fmt::format(" (default {})", option.default_value);
  return text;
}

/// The texts of an explanation: paragraphs, of which lines that are indented stand as they are.
void print_explanation(const std::string& text, std::size_t width, std::ostream& out) {
  std::istringstream in(text);
  std::string paragraph;
  const auto flush = [&] {
    if (!paragraph.empty()) reports::write_wrapped("", paragraph, 0, width, out);
    paragraph.clear();
  };
  for (std::string line; std::getline(in, line);) {
    if (!line.empty() && line[0] != ' ') {
      paragraph += (paragraph.empty() ? "" : " ") + line;
      continue;
    }
    flush();
    out << line << '\n';
  }
  flush();
}

}  // namespace

void print_help(const std::string& usage, const po::options_description& options, std::size_t width,
                std::ostream& out) {
  constexpr std::size_t kIndent = 24;
  const std::size_t synopsis = std::min(usage.find("\n\n"), usage.size());
  out << usage.substr(0, synopsis) << "\n\n";
  if (synopsis < usage.size()) print_explanation(usage.substr(synopsis + 2), width, out);
  out << "\nOptions:\n";
  for (const auto& described : options.options()) {
    const Option option = option_of(*described);
    std::string head = "  " + head_of(option);
    if (head.size() + 2 > kIndent) {
      out << head << '\n';
      head.clear();
    }
    head.resize(std::max(head.size(), kIndent), ' ');
    reports::write_wrapped(head, told_of(option), kIndent, width, out);
  }
}

CommandLine describe(const Command& command) {
  CommandLine line;
  command.run({{}, std::cin, std::cout, std::cerr, false, &line});
  return line;
}

std::vector<std::string> words_for(const std::string& name) {
  std::vector<std::string> words;
  if (name == "rule" || name == "RULE") {
    for (const reports::RuleEntry& rule : reports::rule_catalogue()) words.push_back(rule.id);
  } else if (name == "family") {
    for (const reports::RuleFamily& family : reports::rule_families())
      words.emplace_back(family.name);
  } else if (name == "command") {
    for (const Command& command : commands()) words.emplace_back(command.name);
  } else if (name == "shell") {
    words = {"bash", "fish", "zsh"};
  } else if (name == "FAULT" || name == "KIND") {
    for (const simulator::FaultInfo& fault : simulator::fault_catalogue())
      words.emplace_back(fault.name);
  }
  return words;
}

}  // namespace backout::cli
