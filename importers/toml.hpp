#pragma once
// TOML of other people. toml++ asserts where it has not thought of what stands there (`[=]` as the
// name of a table), and goes on in the undefined where assertions are off: a text that is wrong is
// no bug of backout, so its assertions throw here.

#include <stdexcept>
#include <string_view>

#include <tl/expected.hpp>

#ifdef TOML_ASSERT
#error "include importers/toml.hpp in place of <toml++/toml.h>"
#endif
namespace backout::importers {
[[noreturn]] inline void refuse_toml() { throw std::invalid_argument("no TOML"); }
}  // namespace backout::importers

#pragma push_macro("NDEBUG")
#undef NDEBUG
#define TOML_ASSERT(expr) ((expr) ? void() : backout::importers::refuse_toml())
#include <toml++/toml.h>
#pragma pop_macro("NDEBUG")

namespace backout::importers {

/// What is wrong with a text of TOML; `where` is empty when it is not known.
struct TomlError {
  std::string message;
  toml::source_region where;
};

/// The table that `text` is.
inline tl::expected<toml::table, TomlError> read_toml(std::string_view text) {
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& error) {
    return tl::unexpected(TomlError{std::string(error.description()), error.source()});
  } catch (const std::invalid_argument&) {
    return tl::unexpected(TomlError{"this cannot be read as TOML", {}});
  }
}

}  // namespace backout::importers
