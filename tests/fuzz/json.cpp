// The body of POST /v1/signatures: strict JSON, then a signing request.
#include "agent/doors/shape/sign_request_json.hpp"
#include "ipc/strict_json.hpp"
#include "jurukunci/displayed_text.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

using namespace jk;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = text_of({data, size});
    const auto value = ipc::parse_json(text);
    if (!value) {
        fuzz::require(is_utf8(value.error().log_line()), "a refusal can be logged");
        return 0;
    }
    // Our handler builds what Boost's own parser builds; compared as text, because Boost reads 0e999 as NaN.
    boost::json::parse_options options;
    options.max_depth = ipc::max_json_depth;
    fuzz::require(is_utf8(text) && boost::json::serialize(*value) == boost::json::serialize(boost::json::parse(text, {}, options)),
                  "an accepted text means the same to Boost");

    const auto read = doors::read_sign_request(*value, {}, nullptr);
    if (!read) {
        const auto answer = boost::json::serialize(doors::error_json(read.error(), Language::indonesian));
        fuzz::require(ipc::parse_json(answer).has_value(), "a refusal is JSON that our own reader takes");
        return 0;
    }
    const auto& request = read->request;
    fuzz::require(request.request_id.size() >= 8 && request.request_id.size() <= 64, "requestId has a length");
    fuzz::require(request.items.size() <= doors::max_items, "items are limited");
    for (const auto& item : request.items) {
        fuzz::require(!item.name.empty(), "every item has a name");
        fuzz::require(!std::holds_alternative<Digest>(item.content) || request.format == Format::raw, "a hash is for RAW only");
    }
    for (const auto& [index, content] : read->inline_content) {
        fuzz::require(index < request.items.size() && !content.empty() && content.size() <= doors::max_inline_content,
                      "inline content belongs to an item");
        fuzz::require(std::get<DocumentId>(request.items[index].content).value.empty(), "an item has one content");
    }
    return 0;
}
