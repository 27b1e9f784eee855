"""Forms of raw data, one file each: ``ingest(raw, settings)`` reads its clips one by one.

The literal ``STAGE`` says what they are: joints, or features already.
"""
