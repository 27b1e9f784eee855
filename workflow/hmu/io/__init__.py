"""Reading and writing, safely: files, arrays, Parquet, tables of codes, the store of clips."""
