/**
 * Applies a network to the rows of a DataFrame in batches, in the order of the data: {@link
 * io.sparkgrad.spark.inference.CatalystBatches} puts the step into Spark's plan, {@code
 * BatchedRows} keeps copies of a batch's rows, {@code InputBuffer} turns them into tensors, {@code
 * ForwardPass} puts these through the network that the tasks of an executor share ({@link
 * io.sparkgrad.spark.inference.SharedNetwork}), and {@link io.sparkgrad.spark.inference.Outputs}
 * makes columns of what comes out.
 */
@NullMarked
package io.sparkgrad.spark.inference;

import org.jspecify.annotations.NullMarked;
