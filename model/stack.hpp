#pragma once
// The guard of every recursion over what somebody else wrote.

namespace backout::model {

/// Whether so little is left of this thread's stack (an eighth, at least 256 kB) that what recurses
/// has to turn back. Measured, so it holds whatever the frames between take.
bool stack_is_low();

}  // namespace backout::model
