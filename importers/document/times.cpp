// Times and thresholds in prose: "2-3 minutes", "<5 min", "~5 minutes", "error rate > 10 % for more
// than 5 minutes".
#include <algorithm>
#include <cctype>
#include <map>

#include "importers/characters.hpp"
#include "importers/document/words.hpp"

namespace backout::importers {

namespace {

void skip_spaces(std::string_view text, std::size_t& at) {
  while (at < text.size() && (text[at] == ' ' || text[at] == '\t')) ++at;
}

std::optional<double> read_decimal(std::string_view text, std::size_t& at) {
  std::size_t end = at;
  bool point = false;
  while (end < text.size() &&
         (is_digit(text[end]) ||
          (!point && text[end] == '.' && end + 1 < text.size() && is_digit(text[end + 1])))) {
    point = point || text[end] == '.';
    ++end;
  }
  if (end == at || end - at > 9) return std::nullopt;
  const double value = std::stod(std::string(text.substr(at, end - at)));
  at = end;
  return value;
}

}  // namespace

std::int64_t read_unit(std::string_view text, std::size_t& at) {
  static const std::map<std::string_view, std::int64_t> kUnits = {{"ms", 1},
                                                                  {"milliseconds", 1},
                                                                  {"millisecond", 1},
                                                                  {"s", 1000},
                                                                  {"sec", 1000},
                                                                  {"secs", 1000},
                                                                  {"second", 1000},
                                                                  {"seconds", 1000},
                                                                  {"sekunden", 1000},
                                                                  {"segundos", 1000},
                                                                  {"secondes", 1000},
                                                                  {"saniye", 1000},
                                                                  {"m", 60'000},
                                                                  {"min", 60'000},
                                                                  {"mins", 60'000},
                                                                  {"minute", 60'000},
                                                                  {"minutes", 60'000},
                                                                  {"minuten", 60'000},
                                                                  {"minutos", 60'000},
                                                                  {"minuto", 60'000},
                                                                  {"dakika", 60'000},
                                                                  {"dk", 60'000},
                                                                  {"h", 3'600'000},
                                                                  {"hr", 3'600'000},
                                                                  {"hrs", 3'600'000},
                                                                  {"hour", 3'600'000},
                                                                  {"hours", 3'600'000},
                                                                  {"stunde", 3'600'000},
                                                                  {"stunden", 3'600'000},
                                                                  {"horas", 3'600'000},
                                                                  {"hora", 3'600'000},
                                                                  {"heures", 3'600'000},
                                                                  {"heure", 3'600'000},
                                                                  {"saat", 3'600'000},
                                                                  {"day", 86'400'000},
                                                                  {"days", 86'400'000},
                                                                  {"week", 604'800'000},
                                                                  {"weeks", 604'800'000}};
  std::size_t begin = at;
  skip_spaces(text, begin);
  if (begin < text.size() && text[begin] == '-') ++begin;  // "5-minute"
  for (const auto& [word, ms] : {std::pair<std::string_view, std::int64_t>{"分钟", 60'000},
                                 {"小时", 3'600'000},
                                 {"秒", 1000}}) {
    if (text.substr(begin).starts_with(word)) {
      at = begin + word.size();
      return ms;
    }
  }
  std::size_t end = begin;
  while (end < text.size() && std::isalpha(static_cast<unsigned char>(text[end])) != 0) ++end;
  const auto found = kUnits.find(lower(text.substr(begin, end - begin)));
  // "\xC3" begins a letter with an accent: the word goes on.
  if (found == kUnits.end() ||
      (end < text.size() && (static_cast<unsigned char>(text[end]) == 0xC3 || text[end] == '_')))
    return 0;
  at = end;
  return found->second;
}

namespace {

/// "-", "–", "to", "bis" between two numbers.
bool read_dash(std::string_view text, std::size_t& at) {
  std::size_t here = at;
  skip_spaces(text, here);
  for (const std::string_view dash : {"-", "–", "—", "to ", "bis ", "a ", "à ", "até ", "~"}) {
    if (!text.substr(here).starts_with(dash)) continue;
    here += dash.size();
    skip_spaces(text, here);
    if (here >= text.size() || !is_digit(text[here])) return false;
    at = here;
    return true;
  }
  return false;
}

/// The operator that stands before byte `at`: "<", "<=", "under", "within", "~", ">".
std::string operator_before(std::string_view text, std::size_t at, std::size_t& begin) {
  std::size_t end = at;
  while (end > 0 && (text[end - 1] == ' ' || text[end - 1] == '*')) --end;
  constexpr std::size_t kLongest = 24;  // bytes: more than any of the words has
  const std::string head =
      lower(text.substr(end - std::min(end, kLongest), std::min(end, kLongest)));
  static const std::vector<std::pair<std::string_view, std::string_view>> kWords = {
      {"<=", "<="},       {"≤", "<="},        {"≥", ">="},
      {">=", ">="},       {"<", "<"},         {">", ">"},
      {"~", "~"},         {"less than", "<"}, {"under", "<"},
      {"below", "<"},     {"within", "<="},   {"up to", "<="},
      {"at most", "<="},  {"more than", ">"}, {"over", ">"},
      {"above", ">"},     {"exceeds", ">"},   {"greater than", ">"},
      {"at least", ">="}, {"about", "~"},     {"approximately", "~"},
      {"approx.", "~"},   {"around", "~"},    {"max", "<="},
      {"maximum", "<="},  {"unter", "<"},     {"menos de", "<"},
      {"moins de", "<"},  {"mehr als", ">"},  {"más de", ">"},
      {"mais de", ">"},   {"plus de", ">"},   {"ca.", "~"},
      {"+", "+"}};
  for (const auto& [word, op] : kWords) {
    if (!head.ends_with(word)) continue;
    begin = end - word.size();
    return std::string(op);
  }
  begin = at;
  return "";
}

}  // namespace

std::vector<FoundTime> find_times(std::string_view text) {
  std::vector<FoundTime> all;
  for (std::size_t i = 0; i < text.size();) {
    const bool inside = i > 0 && (std::isalnum(static_cast<unsigned char>(text[i - 1])) != 0 ||
                                  text[i - 1] == '.' || text[i - 1] == '_' || text[i - 1] == ':' ||
                                  text[i - 1] == '/');
    if (!is_digit(text[i]) || inside) {
      ++i;
      continue;
    }
    std::size_t at = i;
    const auto low = read_decimal(text, at);
    if (!low) {
      while (i < text.size() && is_digit(text[i])) ++i;
      continue;
    }
    // "30+ minutes" is thirty at least.
    const bool more = at < text.size() && text[at] == '+';
    if (more) ++at;
    std::size_t probe = at;
    const std::int64_t first_unit = read_unit(text, probe);
    if (first_unit > 0) at = probe;
    std::optional<double> high;
    if (read_dash(text, at)) high = read_decimal(text, at);
    std::int64_t unit = first_unit;
    if (high || first_unit == 0) {
      probe = at;
      const std::int64_t second = read_unit(text, probe);
      if (second > 0) at = probe;
      unit = second > 0 ? second : first_unit;
    }
    if (unit == 0) {
      i = std::max(at, i + 1);
      continue;
    }
    FoundTime found;
    const std::int64_t low_unit = first_unit > 0 ? first_unit : unit;
    found.begin = i;
    found.end = at;
    const std::string op = operator_before(text, i, found.begin);
    const auto ms = [](double value, std::int64_t each) {
      return static_cast<std::int64_t>(value * static_cast<double>(each) + 0.5);
    };
    if (high) {
      found.range.low_ms = ms(*low, low_unit);
      found.range.high_ms = ms(*high, unit);
    } else if (op == "<" || op == "<=") {
      found.range.high_ms = ms(*low, unit);
      found.range.strict = op == "<";
    } else if (more || op == ">" || op == ">=") {
      found.range.low_ms = ms(*low, unit);
      found.range.strict = op == ">";
    } else {
      found.range.low_ms = found.range.high_ms = ms(*low, unit);
    }
    found.range.rough = op == "~";
    all.push_back(found);
    i = at;
  }
  return all;
}

std::optional<Threshold::Metric> read_metric(std::string_view text) {
  using Metric = Threshold::Metric;
  static const std::vector<std::pair<std::string_view, Metric>> kWords = {
      {"success rate", Metric::success_rate},
      {"availability", Metric::success_rate},
      {"error rate", Metric::error_rate},
      {"error-rate", Metric::error_rate},
      {"errors", Metric::error_rate},
      {"5xx", Metric::error_rate},
      {"error", Metric::error_rate},
      {"fehlerrate", Metric::error_rate},
      {"taxa de erro", Metric::error_rate},
      {"tasa de error", Metric::error_rate},
      {"failure rate", Metric::error_rate},
      {"failing", Metric::error_rate},
      {"failures", Metric::error_rate},
      {"taux d'erreur", Metric::error_rate},
      {"hata oran", Metric::error_rate},
      {"错误率", Metric::error_rate},
      {"latency", Metric::latency},
      {"response time", Metric::latency},
      {"p95", Metric::latency},
      {"p99", Metric::latency},
      {"antwortzeit", Metric::latency},
      {"latência", Metric::latency},
      {"latencia", Metric::latency},
      {"users", Metric::users},
      {"customers", Metric::users},
      {"performance", Metric::performance},
      {"memory", Metric::memory},
      {"disk", Metric::disk}};
  for (const auto& [word, metric] : kWords) {
    if (contains(text, word)) return metric;
  }
  return std::nullopt;
}

std::vector<Threshold> find_thresholds(std::string_view text) {
  std::vector<Threshold> all;
  const std::string low = lower(text);
  const std::optional<Threshold::Metric> metric = read_metric(low);
  const bool relative = contains(low, "increase") ||
                        (contains(low, "baseline") && !contains(low, "baseline (")) ||
                        contains(low, "degrad");
  const bool first_window = contains(low, "first ");
  std::vector<FoundTime> times = find_times(text);
  std::erase_if(times,
                [](const FoundTime& time) { return !time.range.high_ms && !time.range.low_ms; });
  for (std::size_t i = 0; i < text.size();) {
    const bool inside =
        i > 0 && (std::isalnum(static_cast<unsigned char>(text[i - 1])) != 0 || text[i - 1] == '.');
    if (!is_digit(text[i]) || inside) {
      ++i;
      continue;
    }
    Threshold found;
    std::size_t at = i;
    const auto value = read_decimal(text, at);
    if (!value) {
      while (i < text.size() && is_digit(text[i])) ++i;
      continue;
    }
    found.value = found.upper = *value;
    std::size_t percent = at;
    if (percent < text.size() && text[percent] == '%') ++at;
    std::size_t after_dash = at;
    if (read_dash(text, after_dash)) {
      if (const auto upper = read_decimal(text, after_dash)) {
        found.upper = *upper;
        found.op = Threshold::Op::between;
        at = after_dash;
      }
    }
    skip_spaces(text, at);
    std::size_t begin = i;
    const std::string op = operator_before(text, i, begin);
    bool counts = false;
    if (at < text.size() && text[at] == '%') {
      ++at;
      found.unit = "%";
      counts = true;
    } else if (percent < text.size() && text[percent] == '%') {
      found.unit = "%";
      counts = true;
    } else if (metric == Threshold::Metric::latency) {
      std::size_t probe = at;
      const std::int64_t unit = read_unit(text, probe);
      if (unit > 0 && unit <= 1000 && !op.empty()) {
        found.value *= static_cast<double>(unit);
        found.upper *= static_cast<double>(unit);
        found.unit = "ms";
        counts = true;
        at = probe;
      }
    }
    const bool sized = op == "<" || op == ">" || op == "<=" || op == ">=" || op == "+" ||
                       found.op == Threshold::Op::between;
    if (counts && (sized || metric)) {
      if (found.op != Threshold::Op::between) {
        found.op = op == "<"    ? Threshold::Op::less
                   : op == "<=" ? Threshold::Op::at_most
                   : op == ">=" ? Threshold::Op::at_least
                   : op.empty() ? Threshold::Op::equal
                                : Threshold::Op::greater;
      }
      found.metric = metric.value_or(Threshold::Metric::other);
      found.relative = op == "+" || relative;
      found.first_window = first_window;
      if (!times.empty() && times.back().begin > i) {
        found.window_ms =
            times.back().range.high_ms ? times.back().range.high_ms : times.back().range.low_ms;
      }
      all.push_back(found);
    }
    i = std::max(at, i + 1);
  }
  return all;
}

}  // namespace backout::importers
