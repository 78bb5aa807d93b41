"""S3-compatible storage with explicit timeouts."""

from __future__ import annotations

import os
from datetime import timedelta

from obstore.store import S3Store


def open_s3(bucket: str, prefix: str, options: dict[str, list[str]]) -> S3Store:
    """Open a bucket; `options` come from the URL's query. ValueError for an unknown option."""
    if unknown := options.keys() - {"endpoint", "region"}:
        raise ValueError(f"unknown S3 options: {', '.join(sorted(unknown))}")
    endpoint = options.get("endpoint", [""])[0]
    region = options.get("region", [""])[0] or os.environ.get("AWS_REGION") or "us-east-1"
    return S3Store(
        bucket,
        prefix=prefix or None,
        endpoint=endpoint or None,
        region=region,
        client_options={
            "allow_http": endpoint.startswith("http://"),
            "connect_timeout": timedelta(seconds=5),
            "timeout": timedelta(seconds=60),
        },
        retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=30)},
    )
