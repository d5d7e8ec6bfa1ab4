"""The HTTP side: what links in messages, calendar programs and buttons in Slack talk to. No cookies, no scripts.

A GET never changes anything, since mail programs and scanners open every link; the button on its page does, by
POST.
Who speaks is said by the signed token in the address (alerts.links), or by Slack's signature.
"""
