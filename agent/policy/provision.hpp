// Provision: a value of a regulation together with where it stands, so that no value travels without its article.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jk::policy {

/// Who says it. `unknown` is a question to the Dinas, never an answer; `practice` a wording in common use that no article gives.
enum class Source { regulation, agent, cp, practice, unknown };
std::string_view name_of(Source source);

struct Basis {
    Source source = Source::agent;
    std::string citation; ///< "Pasal 12 huruf a"; empty unless the regulation says it
    std::string note;     ///< `catatan`
    std::string ask;      ///< of an unknown: whom to ask for what
    /// "Pasal 12 huruf a", "kebijakan agen", "CP/CPS PSrE", "belum diketahui".
    std::string words() const;
};

/// A value and the article behind it; an empty citation means "kebijakan agen".
struct Cited {
    std::string value;
    std::string citation;
    Source source = Source::regulation;
};

/// No value where the city is silent, or where it is not known: `basis.source` tells which.
template <class T> struct Provision {
    std::optional<T> value;
    Basis basis;
    explicit operator bool() const { return value.has_value(); }
    const T& operator*() const { return *value; }
    const T* operator->() const { return &*value; }
    bool unknown() const { return basis.source == Source::unknown; }
};
using Text = Provision<std::string>;
using Texts = Provision<std::vector<std::string>>;

inline bool is_true(const Provision<bool>& provision) { return provision.value.value_or(false); }

/// Citation of the value, or nothing when the list does not have it.
const Cited* find(const std::vector<Cited>& list, std::string_view value);
/// All citations of a list, each once, for a refusal that names none of its values.
std::string citations(const std::vector<Cited>& list);

} // namespace jk::policy
