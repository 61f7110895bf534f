#include "tests/bench/page.hpp"

#include "jurukunci/digest.hpp"
#include "jurukunci/encoding.hpp"
#include "jurukunci/unique_fd.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <fcntl.h>
#include <unistd.h>

#include <stdexcept>

namespace jk::bench {

namespace json = boost::json;

Page::Page(unsigned short port, std::string origin) : m_port(port), m_origin(std::move(origin)), m_connection(port) {
    m_token = request("POST", "/v1/session", R"({"nonce":")" + test::fresh_nonce() + "\"}").json().at("token").as_string();
}

std::string Page::head(const std::string& method, const std::string& path) const {
    std::string head = method + " " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(m_port) + "\r\nOrigin: " + m_origin + "\r\n";
    if (!m_token.empty()) head += "Authorization: Bearer " + m_token + "\r\n";
    return head;
}

test::HttpAnswer Page::request(const std::string& method, const std::string& path, const std::string& body, const std::string& type) {
    auto bytes = head(method, path);
    if (method == "POST") bytes += "Content-Type: " + type + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
    m_connection.send(bytes + "\r\n" + body);
    auto answer = m_connection.receive();
    if (answer.status == 0) throw std::runtime_error("the agent hung up on " + path);
    return answer;
}

std::string Page::upload(const std::string& bytes) {
    const auto answer = request("POST", "/v1/documents", bytes, "application/pdf");
    if (answer.status != 201) throw std::runtime_error(answer.body);
    return std::string(answer.json().at("id").as_string());
}

std::string Page::upload_file(const std::filesystem::path& file) {
    const auto size = std::filesystem::file_size(file);
    m_connection.send(head("POST", "/v1/documents") + "Content-Type: application/pdf\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n");
    const UniqueFd fd(open(file.c_str(), O_RDONLY | O_CLOEXEC));
    std::string chunk(1 << 20, '\0');
    for (ssize_t n; (n = read(fd.get(), chunk.data(), chunk.size())) > 0;) m_connection.send(chunk.substr(0, static_cast<std::size_t>(n)));
    const auto answer = m_connection.receive();
    if (answer.status != 201) throw std::runtime_error(answer.body);
    return std::string(answer.json().at("id").as_string());
}

json::object Page::sign(const json::object& body) {
    auto answer = request("POST", "/v1/signatures", json::serialize(body));
    if (answer.status != 202) throw std::runtime_error(answer.body);
    auto operation = answer.json().at("operation").as_object();
    while (true) {
        const auto& state = operation.at("state").as_string();
        if (state == "done" || state == "failed" || state == "refused" || state == "cancelled") return operation;
        answer = request("GET", "/v1/operations/" + std::string(operation.at("id").as_string()) +
                                    "?wait=30&seen=" + std::to_string(operation.at("revision").to_number<std::uint64_t>()));
        operation = answer.json();
    }
}

std::uint64_t Page::download(const std::string& document) {
    m_connection.send(head("GET", "/v1/documents/" + document + "/content") + "\r\n");
    return m_connection.receive_and_discard();
}

json::object raw_batch(std::size_t count, const std::string& salt) {
    json::array items;
    for (std::size_t i = 0; i < count; ++i) {
        const auto digest = sha256(bytes_of(salt + std::to_string(i)));
        items.push_back(json::object{{"name", "h" + std::to_string(i)}, {"hash", to_base64(digest.value())}, {"hashFunction", "SHA-256"}});
    }
    return {{"requestId", random_id(12)}, {"format", "RAW"}, {"purpose", "tte"}, {"taskKind", "email"}, {"items", std::move(items)}};
}

json::object pdf_batch(const std::vector<std::string>& documents) {
    json::array items;
    for (const auto& id : documents) items.push_back(json::object{{"name", "surat.pdf"}, {"documentId", id}});
    return {{"requestId", random_id(12)}, {"format", "PAdES"},   {"level", "PAdES_BASELINE_B"},
            {"purpose", "tte"},           {"taskKind", "email"}, {"items", std::move(items)}};
}

std::string a_letter(std::size_t index) {
    // One page of text and an image of noise: about 21 KB, as a scanned letterhead makes it.
    std::string pdf = "%PDF-1.7\n";
    std::vector<std::size_t> offsets;
    const auto add = [&](const std::string& body) {
        offsets.push_back(pdf.size());
        pdf += std::to_string(offsets.size()) + " 0 obj\n" + body + "\nendobj\n";
    };
    std::string noise(20'000, '\0');
    std::uint32_t state = static_cast<std::uint32_t>(index) * 2654435761u + 1;
    for (auto& byte : noise) byte = static_cast<char>((state = state * 1664525u + 1013904223u) >> 24);
    const std::string text = "BT /F1 12 Tf 72 720 Td (Surat nomor " + std::to_string(index) + ") Tj ET q 100 0 0 100 72 500 cm /I1 Do Q";
    add("<< /Type /Catalog /Pages 2 0 R >>");
    add("<< /Type /Pages /Kids [3 0 R] /Count 1 >>");
    add("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> /XObject << /I1 6 0 R >> >> >>");
    add("<< /Length " + std::to_string(text.size()) + " >>\nstream\n" + text + "\nendstream");
    add("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>");
    add("<< /Type /XObject /Subtype /Image /Width 100 /Height 200 /ColorSpace /DeviceGray /BitsPerComponent 8 /Length " +
        std::to_string(noise.size()) + " >>\nstream\n" + noise + "\nendstream");
    add("<< /Title (Surat " + std::to_string(index) + ") /Producer (jurukunci-bench) >>");
    const auto xref = pdf.size();
    pdf += "xref\n0 " + std::to_string(offsets.size() + 1) + "\n0000000000 65535 f \n";
    char line[32];
    for (const auto offset : offsets) {
        std::snprintf(line, sizeof line, "%010zu 00000 n \n", offset);
        pdf += line;
    }
    return pdf + "trailer\n<< /Size " + std::to_string(offsets.size() + 1) + " /Root 1 0 R /Info 7 0 R >>\nstartxref\n" + std::to_string(xref) +
           "\n%%EOF\n";
}

} // namespace jk::bench
