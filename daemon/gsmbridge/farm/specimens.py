"""What the demo's messages say: codes and news as people get them, in many scripts and lengths."""

from __future__ import annotations

STRIDE = 7919
"""Codes of successive messages differ by this, modulo a million, so that none comes twice soon."""

SPECIMENS = (
    (
        "Telegram",
        "Login code: {code}. Do not give this code to anyone, even if they say they are from "
        "Telegram!",
    ),
    (
        "Bank",
        "Покупка 1 249,90 ₽, карта *4417, магазин «Берёзка». Доступно 18 305,12 ₽. Код "
        "операции: {code}",
    ),
    (
        "WhatsApp",
        "Your WhatsApp code: {code}. Don't share this code with others",
    ),
    (
        "Sparbank",
        "Ihre TAN lautet {code}. Überweisung über 312,50 € an Müller & Söhne GmbH. Wenn Sie "
        "diesen Auftrag nicht erteilt haben, sperren Sie bitte sofort Ihren Zugang und rufen "
        "Sie uns an. Viele Grüße, Ihre Sparbank",
    ),
    (
        "Portal",
        "Код для входа: {code}. Никому его не сообщайте. Если вы не входили на портал, "
        "смените пароль.",
    ),
    (
        "+33700900123",
        "Votre colis n° {code} est arrivé à la boutique « Chez Zoé », 12 rue du Théâtre. Il "
        "vous attend jusqu'à samedi. Munissez-vous d'une pièce d'identité. À bientôt !",
    ),
    (
        "Instagram",
        "{code} is your Instagram code. Don't share it.",
    ),
    (
        "Banco",
        "Compra de 58,20 € en LA CAÑA DE ESPAÑA. Código de operación {code}. ¿No ha sido "
        "usted? Llame a su oficina.",
    ),
    (
        "Mail",
        "Ваш код подтверждения: {code}. Наберите его в поле ввода. Код действует 10 минут; "
        "после трёх неверных попыток запросите новый. Это сообщение отправлено "
        "автоматически, отвечать на него не нужно.",
    ),
    (
        "Banka",
        "Değerli müşterimiz, şifreniz {code}. Güvenliğiniz için kimseyle paylaşmayınız.",
    ),
    (
        "10690",
        "【快递】您的包裹已到达小区门口的取件柜，取件码 {code}，请在今晚八点前领取。",
    ),
    (
        "Amazon",
        "{code} is your Amazon OTP. Do not share it with anyone.",
    ),
    (
        "Verify",
        "رمز التحقق الخاص بك هو {code}. لا تشاركه مع أي شخص.",
    ),
    (
        "7000",
        "Баланс 142,50 руб. Пакет «Всё включено» продлён до 30.11, осталось 12,4 ГБ и 380 "
        "минут. Номер операции {code}. Подробности: *111#",
    ),
    (
        "AD-OTP",
        "आपका ओटीपी {code} है। इसे किसी के साथ साझा न करें।",
    ),
    (
        "Pizza",
        "Your pizza is on its way 🍕🛵 Order {code}, about 25 minutes. Enjoy!",
    ),
)
"""Senders and texts; {code} is six digits."""


def specimen(number: int) -> tuple[str, str]:
    """Sender and text of the demo's message *number*; no two of a million texts are equal."""
    sender, text = SPECIMENS[number % len(SPECIMENS)]
    return sender, text.format(code=f"{(481_516 + number * STRIDE) % 1_000_000:06d}")
