#pragma once
// Whether the exit status of a line of shell tells that something in it failed.

#include <string>
#include <string_view>

namespace backout::services {

/// Why nobody hears of a failure within `line`: a pipe keeps the status of its last command only,
/// `|| true` and a last command that always succeeds replace it, `;` and `set +e` go on behind it,
/// `&` does not wait for it. Empty: the line's status tells. What only looks, prints or prepares,
/// and what tidies up (rm, kill, a stop), may fail unheard. Structures (`if`, loops) are not
/// followed.
std::string why_status_is_lost(std::string_view line);

/// Whether every command of the line is known to look only; so it is of no command at all.
bool only_looks(std::string_view line);

}  // namespace backout::services
