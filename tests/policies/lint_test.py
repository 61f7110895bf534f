#!/usr/bin/python3
"""The linter finds what it is there for: each case spoils one place of a real profile."""
import copy
import json
import unittest
from pathlib import Path

import yaml

import lint

FOLDER = Path(__file__).parents[2] / "policies"
SCHEMA = json.loads((FOLDER / "schema.json").read_text(encoding="utf-8"))
ARTICLES = yaml.safe_load((FOLDER / "pasal.yaml").read_text(encoding="utf-8"))
CITIES = {p.stem: yaml.safe_load(p.read_text(encoding="utf-8")) for p in FOLDER.glob("*-[0-9]*.yaml")}


def faults(city, spoil):
    profile = copy.deepcopy(CITIES[city])
    spoil(profile)
    return " ".join(lint.judge(city, profile, SCHEMA, ARTICLES))


class Linter(unittest.TestCase):
    def test_the_five_cities_are_sound(self):
        self.assertEqual(len(CITIES), 5)
        for city in CITIES:
            self.assertEqual(faults(city, lambda p: None), "", city)

    def test_a_borrowed_article_is_found(self):
        def borrow(p):
            p["masa_berlaku"]["cite"] = "Pasal 18 ayat (1)"  # Pekalongan's; Palembang's Pasal 18 has no ayat
        self.assertIn("Pasal 18 has no (1)", faults("palembang-23-2020", borrow))

    def test_an_article_beyond_the_text_is_found(self):
        def beyond(p):
            p["insiden"]["lapor_pertama"]["cite"] = "Pasal 25 ayat (1)"
        self.assertIn("the text has no Pasal 25", faults("tangsel-71-2022", beyond))

    def test_an_annex_that_is_not_there_is_found(self):
        def annex(p):
            p["kegunaan"][0]["cite"] = "Lampiran II"
        self.assertIn("the text has no Lampiran II", faults("mataram-30-2018", annex))

    def test_a_value_without_a_source_is_found(self):
        def bare(p):
            p["penerbit_lain"] = {"v": True}
        self.assertIn("neither a citation nor src", faults("bekasi-84-2017", bare))

    def test_a_citation_of_agent_policy_is_found(self):
        def both(p):
            p["masa_berlaku"]["src"] = "agent"
        self.assertIn("has a citation and src: agent", faults("tangsel-71-2022", both))

    def test_a_duty_that_the_owner_is_not_told_is_found(self):
        def silent(p):
            p["naskah_pemilik"]["kewajiban"].pop()
        self.assertIn("is not told to the owner", faults("pekalongan-98-2018", silent))

    def test_a_duty_that_the_regulation_does_not_list_is_found(self):
        def invented(p):
            p["naskah_pemilik"]["larangan"].append(
                {"kunci": ["dilarang_sendiri"], "v": "Dilarang bekerja.", "en": "Never work.", "cite": "Pasal 5 ayat (1)"})
        self.assertIn("is in no list of the regulation", faults("tangsel-71-2022", invented))

    def test_a_duty_under_another_article_is_found(self):
        def moved(p):
            p["naskah_pemilik"]["kewajiban"][0]["cite"] = "Pasal 7 ayat (1)"
        self.assertIn("is not among the articles of the lists", faults("pekalongan-98-2018", moved))

    def test_an_agreement_that_the_city_does_not_have_is_found(self):
        def agreement(p):
            p["naskah_pemilik"]["perjanjian"] = {"v": "Anda menyetujui perjanjian.", "en": "You accept the agreement.", "cite": "Pasal 5 ayat (1)"}
        self.assertIn("the owner's agreement", faults("tangsel-71-2022", agreement))

    def test_an_unknown_that_asks_nobody_is_found(self):
        def nobody(p):
            del p["insiden"]["lapor_kedua"]["tanya"]
        self.assertIn("say whom to ask", faults("palembang-23-2020", nobody))

    def test_an_unknown_that_was_guessed_is_found(self):
        def guess(p):
            p["oid_kebijakan"]["v"] = ["2.16.360.1.1.1.3"]
        self.assertIn("unknown must have no value", faults("pekalongan-98-2018", guess))

    def test_a_misspelt_section_is_found(self):
        def misspell(p):
            p["keguanan"] = p.pop("kegunaan")
        self.assertIn("keguanan", faults("pekalongan-98-2018", misspell))

    def test_letters_and_ranges_are_read(self):
        self.assertEqual(list(lint.references("Pasal 19 huruf a-c; Pasal 15 ayat (1)-(3)")),
                         [(19, ["a", "b", "c"]), (15, ["(1)", "(2)", "(3)"])])
        self.assertEqual(list(lint.references("Pasal 13 ayat (2) huruf b dan ayat (4)")), [(13, ["(2)", "(2)b", "(4)"])])
        self.assertEqual(list(lint.references("Pasal 20 huruf c angka 1")), [(20, ["c", "c#1"])])
        self.assertEqual(list(lint.references("Pasal 11 ayat (4) huruf e (huruf d tidak ada)")), [(11, ["(4)", "(4)e"])])


if __name__ == "__main__":
    unittest.main()
