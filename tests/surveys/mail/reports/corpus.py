"""Reports as many programs write them, put together from the public descriptions of their forms.

Every one came back to ``TO`` and tells of a mail to ``ADA``. ``CORPUS`` holds (name, message,
kind, code, form).
"""

from __future__ import annotations

from typing import Final

TO: Final = "bounce+4f.i.abcdefghij2345abcdef@survey.northline.example"
ADA: Final = "ada@example.com"
_OUR_MAIL: Final = f"""\
Return-Path: <{TO}>
From: Northline <survey@northline.example>
To: {ADA}
Subject: How did we do? Blocked spam quota 5.7.1
Message-ID: <0123@northline.example>

Please tell us. User unknown, mailbox full.
"""


def mail(body: str, *headers: str, subject: str = "Undelivered Mail", sender: str = "") -> bytes:
    """A plain message that came back; a program's where no sender is given."""
    head = [
        f"Return-Path: <{sender and ADA}>",
        f"Delivered-To: {TO}",
        f"From: {sender or 'Mail Delivery System <MAILER-DAEMON@mx.example.com>'}",
        f"To: {TO}",
        f"Subject: {subject}",
        "Message-ID: <report-1@mx.example.com>",
        "Date: Sun, 22 Nov 2026 10:00:00 +0000",
        *headers,
    ]
    return ("\r\n".join(head) + "\r\n\r\n" + body.replace("\n", "\r\n")).encode()


def dsn(
    *recipients: str, words: str = "It could not be delivered.", returned: str = _OUR_MAIL
) -> bytes:
    """A delivery status notification (RFC 3464) of these per-recipient blocks."""
    blocks = "\n\n".join(("Reporting-MTA: dns; mx.example.com", *recipients))
    body = (
        f"--=_b\nContent-Type: text/plain; charset=us-ascii\n\n{words}\n\n"
        f"--=_b\nContent-Type: message/delivery-status\n\n{blocks}\n\n"
        f"--=_b\nContent-Type: message/rfc822\n\n{returned}\n--=_b--\n"
    )
    return mail(
        body,
        'Content-Type: multipart/report; report-type=delivery-status;\r\n boundary="=_b"',
        "MIME-Version: 1.0",
        "Auto-Submitted: auto-replied",
    )


def recipient(action: str, status: str, said: str = "", address: str = ADA) -> str:
    lines = [f"Final-Recipient: rfc822; {address}", f"Action: {action}", f"Status: {status}"]
    return "\n".join([*lines, *([f"Diagnostic-Code: smtp; {said}"] if said else [])])


def arf(kind: str, *fields: str, returned: str = _OUR_MAIL) -> bytes:
    """A feedback report (RFC 5965)."""
    told = "\n".join([f"Feedback-Type: {kind}", "User-Agent: Loop/1.0", "Version: 1", *fields])
    body = (
        "--fb\nContent-Type: text/plain\n\nThis is a report about your mail.\n"
        f"--fb\nContent-Type: message/feedback-report\n\n{told}\n"
        f"--fb\nContent-Type: message/rfc822\n\n{returned}\n--fb--\n"
    )
    head = (
        "Delivered-To: fbl@northline.example\r\nFrom: staff@provider.example\r\n"
        "To: fbl@northline.example\r\nSubject: complaint\r\nMessage-ID: <fb-1@provider.example>\r\n"
        "Content-Type: multipart/report; report-type=feedback-report; boundary=fb\r\n\r\n"
    )
    return (head + body.replace("\n", "\r\n")).encode()


_QMAIL = """\
Hi. This is the qmail-send program at mx.example.com.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<ada@example.com>:
{reason}

--- Below this line is a copy of the message.

"""
_EXIM = """\
This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  ada@example.com
    {reason}

------ This is a copy of the message, including all the headers. ------

"""
_POSTFIX = """\
This is the mail system at host mx.northline.example.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

For further assistance, please send mail to postmaster.

                   The mail system

<ada@example.com>: {reason}

"""
_DOMINO = """\
Your message

  Subject: How did we do?

was not delivered to:

  ada@example.com

because:

  {reason}

"""
_YAHOO = """\
Sorry, we were unable to deliver your message to the following address.

<ada@example.com>:
{reason}

--- Below this line is a copy of the message.

"""

CORPUS: Final[list[tuple[str, bytes, str, str, str]]] = [
    ("dsn, unknown user", dsn(recipient("failed", "5.1.1", "550 5.1.1 <ada@example.com>: Recipient address rejected: User unknown in virtual mailbox table")), "hard", "5.1.1", "rfc3464"),
    ("dsn, domain without hosts", dsn(recipient("failed", "5.4.4", "unable to look up host: Host or domain name not found. Name service error for name=example.com type=AAAA: Host not found")), "hard", "5.4.4", "rfc3464"),
    ("dsn, domain takes no mail", dsn(recipient("failed", "5.1.10", "556 5.1.10 Recipient address has null MX")), "hard", "5.1.10", "rfc3464"),
    ("dsn, mailbox disabled", dsn(recipient("failed", "5.2.1", "550 5.2.1 The email account that you tried to reach is disabled.")), "hard", "5.2.1", "rfc3464"),
    ("dsn, status alone", dsn(recipient("failed", "5.1.1")), "hard", "5.1.1", "rfc3464"),
    ("dsn, vague status, telling words", dsn(recipient("failed", "5.0.0", "550 5.1.1 no such user here")), "hard", "5.1.1", "rfc3464"),
    ("dsn, words only in the text", dsn(recipient("failed", "5.0.0"), words="ada@example.com: 550 5.1.1 User unknown"), "hard", "5.1.1", "rfc3464"),
    ("dsn, over quota", dsn(recipient("failed", "5.2.2", "552 5.2.2 The email account that you tried to reach is over quota.")), "soft", "5.2.2", "rfc3464"),
    ("dsn, full under a hard code", dsn(recipient("failed", "5.1.1", "550 5.1.1 Mailbox is full, try later")), "soft", "5.1.1", "rfc3464"),
    ("dsn, tried for days", dsn(recipient("failed", "4.4.7", "delivery time expired, connection timed out")), "soft", "4.4.7", "rfc3464"),
    ("dsn, rate of one mailbox", dsn(recipient("failed", "5.2.1", "550 5.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages")), "soft", "5.2.1", "rfc3464"),
    ("dsn, spam", dsn(recipient("failed", "5.7.1", "550 5.7.1 Message rejected due to content, looks like spam")), "policy", "5.7.1", "rfc3464"),
    ("dsn, blocklist", dsn(recipient("failed", "5.0.0", "554 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.example")), "policy", "5.0.0", "rfc3464"),
    ("dsn, dmarc", dsn(recipient("failed", "5.7.26", "550 5.7.26 Unauthenticated email from northline.example is not accepted due to domain's DMARC policy")), "policy", "5.7.26", "rfc3464"),
    ("dsn, too large", dsn(recipient("failed", "5.3.4", "552 5.3.4 Message size exceeds fixed limit")), "policy", "5.3.4", "rfc3464"),
    ("dsn, our sender is at fault", dsn(recipient("failed", "5.1.8", "550 5.1.8 Sender address rejected: Domain not found")), "policy", "5.1.8", "rfc3464"),
    ("dsn, delayed", dsn(recipient("delayed", "4.4.1", "connect to mx.example.com: Connection timed out")), "delayed", "4.4.1", "rfc3464"),
    ("dsn, delivered", dsn(recipient("delivered", "2.0.0", "250 ok")), "delivered", "2.0.0", "rfc3464"),
    ("dsn, passed on", dsn(recipient("relayed", "2.0.0")), "delivered", "2.0.0", "rfc3464"),
    ("dsn, comment in the action", dsn(recipient("failed (permanently)", "5.1.1 (bad destination mailbox address)")), "hard", "5.1.1", "rfc3464"),
    ("dsn, microsoft 365", dsn(recipient("failed", "5.1.10", "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup"), words="Your message to ada@example.com couldn't be delivered.\nada wasn't found at example.com."), "hard", "5.1.10", "rfc3464"),
    ("dsn, exchange's edge", dsn(recipient("failed", "5.4.1", "550 5.4.1 Recipient address rejected: Access denied. AS(201806281)")), "hard", "5.4.1", "rfc3464"),
    ("dsn, restricted recipient", dsn(recipient("failed", "5.7.133", "550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required")), "policy", "5.7.133", "rfc3464"),
    ("dsn, amazon", dsn(recipient("failed", "5.1.1", "550 5.1.1 user does not exist"), words="An error occurred while trying to deliver the mail to the following recipients:\nada@example.com"), "hard", "5.1.1", "rfc3464"),
    ("dsn, two recipients", dsn(recipient("relayed", "2.0.0", address="other@example.com"), recipient("failed", "5.1.1", "550 5.1.1 no such user")), "hard", "5.1.1", "rfc3464"),
    ("arf, abuse", arf("abuse", f"Original-Rcpt-To: <{ADA}>", f"Original-Mail-From: <{TO}>"), "complaint", "", "arf"),
    ("arf, only the mail it is about", arf("abuse"), "complaint", "", "arf"),
    ("arf, opt-out", arf("opt-out"), "complaint", "", "arf"),
    ("arf, no spam after all", arf("not-spam"), "other", "", "arf"),
    ("arf, authentication", arf("auth-failure"), "policy", "", "arf"),
    ("qmail, unknown", mail(_QMAIL.format(reason="Sorry, no mailbox here by that name. (#5.1.1)") + _OUR_MAIL, subject="failure notice"), "hard", "5.1.1", "qmail"),
    ("qmail, remote said", mail(_QMAIL.format(reason="192.0.2.7 does not like recipient.\nRemote host said: 550 unknown user\nGiving up on 192.0.2.7.") + _OUR_MAIL, subject="failure notice"), "hard", "", "qmail"),
    ("qmail, full", mail(_QMAIL.format(reason="192.0.2.7 failed after I sent the message.\nRemote host said: 552 sorry, that mailbox is full (#5.2.2)") + _OUR_MAIL, subject="failure notice"), "soft", "5.2.2", "qmail"),
    ("exim, unknown", mail(_EXIM.format(reason="host mx.example.com [192.0.2.7]\n    SMTP error from remote mail server after RCPT TO:<ada@example.com>:\n    550 5.1.1 <ada@example.com>: unknown user") + _OUR_MAIL, "X-Failed-Recipients: ada@example.com"), "hard", "5.1.1", "exim"),
    ("exim, no route", mail(_EXIM.format(reason="Unrouteable address") + _OUR_MAIL, "X-Failed-Recipients: ada@example.com"), "hard", "", "exim"),
    ("exim, retries over", mail(_EXIM.format(reason="retry timeout exceeded") + _OUR_MAIL), "soft", "", "exim"),
    ("exim, warning", mail("This message was created automatically by mail delivery software.\nA message that you sent has not yet been delivered to one or more of its\nrecipients after more than 24 hours on the queue.\n\nThe address to which the message has not yet been delivered is:\n\n  ada@example.com\n    Delay reason: connection timed out\n\nNo action is required on your part. Delivery attempts will continue.\n", subject="Warning: message delayed 24 hours"), "delayed", "", "exim"),
    ("postfix, unknown", mail(_POSTFIX.format(reason="host mx.example.com[192.0.2.7] said: 550 5.1.1\n    <ada@example.com>: Recipient address rejected: User unknown (in reply to RCPT TO command)")), "hard", "5.1.1", "postfix"),
    ("postfix, greeting refused", mail(_POSTFIX.format(reason="host mx.example.com[192.0.2.7] said: 554 5.7.1\n    Client host rejected: blocked using a DNSBL (in reply to MAIL FROM command)")), "policy", "5.7.1", "postfix"),
    ("sendmail, unknown", mail("The original message was received at Sun, 22 Nov 2026\nfrom localhost\n\n   ----- The following addresses had permanent fatal errors -----\n<ada@example.com>\n    (reason: 550 5.1.1 <ada@example.com>... User unknown)\n\n   ----- Transcript of session follows -----\n550 5.1.1 <ada@example.com>... User unknown\n", subject="Returned mail: see transcript for details"), "hard", "5.1.1", "sendmail"),
    ("sendmail, warning", mail("    **********************************************\n    **      THIS IS A WARNING MESSAGE ONLY      **\n    **  YOU DO NOT NEED TO RESEND YOUR MESSAGE  **\n    **********************************************\n\n   ----- Transcript of session follows -----\n451 4.4.1 reply: read error from mx.example.com\nWarning: message still undelivered after 4 hours\n", subject="Warning: could not send message for past 4 hours"), "delayed", "4.4.1", "sendmail"),
    ("exchange, unknown", mail("Your message did not reach some or all of the intended recipients.\n\n      Subject:  How did we do?\n\nThe following recipient(s) cannot be reached:\n\n      ada@example.com on 22/11/2026 10:00\n            The e-mail account does not exist at the organization this message was sent to.\n            <mx.example.com #5.1.1>\n", subject="Undeliverable: How did we do?", sender="System Administrator <postmaster@example.com>"), "hard", "5.1.1", "microsoft"),
    ("microsoft 365 in html", mail("<html><head><style>p { color: red }</style></head><body><p>Your message to ada@example.com couldn't be delivered.</p><p><b>ada</b> wasn't found at <b>example.com</b>.</p><p>Remote Server returned '550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found'</p></body></html>", "Content-Type: text/html; charset=utf-8", sender="Microsoft Outlook <MicrosoftExchange329e@example.com>"), "hard", "5.1.10", "microsoft"),
    ("gmail, unknown", mail("Delivery to the following recipient failed permanently:\n\n     ada@example.com\n\nTechnical details of permanent failure:\nThe server tried to deliver your message, but it was rejected by the server for the recipient domain.\nThe error that the other server returned was:\n550 5.1.1 The email account that you tried to reach does not exist.\n\n----- Original message -----\n" + _OUR_MAIL, subject="Delivery Status Notification (Failure)"), "hard", "5.1.1", "gmail"),
    ("gmail, as it says it now", mail("** Address not found **\n\nYour message wasn't delivered to ada@example.com because the address couldn't be found, or is unable to receive mail.\n", sender="Mail Delivery Subsystem <mailer-daemon@mail.example.com>"), "hard", "", "gmail"),
    ("gmail, inbox full", mail("** Recipient inbox full **\n\nYour message couldn't be delivered to ada@example.com. Their inbox is full, or it's getting too much mail right now.\n"), "soft", "", "gmail"),
    ("gmail, blocked", mail("Message blocked\n\nYour message to ada@example.com has been blocked. See technical details below for more information.\nThe response was: 550 5.7.1 Unsolicited message\n"), "policy", "5.7.1", "gmail"),
    ("gmail, delayed", mail("Delivery incomplete\n\nThere was a temporary problem delivering your message to ada@example.com. Gmail will retry for 46 more hours.\n"), "delayed", "", "gmail"),
    ("yahoo, no account", mail(_YAHOO.format(reason="554: delivery error: dd This user doesn't have an example.com account (ada@example.com) [-5] - mta1\n") + _OUR_MAIL, subject="Failure Notice"), "hard", "", "yahoo"),
    ("yahoo, deferred for good", mail(_YAHOO.format(reason="Remote host said: 451 mta temporarily deferred due to user complaints [MAIL_FROM]\n"), subject="Failure Notice"), "soft", "", "yahoo"),
    ("domino, unknown", mail(_DOMINO.format(reason="User ada (ada@example.com) not listed in Domino Directory"), subject="DELIVERY FAILURE: User not listed in Domino Directory"), "hard", "", "domino"),
    ("domino, full", mail(_DOMINO.format(reason="Your message was rejected: the mailbox is over its quota"), subject="DELIVERY FAILURE"), "soft", "", "domino"),
    ("amazon without a status part", mail("An error occurred while trying to deliver the mail to the following recipients:\nada@example.com\n\n550 5.1.1 The email account does not exist\n"), "hard", "5.1.1", "ses"),
    ("aol", mail("Your mail to the following recipients could not be delivered because they are not accepting mail from northline.example:\n\tada\n", subject="Mail Delivery Problem"), "soft", "", "aol"),
    ("somebody's own words", mail("Undeliverable: the recipient ada@example.com does not exist on this system.\n", subject="Undeliverable mail"), "hard", "", "generic"),
    ("somebody's own words, unclear", mail("Your mail could not be delivered. 550 Rejected.\n", subject="Returned mail"), "soft", "", "generic"),
    ("quoted-printable", mail("Hi. This is the qmail-send program at mx.example.com.\n\n<ada@example.com>:\nSorry, no mail=\nbox here by that name. (=235.1.1)\n", "Content-Transfer-Encoding: quoted-printable", subject="failure notice"), "hard", "5.1.1", "qmail"),
    ("out of office", mail("I am away until Monday. My mailbox is full of work; no such user could be happier.\n", "Auto-Submitted: auto-replied", subject="Automatic reply: How did we do?", sender=ADA), "auto_reply", "", "auto_reply"),
    ("out of office by old software", mail("Ich bin im Urlaub.\n", "X-Autoreply: yes", subject="=?utf-8?Q?Re:_How_did_we_do=3F?=", sender=ADA), "auto_reply", "", "auto_reply"),
    ("out of office by its subject", mail("Je suis absente.\n", subject="=?utf-8?B?UsOpcG9uc2UgYXV0b21hdGlxdWU=?=", sender=ADA), "auto_reply", "", "auto_reply"),
    ("vacation with precedence", mail("Back on Monday.\n", "Precedence: auto_reply", subject="Gone fishing", sender=ADA), "auto_reply", "", "auto_reply"),
    ("challenge", mail("I get a lot of spam. Please click the link below to deliver your message and verify that you are human.\n", subject="Please confirm your message", sender=ADA), "challenge", "", "challenge"),
    ("a person", mail("Thank you, all is fine now. Why does my mailbox say 5.1.1?\n", subject="Re: How did we do?", sender=ADA), "other", "", "unknown"),
    ("a person who asks about a bounce", mail("Hi. This is the qmail-send program at mx.example.com. -- what does that mean?\n<x@example.org>: no such user\n", subject="Re: strange mail", sender="Bob <bob@example.com>"), "other", "", "unknown"),
]  # fmt: skip
