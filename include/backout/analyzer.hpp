#pragma once
// backout::analyzer: the rules of plans, of documents and of migrations.

#include "analyzer/documents/rule.hpp"
#include "analyzer/facts.hpp"
#include "analyzer/graph.hpp"
#include "analyzer/migrations/chain_judge.hpp"
#include "analyzer/migrations/verdict.hpp"
#include "analyzer/rule.hpp"
