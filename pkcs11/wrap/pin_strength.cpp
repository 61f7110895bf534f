#include "pkcs11/wrap/pin_strength.hpp"

#include <zxcvbn.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace jk::pkcs11 {
namespace {

constexpr std::uint32_t least = 8, most = 64, least_of_short_pins = 6;
constexpr std::size_t free_of_classes = 15, run = 4;
constexpr double least_bits = 27; ///< a hundred million guesses
constexpr std::array<std::string_view, 6> known_words{"password", "passphrase", "rahasia", "indonesia", "sandi", "passw0rd"};
constexpr std::array<std::string_view, 6> keyboard_rows{"1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qazwsxedc", "1qaz2wsx3edc"};

std::uint8_t lower(std::uint8_t byte) { return static_cast<std::uint8_t>(std::tolower(byte)); }

/// A copy in locked memory, in lower case, and the same from its end; each with a zero behind it, as zxcvbn wants.
struct Folded {
    Secret forwards, backwards;
    static Outcome<Folded> of(const Secret& secret) {
        auto a = Secret::create(), b = Secret::create();
        if (!a || !b) return a ? b.error() : a.error();
        const auto bytes = secret.expose();
        std::ranges::transform(bytes, a->room().begin(), lower);
        std::transform(bytes.rbegin(), bytes.rend(), b->room().begin(), lower);
        a->grow(bytes.size());
        b->grow(bytes.size());
        return Folded{std::move(*a), std::move(*b)};
    }
    bool holds(std::string_view word) const {
        const auto in = [wanted = bytes_of(word)](const Secret& text) { // clang 14, which builds the fuzz targets, cannot read std::ranges::search
            const auto all = text.expose();
            return std::search(all.begin(), all.end(), wanted.begin(), wanted.end()) != all.end();
        };
        return in(forwards) || in(backwards);
    }
    bool is(std::string_view word) const {
        return std::ranges::equal(forwards.expose(), bytes_of(word)) || std::ranges::equal(backwards.expose(), bytes_of(word));
    }
};

Error weak(const char* alasan, const char* reason) { return Error{Errc::pin_weak}.with("alasan", alasan).with("reason", reason); }

/// Words of at least three letters, digits in runs; in lower case.
void add_words(std::vector<std::string>& words, std::string_view text) {
    std::string word;
    bool digits = false;
    const auto end = [&] {
        if (word.size() >= (digits ? run : 3)) words.push_back(word);
        word.clear();
    };
    for (const char c : text) {
        const bool digit = c >= '0' && c <= '9', letter = std::isalpha(static_cast<unsigned char>(c)) != 0;
        if (!word.empty() && digit != digits) end();
        if (!digit && !letter) {
            end();
            continue;
        }
        digits = digit;
        word.push_back(static_cast<char>(lower(static_cast<std::uint8_t>(c))));
    }
    end();
}

/// NIP begins with the birth date as YYYYMMDD; digits 7 to 12 of a NIK are DDMMYY, forty added to a woman's day.
void add_dates(std::vector<std::string>& words, const std::string& digits) {
    const auto add = [&](const std::string& year, const std::string& month, const std::string& day) {
        const auto century = year.size() == 4 ? year.substr(2) : year;
        for (const auto& date : {day + month + year, day + month + century, year + month + day, century + month + day}) words.push_back(date);
    };
    if (digits.size() == 18) add(digits.substr(0, 4), digits.substr(4, 2), digits.substr(6, 2));
    if (digits.size() == 16) {
        const int day = std::stoi(digits.substr(6, 2));
        auto text = std::to_string(day > 40 ? day - 40 : day);
        if (text.size() == 1) text.insert(0, "0");
        add(digits.substr(10, 2), digits.substr(8, 2), text);
    }
}

/// The PIN against every run of four digits of a number.
bool holds_part_of(const Folded& pin, const std::string& digits) {
    for (std::size_t i = 0; i + run <= digits.size(); ++i)
        if (pin.holds(std::string_view(digits).substr(i, run))) return true;
    return false;
}

bool of_digits(const std::string& word) {
    return std::ranges::all_of(word, [](char c) { return c >= '0' && c <= '9'; });
}

bool repeats_or_counts(ByteView bytes) {
    std::size_t length = 1;
    for (std::size_t i = 1, step = 256; i < bytes.size(); ++i) {
        const auto now = static_cast<std::size_t>(bytes[i] - bytes[i - 1] + 256);
        const bool regular = now >= 255 && now <= 257;
        length = regular && now == step ? length + 1 : regular ? 2 : 1;
        step = now;
        if (length >= run) return true;
    }
    return false;
}

bool walks_on_keyboard(const Folded& pin) {
    for (const auto row : keyboard_rows)
        for (std::size_t i = 0; i + run <= row.size(); ++i)
            if (pin.holds(row.substr(i, run))) return true;
    return false;
}

int classes_of(ByteView bytes) {
    bool small = false, capital = false, digit = false, other = false;
    for (const auto byte : bytes) {
        const bool letter_small = byte >= 'a' && byte <= 'z', letter_capital = byte >= 'A' && byte <= 'Z', number = byte >= '0' && byte <= '9';
        small |= letter_small;
        capital |= letter_capital;
        digit |= number;
        other |= !letter_small && !letter_capital && !number;
    }
    return small + capital + digit + other;
}

double bits_of(Folded& pin, const std::vector<std::string>& words) {
    std::vector<const char*> dictionary;
    for (const auto& word : words) dictionary.push_back(word.c_str());
    dictionary.push_back(nullptr);
    pin.forwards.room()[0] = 0;
    return ZxcvbnMatch(reinterpret_cast<const char*>(pin.forwards.expose().data()), dictionary.data(), nullptr);
}

} // namespace

Outcome<void> judge_strength(const Secret& secret, const PinLength& length, const Guesses& guesses) {
    const auto bytes = secret.expose();
    const bool short_pins = length.most != 0 && length.most < least;
    const auto from = std::max(length.least, short_pins ? std::min(least_of_short_pins, length.most) : least);
    const auto to = length.most == 0 ? most : std::min(length.most, most);
    if (bytes.size() < from || bytes.size() > to) return Error{Errc::pin_length}.with("least", std::to_string(from)).with("most", std::to_string(to));
    if (!std::ranges::all_of(bytes, [](auto byte) { return byte >= 0x20 && byte < 0x7f; }))
        return weak("hanya huruf, angka, spasi dan tanda baca yang ada di papan ketik biasa",
                    "only printable ASCII, which every token encodes alike");
    auto folded = Folded::of(secret);
    if (!folded) return std::move(folded).error();

    std::vector<std::string> words;
    for (const auto& text : guesses.about_holder) add_words(words, text);
    add_words(words, guesses.token_label);
    const auto given = words.size();
    for (std::size_t i = 0; i < given; ++i)
        if (of_digits(words[i])) add_dates(words, std::string(words[i]));
    for (const auto& word : words) {
        const bool number = of_digits(word);
        if (number ? folded->holds(word) || holds_part_of(*folded, word) : folded->holds(word))
            return number ? weak("memuat bagian dari NIP, NIK atau tanggal lahir", "it holds a part of the holder's number or birth date")
                          : weak("memuat nama pemegang, unit kerja atau nama token", "it holds a name of the holder, the unit or the token");
    }
    if (!guesses.token_serial.empty() && guesses.token_serial.size() >= run) {
        std::string serial;
        for (const char c : guesses.token_serial) serial.push_back(static_cast<char>(lower(static_cast<std::uint8_t>(c))));
        if (holds_part_of(*folded, serial)) return weak("memuat bagian dari nomor token", "it holds a part of the token's serial number");
    }
    if (std::ranges::any_of(known_words, [&](auto word) { return folded->is(word); }))
        return weak("termasuk yang paling sering ditebak", "it is among the first that anybody tries");
    if (repeats_or_counts(folded->forwards.expose()) || walks_on_keyboard(*folded))
        return weak("memuat empat karakter yang sama atau berurutan", "it holds four characters that are the same or follow each other");
    if (short_pins) return done();
    if (bytes.size() < free_of_classes && classes_of(bytes) < 3)
        return weak("kurang dari tiga jenis karakter", "fewer than three kinds of characters");
    if (bits_of(*folded, words) < least_bits) return weak("mudah ditebak", "zxcvbn estimates too few guesses");
    return done();
}

} // namespace jk::pkcs11
