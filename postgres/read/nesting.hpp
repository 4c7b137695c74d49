#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace backout::postgres {

/// The byte where a chain of operators, joins or UNIONs gets so long that even the parser's own
/// walk of its tree would overflow the stack: such chains nest once per operator. Nothing when
/// there is none. Reads the text only.
std::optional<std::size_t> endless_chain(std::string_view sql);

/// Which statement of a parse tree in JSON nests so deeply that walking it would overflow the
/// stack; nothing when none does.
std::optional<std::size_t> too_deep(std::string_view json);

}  // namespace backout::postgres
