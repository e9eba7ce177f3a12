// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.bench.djl;

import io.sparkgrad.examples.transform.TransformPeer;
import io.sparkgrad.nn.Module;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.ArrayType;

/**
 * DJL called from {@code mapPartitions}, with the encoders that take the least time: a bean with a
 * primitive array, which Spark fills at once, where a Row would hold an object for each number.
 */
public final class DjlTransform implements TransformPeer {
  @Override
  public String name() {
    return "djl-mappartitions";
  }

  @Override
  public Dataset<Row> predict(Dataset<Row> images, Module network, int batchSize) {
    Broadcast<DjlNetwork> shared =
        JavaSparkContext.fromSparkContext(images.sparkSession().sparkContext())
            .broadcast(new DjlNetwork(network));
    var results = Encoders.bean(DjlPrediction.class);
    Dataset<Row> needed = images.select("id", "features");
    if (images.schema().apply("features").dataType() instanceof ArrayType) {
      return needed
          .as(Encoders.bean(FloatImage.class))
          .mapPartitions(
              new DjlPartition<FloatImage>(
                  shared, batchSize, FloatImage::getId, FloatImage::getFeatures),
              results)
          .toDF();
    }
    return needed
        .mapPartitions(
            new DjlPartition<Row>(shared, batchSize, row -> row.getLong(0), DjlTransform::floats),
            results)
        .toDF();
  }

  private static float[] floats(Row row) {
    double[] values = row.<Vector>getAs(1).toArray();
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }
}
