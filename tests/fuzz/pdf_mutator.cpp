// Mutations of PDF files that a strict reader still opens. libFuzzer's own break offsets in almost every step, and then the cross-reference is all
// that is ever tested; so three of four mutants are repaired: classic cross-reference tables, /Prev, startxref and ByteRange follow what moved.
#include <cctype>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <map>
#include <string>
#include <string_view>

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

namespace {

class Repair {
public:
    explicit Repair(std::string_view in) : m_in(in) {}

    std::string run() {
        while (m_at < m_in.size()) {
            const auto rest = m_in.substr(m_at);
            const bool line_start = m_at == 0 || m_in[m_at - 1] == '\n' || m_in[m_at - 1] == '\r';
            if (line_start && std::isdigit(static_cast<unsigned char>(rest[0]))) note_object(rest);
            if (line_start && rest.starts_with("xref"))
                table(rest);
            else if (line_start && rest.starts_with("startxref"))
                start(rest);
            else
                m_out.push_back(m_in[m_at++]);
        }
        return std::move(m_out);
    }

private:
    void note_object(std::string_view rest) {
        int object = 0, generation = 0, used = 0;
        const std::string line(rest.substr(0, 24));
        if (std::sscanf(line.c_str(), "%7d %5d obj%n", &object, &generation, &used) == 2 && used > 0) m_objects[object] = {m_out.size(), generation};
    }

    /// A table and its trailer. A table of the first revision starts with object 0.
    void table(std::string_view rest) {
        const auto trailer = rest.find("trailer");
        if (trailer == rest.npos) return pass(4);
        const auto before = m_table;
        m_table = m_out.size();
        m_out += "xref\n";
        if (before == 0) m_out += "0 1\n0000000000 65535 f \n";
        for (const auto& [object, place] : m_objects) {
            char line[48];
            std::snprintf(line, sizeof line, "%d 1\n%010zu %05d n \n", object, place.first, place.second);
            m_out += line;
        }
        m_objects.clear();
        m_at += trailer;
        const auto dictionary = m_in.substr(m_at, m_in.substr(m_at).find("startxref"));
        const auto prev = dictionary.find("/Prev ");
        if (prev == dictionary.npos || before == 0) return;
        pass(prev + 6);
        while (m_at < m_in.size() && std::isdigit(static_cast<unsigned char>(m_in[m_at]))) ++m_at;
        m_out += std::to_string(before);
    }

    void start(std::string_view rest) {
        const auto end = rest.find("%%EOF");
        if (end == rest.npos || m_table == 0) return pass(9);
        m_out += "startxref\n" + std::to_string(m_table) + "\n";
        m_at += end;
        pass(5);
        if (m_at < m_in.size() && m_in[m_at] == '\n') pass(1);
        byte_range();
        m_revision = m_out.size();
    }

    /// Of the signature made in the revision that ends here, if there is room for the numbers.
    void byte_range() {
        const auto range = m_out.find("/ByteRange [", m_revision), contents = m_out.find("/Contents <", m_revision);
        if (range == m_out.npos || contents == m_out.npos) return;
        const auto close = m_out.find('>', contents), open = range + std::strlen("/ByteRange ");
        if (close == m_out.npos) return;
        char text[80];
        const auto gap = contents + std::strlen("/Contents ");
        const auto used = static_cast<std::size_t>(std::snprintf(text, sizeof text, "[0 %zu %zu %zu]", gap, close + 1, m_out.size() - close - 1));
        auto room = m_out.find(']', open);
        if (room == m_out.npos) return;
        do ++room;
        while (room < m_out.size() && m_out[room] == ' ');
        if (used + 1 <= room - open) m_out.replace(open, room - open, text + std::string(room - open - used, ' '));
    }

    void pass(std::size_t count) {
        m_out += m_in.substr(m_at, count);
        m_at += count;
    }

    std::string_view m_in;
    std::size_t m_at = 0, m_table = 0, m_revision = 0;
    std::map<int, std::pair<std::size_t, int>> m_objects;
    std::string m_out;
};

} // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed) {
    const auto mutated = LLVMFuzzerMutate(data, size, most);
    if (seed % 4 == 0) return mutated;
    const auto repaired = Repair({reinterpret_cast<const char*>(data), mutated}).run();
    if (repaired.size() > most) return mutated;
    std::memcpy(data, repaired.data(), repaired.size());
    return repaired.size();
}
