#pragma once
// Random DDL and DML over a small pool of names, so that statements meet objects that earlier ones made.

#include <string>
#include <vector>

#include <rapidcheck.h>

namespace backout::tests {

/// A sequence of `length` statements. Shrinks by leaving statements out.
rc::Gen<std::vector<std::string>> statement_sequences(int length);

}  // namespace backout::tests
