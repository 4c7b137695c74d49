#pragma once

namespace backout::rehearsal {

/// A query of the objects of a database as rows (k, name, def): kind, name and definition in any
/// one spelling.
extern const char* const kSnapshotQuery;

}  // namespace backout::rehearsal
