/**
 * From a DataFrame to the batches of each worker. {@link io.sparkgrad.spark.data.RowSpec} says what
 * is read; {@link io.sparkgrad.spark.data.DealtRows} checks and encodes each row where it is and
 * deals it to a worker; {@link io.sparkgrad.spark.data.WorkerRows} keeps a worker's rows for all
 * epochs, in memory and on disk; {@link io.sparkgrad.spark.data.StoredRows} makes tensors of them.
 * Inference reads its rows through the same {@link io.sparkgrad.spark.data.InputReader}.
 */
@NullMarked
package io.sparkgrad.spark.data;

import org.jspecify.annotations.NullMarked;
