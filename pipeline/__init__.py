"""Core: values in, values out. Knows neither Scrapy nor any alert channel."""
