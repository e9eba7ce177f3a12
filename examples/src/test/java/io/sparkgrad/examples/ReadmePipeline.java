// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples;

import io.sparkgrad.nn.models.MobileNetV4;
import io.sparkgrad.spark.AutogradClassifier;
import java.io.IOException;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** The README's pipeline in Java, so that it compiles. {@link ReadmeTest} compares the two. */
final class ReadmePipeline {
  private ReadmePipeline() {}

  static void run(PipelineStage scaler, Dataset<Row> train, Dataset<Row> images)
      throws IOException {
    AutogradClassifier net =
        new AutogradClassifier()
            .setNetwork(MobileNetV4.convSmall050(10))
            .setInputShape(1, 112, 112)
            .setInitialWeights("hdfs:///models/detypify_mnv4_backbone336.safetensors")
            .setFrozenLayers("conv_stem", "blocks") // all but the new head
            .setNumWorkers(8)
            .setBatchSize(32) // rows per worker and step
            .setMaxIter(30)
            .setLearningRate(0.01);
    PipelineModel model = new Pipeline().setStages(new PipelineStage[] {scaler, net}).fit(train);
    model.write().overwrite().save("hdfs:///models/digits");
    Dataset<Row> result = PipelineModel.load("hdfs:///models/digits").transform(images);
    result.select("prediction", "probability").show();
  }
}
