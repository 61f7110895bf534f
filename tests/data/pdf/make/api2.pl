use PDF::API2;
my $pdf = PDF::API2->new();
$pdf->title('Surat Pengantar');
for my $n (1 .. 2) {
    my $page = $pdf->page();
    $page->size('A4');
    my $text = $page->text();
    $text->font($pdf->font('Helvetica'), 18);
    $text->position(72, 740);
    $text->text("Surat pengantar (contoh), halaman $n");
}
$pdf->save($ARGV[0]);
