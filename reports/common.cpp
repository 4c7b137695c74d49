#include "reports/common.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "model/printable.hpp"
#include "model/scalar.hpp"

namespace backout::reports {

const char* to_string(model::Severity severity) {
  switch (severity) {
    case model::Severity::note:
      return "note";
    case model::Severity::warning:
      return "warning";
    case model::Severity::error:
      return "error";
  }
  return "error";
}

const char* to_string(simulator::TraceLine::Actor actor) {
  using Actor = simulator::TraceLine::Actor;
  switch (actor) {
    case Actor::deploy:
      return "deploy";
    case Actor::interruption:
      return "interruption";
    case Actor::traffic:
      return "traffic";
    case Actor::fault:
      return "fault";
    case Actor::rollback:
      return "rollback";
    case Actor::check:
      return "check";
    case Actor::end:
      return "end";
  }
  return "end";
}

std::string cell_word(const simulator::Cell& cell) {
  if (!cell.applicable) return "-";
  std::string word = simulator::to_string(cell.verdict);
  if (cell.verdict != cell.fault_free) word += '*';
  return word;
}

std::string told_reason(const simulator::Cell& cell) {
  if (cell.fault_free_reason.empty()) return cell.reason;
  return fmt::format("{}; without a fault: {}", cell.reason, cell.fault_free_reason);
}

std::string escape_markdown(std::string_view text) {
  std::string line(text);
  std::replace(line.begin(), line.end(), '\n', ' ');
  std::string escaped;
  for (const char c : model::printable(line)) {
    if (c == '<') {
      escaped += "&lt;";
    } else if (c == '&') {
      escaped += "&amp;";
    } else {
      if (std::string_view("\\`*_[]|#@!>~").find(c) != std::string_view::npos) escaped += '\\';
      escaped += c;
    }
  }
  return escaped;
}

std::string escape_markup(std::string_view text) {
  std::string escaped;
  for (const char c : model::screened(text)) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\n':
        escaped += "&#10;";
        break;
      case '\t':
        escaped += "&#9;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string fingerprint(const model::Plan& plan, const model::Finding& finding,
                        std::size_t occurrence) {
  return fingerprint(*plan.sources, finding, occurrence);
}

std::string fingerprint(const model::Sources& sources, const model::Finding& finding,
                        std::size_t occurrence) {
  return fingerprint_in(sources.place(finding.span).file, finding, occurrence);
}

std::string fingerprint_in(std::string_view file, const model::Finding& finding,
                           std::size_t occurrence) {
  const std::string key =
      fmt::format("{}\n{}\n{}\n{}\n{}", finding.rule, file, finding.step,
                  finding.cause.empty() ? finding.message : finding.cause, occurrence);
  std::uint64_t hash = 14695981039346656037ULL;  // FNV-1a, 64 bits
  for (const unsigned char byte : key) hash = (hash ^ byte) * 1099511628211ULL;
  return fmt::format("{:016x}", hash);
}

std::string first_few(const std::vector<std::string>& all) {
  constexpr std::size_t kMost = 3;
  const auto shown = static_cast<std::ptrdiff_t>(std::min(kMost, all.size()));
  std::string text = fmt::format("{}", fmt::join(all.begin(), all.begin() + shown, ", "));
  if (all.size() > kMost) text += fmt::format(" and {} more", all.size() - kMost);
  return text;
}

std::string quoted(const std::set<std::string>& names) {
  std::vector<std::string> all;
  for (const std::string& name : names) all.push_back(fmt::format("'{}'", name));
  return first_few(all);
}

std::string uri_of(std::string_view path) {
  std::string uri;
  for (const unsigned char byte : path) {
    const bool plain =
        std::isalnum(byte) != 0 ||
        std::string_view("-._~/").find(static_cast<char>(byte)) != std::string_view::npos;
    uri += plain ? std::string(1, static_cast<char>(byte)) : fmt::format("%{:02X}", byte);
  }
  return uri;
}

std::string valid_utf8(std::string_view text) {
  std::string valid;
  for (std::size_t bad; (bad = model::first_invalid_utf8(text)) < text.size();
       text.remove_prefix(bad + 1)) {
    valid.append(text.substr(0, bad)).append("\xEF\xBF\xBD");
  }
  return valid.append(text);
}

}  // namespace backout::reports
