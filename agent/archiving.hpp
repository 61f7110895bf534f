// Archiving: where the city keeps signed documents in its data centre (Pekalongan 21(3)), each one goes into the outbox as soon as it is signed.
// Owner: Agent; lives on the event loop.
#pragma once
#include "agent/documents/library.hpp"
#include "agent/gate/operation.hpp"
#include "agent/reports/report_desk.hpp"

namespace jk {

/// Before anybody hears that the operation has ended. What cannot be queued stands in the log of the program; the signature is not undone by it.
void archive_signed_documents(const gate::Operation& operation, documents::Library& library, reports::ReportDesk& desk);

} // namespace jk
