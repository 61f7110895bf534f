<?php
/* tcpdf.php plain|empty-fields|approval|p1|p2|p3|usage-rights OUT [CERTIFICATE KEY] : what PHP applications of local governments make */
require '/usr/share/php/tcpdf/tcpdf.php';
[, $kind, $out] = $argv;
$pdf = new TCPDF();
$pdf->SetTitle('Surat Perintah Perjalanan Dinas');
$pdf->SetAuthor('Data uji Jurukunci');
$pdf->setPrintHeader(false);
$pdf->setPrintFooter(false);
$pdf->SetFont('helvetica', '', 12);
$pdf->AddPage();
$pdf->writeHTML('<h1>SURAT PERINTAH (contoh)</h1><p>Isi surat ini hanya contoh.</p>');
if ($kind == 'empty-fields') {
    $pdf->addEmptySignatureAppearance(20, 200, 60, 25, 1, 'Pejabat');
    $pdf->addEmptySignatureAppearance(110, 200, 60, 25, 1, 'Saksi');
}
if (isset($argv[4])) {
    $level = ['approval' => 2, 'p1' => 1, 'p2' => 2, 'p3' => 3, 'usage-rights' => 0][$kind];
    $pdf->setSignature("file://$argv[3]", "file://$argv[4]", '', '', $level, ['Reason' => 'Contoh'], $kind == 'approval' ? 'A' : '');
    $pdf->setSignatureAppearance(120, 60, 60, 25);
    if ($kind == 'usage-rights') $pdf->setUserRights();
}
$pdf->Output($out, 'F');
