"""Mails as mail servers send them back, and as people write them."""

from __future__ import annotations

POSTFIX = """\
Return-Path: <>
From: MAILER-DAEMON@mx.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: alerts@callwatch.example
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="9B095B5ADSN=_01/mx.example"

This is a MIME-encapsulated message.

--9B095B5ADSN=_01/mx.example
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.example.

<{recipient}>: host mx.cluster.example[192.0.2.1] said: {diagnostic} (in reply to RCPT TO command)

--9B095B5ADSN=_01/mx.example
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
X-Postfix-Queue-ID: 9B095B5ADSN
Arrival-Date: Fri, 10 Apr 2026 11:00:00 +0200 (CEST)

Final-Recipient: rfc822; {recipient}
Original-Recipient: rfc822;{recipient}
Action: {action}
Status: {status}
Remote-MTA: dns; mx.cluster.example
Diagnostic-Code: smtp; {diagnostic}

--9B095B5ADSN=_01/mx.example
Content-Description: Undelivered Message
Content-Type: message/rfc822

From: Callwatch <alerts@callwatch.example>
To: Someone <{recipient}>
Subject: =?utf-8?q?Ny_utlysning?=
Message-ID: {message_id}
Content-Type: multipart/alternative; boundary="inner"

--inner
Content-Type: text/plain

Hello
--inner--

--9B095B5ADSN=_01/mx.example--
"""

EXCHANGE = """\
From: <postmaster@cluster.example>
To: <alerts@callwatch.example>
Content-Type: multipart/report; report-type=delivery-status; boundary="_ab_"
Subject: Undeliverable: Ny utlysning

--_ab_
Content-Type: multipart/alternative; boundary="_cd_"

--_cd_
Content-Type: text/plain

Delivery has failed.
--_cd_
Content-Type: text/html

<p>Delivery has failed.
--_cd_--
--_ab_
Content-Type: message/delivery-status

Reporting-MTA: dns;AM0.outlook.example

Final-Recipient: RFC822;<{recipient}>
Action: FAILED (bad address)
Status: {status}
Diagnostic-Code: smtp;{diagnostic}
X-Display-Name: anyone

--_ab_
Content-Type: text/rfc822-headers

Received: from mx.example
Message-ID:
 {message_id}
To: <{recipient}>

--_ab_--
"""

QMAIL = """\
From: MAILER-DAEMON@old.example
Subject: failure notice

Hi. This is the qmail-send program at old.example.
<asa@cluster.example>:
Sorry, no mailbox here by that name. (#5.1.1)
"""

ENVELOPE = """\
From: {sender}
To: alerts@callwatch.example
Subject: {subject}
{more}
Please.
"""

NO_USER = "550 5.1.1 <asa@cluster.example>: Recipient address rejected: User unknown"


def report(
    message_id: str,
    recipient: str = "asa@cluster.example",
    status: str = "5.1.1",
    *,
    action: str = "failed",
    diagnostic: str = NO_USER,
    form: str = POSTFIX,
) -> bytes:
    """A delivery report about the mail with this Message-ID."""
    text = form.format(
        recipient=recipient, status=status, action=action, diagnostic=diagnostic, message_id=message_id
    )
    return text.replace("\n", "\r\n").encode()


def letter(subject: str, sender: str = "Åsa <asa@cluster.example>", more: str = "") -> bytes:
    """A mail that a person wrote."""
    text = ENVELOPE.format(subject=subject, sender=sender, more=f"{more}\n" if more else "")
    return text.replace("\n", "\r\n").encode()
