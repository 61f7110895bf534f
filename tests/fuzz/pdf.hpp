// For the targets that read PDF: the input as a descriptor, as the document process gets it, and what it may answer a stranger's document.
#pragma once
#include "agent/documents/child/document_input.hpp"
#include "agent/documents/child/refusal.hpp"
#include "jurukunci/unique_fd.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <qpdf/QPDFExc.hh>
#include <sys/mman.h>
#include <unistd.h>

#include <exception>

namespace jk::fuzz {

/// The document of this run; the last one's descriptor is written anew.
inline std::shared_ptr<documents::child::DocumentBytes> document(ByteView bytes) {
    static const UniqueFd fd(::memfd_create("fuzz", MFD_CLOEXEC));
    require(::ftruncate(fd.get(), 0) == 0 && ::pwrite(fd.get(), bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()),
            "there is memory");
    return documents::child::DocumentBytes::over(fd.get());
}

/// Runs `work` as the document process does. The error it would answer with, or nothing.
template <class Work> std::optional<Error> refusal_of(Work work) {
    try {
        work();
    } catch (const documents::child::Refusal& refusal) {
        return refusal.error;
    } catch (const QPDFExc& e) {
        return Error{Errc::document_damaged, e.getMessageDetail()};
    } catch (const std::exception& e) {
        return Error{Errc::document_not_examined, e.what()};
    }
    return std::nullopt;
}

} // namespace jk::fuzz
