<?php
require '/usr/share/php/fpdf/fpdf.php';
$pdf = new FPDF();
$pdf->SetTitle('Kartu Inventaris Barang');
$pdf->SetFont('Helvetica', '', 16);
foreach ([1, 2, 3] as $n) {
    $pdf->AddPage();
    $pdf->Cell(0, 10, "Kartu inventaris barang (contoh), lembar $n");
}
$pdf->Output('F', $argv[1]);
