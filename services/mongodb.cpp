// A MongoDB database, whose commands are not executed: the plan declares what they change.
//
// What the real thing does: documents have the shape that each writer gave them; an update of many
// documents is final document by document. `mongorestore` puts the documents of the dump in and
// leaves those that are there unless it is told
// `--drop`. A newer server leaves what the older one reads until the feature compatibility version
// is raised (`finalize`); that can be lowered again while nothing uses the new features. Sources:
// MongoDB manual "mongorestore", "Atomicity and Transactions", "setFeatureCompatibilityVersion",
// "Downgrade 6.0 to 5.0". What this fake leaves out: documents, sharding, read and write concerns.
// Shapes that one version writes and another reads are facts: `require: schema.<path>`.
//
// Facts: schema.<path>, engine, data_of (the feature compatibility version); rows, values, copies:
// not essential.
#include "services/typed_store.hpp"

namespace backout::services {

namespace {

Engines engines_of_mongodb() { return {.finalizes = true, .lowers = true, .emptied = {}}; }

}  // namespace

const Kind& kind_mongodb() {
  static const std::unique_ptr<const Kind> kKind = make_typed_store(
      {"mongodb",
       "A MongoDB database; commands are declared effects.",
       {},
       "indexes and collections of a transaction are made for good",
       {"snapshot", "pitr"},
       {"mongodump"},
       "documents and collections that came after the dump, unless it is told `--drop`",
       false,
       engines_of_mongodb()});
  return *kKind;
}

}  // namespace backout::services
