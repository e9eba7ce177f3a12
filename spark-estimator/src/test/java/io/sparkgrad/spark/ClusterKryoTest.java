// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sparkgrad.spark.inference.SharedNetwork;
import java.util.List;
import java.util.Map;
import org.apache.spark.serializer.KryoSerializer;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** An application that has chosen Kryo and lets it take no class that is not registered. */
@Tag("cluster")
class ClusterKryoTest {
  @Test
  @DisplayName("a model is trained by two executors and applied by them as by the driver")
  void fitAndTransform() throws Exception {
    Map<String, String> kryo =
        Map.of(
            "spark.serializer",
            KryoSerializer.class.getName(),
            "spark.kryo.registrationRequired",
            "true",
            "spark.kryo.classesToRegister",
            SharedNetwork.class.getName());
    try (SparkSession spark = ClusterOfProcesses.session(2, kryo)) {
      Dataset<Row> data = Toys.triangle(spark, 60, 2);
      AutogradClassificationModel model =
          Toys.classifier().setNumWorkers(2).setMaxIter(3).setValidationFraction(0.2).fit(data);
      List<Row> rows = model.transform(data.repartition(2)).collectAsList();
      assertEquals(60, rows.size());
      for (Row row : rows) {
        assertEquals(model.predictRaw(row.getAs("features")), row.getAs("rawPrediction"));
      }
    }
  }
}
