#include "tests/support/piv_card.hpp"

#include "jurukunci/encoding.hpp"
#include "x509/read_certificate.hpp"

#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace jk::test {
namespace {

namespace fs = std::filesystem;

Bytes bytes(std::initializer_list<int> values) {
    Bytes all;
    for (const int value : values) all.push_back(static_cast<std::uint8_t>(value));
    return all;
}

Bytes joined(std::initializer_list<Bytes> parts) {
    Bytes all;
    for (const auto& part : parts) all.insert(all.end(), part.begin(), part.end());
    return all;
}

Bytes tlv(Bytes tag, const Bytes& value) {
    const auto size = value.size();
    if (size > 255) tag.insert(tag.end(), {0x82, static_cast<std::uint8_t>(size >> 8), static_cast<std::uint8_t>(size)});
    if (size > 127 && size <= 255) tag.insert(tag.end(), {0x81, static_cast<std::uint8_t>(size)});
    if (size <= 127) tag.push_back(static_cast<std::uint8_t>(size));
    tag.insert(tag.end(), value.begin(), value.end());
    return tag;
}

/// The value of a one-byte tag among siblings; nothing if it is not there or the lengths lie.
std::optional<ByteView> find(ByteView list, std::uint8_t wanted) {
    while (list.size() >= 2) {
        std::size_t header = 2, size = list[1];
        if ((size & 0x80) != 0) {
            const std::size_t octets = size & 0x7f;
            if (octets == 0 || octets > 2 || list.size() < 2 + octets) return std::nullopt;
            size = 0;
            for (std::size_t i = 0; i < octets; ++i) size = size << 8 | list[2 + i];
            header += octets;
        }
        if (list.size() < header + size) return std::nullopt;
        if (list[0] == wanted) return list.subspan(header, size);
        list = list.subspan(header + size);
    }
    return std::nullopt;
}

Bytes file(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

void store(const fs::path& path, ByteView content) {
    std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(content.data()), static_cast<std::streamsize>(content.size()));
}

Bytes store_pair(const fs::path& folder, const std::string& name, const std::string& kind, const DemoCa& ca, const CertificateWish& wish) {
    const auto key = make_key(kind);
    const x509::BioPtr bio(BIO_new_file((folder / (name + ".pem")).c_str(), "w"));
    if (!bio || PEM_write_bio_PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) throw std::runtime_error(name);
    const auto der = ca.certify(key.get(), wish);
    store(folder / (name + ".der"), der);
    return der;
}

x509::EvpPkeyPtr read_key(const fs::path& path) {
    const x509::BioPtr bio(BIO_new_file(path.c_str(), "r"));
    return x509::EvpPkeyPtr(bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr) : nullptr);
}

const Bytes not_found = bytes({0x6a, 0x82}), not_allowed = bytes({0x69, 0x82}), good = bytes({0x90, 0x00});

} // namespace

CertificateRef make_piv_card(const fs::path& folder, const DemoCa& ca, const PivWish& wish) {
    fs::create_directories(folder);
    Bytes guid(16);
    RAND_bytes(guid.data(), static_cast<int>(guid.size()));
    store(folder / "guid", guid);
    auto certificate = x509::read_certificate(store_pair(folder, "9c", wish.sign_key, ca, wish.certificate));
    if (!certificate) throw std::runtime_error(certificate.error().detail);
    if (wish.authentication) {
        auto login = wish.certificate;
        login.key_usage = "critical,digitalSignature";
        store_pair(folder, "9a", "rsa2048", ca, login);
    }
    return *certificate;
}

PivCard::PivCard(const fs::path& folder) {
    const auto certificate_object = [](const Bytes& der) { return tlv({0x53}, joined({tlv({0x70}, der), tlv({0x71}, {0}), tlv({0xfe}, {})})); };
    const auto guid = file(folder / "guid");
    if (guid.size() != 16) throw std::runtime_error("no card in " + folder.string());
    Bytes fasc_n(25, 0x84), expires(8);
    std::ranges::copy(guid, fasc_n.begin() + 4); // another number for each card
    std::ranges::copy(std::string_view("20351231"), expires.begin());
    m_objects["5fc102"] = tlv({0x53}, joined({tlv({0x30}, fasc_n), tlv({0x34}, guid), tlv({0x35}, expires), tlv({0x3e}, {}), tlv({0xfe}, {})}));
    Bytes capabilities = joined({bytes({0xa0, 0x00, 0x00, 0x01, 0x16, 0xff, 0x02}), Bytes(guid.begin(), guid.begin() + 14)});
    capabilities =
        joined({tlv({0xf0}, capabilities), tlv({0xf1}, {0x21}), tlv({0xf2}, {0x21}), tlv({0xf3}, {}), tlv({0xf4}, {0}), tlv({0xf5}, {0x10})});
    m_objects["5fc107"] = tlv({0x53}, joined({capabilities, tlv({0xfe}, {})}));
    m_objects["7e"] = tlv({0x7e}, joined({tlv({0x4f}, bytes({0xa0, 0, 0, 3, 8, 0, 0, 0x10, 0, 1, 0})), tlv({0x5f, 0x2f}, bytes({0x40, 0}))}));
    for (const auto& [name, reference, tag] : {std::tuple("9a", 0x9a, "5fc105"), std::tuple("9c", 0x9c, "5fc10a")}) {
        auto key = read_key(folder / (std::string(name) + ".pem"));
        if (!key) continue;
        m_keys[static_cast<std::uint8_t>(reference)] = {std::move(key), reference == 0x9c};
        m_objects[tag] = certificate_object(file(folder / (std::string(name) + ".der")));
    }
    if (m_keys.empty()) throw std::runtime_error("no key in " + folder.string());
}

void PivCard::reset() {
    m_verified = false;
    m_chained.clear();
    m_rest.clear();
}

/// At most what was asked for; the rest waits for GET RESPONSE.
Bytes PivCard::respond(Bytes data, std::size_t expected) {
    const auto now = std::min(data.size(), expected == 0 ? std::size_t(256) : expected);
    m_rest.assign(data.begin() + static_cast<std::ptrdiff_t>(now), data.end());
    data.resize(now);
    if (m_rest.empty()) return joined({data, good});
    return joined({data, bytes({0x61, m_rest.size() > 255 ? 0 : static_cast<int>(m_rest.size())})});
}

Bytes PivCard::verify(ByteView pin) {
    Bytes right(8, 0xff);
    std::ranges::copy(std::string_view(piv_pin), right.begin());
    if (m_tries == 0) return bytes({0x69, 0x83});
    if (pin.empty()) return m_verified ? good : bytes({0x63, 0xc0 | m_tries});
    if (std::ranges::equal(pin, right)) {
        m_tries = 3;
        m_verified = true;
        return good;
    }
    m_verified = false;
    --m_tries;
    return bytes({0x63, 0xc0 | m_tries});
}

std::optional<Bytes> PivCard::sign(std::uint8_t reference, ByteView data, std::size_t expected) {
    if (m_leaves_in > 0 && --m_leaves_in == 0) return std::nullopt;
    const auto place = m_keys.find(reference);
    if (place == m_keys.end()) return bytes({0x6a, 0x88});
    if (!m_verified) return not_allowed;
    if (place->second.pin_always) m_verified = false;
    const auto request = find(data, 0x7c);
    const auto challenge = request ? find(*request, 0x81) : std::nullopt;
    if (!challenge) return bytes({0x6a, 0x80});
    const x509::EvpPkeyCtxPtr context(EVP_PKEY_CTX_new(place->second.key.get(), nullptr));
    bool ok = EVP_PKEY_sign_init(context.get()) == 1;
    if (EVP_PKEY_get_base_id(place->second.key.get()) == EVP_PKEY_RSA) ok = ok && EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_NO_PADDING) == 1;
    Bytes signature(1024);
    auto size = signature.size();
    ok = ok && EVP_PKEY_sign(context.get(), signature.data(), &size, challenge->data(), challenge->size()) == 1;
    if (!ok) return bytes({0x6a, 0x80});
    signature.resize(size);
    return respond(tlv({0x7c}, tlv({0x82}, signature)), expected);
}

std::optional<Bytes> PivCard::answer(ByteView command) {
    if (command.size() < 4) return bytes({0x67, 0x00});
    const std::uint8_t instruction = command[1];
    ByteView body;
    std::size_t expected = 0;
    if (command.size() > 5 && command[4] != 0 && command.size() >= 5u + command[4]) {
        body = command.subspan(5, command[4]);
        if (command.size() > 5u + command[4]) expected = command.back();
    } else if (command.size() > 7 && command[4] == 0) {
        const std::size_t size = std::size_t(command[5]) << 8 | command[6];
        if (command.size() < 7 + size) return bytes({0x67, 0x00});
        body = command.subspan(7, size);
        expected = 65536;
    } else if (command.size() == 5) {
        expected = command[4];
    }
    if (instruction == 0xc0) return respond(std::exchange(m_rest, {}), expected);
    m_chained.insert(m_chained.end(), body.begin(), body.end());
    if (m_chained.size() > 8192) return bytes({0x67, 0x00});
    if ((command[0] & 0x10) != 0) return good; // more of this command follows
    const Bytes data = std::exchange(m_chained, {});

    switch (instruction) {
    case 0xa4: { // SELECT
        const auto piv = bytes({0xa0, 0, 0, 3, 8});
        if (data.size() < piv.size() || !std::equal(piv.begin(), piv.end(), data.begin())) return not_found;
        m_verified = false;
        return respond(tlv({0x61}, joined({tlv({0x4f}, bytes({0, 0, 0x10, 0, 1, 0})), tlv({0x79}, tlv({0x4f}, piv))})), expected);
    }
    case 0xcb: { // GET DATA
        const auto tag = find(data, 0x5c);
        const auto object = tag ? m_objects.find(to_hex(*tag)) : m_objects.end();
        return object == m_objects.end() ? not_found : respond(object->second, expected);
    }
    case 0x20: return verify(data);
    case 0x87: return sign(command[3], data, expected);
    default: return bytes({0x6d, 0x00});
    }
}

} // namespace jk::test
