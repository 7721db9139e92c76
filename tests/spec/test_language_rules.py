"""Which language a text is told to be in: "" is too short to tell, "und" a script that is surely not English."""

import pytest

from feedback_triage.language import language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        pytest.param("The link in the footer leads nowhere since the last update.", "en", id="English"),
        pytest.param("PLEASE FIX THE SYNC BETWEEN MY PHONE AND THE WEB", "en", id="English in capitals"),
        pytest.param("pls fix teh sync btwn my fone and teh web its brokn", "en", id="English with slips"),
        pytest.param(
            "The word 同期 appears in the English menu of the app and should not.",
            "en",
            id="English with a foreign word",
        ),
        pytest.param("Great job on the new editor, thank you! 👍👍", "en", id="English with emoji"),
        pytest.param("Der Link in der Fußzeile führt seit dem letzten Update ins Leere.", "de", id="German"),
        pytest.param("Sehr gut gemacht, danke", "de", id="a short German sentence"),
        pytest.param("Le lien vers la page d'aide ne fonctionne plus depuis hier.", "fr", id="French"),
        pytest.param("El enlace de la página de ayuda ya no funciona desde ayer.", "es", id="Spanish"),
        pytest.param("Il link alla pagina di aiuto non funziona più da ieri.", "it", id="Italian"),
        pytest.param("De link in de voettekst werkt niet meer sinds gisteren.", "nl", id="Dutch"),
        pytest.param("O link da página de ajuda não funciona mais desde ontem.", "pt", id="Portuguese"),
        pytest.param("Länken i sidfoten fungerar inte sedan igår kväll.", "sv", id="Swedish"),
        pytest.param("Link w stopce nie działa od wczorajszej aktualizacji.", "pl", id="Polish"),
        pytest.param("Bağlantı dünden beri çalışmıyor, lütfen düzeltin.", "tr", id="Turkish"),
        pytest.param("Liên kết không hoạt động từ hôm qua", "vi", id="Vietnamese"),
        pytest.param("Ссылка на страницу помощи больше не работает.", "ru", id="Russian"),
        pytest.param("動画が同期されません", "ja", id="Japanese"),
        pytest.param("视频没有同步到手机", "zh", id="Chinese"),
        pytest.param("谢谢", "zh", id="two Chinese characters"),
        pytest.param("동영상이 동기화되지 않습니다", "ko", id="Korean"),
        pytest.param("الرابط لا يعمل منذ أمس", "ar", id="Arabic"),
        pytest.param("הקישור לא עובד מאתמול", "he", id="Hebrew"),
        pytest.param("लिंक काम नहीं कर रहा है", "hi", id="Hindi"),
        pytest.param("ลิงก์ใช้งานไม่ได้", "th", id="Thai"),
        pytest.param("Γειά", "el", id="one Greek word"),
    ],
)
def test_is_told(text: str, language: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="no text"),
        pytest.param("love it", id="two short words"),
        pytest.param("super", id="a word of several languages"),
        pytest.param("Keine Angabe", id="eleven letters, whatever their language"),
        pytest.param("Google Drive Dropbox OneDrive", id="names alone"),
        pytest.param("👍👍👍 🎉", id="emoji"),
        pytest.param("12345 67890 12345 67890", id="digits"),
        pytest.param("https://example.com/eine/seite/die/nicht/geht", id="an address of a page"),
        pytest.param("ok: jane@example.com [email] [phone] [card] [iban]", id="what was masked"),
        pytest.param("aaaaaaaaaaaaaaaaaaaaaaaa", id="one letter held down"),
        pytest.param("jfjfj kdkdk slsls fjfjf", id="stray letters"),
        pytest.param("e" + "\u0301" * 300, id="one letter under a tower of marks"),
    ],
)
def test_is_too_little_to_tell(text: str) -> None:
    assert language_of(text) == ""


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("нет", id="a short word in Cyrillic letters"),
        pytest.param("Спасибо", id="a word of several languages in Cyrillic letters"),
        pytest.param("ok спасибо", id="mostly Cyrillic letters"),
    ],
)
def test_is_surely_not_english_but_which_cannot_be_told(text: str) -> None:
    assert language_of(text) == "und"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Ⅷ Ⅸ Ⅹ", id="Roman numerals as one character each"),
        pytest.param("① ② ③", id="digits in circles"),
        pytest.param("Ｔｈｅ ｌｉｎｋ ｉｓ ｄｅａｄ", id="English in letters of double width"),
        pytest.param("𝐓𝐡𝐞 𝐥𝐢𝐧𝐤 𝐢𝐬 𝐝𝐞𝐚𝐝", id="English in letters made for formulas"),
    ],
)
def test_dressed_up_latin_letters_and_digits_are_not_another_script(text: str) -> None:
    assert language_of(text) in {"", "en"}
