"""Scrapy settings that hold for every portal; each differs from Scrapy's own default for the reason beside it.

What differs from portal to portal (hosts, pace, sizes, retries) stands under `requests:` in its YAML and is set by
the spider, see `portal_settings` in spiders/base/requests.py.
"""

import os

BOT_NAME = "callwatch"
SPIDER_MODULES = ["spiders.portals"]

# Portals see who asks and whom to write to.
USER_AGENT = f"callwatch/0.1 (+{os.environ.get('CALLWATCH_CONTACT') or 'no contact address set'})"
ROBOTSTXT_USER_AGENT = "callwatch"  # the name to look for in robots.txt, without version and address
ROBOTSTXT_OBEY = True  # the library's default is to ignore it

# No doors: the first two let anyone on this machine run code in the process.
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False
DOWNLOAD_HANDLERS = {
    **{"file": None, "data": None, "ftp": None, "s3": None},  # nothing but http and https
    **dict.fromkeys(("http", "https"), "spiders.keyed.KeyedHandler"),  # a key never gets into a log
}
DOWNLOAD_VERIFY_CERTIFICATES = True  # off by default
DOWNLOAD_TLS_MIN_VERSION = "TLSv1.2"  # older ones are broken
COOKIES_ENABLED = False  # an API needs no session
METAREFRESH_ENABLED = False  # a page's text does not decide where we go
REFERRER_POLICY = "no-referrer"  # portals need not know where we were

# The three lists below stand in the place of Scrapy's own *_BASE lists instead of switching entries of those off:
# what is switched off is imported all the same (0.3 s), and a new Scrapy could add a door without asking.
DOWNLOADER_MIDDLEWARES_BASE = {
    "spiders.guard.EgressGuard": 10,  # first of all: also before robots.txt of a strange host is fetched
    "spiders.robots.CarefulRobots": 100,
    "scrapy.downloadermiddlewares.downloadtimeout.DownloadTimeoutMiddleware": 350,
    "scrapy.downloadermiddlewares.defaultheaders.DefaultHeadersMiddleware": 400,
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": 500,
    "spiders.retry.BackOffRetry": 550,  # in the place of Scrapy's, which retries at once
    "spiders.whole.WholeCompression": 590,
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": 600,
    "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": 750,
    "scrapy.downloadermiddlewares.stats.DownloaderStats": 850,
    # Left out: offsite (dont_filter switches it off, the guard stays), httpauth, metarefresh, cookies, httpcache.
}
SPIDER_MIDDLEWARES_BASE = {
    "scrapy.spidermiddlewares.start.StartSpiderMiddleware": 25,
    "scrapy.spidermiddlewares.httperror.HttpErrorMiddleware": 50,
    "scrapy.spidermiddlewares.referer.RefererMiddleware": 700,
    # Left out: urllength, depth, metacopy; we make each request ourselves.
}
EXTENSIONS_BASE = {
    "scrapy.extensions.corestats.CoreStats": 0,
    "spiders.memusage.MemoryUsage": 0,  # in the place of Scrapy's, which counts the parent's memory, too
    "scrapy.extensions.closespider.CloseSpider": 0,
    "scrapy.extensions.feedexport.FeedExporter": 0,
    "scrapy.extensions.throttle.AutoThrottle": 0,
    # Left out: telnet, remote_control, memdebug, spiderstate, logstats, logcount.
}
ITEM_PIPELINES = {"spiders.handover.Handover": 100}

AUTOTHROTTLE_ENABLED = True  # slower when the portal is slow
AUTOTHROTTLE_START_DELAY = 0.5  # 5 s by default, made for crawls of thousands of pages
CLOSESPIDER_TIMEOUT = 4 * 3600  # a harvest that takes longer is stuck
MEMUSAGE_LIMIT_MB = 1024  # no harvest needs as much; a hostile portal shall not take the machine
LOG_LEVEL = "WARNING"  # DEBUG by default: a line per request, and a tenth of the time
CONCURRENT_ITEMS = 4  # a page is one item; 100 by default, each a task that is made for every answer
WARN_ON_GENERATOR_RETURN_VALUE = False  # parses the source of every callback; mypy sees the same
STATS_DUMP = False  # the run report tells what counts
FEED_EXPORT_ENCODING = "utf-8"  # \u escapes by default
