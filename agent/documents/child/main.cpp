// jurukunci-document: reads untrusted documents, each in a process of its own that ends with its answer.
//
// The program itself only waits (descriptor 3: the agent) and forks lives when they are ordered: libraries and the font are already loaded
// and nothing from a document has ever been in this memory, so a life costs a fork instead of an exec. A life gives up everything, then waits
// for its document: it is ordered while another one works, so that nobody waits for its birth.
#include "agent/documents/child/check.hpp"
#include "agent/documents/child/prepare.hpp"
#include "agent/documents/child/refusal.hpp"
#include "agent/documents/child/verify.hpp"
#include "ipc/blocking_channel.hpp"
#include "sandbox/filters.hpp"
#include "sandbox/process.hpp"

#include <qpdf/QPDFExc.hh>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <new>

namespace {

using namespace jk;
using namespace jk::documents;
using namespace jk::documents::child;

Inspection inspect(const std::shared_ptr<DocumentBytes>& bytes) {
    Inspection inspection;
    try {
        auto file = PdfFile::open(bytes, bytes->size());
        inspection.is_pdf = true;
        inspection.pages = file.page_count();
        inspection.title = file.title();
    } catch (const Refusal& refusal) {
        inspection.is_pdf = refusal.error.code != Errc::document_not_pdf; // a broken one is still shown as PDF; signing it will say why not
    }
    return inspection;
}

Bytes work(const Bytes& request, int document, const Font* font) {
    ipc::Reader reader(request);
    const auto kind = read_kind(reader);
    if (!kind) return encode_error(kind.error());
    const auto bytes = DocumentBytes::over(document);
    switch (*kind) {
    case JobKind::inspect: return encode_answer(inspect(bytes));
    case JobKind::prepare: {
        const auto wanted = read_prepare(reader);
        if (!wanted) return encode_error(wanted.error());
        return encode_answer(prepare(bytes, *wanted, font));
    }
    case JobKind::check: {
        const auto wanted = read_check(reader);
        if (!wanted) return encode_error(wanted.error());
        check(bytes, *wanted, font);
        return encode_done();
    }
    case JobKind::verify: {
        const auto wanted = read_verify(reader);
        if (!wanted) return encode_error(wanted.error());
        return encode_answer(verify(bytes, *wanted));
    }
    }
    return {};
}

Bytes answer(const Bytes& request, int document, const Font* font) {
    try {
        return work(request, document, font);
    } catch (const Refusal& refusal) {
        return encode_error(refusal.error);
    } catch (const std::bad_alloc&) {
        return encode_error(Error{Errc::document_not_examined, out_of_memory}.with("reason", out_of_memory));
    } catch (const QPDFExc& e) {
        return encode_error(Error{Errc::document_damaged, e.getMessageDetail()}.with("reason", e.getMessageDetail()));
    } catch (const std::exception& e) {
        return encode_error(Error{Errc::document_not_examined, e.what()}.with("reason", std::string("stopped: ") + e.what()));
    }
}

/// A whole life: gives up everything, waits for its one document, answers, ends. What it does afterwards is no matter: the agent kills it.
[[noreturn]] void live(UniqueFd socket, const Font* font, const sandbox::DocumentFilter& filter) {
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    prctl(PR_SET_NAME, "jurukunci-doc", 0, 0, 0);
    std::signal(SIGCHLD, SIG_DFL);
#ifdef JURUKUNCI_SANITIZED
    constexpr auto patience = std::chrono::seconds(120);
#else
    constexpr auto patience = std::chrono::seconds(20);
#endif
    sandbox::limit({512u << 20, patience});
    if (!filter.put_on()) _exit(5);
    ipc::BlockingChannel channel(std::move(socket));
    const auto request = channel.receive();
    if (request && request->fds.size() == 1) (void)channel.send(answer(request->body, request->fds[0].get(), font));
    _exit(0);
}

/// Where no process can be made, the frame comes without descriptors and that document is told so.
Outcome<void> bear(ipc::BlockingChannel& agent, const Font* font, const sandbox::DocumentFilter& filter) {
    auto ends = ipc::socket_pair();
    if (!ends) return agent.send(ipc::Writer().u32(0).take());
    const pid_t pid = fork();
    if (pid == 0) {
        ends->first.reset();
        ::close(3);
        live(std::move(ends->second), font, filter);
    }
    ends->second.reset();
    const UniqueFd handle(pid > 0 ? static_cast<int>(syscall(SYS_pidfd_open, pid, 0)) : -1);
    if (!handle) return agent.send(ipc::Writer().u32(0).take());
    const int fds[] = {ends->first.get(), handle.get()};
    return agent.send(ipc::Writer().u32(static_cast<std::uint32_t>(pid)).take(), fds);
}

} // namespace

int main() {
    sandbox::harden();
    if (!sandbox::die_with_parent()) return 0;
    sandbox::reap_children();
    const auto font = Font::load();
    const auto filter = sandbox::DocumentFilter::build();
    if (!filter) return 5;
    ipc::BlockingChannel agent(UniqueFd(3));
    while (agent.receive(16)) // each frame orders a life
        if (!bear(agent, font.get(), *filter)) break;
    return 0;
}
