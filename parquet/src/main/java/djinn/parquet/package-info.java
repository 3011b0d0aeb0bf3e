/** Images in Parquet files: the source {@code parquet} of classification. */
package djinn.parquet;
