require "prawn"
Prawn::Document.generate(ARGV[0], page_size: "A4", info: { Title: "Undangan Rapat", Creator: "Data uji Jurukunci" }) do
  text "UNDANGAN RAPAT", size: 20
  text "Isi undangan ini hanya contoh."
  start_new_page
  text "Daftar hadir"
end
