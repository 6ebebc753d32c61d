"""Corpora: enrich archives on the machines of a Ray cluster, into partitioned Parquet."""
