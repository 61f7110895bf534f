/* One page by libHaru: cc haru.c -lhpdf */
#include <hpdf.h>

int main(int argc, char** argv)
{
    HPDF_Doc doc = HPDF_New(NULL, NULL);
    if (argc != 2 || !doc) return 1;
    HPDF_SetCompressionMode(doc, HPDF_COMP_ALL);
    HPDF_SetInfoAttr(doc, HPDF_INFO_TITLE, "Kuitansi Retribusi");
    HPDF_Page page = HPDF_AddPage(doc);
    HPDF_Page_SetSize(page, HPDF_PAGE_SIZE_A5, HPDF_PAGE_LANDSCAPE);
    HPDF_Page_SetFontAndSize(page, HPDF_GetFont(doc, "Helvetica", NULL), 18);
    HPDF_Page_BeginText(page);
    HPDF_Page_TextOut(page, 50, 350, "KUITANSI (contoh)");
    HPDF_Page_EndText(page);
    return HPDF_SaveToFile(doc, argv[1]) == HPDF_OK ? 0 : 1;
}
