// What the person is shown, and the log keeps, of a key that a program wants to use.
#pragma once
#include "jurukunci/consent.hpp"
#include "jurukunci/key_use.hpp"

namespace jk::gate {

inline ConsentItem item_of(const KeyOfUse& key, const std::optional<KeyTask>& task) {
    ConsentItem item;
    item.name = key.certificate->common_name;
    item.content_visible = false;
    item.title =
        task ? (task->decrypts() ? "dekripsi" : "tanda tangan") + std::string(" (") + task->mechanism_name() + ")"
             : std::string(key.may_sign ? "tanda tangan" : "") + (key.may_sign && key.may_decrypt ? ", " : "") + (key.may_decrypt ? "dekripsi" : "");
    if (task) {
        item.digest = task->shown().hex();
        item.hash_function = jk::name_of(task->shown().hash());
    }
    return item;
}

} // namespace jk::gate
