// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark;

import io.sparkgrad.autograd.Generator;
import io.sparkgrad.nn.Linear;
import io.sparkgrad.nn.Module;
import io.sparkgrad.nn.ReLU;
import io.sparkgrad.nn.Sequential;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Small data and networks. */
public final class Toys {
  private Toys() {}

  /** Points around three corners of a triangle, with columns features, label and weight. */
  static Dataset<Row> triangle(SparkSession spark, int n, int partitions) {
    StructType schema =
        new StructType()
            .add("features", SQLDataTypes.VectorType())
            .add("label", DataTypes.DoubleType)
            .add("weight", DataTypes.DoubleType);
    Generator random = new Generator(1);
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      int label = i % 3;
      double x = Math.cos(label * 2.1) + 0.2 * random.nextGaussian();
      double y = Math.sin(label * 2.1) + 0.2 * random.nextGaussian();
      rows.add(RowFactory.create(Vectors.dense(x, y), (double) label, 1.0 + i % 4));
    }
    return spark.createDataFrame(rows, schema).coalesce(partitions);
  }

  /** 2 → 8 → 3, layers fc1, relu, fc2. */
  static Module mlp() {
    return Sequential.builder()
        .add("fc1", new Linear(2, 8))
        .add("relu", new ReLU())
        .add("fc2", new Linear(8, 3))
        .build();
  }

  static AutogradClassifier classifier() {
    return new AutogradClassifier().setNetwork(mlp()).setSeed(3).setLearningRate(0.05);
  }

  /** 2 → 8 → saboteur → 3, in batches of 8. */
  static AutogradClassifier sabotaged(Saboteur.Fault fault, int batch, int worker) {
    Module network =
        Sequential.builder()
            .add("fc1", new Linear(2, 8))
            .add("saboteur", new Saboteur(fault, batch, worker))
            .add("fc2", new Linear(8, 3))
            .build();
    return new AutogradClassifier()
        .setNetwork(network)
        .setSeed(3)
        .setBatchSize(8)
        .setCommunicationTimeout(30);
  }

  /** y = 2a − b + noise. */
  static Dataset<Row> plane(SparkSession spark, int n) {
    StructType schema =
        new StructType()
            .add("features", SQLDataTypes.VectorType())
            .add("label", DataTypes.DoubleType);
    Generator random = new Generator(5);
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      double a = random.nextGaussian();
      double b = random.nextGaussian();
      rows.add(RowFactory.create(Vectors.dense(a, b), 2 * a - b + 0.01 * random.nextGaussian()));
    }
    return spark.createDataFrame(rows, schema).coalesce(1);
  }

  static Sequential line() {
    return new Sequential(new Linear(2, 1));
  }

  static AutogradRegressor regressor() {
    return new AutogradRegressor().setNetwork(line()).setSeed(4).setLearningRate(0.05);
  }

  static Map<String, String> weights(NetworkModel<?> model) {
    Map<String, String> values = new TreeMap<>();
    model
        .module()
        .stateDict()
        .forEach((name, t) -> values.put(name, Arrays.toString(t.toFloatArray())));
    return values;
  }
}
