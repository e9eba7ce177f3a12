// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.transform;

import io.sparkgrad.nn.Module;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Another engine that classifies a DataFrame's images; found with a ServiceLoader. */
public interface TransformPeer {
  /** One word. */
  String name();

  /**
   * The same images through the same network, in batches, each task with one thread.
   *
   * @param images with columns id, a long, and features
   * @param network in eval mode, with the weights to use
   * @return columns id and prediction, the number of the class as a double
   */
  Dataset<Row> predict(Dataset<Row> images, Module network, int batchSize);
}
