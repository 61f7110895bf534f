// jurukunci audit lost: whether the log follows one that was lost, and what the RA needs to decide about it.
#include "agent/audit/custody.hpp"
#include "cli/commands/audit.hpp"
#include "cli/commands/users_log.hpp"
#include "jurukunci/encoding.hpp"

namespace jk::cli {

int audit_lost(const Console& console) {
    const auto mine = UsersLog::open();
    if (!mine) return console.fail(mine.error());
    const auto device = sha256(mine->key.public_key()).hex();
    const auto loss = mine->log->loss();
    if (!loss) return console.fail(loss.error());
    if (!*loss) {
        console.result({{"device", device}, {"loss", nullptr}});
        console.line("Catatan ini tidak menggantikan catatan yang hilang.", "This log does not follow one that was lost.");
        return 0;
    }
    const auto& it = **loss;
    console.result({{"device", device},
                    {"loss",
                     {{"id", it.id},
                      {"noticed", rfc3339(it.noticed)},
                      {"found", it.found},
                      {"known", {{"row", it.known.row}, {"sha256", it.known.hash.hex()}}},
                      {"setAside", it.set_aside},
                      {"decided", it.decided}}}});
    const auto rows = std::to_string(it.known.row);
    console.line("Catatan lama hilang (" + it.found + "), diketahui " + rfc3339(it.noticed) + ".",
                 "The earlier log is lost (" + it.found + "), noticed " + rfc3339(it.noticed) + ".");
    console.line("  Kehilangan      " + it.id, "  Loss            " + it.id);
    console.line("  Kunci agen      " + device, "  Agent's key     " + device);
    console.line("  Diketahui sampai baris " + rows + " (" + it.known.hash.hex() + ")",
                 "  Known up to row " + rows + " (" + it.known.hash.hex() + ")");
    console.line("  Yang ditemukan disimpan di folder " + it.set_aside, "  What was found is kept in folder " + it.set_aside);
    if (it.decided) {
        console.line("  RA sudah memutuskan; kunci dapat dipakai.", "  The RA has decided; keys may be used.");
        return 0;
    }
    console.line("  Kunci tidak dipakai. Serahkan keterangan ini kepada petugas RA; keputusannya dimasukkan dengan `jurukunci report decision`.",
                 "  No key is used. Give this to the RA; its decision comes in by `jurukunci report decision`.");
    return 1;
}

} // namespace jk::cli
