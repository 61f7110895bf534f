// A page's side of the HTTP contract, as fast as a page can be: one kept connection, no browser.
#pragma once
#include "tests/support/running_agent.hpp"

namespace jk::bench {

class Page {
public:
    Page(unsigned short port, std::string origin);
    test::HttpAnswer request(const std::string& method, const std::string& path, const std::string& body = "",
                             const std::string& type = "application/json");
    std::string upload(const std::string& bytes);
    /// Sends a file without reading it into memory; the document's id.
    std::string upload_file(const std::filesystem::path& file);
    /// POST and polls to the end; the operation, finished.
    boost::json::object sign(const boost::json::object& body);
    /// Reads a document and throws it away; its size.
    std::uint64_t download(const std::string& document);
    const std::string& origin() const { return m_origin; }

private:
    std::string head(const std::string& method, const std::string& path) const;
    unsigned short m_port;
    std::string m_origin, m_token;
    test::RawConnection m_connection;
};

boost::json::object raw_batch(std::size_t count, const std::string& salt);
boost::json::object pdf_batch(const std::vector<std::string>& documents);
std::string a_letter(std::size_t index); ///< a PDF of about 21 KB, each one different

} // namespace jk::bench
