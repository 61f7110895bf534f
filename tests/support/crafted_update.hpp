// CraftedUpdate: an incremental update as an attacker (or another producer) writes it, object by object, with a cross-reference table.
#pragma once
#include "jurukunci/bytes.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace jk::test {

class CraftedUpdate {
public:
    /// Empty bytes: the first revision of a new document.
    explicit CraftedUpdate(std::string before);

    int fresh() { return m_next++; }
    /// The object's text as qpdf reads it, to be changed with `with`.
    std::string object(int number) const;
    int root() const { return m_root; }
    std::size_t old_offset(int number) const;
    struct ObjectStream {
        int number = 0;
        std::string entries, data;
    };
    /// The object stream whose data holds `text`, for put_stream().
    ObjectStream object_stream_with(const std::string& text) const;

    CraftedUpdate& put(int number, const std::string& text, int generation = 0);
    CraftedUpdate& put_stream(int number, const std::string& data, const std::string& entries = "");
    /// A signature dictionary with a hole for `room` bytes.
    CraftedUpdate& put_signature(int number, std::size_t room);
    CraftedUpdate& trailer(const std::string& key, const std::string& value);
    /// A line of the table besides those of the objects put here: "7 1\n0000001234 00000 n \n".
    CraftedUpdate& table_lines(const std::string& lines, bool first = true);
    /// Where the next object will stand.
    std::size_t offset() const { return m_before.size() + m_body.size(); }

    std::string finish();
    /// Like finish(), with the hole filled by what `cms` makes of the bytes around it.
    std::string finish_signed(const std::function<Bytes(ByteView before, ByteView after)>& cms);

private:
    std::string m_before, m_body;
    std::map<std::pair<int, int>, std::size_t> m_places;
    std::map<std::string, std::string> m_trailer;
    std::string m_lines_first, m_lines_last;
    int m_next = 1, m_root = 1;
    std::size_t m_hole = 0, m_room = 0;
};

/// `text` with `more` before its last ">>".
std::string with(std::string text, const std::string& more);
/// `text` with `from`, which must be there, replaced by `to`.
std::string replaced(std::string text, const std::string& from, const std::string& to);
/// `text` of a dictionary (or, with an empty key, of an array) with `item` at the end of that array.
std::string appended(std::string text, const std::string& key, const std::string& item);

} // namespace jk::test
