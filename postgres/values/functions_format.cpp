// to_char, to_date and to_timestamp follow a template of fields (formatting.c; manual, "Data Type
// Formatting Functions").
// Left out: other fields than YYYY, MM, DD, HH24, MI and SS, quoted text, numbers as texts (to_char
// of numbers, to_number), texts that leave digits or separators out: nothing is given for them.
// Times are in UTC.
#include "postgres/values/functions_format.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "postgres/read/text.hpp"
#include "postgres/values/datetime.hpp"
#include "postgres/values/decimal.hpp"

namespace backout::postgres {
namespace {

/// A field of a pattern, or a character that stands for itself.
struct Part {
  char field = '\0';  ///< 'Y', 'M', 'D', 'h', 'm', 's'
  std::string text;   ///< as it is written
};

/// Nothing for patterns that hold other fields, or one twice: PostgreSQL reads the longest one that
/// it knows ("SSSS", "DDD").
std::optional<std::vector<Part>> pattern_parts(std::string_view pattern) {
  struct Field {
    std::string_view text;
    char field;
  };
  // Small or in capitals, and not both within one.
  constexpr auto kFields = std::to_array<Field>({{"yyyy", 'Y'},
                                                 {"mm", 'M'},
                                                 {"dd", 'D'},
                                                 {"hh24", 'h'},
                                                 {"mi", 'm'},
                                                 {"ss", 's'},
                                                 {"YYYY", 'Y'},
                                                 {"MM", 'M'},
                                                 {"DD", 'D'},
                                                 {"HH24", 'h'},
                                                 {"MI", 'm'},
                                                 {"SS", 's'}});
  if (pattern.empty()) return std::nullopt;
  std::string_view rest = pattern;
  std::vector<Part> parts;
  while (!rest.empty()) {
    const auto* field = std::find_if(kFields.begin(), kFields.end(), [&](const Field& known) {
      return rest.starts_with(known.text);
    });
    const bool plain = std::string_view("-/.:, ").find(rest.front()) != std::string_view::npos;
    if (field == kFields.end() && !plain) return std::nullopt;
    const bool again = field != kFields.end() &&
                       std::ranges::find(parts, field->field, &Part::field) != parts.end();
    if (again) return std::nullopt;
    const std::size_t width = field == kFields.end() ? 1 : field->text.size();
    parts.push_back(
        {field == kFields.end() ? '\0' : field->field, std::string(rest.substr(0, width))});
    rest.remove_prefix(width);
  }
  return parts;
}

std::string formatted(const std::vector<Part>& parts, Micros micros) {
  const CivilDate date = civil_of(micros);
  const std::int64_t seconds = (micros - micros_of(date)) / kMicrosOfSecond;
  std::string text;
  for (const Part& part : parts) {
    switch (part.field) {
      case 'Y':
        text += fmt::format("{:04}", date.year);
        break;
      case 'M':
        text += fmt::format("{:02}", date.month);
        break;
      case 'D':
        text += fmt::format("{:02}", date.day);
        break;
      case 'h':
        text += fmt::format("{:02}", seconds / 3600);
        break;
      case 'm':
        text += fmt::format("{:02}", seconds / 60 % 60);
        break;
      case 's':
        text += fmt::format("{:02}", seconds % 60);
        break;
      default:
        text += part.text;
    }
  }
  return text;
}

/// The time in ISO's spelling of a text that has all digits of each field and all that stands
/// between them. Nothing for others, of which PostgreSQL takes many.
std::optional<std::string> rearranged(const std::vector<Part>& parts, std::string_view text) {
  std::string year;
  std::string month = "01";
  std::string day = "01";
  std::array<std::string, 3> clock = {"00", "00", "00"};
  for (const Part& part : parts) {
    const std::size_t width = part.field == '\0' ? 1 : (part.field == 'Y' ? 4 : 2);
    const std::string_view digits = text.substr(0, width);
    const bool fits = part.field == '\0'
                          ? digits == part.text
                          : digits.size() == width &&
                                digits.find_first_not_of("0123456789") == std::string_view::npos;
    if (!fits) return std::nullopt;
    if (part.field == 'Y') year = digits;
    if (part.field == 'M') month = digits;
    if (part.field == 'D') day = digits;
    if (const auto at = std::string_view("hms").find(part.field);
        part.field != '\0' && at != std::string_view::npos)
      clock[at] = digits;
    text.remove_prefix(width);
  }
  if (!text.empty() || year.empty() || year == "0000") return std::nullopt;
  // Out of range to to_timestamp(), or taken for 1, and neither to what reads ISO's spelling.
  if (month == "00" || day == "00" || clock[0] == "24" || clock[2] == "60") return std::nullopt;
  return fmt::format("{}-{}-{} {}:{}:{}", year, month, day, clock[0], clock[1], clock[2]);
}

std::optional<Checked<Typed>> read_time(std::string_view text, const std::vector<Part>& parts,
                                        const ValueType& type) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  if (!parts.empty() && parts.front().field != '\0' && !text.empty() && letter(text.front())) {
    return tl::unexpected(refuse(
        "22007", fmt::format("invalid value \"{}\" for \"{}\"",
                             text.substr(0, parts.front().text.size()), parts.front().text)));
  }
  const auto iso = rearranged(parts, text);
  if (!iso) return std::nullopt;
  const ReadTime read = read_timestamp(*iso, false);
  if (!read.micros)
    return tl::unexpected(
        refuse("22008", fmt::format("date/time field value out of range: \"{}\"", text)));
  const bool date = type.family == TypeClass::date;
  return Typed{Value::known(date ? print_date(*read.micros) : print_timestamp(*read.micros, true)),
               type};
}

}  // namespace

std::optional<Checked<Typed>> format_function(std::string_view name,
                                              std::span<const Typed> arguments) {
  const bool known = std::all_of(arguments.begin(), arguments.end(), [](const Typed& a) {
    return a.value.is_known() && !a.type.is_array();
  });
  if (!known || arguments.empty() ||
      (name != "to_char" && name != "to_date" && name != "to_timestamp"))
    return std::nullopt;
  const Typed& subject = arguments[0];
  if (name == "to_timestamp" && arguments.size() == 1 && is_number(subject.type.family) &&
      Decimal::parse(subject.value.text())) {
    const double seconds = std::strtod(subject.value.text().c_str(), nullptr) -
                           static_cast<double>(kSecondsFrom1970To2000);
    const double micros = std::rint(seconds * static_cast<double>(kMicrosOfSecond));
    constexpr double kLast = 9'223'371'331'200'000'000.0;  // END_TIMESTAMP of timestamp.h
    if (micros >= kLast)
      return tl::unexpected(
          refuse("22008", fmt::format("timestamp out of range: \"{}\"", subject.value.text())));
    if (std::abs(micros) > 2e17 || civil_of(static_cast<Micros>(micros)).year < 1)
      return std::nullopt;
    const ValueType type = plain(TypeClass::timestamptz);
    return Typed{Value::known(print_timestamp(static_cast<Micros>(micros), true)), type};
  }
  if (name == "to_char" && arguments.size() == 2 && is_time(subject.type.family)) {
    const bool endless = subject.value.text() == "infinity" || subject.value.text() == "-infinity";
    if (endless || arguments[1].value.text().empty()) return Typed{Value(), plain(TypeClass::text)};
  }
  const auto parts =
      arguments.size() == 2 ? pattern_parts(arguments[1].value.text()) : std::nullopt;
  if (!parts) return std::nullopt;
  if (name != "to_char") {
    const bool text =
        is_string(subject.type.family) || subject.type.family == TypeClass::unknown_literal;
    return text ? read_time(subject.value.text(), *parts,
                            plain(name == "to_date" ? TypeClass::date : TypeClass::timestamptz))
                : std::nullopt;
  }
  if (!is_time(subject.type.family)) return std::nullopt;
  const ReadTime read = read_timestamp(subject.value.text(), true);
  if (!read.micros || civil_of(*read.micros).year < 1) return std::nullopt;
  return Typed{Value::known(formatted(*parts, *read.micros)), plain(TypeClass::text)};
}

}  // namespace backout::postgres
