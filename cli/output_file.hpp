#pragma once
// Output is whole or absent: a report is written beside its place and renamed into it.

#include <functional>
#include <iosfwd>
#include <string>

#include "cli/command.hpp"

namespace backout::cli {

/// Writes what `print` prints to `file`, or to the output of `invocation` when it is "-". A regular
/// file is replaced in one step: it holds the old bytes or the new ones, whatever happens. Devices
/// and pipes are written as they are. False after a message on `err` when it cannot be written.
bool write_output(const Invocation& invocation, const std::string& file,
                  const std::function<void(std::ostream&)>& print);

/// The bytes of `text` as they are, the same way.
bool write_text(const Invocation& invocation, const std::string& file, const std::string& text);

}  // namespace backout::cli
