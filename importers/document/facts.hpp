#pragma once
// Second pass over a document: times, thresholds, triggers, decisions, flowcharts, steps, methods,
// checks.

#include <string_view>

#include "importers/document/document.hpp"

namespace backout::importers {

/// `backout: ignore RULE -- reason` in the comments of a text.
void read_ignores(const Located& text, Document& document);

void read_steps(Document& document);
void read_tables(Document& document);
void read_prose(Document& document);
void read_charts(Document& document);
void read_checks(Document& document);
void settle_ignores(Document& document, std::string_view text);

/// Whether the document is a runbook, by its name, its title and its headings.
bool is_runbook(const Document& document, std::string_view name);

/// All of them, in their order, and whether the document is a runbook at all.
void finish_facts(Document& document, std::string_view text, std::string_view name);

}  // namespace backout::importers
